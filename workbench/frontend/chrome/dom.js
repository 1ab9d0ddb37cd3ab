// Building blocks shared by every part of the page's frame: elements, icons, numbers, events.
// Text is only ever set as text (text nodes, attributes): nothing in this folder parses HTML.

const SVG_NS = "http://www.w3.org/2000/svg"
const MATH_NS = "http://www.w3.org/1998/Math/MathML"

// Properties that are not attributes, or whose attribute is only a starting value.
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open", "tabIndex"])

/** An element with properties ({class, on: {click}, title, "aria-label", ...}) and children. */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props || {})) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler)
    } else if (PROPERTIES.has(name)) {
      element[name] = value
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value))
    }
  }
  element.append(...flat(children))
  return element
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
}

/** The string `key` of `strings` with {places} filled from `values`. */
function fill(strings, key, values = {}) {
  const template = strings[key] ?? key
  return template.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place))
}

// Drawings on a 16 x 16 grid; "fill" shapes are solid, all others are strokes.
const ICONS = {
  undo: "M5.5 3 2.5 6l3 3M2.5 6H9a3.75 3.75 0 0 1 0 7.5H6",
  redo: "M10.5 3l3 3-3 3M13.5 6H7a3.75 3.75 0 0 0 0 7.5h3",
  run: { fill: "M4.5 2.6v10.8L13.2 8z" },
  pause: { fill: "M3.8 2.8h3v10.4h-3zM9.2 2.8h3v10.4h-3z" },
  step: { fill: "M3.5 3v10l6.5-5z", stroke: "M12 3v10" },
  reset: "M3.2 8.4a4.9 4.9 0 1 0 1.5-3.9L3 6.2M3 2.8v3.4h3.4",
  stop: { fill: "M4 4h8v8H4z" },
  theme: { stroke: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z", fill: "M8 2.2a5.8 5.8 0 0 1 0 11.6z" },
  search: "M7 11.8A4.8 4.8 0 1 0 7 2.2a4.8 4.8 0 0 0 0 9.6zM10.5 10.5 14 14",
  chevron: "M4.5 6.3 8 9.8l3.5-3.5",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5 6.5 12 13 4.5",
  warning: "M8 2.2 14.6 13.6H1.4zM8 6.6v3.2M8 11.5v.4",
  error: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.8v4M8 10.9v.4",
  hint: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.3v4M8 4.8v.4",
  file: "M4 1.8h5.2L12 4.6v9.6H4zM9 1.8V5h3",
  folder: "M1.8 3.6h4.4l1.5 2h6.5v7.2H1.8z",
  bell: "M1.5 12.5c3.2 0 3.2-9 6.5-9s3.3 9 6.5 9",
  more: { fill: "M3 7h2v2H3zM7 7h2v2H7zM11 7h2v2h-2z" },
  panel: "M2 3h12v10H2zM10 3v10",
  plus: "M8 3v10M3 8h10",
  about: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.3v4M8 4.8v.4",
  model: "M3 8a5 5 0 1 0 10 0A5 5 0 0 0 3 8z",
  // What a model does, as a small drawing.
  poisson: "M2.5 13V8M5 13V3.5M7.5 13V9.5M9.5 13V5.5M11.5 13V8M13.5 13v-2.5",
  constant_current: "M1.5 12h2.5V5h10.5",
  step_current: "M1.5 12H5V4h5.5v8h4",
  noise_current: "M1.5 8.5 3 6l1.5 5L6 3.5l1.8 9L9.3 6l1.4 4L12 5.5l1 4 1.5-2",
  ramp_current: "M1.5 12.5h3L11.5 4h3",
  sine_current: "M1.5 8c1.1-6 3.2-6 4.3 0s3.2 6 4.3 0 3.2-6 4.4 0",
  pulse_current: "M1.5 12h2V4.5h2V12h3V4.5h2V12h4",
  table_current: "M1.5 12.5 5 6.5l3.5 3 3-6 3 3M4.3 5.8h1.4v1.4H4.3zM7.8 8.8h1.4v1.4H7.8zM10.8 2.8h1.4v1.4h-1.4z",
  ou_current: "M1.5 9c.8-1.6 1.4-.4 2-2s1-3.2 1.9-2.4.5 3.4 1.4 4.2 1 2.9 2 2.4.7-3.7 1.6-4.4 1.3 1.4 2 .6.8-2.2 2.1-2.4",
  poisson_sine: "M1.5 13v-2.5M3 13V8.5M4.4 13V6.5M6 13V8.5M9 13v-2.5M11 13V8.5M12.4 13V6.5M14 13V8.5M1.5 5.2c1.7-4 4.3-4 6.2-1.2s4.6 3 6.8-1.2",
  poisson_table: "M2.5 13V9.5M6.5 13V6M8 13V7.5M9.5 13V6M13 13V9.5M1.5 5.5h4v-3h5v3h4",
  regular: "M1.5 12.5h13M3 12.5v-7M6.3 12.5v-7M9.6 12.5v-7M13 12.5v-7",
  pulse_packets: "M1.5 12.5h13M3.2 12.5v-4M4.6 12.5v-8M6 12.5v-4M10 12.5v-4M11.4 12.5v-8M12.8 12.5v-4",
  // Codes: rows of spikes, or a signal over them.
  binary_code: "M1.5 12.5h13M4.5 12.5v-8M11.5 12.5v-8",
  rate_code: "M8 2v3M4 6.5v3M11 6.5v3M2.5 11v3M5.2 11v3M8 11v3M10.8 11v3M13.5 11v3",
  latency_code: "M3 11v3M7 6.5v3M12.5 2v3M1.5 1.5v13",
  rank_order_code: "M3 6.5v3M8 11v3M13 2v3",
  phase_code: "M1.5 5c2.2-4.5 4.3-4.5 6.5 0s4.3 4.5 6.5 0M3 14v-3.5M8 14v-3.5M11.5 14v-3.5",
  burst_code: "M1.5 12.5h13M3 12.5V4M4.8 12.5V4M6.6 12.5V4M12 12.5V4",
  population_code: "M1.5 12.5c2.2 0 2.2-9 4.3-9s2.2 9 4.3 9M6 12.5c2.2 0 2.2-9 4.3-9s2.2 9 4.2 9",
  delta_code: "M1.5 9H5V4h5v5h4.5M5 14v-2.5M10 14v-2.5",
  step_forward_code: "M1.5 13H4v-3h2.5V7H9V4h5.5M1.5 12C6 12 7 2.5 14.5 2.5",
  moving_window_code: "M1.5 10c2-6 4-6 6.5-3s4 3 6.5-3M4.5 3h6v10h-6z",
  threshold_based_code: "M1.5 5.5h13M1.5 10.5h13M2 8c2 0 2.5-6 4.5-6s2.5 12 4.5 12 1.5-6 3.5-6",
  bsa_code: "M1.5 9c2.5 0 2.5-6.5 5-6.5s2.5 6.5 8 6.5M4 14v-3M6.5 14v-3M11 14v-3",
  spike_times: "M1.5 12.5h13M3.5 12.5v-8M6 12.5v-8M10.5 12.5v-8M12.5 12.5v-8",
  spike_file: "M3.5 1.8h5.7L12.5 5v9.2h-9zM9 1.8V5h3.5M5.8 12V8.5M8 12V8.5M10.3 12V8.5",
  lif: "M1.5 12.5c3-.2 4.9-1.9 5.7-4.5L7.6 2.5v10c2.6-.3 4.6-1 6.9-2.8",
  izhikevich: "M1.5 12.5c1.4-.4 1.6-9.5 2.7-9.5s.9 8.5 1.9 8.5S7.2 3 8.2 3s1 8.5 2 8.5 1.2-5.5 2-5.5.8 6.5 2.3 6.5",
  // The charge that leaks away after an input; a step of the potential; a conductance that changes.
  current_synapse: "M1.5 12.5h3V3c.8 5.6 3.4 9.2 10 9.5",
  delta_synapse: "M1.5 12.5h13M8 12.5V3M5.4 5.6 8 3l2.6 2.6",
  conductance_synapse: "M1 9h2.5M12.5 9H15M3.5 6.8h9v4.4h-9zM4.5 14 11.5 2.6M8.7 2.9l2.8-.3.5 2.7",
  adex: "M1.5 9.5c4.6 0 6.2-1.5 6.6-7.5v12c1.4-.1 2.6-3.2 6.4-4.2",
  hodgkin_huxley: "M1.5 11h2.6C5.7 11 5.7 2.5 7 2.5s1.2 11 2.8 11c1.3 0 1.4-2 4.7-2",
}

/** An icon of ICONS, 16 px, in the text's colour, hidden from screen readers. */
function icon(name, size = 16) {
  const svg = document.createElementNS(SVG_NS, "svg")
  const attributes = { viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true", class: "icon" }
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value)
  const drawing = ICONS[name] ?? ICONS.model
  const shapes = typeof drawing === "string" ? { stroke: drawing } : drawing
  for (const [kind, data] of Object.entries(shapes)) {
    const path = document.createElementNS(SVG_NS, "path")
    path.setAttribute("d", data)
    path.setAttribute("class", kind)
    svg.append(path)
  }
  return svg
}

/** A button that shows only an icon; `label` is its name and its tooltip. */
function iconButton(name, label, onClick, extra = {}) {
  return h("button", { type: "button", class: "ghost", "aria-label": label, title: label, ...extra, on: { click: onClick } }, icon(name))
}

const THIN = "\u2009"
const MINUS = "\u2212"

/** A number for reading: thin-space thousands, a real minus, no more digits than it carries. */
function formatNumber(value, digits = null) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–"
  let text
  if (digits !== null) text = Math.abs(value).toFixed(digits)
  else if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)) text = trimExponent(Math.abs(value).toExponential(4))
  else text = String(Number(Math.abs(value).toPrecision(8)))
  const [whole, rest] = text.split(".")
  const grouped = /e/.test(whole) ? whole : whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN)
  const isZero = Number(text) === 0
  return (value < 0 && !isZero ? MINUS : "") + grouped + (rest === undefined ? "" : "." + rest)
}

