// How weights are distributed: bars for now, a line for the start, the bounds of the rule.
import {digitsOf, niceStep, readable, spaced, ticks} from "./axis.js"
import {faded} from "./tokens.js"

const BAR_LABEL_GAP = 18 // CSS pixels at least between labels of weights
const LEGEND = 14 // CSS pixels of the lines in the legend

/** Draw the histogram of `tile`: % of the synapses over the weight in its unit. */
export function histogram(tile, tokens) {
  const {plot, scale, head, arrays, edge} = tile
  const {now, start} = arrays
  const top = topOf(Math.max(...now, ...start))
  const toX = weight => plot.x + ((weight - head.low) / (head.high - head.low)) * plot.w
  const toY = share => plot.y + plot.h - (share / top) * (plot.h - 8 * scale)
  for (const tick of ticks(0, top, 4)) {
    const y = Math.round(toY(tick)) - 0.5
    tile.line(tick === 0 ? tokens.line : tokens.grid, plot.x, y, plot.x + plot.w, y)
    tile.label(`${readable(tick, digitsOf(tick))}${tick === 0 ? "" : "\u2009%"}`, y, tokens.quiet)
  }
  boundsOf(tile, tokens, toX)
  bars(tile, now, toX, toY, faded(edge.colour, 0.75))
  outline(tile, start, toX, toY, tokens.secondary)
  weights(tile, tokens, toX, edge.unit)
  legend(tile, tokens)
}

/** A round top that does not move with every little change. */
function topOf(most) {
  const step = niceStep(Math.max(most, 1) / 4)
  return Math.ceil((Math.max(most, 1) * 1.02) / step) * step
}

function bars(tile, shares, toX, toY, colour) {
  const {ink, head} = tile
  const width = (head.high - head.low) / shares.length
  ink.fillStyle = colour
  shares.forEach((share, k) => {
    if (!share) return
    const [from, to] = [Math.round(toX(head.low + k * width)), Math.round(toX(head.low + (k + 1) * width))]
    ink.fillRect(from, toY(share), Math.max(1, to - from - 1), toY(0) - toY(share))
  })
}

function outline(tile, shares, toX, toY, colour) {
  const {ink, head, scale} = tile
  const width = (head.high - head.low) / shares.length
  ink.strokeStyle = colour
  ink.lineWidth = 1.2 * scale
  ink.beginPath()
  ink.moveTo(toX(head.low), toY(0))
  shares.forEach((share, k) => {
    ink.lineTo(toX(head.low + k * width), toY(share))
    ink.lineTo(toX(head.low + (k + 1) * width), toY(share))
  })
  ink.lineTo(toX(head.high), toY(0))
  ink.stroke()
  ink.lineWidth = Math.max(1, Math.round(scale))
}

/** The bounds between which the rule keeps weights, where they are in sight. */
function boundsOf(tile, tokens, toX) {
  const {plot, head, scale} = tile
  for (const bound of head.bounds ?? []) {
    if (bound < head.low || bound > head.high) continue
    const x = Math.round(toX(bound)) + 0.5
    tile.line(tokens.line, x, plot.y, x, plot.y + plot.h, [3 * scale, 3 * scale])
  }
}

/** The axis of weights; its unit stands with the last label. */
function weights(tile, tokens, toX, unit) {
  const {ink, plot, head, scale} = tile
  ink.textAlign = "center"
  ink.textBaseline = "alphabetic"
  ink.fillStyle = tokens.quiet
  const span = head.high - head.low
  const room = ink.measureText(decimals(head.high, span)).width + BAR_LABEL_GAP * scale
  const marks = spaced(head.low, head.high, (Math.max(room, 40 * scale) / plot.w) * span)
  marks.forEach((mark, k) => {
    const label = decimals(mark, span) + (k === marks.length - 1 && unit ? `\u2009${unit}` : "")
    const last = tile.canvas.width - 2 * scale - ink.measureText(label).width / 2
    ink.fillText(label, Math.min(toX(mark), last), plot.y + plot.h + 15 * scale)
  })
}

/** A weight with the digits that a range of `span` needs. */
export function decimals(value, span) {
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(span || 1))))
  return readable(value, Math.min(digits, Math.max(digitsOf(value), 0)) || 0)
}

function legend(tile, tokens) {
  const {ink, plot, scale, edge, strings} = tile
  const [y, length] = [plot.y + 8 * scale, LEGEND * scale]
  ink.textBaseline = "middle"
  ink.textAlign = "right"
  let x = plot.x + plot.w
  for (const [key, colour, tall] of [["start", tokens.secondary, 1.2], ["now", faded(edge.colour, 0.75), 8]]) {
    const words = strings[`live.learning.${key}`]
    ink.fillStyle = tokens.quiet
    ink.fillText(words, x, y)
    x -= ink.measureText(words).width + 5 * scale + length
    ink.fillStyle = colour
    ink.fillRect(x, y - (tall * scale) / 2, length, tall * scale)
    x -= 12 * scale
  }
}

/** What is under the pointer. */
export function histogramWords(tile, at) {
  const {head, arrays, edge, plot, strings} = tile
  const span = head.high - head.low
  const k = Math.min(arrays.now.length - 1, Math.floor((at.x / plot.w) * arrays.now.length))
  const [from, to] = [k, k + 1].map(each => decimals(head.low + (each * span) / arrays.now.length, span))
  return strings["live.learning.bin"].replace("{from}", from).replace("{to}", to).replace("{unit}", edge.unit)
    .replace("{now}", readable(arrays.now[k], 1)).replace("{start}", readable(arrays.start[k], 1))
}
