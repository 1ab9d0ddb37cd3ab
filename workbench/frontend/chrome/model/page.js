// The model page: list, sheet (mathematics, editor, parameters) and drawings of one model.

const FIELDS = ["equations", "threshold", "hazard", "reset", "refractory", "parameters", "initial"]
const TYPED_AFTER = 120 // ms without a key until what is typed is checked
const BUSY_AFTER = 250 // ms until the page says that it computes

export function render({ model }) {
  const say = (key, values) => fill(model.strings, key, values)
  const page = h("main", { class: "modelpage", tabIndex: -1, hidden: true, "aria-label": say("model.label") })
  const list = makeList(model, say)
  const sheet = makeSheet(model, say)
  const drawings = makeDrawings(model, say)
  page.append(list.element, sheet.element, drawings.element)
  let open = false
  let opener = null // what had the focus before: it has it again afterwards

  function show() {
    const content = model.content
    if (content.open && !open) opener = focused()
    page.hidden = !content.open
    if (content.open !== open) {
      open = Boolean(content.open)
      announce("cover", { name: "modelling", open })
      requestAnimationFrame(() => (open ? page.focus() : announce("return-focus", { to: opener })))
    }
    if (!open) return
    sheet.show(content)
    drawings.begin(content)
    list.show()
  }
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return
    event.preventDefault()
    if (isTyping(event)) page.focus()
    else model.send_msg({ type: "close" })
  })
  model.on("content", show)
  model.on("listing", () => list.show())
  model.on("form", () => (sheet.showForm(), drawings.showForm()))
  model.on("checked", () => sheet.showChecked())
  model.on("msg:custom", (message) => {
    if (message.focus) sheet.focus(message.focus)
    else if ("refused" in message) sheet.refuse(message.refused)
    else if (message.path) {
      sheet.fail(message)
      drawings.fail(message)
    } else drawings.take(message)
  })
  listen(model, window, "workbench:search-modelling", () => list.focus())
  listen(model, window, "workbench:focus-modelling", () => page.focus())
  show()
  return page
}

// The list

function makeList(model, say) {
  const search = h("input", {
    class: "field", type: "text", placeholder: say("palette.search"), "aria-label": say("palette.search.label"), spellcheck: "false", autocomplete: "off",
    on: { input: () => show(), keydown: (event) => onKey(event) },
  })
  const body = h("div", { class: "entries scroll", role: "group", "aria-label": say("palette.models") })
  const fresh = h("button", { type: "button", class: "button new", on: { click: () => model.send_msg({ type: "act", action: "new" }) } }, icon("plus", 14), say("model.new"))
  const element = h("nav", { class: "catalogue", "aria-label": say("palette.models") }, h("div", { class: "search" }, search, h("kbd", { "aria-hidden": "true" }, "/")), body, h("div", { class: "foot" }, fresh))
  let shown = ""

  function show() {
    const groups = listed(model.listing.groups ?? [], search.value, say)
    const signature = JSON.stringify(groups)
    if (signature !== shown) {
      shown = signature
      body.replaceChildren(...groups.map((group) => drawGroup(group, group.items.map(entry), say)))
      if (!groups.length) body.append(h("p", { class: "empty" }, say("palette.empty", { words: search.value.trim() })))
    }
    for (const button of body.querySelectorAll(".entry")) {
      const current = button.dataset.model === model.content.key
      if (current) button.setAttribute("aria-current", "true")
      else button.removeAttribute("aria-current")
      if (current) button.scrollIntoView({ block: "nearest" })
    }
  }
  function entry(item) {
    return h("button", { type: "button", class: "entry", "data-model": item.name, title: `${item.title}\n${item.summary}`, on: { click: () => choose(item.name), keydown: (event) => onKey(event) } },
      icon(item.icon), h("span", {}, item.title))
  }
  function choose(name) {
    if (name !== model.content.key) model.send_msg({ type: "show", name })
  }
  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const buttons = [...body.querySelectorAll(".entry")]
    if (step) {
      const place = buttons.indexOf(origin(event)) + step
      if (place < 0) search.focus()
      else buttons[Math.min(place, buttons.length - 1)]?.focus()
    } else if (event.key === "Enter" && origin(event) === search && buttons.length) choose(buttons[0].dataset.model)
    else return
    event.preventDefault()
  }
  return { element, show, focus: () => (search.focus(), search.select()) }
}

