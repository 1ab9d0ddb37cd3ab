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

/** The element that really received an event, through shadow roots. */
function origin(event) {
  return event.composedPath()[0]
}

/** The element that has the focus, through shadow roots. */
function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
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
const SVG_TAGS = new Set("svg g rect path polyline circle line text mask image".split(" "))
const SVG_ATTRIBUTES = new Set(
  "viewBox role aria-label class x y x1 x2 y1 y2 cx cy r rx width height d points text-anchor fill-opacity id mask maskUnits preserveAspectRatio href".split(" "),
)
// What leads elsewhere leads into the drawing itself.
const SVG_INSIDE = { href: /^data:image\/png;base64,[\w+/=]*$/, mask: /^url\(#\w+\)$/ }

/** SVG text as elements, by an allow-list; null where the text is not SVG. */
function vectors(markup) {
  return allowed(markup, "svg", { namespace: SVG_NS, tags: SVG_TAGS, attributes: SVG_ATTRIBUTES, inside: SVG_INSIDE })
}

function allowed(markup, name, kind) {
  const parsed = new DOMParser().parseFromString(markup, "application/xml")
  const root = parsed.documentElement
  if (parsed.querySelector("parsererror") || root.localName !== name) return null
  return copied(root, kind)
}

function copied(source, kind) {
  const copy = document.createElementNS(kind.namespace, source.localName)
  for (const { name, value } of source.attributes) {
    const inside = kind.inside?.[name]
    if (kind.attributes.has(name) && (!inside || inside.test(value))) copy.setAttribute(name, value)
  }
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent)
    else if (child.nodeType === Node.ELEMENT_NODE && kind.tags.has(child.localName)) copy.append(copied(child, kind))
  }
  return copy
}
