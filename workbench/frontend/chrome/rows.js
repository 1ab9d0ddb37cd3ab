// Rows of the inspector: each kind of row is a function (data, tools) -> {element, show(data), fail(sentence)}.
// A row shows what Python said and sends what the user meant. Between the two, until Python has
// answered the newest edit, it shows what the user meant: older answers on their way change nothing.

const ROWS = { quantity, choice, switch: toggle, text: textRow, fact, math: mathRow, sentence, chips, item, drawing, picture }

function makeRow(data, tools) {
  return ROWS[data.kind](data, tools)
}

/** Name of a row: a dot where it differs from the default; double-click takes it back. */
function nameOf(data, tools) {
  const label = h("span", { class: "text" })
  const element = h("div", { class: "name", on: { dblclick: () => element.dataset.changed === "true" && tools.edit(data.path, null) } }, label)
  tools.explain(element, () => data)
  let shown = ""
  function show(next) {
    data = next
    const signature = `${next.name}|${next.symbol ?? ""}`
    if (signature !== shown) label.replaceChildren(...written(next))
    shown = signature
    element.dataset.changed = String(Boolean(next.changed))
    element.dataset.rebuild = String(next.live === false)
  }
  show(data)
  return { element, show }
}

/** A name as the equations have it, with the one that scripts use behind it for whoever listens or searches. */
function written({ name, symbol, before }) {
  const formula = symbol && math(symbol)
  if (!formula) return [name]
  formula.setAttribute("aria-hidden", "true")
  return [h("span", { "aria-hidden": "true" }, before ?? ""), formula, h("span", { class: "unseen" }, name)]
}

function frame(kind, data, name, ...cells) {
  const error = h("p", { class: "problem", role: "alert", hidden: true })
  const element = h("div", { class: `row ${kind}${data.indent ? " indent" : ""}`, "data-path": data.path ?? "" }, name?.element, ...cells, error)
  const fail = (message) => {
    setText(error, message ?? "")
    error.hidden = !message
    for (const field of element.querySelectorAll(".field")) field.setAttribute("aria-invalid", String(Boolean(message)))
  }
  return { element, fail }
}

function quantity(data, tools) {
  const name = nameOf(data, tools)
  const slider = data.slider ? makeSlider(() => data, tools, { moved, send, now }) : null
  let dirty = false // typed and not sent
  let refused = false // sent and wrong: it stays until it is right
  let meant = null // {value, edit}: what was sent and is not answered; edit Infinity: about to be sent
  const input = h("input", {
    class: "field mono", type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-label": spoken(data),
    on: {
      input: () => { dirty = true },
      focus: () => input.select(),
      change: () => commit(),
      keydown: (event) => {
        if (event.key === "Enter") commit()
        else if (event.key === "Escape") {
          dirty = refused = false
          show(data)
          input.blur()
        } else if (event.key === "ArrowUp" || event.key === "ArrowDown") nudge(event)
        else return
        event.preventDefault()
        event.stopPropagation()
      },
    },
  })
  const unit = h("span", { class: "unit", "aria-hidden": "true" })
  const spread = data.spread ? spreadMenu(() => data, tools) : null
  const box = h("div", { class: "box" }, input, unit)
  const { element, fail } = frame("quantity", data, name, spread, slider?.element ?? h("span"), box)

  function now() {
    return typeof meant?.value === "number" ? meant.value : data.value
  }
  function send(value) {
    meant = { value, edit: tools.edit(data.path, value) }
  }
  function moved(value) {
    dirty = refused = false
    meant = { value, edit: Infinity }
    input.value = formatNumber(value)
  }
  function commit() {
    if (!dirty && !refused) return
    dirty = false
    send(input.value.trim() === "" ? null : input.value)
  }
  function nudge(event) {
    if (typeof now() !== "number") return
    const step = (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10 : 1) * (data.slider?.step ?? 1)
    moved(tidy(now() + step, data))
    send(meant.value)
  }
  function show(next) {
    data = next
    name.show(next)
    const written = next.text ?? (typeof next.value === "number" ? formatNumber(next.value) : "")
    if (meant && tools.answered() >= meant.edit) meant = null
    if (!dirty && !refused && !meant) input.value = written
    input.placeholder = next.placeholder ?? ""
    input.readOnly = Boolean(next.locked)
    setText(unit, next.unit ?? "")
    // A long number needs the room of its unit: the unit is still in the tooltip.
    box.classList.toggle("tight", written.length + (next.unit ?? "").length > 8)
    if (!meant) slider?.show(next)
    if (!refused) fail(next.error) // what is wrong stays until it is right, whatever else changes
  }
  function refuse(message, edit) {
    if (meant && edit < meant.edit) return // of what has been replaced since
    if (message) meant = null
    refused = Boolean(message)
    fail(message)
  }
  /** What was typed and is not settled, for the row that takes the place of this one. */
  function typed() {
    return dirty || refused || meant ? { dirty, refused, meant, text: input.value, message: element.querySelector(".problem").textContent } : null
  }
  function retype(before) {
    ;({ dirty, refused, meant } = before)
    input.value = before.text
    if (refused) fail(before.message)
  }
  show(data)
  return { element, show, fail: refuse, typed, retype }
}

