// The window of a rule: what a pair of spikes changes over its lag, with the pairs that occurred.
import {digitsOf, readable, spaced, ticks} from "./axis.js"
import {decimals} from "./histogram.js"
import {faded} from "./tokens.js"

const WINDOW_LABEL_GAP = 18 // CSS pixels at least between labels of lags
const PAIR = 2.6 // CSS pixels, radius of a dot
const CAPTION = 14 // CSS pixels of a line of words
const UNCHANGED = 1e-12
const RAISED = {"-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3", 4: "\u2074", 5: "\u2075", 6: "\u2076", 7: "\u2077", 8: "\u2078", 9: "\u2079"}

/** Draw the window of the rule of `tile` and a dot on it for each pair. */
export function ruleWindow(tile, tokens) {
  const {plot, scale, head, arrays, edge, strings} = tile
  const most = Math.max(UNCHANGED, ...arrays.change.map(Math.abs))
  const reach = arrays.lag[arrays.lag.length - 1]
  const toX = lag => plot.x + (0.5 + (0.5 * lag) / reach) * plot.w
  const toY = change => plot.y + plot.h / 2 - (change / most) * (plot.h / 2 - 12 * scale)
  const power = most < 0.01 || most >= 1000 ? 3 * Math.floor(Math.log10(most) / 3) : 0
  changes(tile, tokens, change => toY(change * 10 ** power), most / 10 ** power)
  lags(tile, tokens, toX, reach)
  curve(tile, tokens, toX, toY)
  dots(tile, faded(edge.colour, 0.6), toX, toY)
  const unit = head.marks ? [strings["live.learning.mark"], tenTo(power)] : ["\u0394w", tenTo(power), edge.unit]
  if (head.chance) unit.unshift(strings["live.learning.mean"])
  caption(tile, tokens, unit.filter(Boolean).join(" "), "left", plot.x + 4 * scale, plot.y)
  const key = head.heard ? "live.learning.pairs" : "live.learning.unheard"
  caption(tile, tokens, strings[key].replace("{synapses}", readable(head.synapses)), "right", plot.x + plot.w, plot.y + plot.h - CAPTION * scale)
}

/** A power of ten as it is written; nothing for none. */
function tenTo(power) {
  return power === 0 ? "" : `\u00b7 10${[...String(power)].map(each => RAISED[each]).join("")}`
}

function caption({ink}, tokens, text, side, x, y) {
  ink.fillStyle = tokens.quiet
  ink.textAlign = side
  ink.textBaseline = "top"
  ink.fillText(text, x, y)
}

function changes(tile, tokens, toY, most) {
  const {plot} = tile
  for (const tick of ticks(-most, most, 5)) {
    const y = Math.round(toY(tick)) - 0.5
    tile.line(tick === 0 ? tokens.line : tokens.grid, plot.x, y, plot.x + plot.w, y)
    tile.label(tick === 0 ? "0" : decimals(tick, most), y, tokens.quiet)
  }
}

function lags(tile, tokens, toX, reach) {
  const {ink, plot, scale} = tile
  ink.textBaseline = "alphabetic"
  const room = ink.measureText(readable(-reach)).width + WINDOW_LABEL_GAP * scale
  const marks = spaced(-reach, reach, (Math.max(room, 40 * scale) / plot.w) * 2 * reach)
  marks.forEach((mark, k) => {
    const x = Math.round(toX(mark)) + 0.5
    if (mark === 0) tile.line(tokens.line, x, plot.y, x, plot.y + plot.h)
    const label = readable(mark, digitsOf(mark)) + (k === marks.length - 1 ? "\u2009ms" : "")
    const last = tile.canvas.width - 2 * scale - ink.measureText(label).width / 2
    ink.fillStyle = tokens.quiet
    ink.textAlign = "center"
    ink.textBaseline = "alphabetic"
    ink.fillText(label, Math.min(x, last), plot.y + plot.h + 15 * scale)
  })
}

/** The window in pieces: it leaps where both spikes come at once. */
function curve({ink, arrays, scale}, tokens, toX, toY) {
  ink.strokeStyle = tokens.secondary
  ink.lineWidth = 1.4 * scale
  ink.lineJoin = "round"
  ink.beginPath()
  arrays.lag.forEach((lag, k) => {
    const leaps = k > 0 && arrays.lag[k - 1] <= 0 && lag >= 0
    if (leaps) ink.moveTo(toX(lag), toY(arrays.change[k]))
    else ink.lineTo(toX(lag), toY(arrays.change[k]))
  })
  ink.stroke()
  ink.lineWidth = Math.max(1, Math.round(scale))
}

function dots({ink, arrays, scale}, colour, toX, toY) {
  ink.fillStyle = colour
  arrays["pair.lag"].forEach((lag, k) => {
    ink.beginPath()
    ink.arc(toX(lag), toY(arrays["pair.change"][k]), PAIR * scale, 0, 2 * Math.PI)
    ink.fill()
  })
}

/** The lag under the pointer and the change that it makes. */
export function ruleWords({arrays, head, plot, edge}, at) {
  const k = Math.min(arrays.lag.length - 1, Math.max(0, Math.round((at.x / plot.w) * (arrays.lag.length - 1))))
  const change = arrays.change[k]
  const shown = decimals(change, Math.max(UNCHANGED, Math.abs(change)))
  return `${readable(arrays.lag[k], 1)} ms · ${shown}${head.marks ? "" : ` ${edge.unit}`}`
}