function trimExponent(text) {
  return text.replace(/\.?0+e/, "e").replace("e+", "e")
}

/** Simulated time for the top bar: ms with one decimal, seconds from 1,000 s on. */
function formatTime(ms) {
  return ms < 1e6 ? `${formatNumber(ms, 1)} ms` : `${formatNumber(ms / 1000, 1)} s`
}

/** Send an event to the other parts of the page; they meet only on `window`. */
function announce(name, detail = {}) {
  window.dispatchEvent(new CustomEvent(`workbench:${name}`, { detail }))
}

/** Listen on `target` until the part is removed from the page. */
function listen(model, target, event, handler) {
  target.addEventListener(event, handler)
  model.on("lifecycle:remove", () => target.removeEventListener(event, handler))
}

/** Groups of models with the items that all words are found in: by name, else by what is said of them. */
function searched(groups, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const by = (textOf) => groups
    .map((group) => ({ ...group, items: group.items.filter((item) => words.every((word) => textOf(item).toLowerCase().includes(word))) }))
    .filter((group) => group.items.length)
  const named = by((item) => `${item.title} ${item.name}`)
  return named.length ? named : by((item) => `${item.title} ${item.name} ${item.summary}`)
}

/** The element that really received an event, through shadow roots. */
function origin(event) {
  return event.composedPath()[0]
}

