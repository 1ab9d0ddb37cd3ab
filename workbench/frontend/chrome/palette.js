// The palette: search on top, then every model by group; click adds, drag places.

const MODEL_TYPE = "application/x-workbench-model"

export function render({ model }) {
  const strings = model.strings
  const say = (key, values) => fill(strings, key, values)
  const list = h("div", { class: "list scroll", role: "listbox", id: "models", "aria-label": say("palette.models") })
  const search = h("input", {
    class: "field", type: "text", role: "combobox", placeholder: say("palette.search"), "aria-label": say("palette.search.label"),
    "aria-controls": "models", "aria-expanded": "true", "aria-autocomplete": "list", spellcheck: "false", autocomplete: "off",
    on: { input: () => show(), keydown: (event) => onKey(event), blur: () => setTimeout(foldIfLeft, 120) },
  })
  const opener = iconButton("search", say("palette.search.label"), () => unfold(), { class: "ghost opener" })
  const panel = h("nav", { class: "models", "aria-label": say("palette.models") },
    h("div", { class: "search" }, opener, search, h("kbd", { "aria-hidden": "true" }, "/")), list)
  let options = []
  let active = null

  function show() {
    options = []
    const groups = listed(model.content.groups, search.value, say, true)
    list.replaceChildren(...groups.map((group) => drawGroup(group, group.items.map(drawItem), say)))
    if (!groups.length) list.append(h("p", { class: "empty" }, say("palette.empty", { words: search.value.trim() })))
    activate(search.value.trim() ? 0 : -1)
  }

  function drawItem(item) {
    const element = h("div", {
      class: "item", role: "option", id: `model-${options.length}`, draggable: "true", tabIndex: -1, "aria-selected": "false",
      "aria-label": item.title, title: `${item.title}\n${item.summary}\n${say("palette.how")}`,
      on: {
        click: () => add(item),
        dragstart: (event) => {
          event.dataTransfer.setData(MODEL_TYPE, item.name)
          event.dataTransfer.setData("text/plain", item.title)
          event.dataTransfer.effectAllowed = "copy"
        },
        dragend: (event) => {
          if (event.dataTransfer.dropEffect === "none") return
          noteUse(item.name)
          show()
        },
      },
    }, icon(item.icon), h("span", {}, item.title))
    options.push({ element, item })
    if (!item.about) return element
    const about = iconButton("about", say("palette.about", { model: item.title }), () => open(item), { class: "ghost about" })
    return h("div", { class: "holder", role: "presentation" }, element, about)
  }

  /** The options that are seen: not those of a folded group. */
  function seen() {
    return options.filter(({ element }) => element.offsetParent !== null)
  }

  function activate(index) {
    const there = seen()
    active = there.length && index >= 0 ? there[Math.min(index, there.length - 1)] : null
    for (const option of options) {
      option.element.classList.toggle("active", option === active)
      option.element.setAttribute("aria-selected", String(option === active))
    }
    if (!active) return search.removeAttribute("aria-activedescendant")
    search.setAttribute("aria-activedescendant", active.element.id)
    active.element.scrollIntoView({ block: "nearest" })
  }

  function add(item) {
    model.send_msg({ type: "add", model: item.name })
    noteUse(item.name)
    search.value = ""
    show()
    fold()
  }

  /** The model's page: its equations, its behaviour. */
  function open(item) {
    model.send_msg({ type: "open", model: item.name })
    fold()
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) activate(seen().indexOf(active) + step)
    else if (event.key === "Enter" && event.altKey && active?.item.about) open(active.item)
    else if (event.key === "Enter" && active) add(active.item)
    else if (event.key === "Escape") {
      search.value = ""
      show()
      search.blur()
      fold()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  function unfold() {
    panel.classList.add("open")
    search.focus()
    search.select()
  }
  const fold = () => panel.classList.remove("open")
  const foldIfLeft = () => panel.getRootNode().activeElement !== search && fold()

  listen(model, window, "workbench:search", unfold)
  model.on("content", show)
  show()
  return panel
}
