// Drawings of the model page as SVG: colours follow the theme by style sheet, text is text.

const MARGIN = { left: 48, right: 14, top: 6, bottom: 22 }
const SPIKE_HEIGHT = 9 // px of the ticks above the membrane potential
const LANE_GAP = 14
const LANE_SHARE = { membrane: 3, other: 1.5, current: 0.7, arrivals: 0.35 }

/** An SVG element with attributes and children. */
function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NS, tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** A pane: title row, drawing, a sentence in its place. `draw(data, box, tools)` gives elements. */
function makePane(name, say, draw, tools) {
  const note = h("span", { class: "detail" })
  const unit = h("span", { class: "label unit-note" })
  const svg = shape("svg", { role: "img", "aria-label": say(`model.${name}`), class: "drawing" })
  const words = h("p", { class: "instead" }, say(`model.${name}.empty`))
  const holder = h("div", { class: "holder" }, svg, words)
  const controls = h("div", { class: "controls", hidden: true }) // what may be chosen of the drawing
  const caption = h("p", { class: "sentence caption", hidden: true })
  const element = h("section", { class: `pane ${name}`, "aria-label": say(`model.${name}`) },
    h("header", {}, h("h3", {}, say(`model.${name}`)), note, unit), controls, holder, caption)
  let data = null
  let reading = "" // what the pointer is on
  function redraw() {
    const box = { width: holder.clientWidth, height: holder.clientHeight }
    if (!data || box.width < 60 || box.height < 40) return
    svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`)
    svg.replaceChildren(...draw(data, box, tools))
    setText(note, reading || tools.note(name, data))
    setText(unit, tools.unit(name, data))
  }
  const observer = new ResizeObserver(redraw)
  observer.observe(holder)
  const read = (text) => {
    reading = text
    if (data) setText(note, reading || tools.note(name, data))
  }
  svg.addEventListener("pointermove", (event) => data && tools.read?.(name, data, event, svg, read))
  svg.addEventListener("pointerleave", () => {
    svg.querySelector(".cursor")?.remove()
    read("")
  })
  return {
    element,
    controls,
    show(next) {
      data = next
      controls.hidden = !next.rows?.length
      caption.hidden = !next.held
      setText(caption, next.held ?? "")
      element.classList.remove("stale")
      svg.classList.remove("gone")
      words.hidden = true
      redraw()
    },
    /** A sentence; the drawing before it stays, pale, where there is one. */
    say(sentence) {
      setText(words, sentence)
      words.hidden = false
      svg.classList.add("gone")
      setText(note, "")
    },
    clear() {
      data = null
      controls.hidden = caption.hidden = true
      svg.replaceChildren()
      setText(words, say(`model.${name}.empty`))
      words.hidden = false
      setText(note, "")
      setText(unit, "")
    },
    stop: () => observer.disconnect(),
  }
}

/** Least and greatest of what is drawn, with some air. */
function rangeOf(values, air = 0.06) {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!(high >= low)) return [0, 1]
  const pad = high > low ? air * (high - low) : Math.abs(high) * 0.1 || 1
  return [low - pad, high + pad]
}

const scaleOf = (low, high, from, to) => (value) => from + ((value - low) / (high - low)) * (to - from)

function allValues(line) {
  return line.values ?? [...line.low, ...line.high]
}

/** The path of a line: its samples, or the least and the greatest value of every column. */
function pathOf(line, toX, toY) {
  const points = []
  const put = (x, y) => points.push(`${points.length ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`)
  if (line.values) {
    const last = Math.max(1, line.values.length - 1)
    line.values.forEach((value, place) => Number.isFinite(value) && put(toX(place / last), toY(value)))
    return points.join("")
  }
  let before = NaN
  line.low.forEach((low, place) => {
    let [near, far] = [toY(low), toY(line.high[place])]
    const x = toX((place + 0.5) / line.low.length)
    if (Math.abs(far - before) < Math.abs(near - before)) [near, far] = [far, near]
    put(x, near)
    if (Math.abs(far - near) > 0.5) put(x, far)
    before = far
  })
  return points.join("")
}

function across(y, left, right, name = "grid") {
  return shape("path", { d: `M${left} ${Math.round(y) + 0.5}H${right}`, class: name })
}

function label(text, x, y, anchor, name = "tick") {
  return shape("text", { x, y, "text-anchor": anchor, class: name }, text)
}

function tickText(value) {
  const size = Math.abs(value)
  return size !== 0 && (size >= 1e6 || size < 1e-3) ? formatNumber(value) : readable(value, digitsOf(value))
}

/** Two or three round values of a vertical axis, as hairlines with labels. */
function verticalAxis(range, toY, left, right, most = 3) {
  return ticks(range[0], range[1], most).flatMap((value) => [across(toY(value), left, right), label(tickText(value), left - 7, toY(value) + 4, "end")])
}

function horizontalAxis(range, toX, bottom, room) {
  const most = Math.max(2, Math.floor(room / 64))
  return ticks(range[0], range[1], most).map((value) => label(tickText(value), toX(value), bottom + 16, "middle"))
}

// The answer to a step of current: the membrane, the other variables, the current itself.

function drawTrace(data, box, tools) {
  const { colours } = tools
  const [left, right] = [MARGIN.left, box.width - MARGIN.right]
  const bottom = box.height - MARGIN.bottom
  const lanes = [...data.lanes.map((lane, place) => ({ ...lane, share: place ? LANE_SHARE.other : LANE_SHARE.membrane })),
    { input: true, share: data.arrivals ? LANE_SHARE.arrivals : LANE_SHARE.current }]
  const room = bottom - MARGIN.top - SPIKE_HEIGHT - 4 - LANE_GAP * (lanes.length - 1)
  const total = lanes.reduce((sum, lane) => sum + lane.share, 0)
  const toX = scaleOf(0, 1, left, right)
  const toTime = scaleOf(0, data.duration, left, right)
  const found = []
  let top = MARGIN.top + SPIKE_HEIGHT + 4
  let colour = 0
  lanes.forEach((lane, place) => {
    const height = (room * lane.share) / total
    if (lane.input && data.arrivals) found.push(...drawArrivals(data, toTime, top, top + height, right, tools))
    else if (lane.input) found.push(...drawCurrent(data, toX, top, top + height, left, right))
    else {
      found.push(...drawLane(lane, toX, top, top + height, left, right, colours, colour, place === 0 ? data.threshold : null))
      colour += lane.lines.length
    }
    top += height + LANE_GAP
  })
  const marks = data.spikes.map((time) => `M${toTime(time).toFixed(1)} ${MARGIN.top}v${SPIKE_HEIGHT}`).join("")
  if (marks) found.push(shape("path", { d: marks, class: "spikes", stroke: colours[0] }))
  found.push(...horizontalAxis([0, data.duration], toTime, bottom, right - left))
  return found
}

function drawLane(lane, toX, top, bottom, left, right, colours, first, threshold) {
  const values = lane.lines.flatMap(allValues)
  if (Number.isFinite(threshold)) values.push(threshold)
  const range = rangeOf(values)
  const toY = scaleOf(range[0], range[1], bottom, top)
  const found = verticalAxis(range, toY, left, right, bottom - top > 90 ? 4 : 2)
  if (Number.isFinite(threshold)) found.push(across(toY(threshold), left, right, "threshold"))
  lane.lines.forEach((line, place) => {
    const stroke = colours[(first + place) % colours.length]
    found.push(shape("path", { d: pathOf(line, toX, toY), class: "line", stroke }))
  })
  const names = lane.lines.flatMap((line, place) => nameSpans(line.written, colours[(first + place) % colours.length], place ? "  " : ""))
  const unit = lane.unit ? `  ${lane.unit}` : ""
  found.push(shape("text", { x: right, y: top - 3, "text-anchor": "end", class: "name", "xml:space": "preserve" }, ...names, shape("tspan", { class: "tick" }, unit)))
  return found
}

/** The spikes that arrive, as ticks. */
function drawArrivals({ arrivals }, toTime, top, bottom, right, { say }) {
  const marks = arrivals.map((time) => `M${toTime(time).toFixed(1)} ${top + 2}V${bottom.toFixed(1)}`).join("")
  return [shape("path", { d: marks || "M0 0", class: "spikes arriving" }), label(say("model.trace.arrivals", { count: formatNumber(arrivals.length) }), right, top - 3, "end", "name quiet")]
}

/** A name as equations have it: a letter, and what stands below it, small. */
function nameSpans([base, below], fill, before = "") {
  const italic = base.length === 1 ? "letter" : "words"
  const spans = [shape("tspan", { fill, class: italic }, `${before}${base}`)]
  if (!below) return spans
  // The line goes on where it was: the last piece is empty and goes back up.
  return [...spans, shape("tspan", { fill, class: "below", dy: 3 }, below), shape("tspan", { dy: -3 }, "\u200b")]
}

function drawCurrent({ current }, toX, top, bottom, left, right) {
  const values = allValues(current)
  const range = rangeOf([0, ...values], 0.1)
  const toY = scaleOf(range[0], range[1], bottom, top)
  const strongest = values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  return [shape("path", { d: pathOf(current, toX, toY), class: "line current" }), label(formatNumber(strongest), left - 7, toY(strongest) + 4, "end"),
    shape("text", { x: right, y: top - 3, "text-anchor": "end", class: "name quiet", "xml:space": "preserve" }, ...nameSpans(["I", ""], null), shape("tspan", { class: "tick" }, current.unit ? `  ${current.unit}` : ""))]
}

// Rate against current.

function drawCurve(data, box, { colours }) {
  const frame = frameOf(box)
  const xs = [Math.min(...data.current), Math.max(...data.current)]
  const ys = [0, Math.max(1, ...data.rate) * 1.08]
  const toX = scaleOf(xs[0], xs[1], frame.left, frame.right)
  const toY = scaleOf(ys[0], ys[1], frame.bottom, frame.top)
  const line = data.current.map((x, place) => `${place ? "L" : "M"}${toX(x).toFixed(1)} ${toY(data.rate[place]).toFixed(1)}`).join("")
  const found = [...verticalAxis(ys, toY, frame.left, frame.right), ...horizontalAxis(xs, toX, frame.bottom, frame.right - frame.left),
    shape("path", { d: line, class: "line", stroke: colours[0] })]
  const at = data.at === null ? null : rateAt(data, data.at)
  if (at !== null) found.push(shape("circle", { cx: toX(data.at), cy: toY(at), r: 4, class: "here", stroke: colours[0] }))
  return found
}

function frameOf(box) {
  return { left: MARGIN.left, right: box.width - MARGIN.right, top: MARGIN.top, bottom: box.height - MARGIN.bottom }
}

function rateAt({ current, rate }, at) {
  const above = current.findIndex((x) => x >= at)
  if (above < 0) return null
  if (above === 0) return rate[0]
  const share = (at - current[above - 1]) / (current[above] - current[above - 1])
  return rate[above - 1] + share * (rate[above] - rate[above - 1])
}

// The plane of two variables: where each stands still, how all move, where this neuron goes.

function drawPlane(data, box, { colours }) {
  const frame = { ...frameOf(box), top: MARGIN.top + 12 }
  const toX = scaleOf(data.x.range[0], data.x.range[1], frame.left, frame.right)
  const toY = scaleOf(data.y.range[0], data.y.range[1], frame.bottom, frame.top)
  const through = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("")
  const inside = shape("g", { "clip-path": "url(#plane)" })
  const found = [shape("clipPath", { id: "plane" }, shape("rect", { x: frame.left, y: frame.top, width: frame.right - frame.left, height: frame.bottom - frame.top })),
    ...verticalAxis(data.y.range, toY, frame.left, frame.right), ...horizontalAxis(data.x.range, toX, frame.bottom, frame.right - frame.left), inside]
  if (data.kind === "line") {
    inside.append(across(toY(0), frame.left, frame.right, "threshold"), shape("path", { d: through(data.values), class: "line", stroke: colours[0] }))
  } else {
    const arrows = data.arrows.map(([x, y, dx, dy]) => `M${toX(x).toFixed(1)} ${toY(y).toFixed(1)}l${(7 * dx).toFixed(1)} ${(-7 * dy).toFixed(1)}`).join("")
    const heads = data.arrows.map(([x, y, dx, dy]) => `M${(toX(x) + 7 * dx).toFixed(1)} ${(toY(y) - 7 * dy).toFixed(1)}h.01`).join("")
    inside.append(shape("path", { d: arrows, class: "field" }), shape("path", { d: heads, class: "field heads" }))
    data.nullclines.forEach((lines, place) => lines.forEach((line) => inside.append(shape("path", { d: through(line), class: "line", stroke: colours[place] }))))
    for (const part of data.path) inside.append(shape("path", { d: through(part), class: "line way" }))
  }
  for (const point of data.points) {
    const circle = shape("circle", { cx: toX(point.at[0]), cy: toY(point.at[1]), r: 4.5, class: point.stable ? "fixed stable" : "fixed" })
    circle.append(shape("title", {}, point.kind))
    inside.append(circle)
  }
  found.push(...planeNames(data, frame, colours))
  return found
}

function planeNames(data, frame, colours) {
  const text = (x, anchor, name, ...spans) => shape("text", { x, y: frame.top - 6, "text-anchor": anchor, class: name, "xml:space": "preserve" }, ...spans)
  const unit = data.y.unit ? [shape("tspan", { class: "tick" }, `  ${data.y.unit}`)] : []
  if (data.kind === "line") return [label(data.y.name, frame.left, frame.top - 6, "start", "name quiet")]
  const zero = ({ written }, place) => [shape("tspan", { fill: colours[place] }, `${place ? "   " : ""}d`), ...nameSpans(written, colours[place]), shape("tspan", { fill: colours[place] }, "/dt = 0")]
  return [text(frame.left, "start", "name quiet", ...nameSpans(data.y.written, null), ...unit), text(frame.right, "end", "name", ...zero(data.x, 0), ...zero(data.y, 1))]
}
