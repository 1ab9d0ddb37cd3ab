// What every tile is: a title row, a canvas, a plot area in device pixels, and a time axis.
import {digitsOf, readable, spaced} from "./axis.js"

const MARGIN = {left: 40, right: 12, top: 4, bottom: 22} // CSS pixels round the plot
const TICK_GAP = 14 // CSS pixels at least between labels of the time axis

/** An element with attributes and children; text is only ever set as text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

const ARROW = " \u2192 "
const NOTE = " \u00b7 "

/** `words` in so many letters, without the middle; both ends of a wire give equally. */
export function shortenedTo(words, letters) {
  if (words.length <= letters) return words
  const parts = words.split(ARROW)
  if (parts.length > 1) {
    let each = Math.floor((letters - ARROW.length * (parts.length - 1)) / parts.length)
    const least = Math.min(...parts.map(part => part.length))
    if (least < each) each += Math.floor((each - least) / (parts.length - 1)) // what a short end leaves
    return parts.map(part => shortenedTo(part, Math.max(3, each))).join(ARROW)
  }
  const kept = Math.max(2, letters - 1)
  return `${words.slice(0, Math.ceil(kept / 2))}\u2026${words.slice(words.length - Math.floor(kept / 2))}`
}

export class Tile {
  constructor(key, strings) {
    this.key = key
    this.strings = strings
    this.title = make("h3", {class: "title"}, strings[`live.${key}`])
    this.detail = make("span", {class: "detail"})
    this.unit = make("span", {class: "unit"})
    this.title.title = strings[`live.${key}`]
    this.detailText = "" // what the tile shows, in words
    this.said = null // what the detail says: [words, whether they may be cut at the end, room]
    this.head = make("header", {}, this.title, this.detail, this.unit)
    this.canvas = make("canvas", {role: "img", "aria-label": strings[`live.${key}`]})
    this.empty = make("p", {class: "empty"}, strings[`live.${key}.empty`])
    this.holder = make("div", {class: "holder"}, this.canvas, this.empty)
    this.el = make("section", {class: `tile ${key}`, "data-tile": key, "aria-label": strings[`live.${key}`]},
      this.head, this.holder)
    this.ink = this.canvas.getContext("2d")
    this.plot = {x: 0, y: 0, w: 0, h: 0}
    this.scale = 1
    this.margin = MARGIN
  }

  /** Fit the canvas to its box; true when the plot's size in device pixels has changed. */
  fit() {
    const box = this.holder.getBoundingClientRect()
    const scale = Math.max(1, Math.min(3, window.devicePixelRatio || 1))
    const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)]
    const {margin} = this
    const w = width - Math.round((margin.left + margin.right) * scale)
    const h = height - Math.round((margin.top + margin.bottom) * scale)
    if (w < 16 || h < 16) return false
    const same = width === this.canvas.width && height === this.canvas.height && scale === this.scale
    if (same && w === this.plot.w && h === this.plot.h) return false
    this.scale = scale
    this.canvas.width = width
    this.canvas.height = height
    this.plot = {x: Math.round(margin.left * scale), y: Math.round(margin.top * scale), w, h}
    return true
  }

  /**
   * Words beside the title.  A name that does not fit is cut in the middle of each of its parts, so
   * that both ends of a wire can be told; what is under the pointer (`live`) is cut at its end.
   */
  say(words, live = false) {
    const room = this.plot.w + this.plot.x
    if (this.said?.[0] === words && this.said[1] === live && this.said[2] === room) return
    this.said = [words, live, room]
    const {detail} = this
    detail.textContent = words
    detail.title = live ? "" : words
    if (live) return
    const tooWide = () => detail.scrollWidth > detail.clientWidth
    let rest = words
    while (tooWide() && rest.includes(NOTE)) {
      rest = rest.slice(0, rest.lastIndexOf(NOTE)) // what is said besides goes first
      detail.textContent = rest
    }
    for (let letters = rest.length - 1; letters > 4 && tooWide(); letters -= 1) {
      detail.textContent = shortenedTo(rest, letters)
    }
  }

  get ready() {
    return this.plot.w > 0
  }

  showEmpty(yes) {
    this.el.classList.toggle("is-empty", yes)
  }

  /** A blank canvas. */
  wipe() {
    this.ink.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }

  /** A blank canvas with the hairlines and labels of the time axis. */
  begin(tokens, window, lines) {
    const {ink, plot, scale} = this
    this.wipe()
    ink.font = `${11 * scale}px ${tokens.font}`
    ink.lineWidth = Math.max(1, Math.round(scale))
    ink.textBaseline = "alphabetic"
    ink.textAlign = "center"
    const start = window.first * window.width
    const room = ink.measureText(readable(start + window.length)).width + TICK_GAP * scale
    for (const tick of spaced(start, start + window.length, room * window.width)) {
      const x = plot.x + Math.round(window.place(tick)) + 0.5
      if (lines) this.line(tokens.grid, x, plot.y, x, plot.y + plot.h)
      const label = readable(tick, digitsOf(tick))
      const last = this.canvas.width - 2 * scale - ink.measureText(label).width / 2
      ink.fillStyle = tokens.quiet
      ink.fillText(label, Math.min(x, last), plot.y + plot.h + 15 * scale)
    }
  }

  line(colour, x0, y0, x1, y1, dash = []) {
    const {ink} = this
    ink.strokeStyle = colour
    ink.setLineDash(dash)
    ink.beginPath()
    ink.moveTo(x0, y0)
    ink.lineTo(x1, y1)
    ink.stroke()
    if (dash.length) ink.setLineDash([])
  }

  /** A label left of the plot, centred on `y`. */
  label(text, y, colour) {
    const {ink, plot, scale} = this
    ink.fillStyle = colour
    ink.textAlign = "right"
    ink.textBaseline = "middle"
    ink.fillText(text, plot.x - 6 * scale, y)
  }

  /** The moment under the pointer, as a hairline. */
  cursor(tokens, window, time) {
    const {plot} = this
    const x = plot.x + Math.round(window.place(time)) + 0.5
    if (x >= plot.x && x <= plot.x + plot.w) this.line(tokens.tertiary, x, plot.y, x, plot.y + plot.h)
  }

  /** Where the pointer is in device pixels of the plot, or null outside it. */
  locate(event) {
    const box = this.canvas.getBoundingClientRect()
    const x = (event.clientX - box.left) * this.scale - this.plot.x
    const y = (event.clientY - box.top) * this.scale - this.plot.y
    return x >= 0 && y >= 0 && x < this.plot.w && y < this.plot.h ? {x, y} : null
  }
}