// The sheet

function makeSheet(model, say) {
  const act = (action) => () => model.send_msg({ type: "act", action })
  const head = makeHead(model, say, act, () => send(true))
  const maths = h("div", { class: "math", role: "math" })
  const about = h("p", { class: "sentence about" })
  const refusal = h("p", { class: "problem", role: "alert", hidden: true })
  const rowsOf = makeRows(model, say)
  const form = h("div", { class: "form" })
  const kept = h("div", { class: "kept" },
    h("button", { type: "button", class: "button keep", title: say("model.keep.title"), on: { click: act("keep") } }, say("model.keep")),
    h("button", { type: "button", class: "button", on: { click: act("reset") } }, say("model.defaults")))
  let timer = 0
  const typed = () => {
    clearTimeout(timer)
    timer = setTimeout(() => send(false), TYPED_AFTER)
  }
  const editors = Object.fromEntries(FIELDS.map((field) => [field, makeEditor(field, say, { typed, left: () => send(true) })]))
  const more = makeMore(say, () => send(true))
  const code = h("section", { class: "texts", "aria-label": say("model.text") }, h("p", { class: "sentence readonly" }, say("model.readonly")), Object.values(editors).map((each) => each.element), more.element)
  const body = h("div", { class: "body scroll" }, h("section", { class: "formulas", "aria-label": say("model.mathematics") }, maths, about), refusal, form, code)
  const element = h("div", { class: "sheet" }, head.element, body, rowsOf.tip)
  let key = ""

  function send(commit) {
    clearTimeout(timer)
    const content = model.content
    if (!content.own) return
    const texts = Object.fromEntries(FIELDS.map((field) => [field, editors[field].value]))
    model.send_msg({ type: "draft", form: content.key, texts, commit, ...head.values(), ...more.values() })
  }
  function show(content) {
    const fresh = content.key !== key
    key = content.key
    element.classList.toggle("own", content.own)
    head.show(content)
    setText(about, [content.doc, content.source].filter(Boolean).join(" · "))
    for (const field of FIELDS) {
      if (fresh || !editors[field].busy) editors[field].write(content.texts[field])
      editors[field].lock(!content.own)
    }
    more.show(content)
    if (fresh) body.scrollTop = 0
    refuse("")
    showForm()
    showChecked()
  }
  function refuse(sentence) {
    setText(refusal, sentence)
    refusal.hidden = !sentence
  }
  function showChecked() {
    const checked = model.checked
    if (!checked.key || checked.key !== model.content.key) return
    maths.replaceChildren(...drawMathematics(checked.mathematics, say))
    for (const field of FIELDS) editors[field].show(checked.mistakes)
    element.classList.toggle("wrong", checked.mistakes.length > 0)
  }
  function showForm() {
    if (!model.form.key || model.form.key !== model.content.key) return
    rowsOf.show(form, model.form.sections)
    kept.hidden = !model.form.varied
    form.append(kept)
  }
  return { element, show, showForm, showChecked, refuse, fail: rowsOf.fail, focus: (field) => requestAnimationFrame(() => editors[field]?.focus()) }
}

function makeHead(model, say, act, renamed) {
  const title = h("input", { class: "rename", "aria-label": say("model.title"), spellcheck: "false", maxlength: 120, on: { change: renamed, keydown: leaveOnEnter } })
  const name = h("input", { class: "rename mono short", "aria-label": say("model.name"), title: say("model.name.title"), spellcheck: "false", maxlength: 48, on: { change: renamed, keydown: leaveOnEnter } })
  const chips = h("div", { class: "notes" })
  const copy = h("button", { type: "button", class: "button copy", title: say("model.copy.title"), on: { click: act("copy") } }, say("model.copy"))
  const remove = h("button", { type: "button", class: "button remove", on: { click: act("remove") } }, say("model.remove"))
  const place = h("button", { type: "button", class: "primary place", title: say("model.place.title"), on: { click: () => (noteUse(model.content.key), act("place")()) } }, say("model.place"))
  const close = iconButton("close", say("model.close"), () => model.send_msg({ type: "close" }))
  const element = h("div", { class: "crown" }, h("div", { class: "title" }, title, close), h("div", { class: "under" }, name, chips, h("div", { class: "acts" }, remove, copy, place)))
  function show(content) {
    const focused = element.getRootNode().activeElement
    if (focused !== title) title.value = content.title
    if (focused !== name) name.value = content.name
    title.readOnly = name.readOnly = !content.own
    remove.hidden = !content.own
    setText(copy, say(content.own ? "model.duplicate" : "model.copy"))
    chips.replaceChildren(h("span", { class: "chip" }, content.own ? say("model.own") : content.group))
  }
  return { element, show, values: () => ({ title: title.value, name: name.value }) }
}