/** What a screen reader says for a field: its name, its meaning, its unit. */
function spoken(data) {
  return [data.name, data.help?.meaning, data.unit].filter(Boolean).join(", ")
}

/** One value for all members, or a distribution: a select drawn as a small bell curve. */
function spreadMenu(current, tools) {
  const { options, kind } = current().spread
  const select = h("select", { "aria-label": tools.say("inspector.spread", { name: current().name }), on: { change: () => tools.edit(`${current().path}/distribution`, select.value) } },
    options.map((option) => h("option", { value: option.value, selected: option.value === kind }, option.label)))
  return h("span", { class: "spread", title: tools.say("inspector.spread", { name: current().name }) }, icon("bell", 14), select)
}

function choice(data, tools) {
  const name = nameOf(data, tools)
  const select = h("select", { class: "field", "aria-label": data.name, on: { change: () => tools.edit(data.path, select.value) } })
  const { element, fail } = frame("choice", data, name, select)
  let shown = ""
  function show(next) {
    data = next
    name.show(next)
    const signature = JSON.stringify(next.options)
    if (signature !== shown) select.replaceChildren(...next.options.map(({ value, label }) => h("option", { value }, label)))
    shown = signature
    select.value = next.value ?? ""
    select.disabled = Boolean(next.locked)
    fail(next.error)
  }
  show(data)
  return { element, show, fail }
}

function toggle(data, tools) {
  const name = nameOf(data, tools)
  const button = h("button", { type: "button", class: "switch", role: "switch", "aria-label": data.name, on: { click: () => tools.edit(data.path, !data.value) } }, h("span"))
  const { element, fail } = frame("toggle", data, name, button)
  function show(next) {
    data = next
    name.show(next)
    button.setAttribute("aria-checked", String(Boolean(next.value)))
  }
  show(data)
  return { element, show, fail }
}

function textRow(data, tools) {
  const name = data.name ? nameOf(data, tools) : null
  const known = data.suggestions ? h("datalist", { id: `known-${data.path}` }) : null
  const input = h(data.multiline ? "textarea" : "input", {
    class: "field", "aria-label": data.label ?? data.name, placeholder: data.placeholder ?? "", spellcheck: "false", list: known?.id,
    on: {
      focus: () => known && input.select(),
      change: () => tools.edit(data.path, input.value),
      keydown: (event) => {
        if (event.key === "Escape") show(data)
        if (event.key === "Enter" && !data.multiline) input.blur()
      },
    },
  })
  const { element, fail } = frame(data.multiline || !name ? "text wide" : "text", data, name, known ? h("span", {}, input, known) : input)
  function show(next) {
    data = next
    name?.show(next)
    known?.replaceChildren(...next.suggestions.map((value) => h("option", { value })))
    if (!(input.getRootNode().activeElement === input && input.value !== next.value)) input.value = next.value ?? ""
    fail(next.error)
  }
  const typed = () => (input.getRootNode().activeElement === input && input.value !== data.value ? input.value : null)
  const retype = (text) => { input.value = text }
  show(data)
  return { element, show, fail, typed, retype }
}

