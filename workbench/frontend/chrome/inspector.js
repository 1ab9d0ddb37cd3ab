// The inspector: shows the form that Python describes, every field at once; see rows.js for the rows.

export function render({ model }) {
  const say = (key, values) => fill(model.strings, key, values)
  const tip = makeTip(say)
  let edits = 0
  const tools = {
    say,
    /** Sends an edit; its number is `answered()` once Python has done it. */
    edit: (path, value) => {
      edits += 1
      model.send_msg({ type: "edit", form: model.content.key, path, value, number: edits })
      return edits
    },
    answered: () => model.content.answered,
    gesture: (path, phase) => model.send_msg({ type: "gesture", form: model.content.key, path, phase }),
    explain: tip.explain,
  }
  const head = h("div", { class: "head" })
  const body = h("div", { class: "body scroll" })
  const panel = h("aside", { class: "panel", "aria-label": say("inspector.label") }, head, body, tip.element)
  let rows = new Map()
  let shape = ""
  let key = ""

  function show() {
    const content = model.content
    drawHead(head, content, tools)
    const next = JSON.stringify([content.key, content.sections.map((section) => [section.title, section.rows.map(signature)])])
    if (next === shape) {
      for (const section of content.sections) section.rows.forEach((row, place) => rows.get(rowKey(section, row, place))?.show(row))
      return
    }
    shape = next
    const scroll = content.key === key ? body.scrollTop : 0
    const before = content.key === key ? rows : new Map()
    key = content.key
    tip.hide()
    rows = new Map()
    const sections = content.sections.map((section) => drawSection(section))
    replaceRows(body, sections, before, rows)
    body.scrollTop = scroll
  }

  function drawSection(section) {
    const made = section.rows.map((data, place) => {
      const row = makeRow(data, tools)
      rows.set(rowKey(section, data, place), row)
      return row.element
    })
    return h("section", { "aria-label": section.title }, section.title && h("h3", { class: "heading" }, section.title), made)
  }

  model.on("content", show)
  model.on("msg:custom", ({ path, error, number }) => {
    for (const [id, row] of rows) if (id.endsWith(`|${path}`)) row.fail(error, number)
  })
  show()
  return panel
}

function drawHead(head, content, tools) {
  const { title, chips: notes, actions } = content
  const signatureNow = JSON.stringify([content.key, title, notes, actions])
  if (head.dataset.shown === signatureNow) return
  const focused = head.getRootNode().activeElement
  if (focused && head.contains(focused) && focused.tagName === "INPUT" && head.dataset.key === content.key) focused.blur()
  head.dataset.shown = signatureNow
  head.dataset.key = content.key
  head.replaceChildren(
    h("div", { class: "title" }, title.swatch && drawSwatch(title.swatch, tools), drawTitle(title, tools), actions?.length ? drawActions(actions, tools) : null),
    notes?.length ? h("div", { class: "notes" }, notes.map((note) => drawNote(note, tools))) : "")
}

/** A fact about the selection; one that leads somewhere is a button. */
function drawNote(note, tools) {
  if (!note.path) return h("span", { class: "chip", title: note.title }, note.text)
  return h("button", { type: "button", class: "chip leads", title: note.title, on: { click: () => tools.edit(note.path, true) } }, note.text, icon("about", 12))
}

function drawTitle(title, tools) {
  if (!title.path) return h("h2", {}, title.text)
  const input = h("input", {
    class: "rename", value: title.text, placeholder: title.placeholder ?? "", "aria-label": tools.say("inspector.name"), spellcheck: "false", maxlength: 120,
    on: {
      change: () => tools.edit(title.path, input.value),
      keydown: (event) => {
        if (event.key === "Escape") input.value = title.text
        if (event.key === "Enter" || event.key === "Escape") input.blur()
      },
    },
  })
  return input
}

/** The colour of a population: a swatch that opens the palette. */
function drawSwatch(swatch, tools) {
  const mark = h("span", { class: `swatch${swatch.round ? " round" : ""}` })
  mark.style.background = swatch.colour
  if (!swatch.path) return mark
  const choices = swatch.choices.map((colour) => {
    const choice = h("button", { type: "button", "aria-label": colour, "aria-pressed": String(colour === swatch.colour), on: { click: () => tools.edit(swatch.path, colour) } })
    choice.style.background = colour
    return choice
  })
  return popup(h("button", { type: "button", class: "ghost pick", "aria-label": tools.say("inspector.colour"), title: tools.say("inspector.colour") }, mark),
    h("div", { class: "menu colours", role: "group", "aria-label": tools.say("inspector.colour") }, choices))
}

function drawActions(actions, tools) {
  const items = actions.map(({ path, label, end }) => h("button", { type: "button", role: "menuitem", on: { click: () => tools.edit(path, true) } }, label, h("span", { class: "end" }, end)))
  return popup(iconButton("more", tools.say("inspector.actions"), null), h("div", { class: "menu actions", role: "menu" }, items))
}

/** A button with something that opens under it, closed by a choice, by Escape or by leaving it. */
function popup(button, menu) {
  menu.hidden = true
  const toggle = (open) => {
    menu.hidden = !open
    button.setAttribute("aria-expanded", String(open))
    if (open) menu.querySelector("button")?.focus()
  }
  button.setAttribute("aria-expanded", "false")
  button.addEventListener("click", () => toggle(menu.hidden))
  menu.addEventListener("click", () => toggle(false))
  const wrap = h("div", { class: "popup", on: {
    keydown: (event) => {
      if (event.key !== "Escape" || menu.hidden) return
      event.stopPropagation()
      toggle(false)
      button.focus()
    },
    focusout: (event) => !wrap.contains(event.relatedTarget) && toggle(false),
  } }, button, menu)
  return wrap
}
