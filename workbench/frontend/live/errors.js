// How far a population was from its teacher, over the whole run: one dot a window.
import {digitsOf, readable, spaced, ticks} from "./axis.js"
import {shortened} from "./pictures.js"

const ERROR_LABEL_GAP = 18 // CSS pixels at least between labels of time
const ERROR_DOT = 2 // CSS pixels, radius
const ROOMY = 6 // CSS pixels between two dots from which on they are drawn
const CAPTION_LINE = 14 // CSS pixels of a line of words
const LEAST_ERROR = 0.3 // the top of the axis at least

/** Draw the errors of `tile` over simulated time. */
export function errors(tile, tokens) {
  const {plot, scale, head, arrays, edge} = tile
  const {error} = arrays
  const last = error.length * head.every
  const top = topOfErrors(error)
  const toX = place => plot.x + ((place + 0.5) / Math.max(1, error.length)) * plot.w
  const lines = errorMeaning(tile)
  const toY = value => plot.y + plot.h - (value / top) * (plot.h - (CAPTION_LINE * lines.length + 6) * scale)
  for (const tick of ticks(0, top, 4)) {
    const y = Math.round(toY(tick)) - 0.5
    tile.line(tick === 0 ? tokens.line : tokens.grid, plot.x, y, plot.x + plot.w, y)
    tile.label(readable(tick, digitsOf(tick)), y, tokens.quiet)
  }
  if (last) runTimes(tile, tokens, last)
  errorLine(tile, edge.colour, toX, toY)
  errorCaption(tile, tokens, lines)
}

function topOfErrors(error) {
  let most = LEAST_ERROR
  for (const value of error) if (value > most) most = value
  return most * 1.02
}

/** The axis of the whole run, in ms or s. */
function runTimes(tile, tokens, last) {
  const {ink, plot, scale} = tile
  const [factor, unit] = last < 10000 ? [1, "ms"] : [1000, "s"]
  ink.fillStyle = tokens.quiet
  ink.textAlign = "center"
  ink.textBaseline = "alphabetic"
  const room = ink.measureText(`${readable(last / factor)}\u2009${unit}`).width + ERROR_LABEL_GAP * scale
  const marks = spaced(0, last / factor, (Math.max(room, 40 * scale) / plot.w) * (last / factor))
  marks.forEach((mark, k) => {
    const label = readable(mark, digitsOf(mark)) + (k === marks.length - 1 ? `\u2009${unit}` : "")
    const right = tile.canvas.width - 2 * scale - ink.measureText(label).width / 2
    ink.fillText(label, Math.min(plot.x + (mark * factor * plot.w) / last, right), plot.y + plot.h + 15 * scale)
  })
}

/** Through all windows in which something was taught. */
function errorLine({ink, arrays, plot, scale}, colour, toX, toY) {
  const {error} = arrays
  ink.strokeStyle = ink.fillStyle = colour
  ink.lineWidth = 1.4 * scale
  ink.lineJoin = "round"
  ink.beginPath()
  error.forEach((value, place) => Number.isNaN(value) || ink.lineTo(toX(place), toY(value)))
  ink.stroke()
  ink.lineWidth = Math.max(1, Math.round(scale))
  if (plot.w / error.length < ROOMY * scale) return
  error.forEach((value, place) => {
    if (Number.isNaN(value)) return
    ink.beginPath()
    ink.arc(toX(place), toY(value), ERROR_DOT * scale, 0, 2 * Math.PI)
    ink.fill()
  })
}

/** What the axis is, in lines: which distance, from whom, in how long. */
function errorMeaning({ink, plot, head, edge, strings, arrays}) {
  const say = (key, values = {}) => Object.entries(values)
    .reduce((words, [name, value]) => words.replace(`{${name}}`, value), strings[`live.learning.errors.${key}`])
  if (!head.heard) return [say("unseen")]
  if (arrays.error.every(value => Number.isNaN(value))) return [say("untaught")]
  const from = shortened(ink, say("distance", {teacher: edge.teacher}), plot.w)
  const measure = [say("measure", {tau: readable(head.tau)}), say("per", {window: readable(head.window)})]
  const both = measure.join(", ")
  return ink.measureText(both).width <= plot.w ? [from, both] : [from, ...measure]
}

function errorCaption({ink, plot, scale}, tokens, lines) {
  ink.fillStyle = tokens.quiet
  ink.textAlign = "right"
  ink.textBaseline = "top"
  lines.forEach((words, k) => ink.fillText(words, plot.x + plot.w, plot.y + CAPTION_LINE * k * scale))
}

/** The window under the pointer and its error. */
export function errorWords({arrays, head, plot, strings}, at) {
  const {error} = arrays
  const place = Math.min(error.length - 1, Math.floor((at.x / plot.w) * error.length))
  if (place < 0) return ""
  const [from, to] = [place * head.every, (place + 1) * head.every].map(each => readable(each / 1000, 1))
  const value = Number.isNaN(error[place]) ? strings["live.learning.errors.silent"] : readable(error[place], 2)
  return `${from}–${to} s · ${value}`
}