function fact(data, tools) {
  const name = nameOf(data, tools)
  const value = h("span", { class: "mono" })
  const { element, fail } = frame("fact", data, name, value)
  function show(next) {
    data = next
    name.show(next)
    setText(value, next.text)
  }
  show(data)
  return { element, show, fail }
}

function mathRow(data, tools) {
  const element = h("div", { class: "math" })
  let shown = null
  function show(next) {
    const signature = JSON.stringify(next.lines)
    if (signature === shown) return
    shown = signature
    element.replaceChildren(...drawMathematics(next.lines, tools.say))
  }
  show(data)
  return { element, show, fail() {} }
}

/** Equations as lines; then when the model spikes, what that does, and for how long what is held. */
function drawMathematics(lines, say) {
  const part = (name) => lines.filter((line) => line.part === name).map((line) => math(line.mathml)).filter(Boolean)
  const word = (key) => h("span", { class: "word" }, say(`equation.${key}`))
  const listed = (found) => found.map((formula, place) => h("span", { class: "bit" }, formula, place + 1 < found.length ? "," : ""))
  const rows = part("equations").map((formula) => h("div", { class: "line" }, formula))
  // What makes a spike: one of these, each with words of its own.
  const [kind] = ["threshold", "crossing", "hazard"].filter((name) => part(name).length)
  if (!kind) return rows
  const [reset, held, time] = ["reset", "held", "refractory"].map(part)
  const spike = [word(kind), ...part(kind)]
  if (reset.length) spike.push(word("then"), ...listed(reset))
  if (time.length) spike.push(word("hold"), ...listed(held), h("span", { class: "bit apart" }, word("for"), ...time))
  return [...rows, h("div", { class: "line spike" }, spike)]
}

function sentence(data) {
  const element = h("p", { class: "sentence" })
  const show = (next) => setText(element, next.text)
  show(data)
  return { element, show, fail() {} }
}

let paintDrawn = null // of the drawing that is shown; frames of a run come as events of the window
window.addEventListener("workbench:frame", ({ detail }) => detail.drawn && paintDrawn?.(detail.drawn))

/** Members where they are, in shades while the network runs: dots in their places, or the shape of a cell. */
function drawing(data) {
  const drawn = data.places ? placed(data) : cellShape(data)
  paintDrawn = drawn.painted
  return drawn
}

/** The shape of a cell, a line a compartment. */
function cellShape(data) {
  const canvas = h("canvas", { class: "shape", role: "img" })
  const note = h("p", { class: "sentence mono", hidden: true })
  const element = h("div", {}, canvas, note)
  let signature = ""

  function paint(shades) {
    const scale = window.devicePixelRatio || 1
    const { width, height, points, parent, strokes, scale: colours } = data
    canvas.width = Math.round((width + 12) * scale)
    canvas.height = Math.round((height + 12) * scale)
    const ink = canvas.getContext("2d")
    ink.setTransform(scale, 0, 0, scale, 6 * scale, 6 * scale)
    ink.lineCap = "round"
    const plain = getComputedStyle(canvas).color
    const batches = new Map()
    for (let k = 0; k < parent.length; k++) {
      if (parent[k] < 0) continue
      const shade = shades ? shades[k] : null
      const colour = shade === null ? plain : colours[Math.round((shade / 255) * (colours.length - 1))]
      const stroke = strokes[k]
      const key = `${colour} ${stroke}`
      if (!batches.has(key)) batches.set(key, { colour, stroke, lines: new Path2D() })
      const { lines } = batches.get(key)
      lines.moveTo(points[2 * parent[k]], points[2 * parent[k] + 1])
      lines.lineTo(points[2 * k], points[2 * k + 1])
    }
    for (const { colour, stroke, lines } of batches.values()) {
      ink.strokeStyle = colour
      ink.lineWidth = stroke
      ink.stroke(lines)
    }
  }
  function show(next) {
    data = next
    canvas.setAttribute("aria-label", next.label)
    const drawn = JSON.stringify([next.points, next.strokes])
    if (drawn !== signature) paint(null)
    signature = drawn
  }
  const painted = ({ id, shades, words }) => {
    if (id !== data.node || shades?.length !== data.parent.length || !canvas.isConnected) return
    paint(shades)
    note.hidden = !words
    setText(note, words)
  }
  show(data)
  return { element, show, fail() {}, painted }
}