function leaveOnEnter(event) {
  if (event.key === "Enter") event.target.blur()
}

/** What a model has besides texts: how it spikes, the unit of its current, its ports. */
function makeMore(say, changed) {
  const crossing = h("button", { type: "button", class: "switch", role: "switch", "aria-label": say("model.crossing"), on: { click: () => (crossing.setAttribute("aria-checked", String(crossing.getAttribute("aria-checked") !== "true")), changed()) } }, h("span"))
  const unit = h("select", { class: "field", "aria-label": say("model.unit"), on: { change: changed } })
  const ports = h("div", { class: "ports" })
  const add = h("button", { type: "button", class: "button", on: { click: () => addPort() } }, icon("plus", 14), say("model.port.add"))
  const row = (name, help, ...cells) => h("div", { class: "row choice" }, h("div", { class: "name", title: help }, h("span", { class: "text" }, name)), ...cells)
  const element = h("div", { class: "more" }, h("h3", { class: "heading" }, say("model.ports")), ports, add,
    h("h3", { class: "heading" }, say("model.more")), row(say("model.unit"), say("model.unit.help"), unit), row(say("model.crossing"), say("model.crossing.help"), crossing))
  let synapses = {}
  let locked = true
  function portRow(name, synapse) {
    const input = h("input", { class: "field mono", value: name, "aria-label": say("model.port.name"), spellcheck: "false", maxlength: 48, readonly: locked, on: { change: changed } })
    const select = h("select", { class: "field", "aria-label": say("model.port.synapse", { port: name }), disabled: locked, on: { change: changed } },
      Object.entries(synapses).map(([value, title]) => h("option", { value, selected: value === synapse }, title)))
    const remove = iconButton("close", say("model.port.remove", { port: name }), () => {
      line.remove()
      changed()
    }, { hidden: locked })
    const line = h("div", { class: "port" }, input, select, remove)
    return line
  }
  function addPort() {
    const names = Object.keys(values().ports)
    let number = names.length + 1
    while (names.includes(`port_${number}`)) number += 1
    ports.append(portRow(`port_${number}`, Object.keys(synapses)[0]))
    changed()
  }
  function values() {
    const lines = [...ports.querySelectorAll(".port")].map((line) => [line.querySelector("input").value.trim(), line.querySelector("select").value])
    return { crossing: crossing.getAttribute("aria-checked") === "true", current_unit: unit.value, ports: Object.fromEntries(lines.filter(([name]) => name)) }
  }
  function show(content) {
    locked = !content.own
    synapses = content.synapses
    crossing.setAttribute("aria-checked", String(content.crossing))
    crossing.disabled = unit.disabled = locked
    add.hidden = locked
    unit.replaceChildren(...content.units.map((value) => h("option", { value, selected: value === content.current_unit }, value === "1" ? say("model.unit.none") : value)))
    ports.replaceChildren(...Object.entries(content.ports).map(([name, synapse]) => portRow(name, synapse)))
  }
  return { element, show, values }
}

// The drawings