function isTyping(event) {
  const element = origin(event)
  if (!(element instanceof Element)) return false
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true
  return element.tagName === "INPUT" && !["range", "checkbox", "radio", "button"].includes(element.type)
}

/** Replace text without touching the document when it is already there. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Preference of this browser (never of the document); absent storage is a normal state. */
function remember(key, value) {
  try {
    localStorage.setItem(`workbench.${key}`, String(value))
  } catch {
    // Private windows may refuse storage: the page then forgets, and works.
  }
}

function recall(key) {
  try {
    return localStorage.getItem(`workbench.${key}`)
  } catch {
    return null
  }
}

// Presentational MathML that the engine prints; anything else in the text is dropped.
const MATH_TAGS = new Set(
  "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle mfenced mpadded".split(" "),
)
const MATH_ATTRIBUTES = new Set(["display", "mathvariant", "stretchy", "columnalign", "rowspacing", "width", "lspace", "rspace", "form", "fence"])

/** MathML text as elements, by an allow-list; null where the text is not MathML. */
function math(markup) {
  return allowed(markup, "math", { namespace: MATH_NS, tags: MATH_TAGS, attributes: MATH_ATTRIBUTES })
}

// What drawings that Python makes consist of (workbench/svg.py).
const SVG_TAGS = new Set("svg g rect path polyline circle line text".split(" "))
const SVG_ATTRIBUTES = new Set(
  "viewBox role aria-label class x y x1 x2 y1 y2 cx cy r width height d points text-anchor fill-opacity".split(" "),
)

/** SVG text as elements, by an allow-list; null where the text is not SVG. */
function vectors(markup) {
  return allowed(markup, "svg", { namespace: SVG_NS, tags: SVG_TAGS, attributes: SVG_ATTRIBUTES })
}

function allowed(markup, name, kind) {
  const parsed = new DOMParser().parseFromString(markup, "application/xml")
  const root = parsed.documentElement
  if (parsed.querySelector("parsererror") || root.localName !== name) return null
  return copied(root, kind)
}

function copied(source, kind) {
  const copy = document.createElementNS(kind.namespace, source.localName)
  for (const { name, value } of source.attributes) if (kind.attributes.has(name)) copy.setAttribute(name, value)
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent)
    else if (child.nodeType === Node.ELEMENT_NODE && kind.tags.has(child.localName)) copy.append(copied(child, kind))
  }
  return copy
}