let followRun = null // of the drawing of a code that is shown
window.addEventListener("workbench:frame", ({ detail }) => followRun?.(detail.time))

/** What a source encodes, drawn by Python; while the network runs, the item shown and where it is. */
function picture(data) {
  const element = h("div", { class: "picture" })
  let signature = ""
  let place = -1
  let now = null

  function turnTo(next) {
    if (next === place) return
    place = next
    const drawn = vectors(data.svgs[place])
    if (!drawn) return
    drawn.setAttribute("aria-label", data.label)
    now = document.createElementNS(SVG_NS, "line")
    now.setAttribute("class", "now")
    now.setAttribute("visibility", "hidden")
    drawn.append(now)
    element.replaceChildren(drawn)
  }
  function follow(time) {
    if (!element.isConnected || !(time > 0)) return
    const ended = data.repeats > 0 && time >= data.round * data.repeats
    let [item, since] = [0, time % data.round]
    while (item < data.lengths.length && since >= data.lengths[item]) since -= data.lengths[item++]
    if (item < data.svgs.length && !ended) turnTo(item)
    const hidden = ended || item !== place || since > data.spans[item]
    now?.setAttribute("visibility", hidden ? "hidden" : "visible")
    if (hidden || !now) return
    const [left, top, width, height] = data.time[item]
    const x = left + (since / data.spans[item]) * width
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: top, y2: top + height })) now.setAttribute(name, value.toFixed(1))
  }
  function show(next) {
    data = next
    const drawn = next.svgs.join("")
    if (drawn === signature) return
    signature = drawn
    place = -1
    turnTo(0)
  }
  show(data)
  followRun = follow
  return { element, show, fail() {} }
}

function chips(data, tools) {
  const element = h("div", { class: "chips", role: "group", "aria-label": data.name })
  let shown = ""
  function show(next) {
    const signature = JSON.stringify(next.items)
    if (signature === shown) return
    shown = signature
    element.replaceChildren(...next.items.map((each) =>
      h("button", { type: "button", class: "chip", "aria-pressed": String(Boolean(each.active)), title: each.title ?? each.label, on: { click: () => tools.edit(next.path, each.value) } }, written({ name: each.label, symbol: each.symbol }))))
  }
  show(data)
  return { element, show, fail() {} }
}

/** A thing of a list (a recorder): what it is, and a button that takes it away. */
function item(data, tools) {
  const label = h("span", { class: "grow" })
  const note = h("span", { class: "label" })
  const remove = iconButton("close", tools.say("inspector.remove"), () => tools.edit(data.path, null))
  const { element, fail } = frame("item", data, null, label, note, remove)
  function show(next) {
    data = next
    setText(label, next.text)
    setText(note, next.note ?? "")
    remove.setAttribute("aria-label", `${tools.say("inspector.remove")} ${next.text}`)
  }
  show(data)
  return { element, show, fail }
}