function makeDrawings(model, say) {
  const rowsOf = makeRows(model, say)
  const planeRows = makeRows(model, say)
  const drive = h("div", { class: "drive", role: "group", "aria-label": say("model.drive") })
  const note = h("p", { class: "sentence protocol", hidden: true })
  const state = h("p", { class: "state", role: "status" })
  const tools = { say, get colours() { return model.content.colours ?? ["#3d8bfd"] }, note: (name, data) => noteOf(name, data, say), unit: (name, data) => unitOf(name, data, say), read: readTrace }
  const panes = { trace: makePane("trace", say, drawTrace, tools), curve: makePane("curve", say, drawCurve, tools), plane: makePane("plane", say, drawPlane, tools) }
  const below = h("div", { class: "below" }, panes.curve.element, panes.plane.element)
  const element = h("div", { class: "drawings" }, h("div", { class: "driving" }, drive, note), state, panes.trace.element, below, rowsOf.tip, planeRows.tip)
  let key = ""
  let timer = 0
  let compiling = false

  function begin(content) {
    if (content.key === key) return
    key = content.key
    for (const pane of Object.values(panes)) pane.clear()
    panes.plane.element.hidden = true // until it is known that there is one
  }
  function busy() {
    compiling = false
    if (timer) return
    timer = setTimeout(() => {
      setText(state, say(compiling ? "model.compiling" : "model.computing"))
      element.classList.add("busy")
    }, BUSY_AFTER)
  }
  function idle() {
    clearTimeout(timer)
    timer = 0
    setText(state, "")
    element.classList.remove("busy")
  }
  function take(message) {
    if (message.busy) busy()
    else if (message.compiling) {
      compiling = true
      if (state.textContent) setText(state, say("model.compiling"))
    } else if (message.drawn) {
      if (message.drawn === "trace") idle()
      panes.plane.element.hidden = message.drawn === "plane" ? message.data?.kind === "none" : panes.plane.element.hidden
      if (message.error) panes[message.drawn]?.say(message.error)
      else panes[message.drawn]?.show(message.data)
      if (message.data?.rows) planeRows.show(panes.plane.controls, [{ title: "", rows: message.data.rows }])
      below.classList.toggle("reduced", !panes.plane.controls.hidden)
    }
  }
  function showForm() {
    if (!model.form.key || model.form.key !== model.content.key) return
    rowsOf.show(drive, [{ title: "", rows: model.form.drive }])
    setText(note, model.form.note)
    note.hidden = !model.form.note
  }
  model.on("lifecycle:remove", () => Object.values(panes).forEach((pane) => pane.stop()))
  const fail = (message) => (rowsOf.fail(message), planeRows.fail(message))
  return { element, begin, take, showForm, fail }
}

function noteOf(name, data, say) {
  if (name === "plane") return data.points?.map((point) => point.kind).join(", ") ?? ""
  if (name !== "trace") return ""
  return say(data.count === 1 ? "model.trace.note.one" : "model.trace.note", { count: formatNumber(data.count), rate: formatNumber(data.rate, data.rate < 10 ? 1 : 0), solver: data.solver })
}

function unitOf(name, data, say) {
  if (name === "trace") return "ms"
  if (name === "plane") return [data.x?.name, data.x?.unit].filter(Boolean).join(" ")
  return !data.unit ? say("model.curve.plain") : say("model.curve.unit", { unit: data.unit })
}

/** What the pointer is on: the moment, as a line through all lanes, and every variable there. */
function readTrace(name, data, event, svg, read) {
  if (name !== "trace") return
  const box = svg.getBoundingClientRect()
  const [left, right] = [MARGIN.left, box.width - MARGIN.right]
  const x = event.clientX - box.left
  svg.querySelector(".cursor")?.remove()
  if (x < left || x > right) return read("")
  const share = (x - left) / (right - left)
  svg.append(shape("path", { d: `M${Math.round(x) + 0.5} ${MARGIN.top}V${box.height - MARGIN.bottom}`, class: "cursor" }))
  const words = data.lanes.flatMap((lane) => lane.lines.map((line) => `${line.name} ${formatNumber(Number(valueAt(line, share).toPrecision(4)))}${lane.unit ? ` ${lane.unit}` : ""}`))
  read(`${formatNumber(share * data.duration, 1)} ms · ${words.join(" · ")}`)
}

function valueAt(line, share) {
  const list = line.values ?? line.high
  return list[Math.min(list.length - 1, Math.round(share * (list.length - 1)))]
}
