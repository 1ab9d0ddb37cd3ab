// Weights as shades: a matrix of sources by targets, or the receptive fields of targets as a wall.
import {decimals} from "./histogram.js"
import {readable} from "./axis.js"
import {packed} from "./tokens.js"

const FIELD_GAP = 2 // CSS pixels between receptive fields
const SCALE_WIDTH = 8 // CSS pixels of the colour scale
const EVEN = 4 // from this size of a pixel on all are of one size
const MIDDLE = 0.62 // where on the scale the colour of the source stands, between ground and text

/** The shades of a look as canvases that wait for colours: one of a matrix, one a field. */
export function pictureOf({head, arrays}) {
  const {shape} = head
  const [count, rows, columns] = shape.length === 3 ? shape : [1, ...shape]
  return {count, rows, columns, wall: shape.length === 3, shades: arrays.shades, drawn: null, colours: null}
}

/** Draw the picture of `tile` and its colour scale. */
export function pictures(tile, tokens) {
  const {picture} = tile
  if (!picture) return
  const colours = inks(tokens, tile.edge.colour)
  if (picture.drawn === null || picture.colours !== colours.key) paintPicture(picture, colours)
  const layout = picture.wall ? wallOf(tile) : {across: 1, w: tile.plot.w, h: tile.plot.h, gap: 0, x: 0, y: 0}
  picture.layout = layout
  tile.ink.imageSmoothingEnabled = false
  for (let k = 0; k < picture.count; k += 1) place(tile, layout, k)
  if (picture.wall) numbers(tile, tokens, layout)
  else ends(tile, tokens)
  colourScale(tile, tokens, colours)
}

function place({ink, plot, picture}, layout, k) {
  const {rows, columns} = picture
  const x = plot.x + layout.x + (k % layout.across) * (layout.w + layout.gap)
  const y = plot.y + layout.y + Math.floor(k / layout.across) * (layout.h + layout.gap)
  ink.drawImage(picture.drawn, 0, k * rows, columns, rows, x, y, layout.w, layout.h)
}

/** Columns of the wall and size of a field, so that fields are as large as they can be. */
function wallOf({plot, picture, scale}) {
  const gap = Math.round(FIELD_GAP * scale)
  let best = null
  for (let across = 1; across <= picture.count; across += 1) {
    const down = Math.ceil(picture.count / across)
    const zoom = Math.min((plot.w - gap * (across - 1)) / (across * picture.columns), (plot.h - gap * (down - 1)) / (down * picture.rows))
    if (zoom > (best?.zoom ?? 0)) best = {across, down, zoom}
  }
  best ??= {across: picture.count, down: 1, zoom: 1 / picture.columns}
  const whole = best.zoom >= EVEN ? Math.floor(best.zoom) : best.zoom
  const [w, h] = [picture.columns, picture.rows].map(side => Math.max(1, Math.round(side * whole)))
  const free = [plot.w - best.across * (w + gap) + gap, plot.h - best.down * (h + gap) + gap]
  return {across: best.across, w, h, gap, x: Math.max(0, Math.floor(free[0] / 2)), y: Math.max(0, Math.floor(free[1] / 2))}
}

function paintPicture(picture, colours) {
  const {count, rows, columns, shades} = picture
  picture.drawn = document.createElement("canvas")
  picture.drawn.width = columns
  picture.drawn.height = count * rows
  const image = new ImageData(columns, count * rows)
  const pixels = new Uint32Array(image.data.buffer)
  for (let k = 0; k < shades.length; k += 1) pixels[k] = colours.table[shades[k]]
  picture.drawn.getContext("2d").putImageData(image, 0, 0)
  picture.colours = colours.key
}

let mixed = {key: "", table: null, stops: []}

/** The colour of every shade: from the ground through the colour of the source to that of text. */
function inks(tokens, colour) {
  const key = `${tokens.grid}${colour}${tokens.text}`
  if (mixed.key === key) return mixed
  const stops = [[0, tokens.grid], [MIDDLE, colour], [1, tokens.text]]
  const table = new Uint32Array(256) // 0: no synapse
  for (let k = 1; k < 256; k += 1) table[k] = packed(between(stops, (k - 1) / 254), 255)
  mixed = {key, table, stops}
  return mixed
}

function between(stops, share) {
  const after = Math.max(1, stops.findIndex(([at]) => at >= share))
  const [[from, low], [to, high]] = [stops[after - 1], stops[after]]
  const part = (share - from) / (to - from)
  const channel = (text, at) => Number.parseInt(text.slice(at, at + 2), 16)
  const mix = [1, 3, 5].map(at => Math.round(channel(low, at) + part * (channel(high, at) - channel(low, at))))
  return `#${mix.map(value => value.toString(16).padStart(2, "0")).join("")}`
}

/** The scale at the right, with its ends and the unit. */
function colourScale(tile, tokens, colours) {
  const {ink, plot, scale, head, edge} = tile
  const [x, width] = [plot.x + plot.w + 8 * scale, SCALE_WIDTH * scale]
  const gradient = ink.createLinearGradient(0, plot.y + plot.h, 0, plot.y)
  for (const [at, colour] of colours.stops) gradient.addColorStop(at, colour)
  ink.fillStyle = gradient
  ink.fillRect(x, plot.y, width, plot.h)
  ink.fillStyle = tokens.quiet
  ink.textAlign = "left"
  const span = head.high - head.low
  const at = x + width + 4 * scale
  ink.textBaseline = "top"
  ink.fillText(decimals(head.high, span), at, plot.y)
  ink.fillText(edge.unit, at, plot.y + 14 * scale)
  ink.textBaseline = "bottom"
  ink.fillText(decimals(head.low, span), at, plot.y + plot.h)
}

/** First and last member along both sides of a matrix, and what they are. */
function ends(tile, tokens) {
  const {ink, plot, scale, edge} = tile
  tile.label("0", plot.y + 6 * scale, tokens.quiet)
  tile.label(readable(edge.sources - 1), plot.y + plot.h - 6 * scale, tokens.quiet)
  ink.save()
  ink.translate(plot.x - 12 * scale, plot.y + plot.h / 2)
  ink.rotate(-Math.PI / 2)
  ink.textAlign = "center"
  ink.textBaseline = "middle"
  ink.fillText(shortened(ink, edge.source, plot.h - 40 * scale), 0, 0)
  ink.restore()
  const y = plot.y + plot.h + 15 * scale
  ink.textBaseline = "alphabetic"
  ink.textAlign = "left"
  ink.fillText("0", plot.x, y)
  ink.textAlign = "right"
  if (edge.targets > 1) ink.fillText(readable(edge.targets - 1), plot.x + plot.w, y)
  ink.textAlign = "center"
  ink.fillText(shortened(ink, edge.target, plot.w - 60 * scale), plot.x + plot.w / 2, y)
}

/** Words cut at the end to so many pixels. */
export function shortened(ink, words, room) {
  let text = words
  while (text.length > 1 && ink.measureText(text).width > room) text = `${text.slice(0, -2)}…`
  return text
}

/** Which members a wall shows, below it. */
function numbers(tile, tokens, layout) {
  const {ink, plot, scale, edge, picture, strings} = tile
  ink.fillStyle = tokens.quiet
  ink.textAlign = "left"
  ink.textBaseline = "alphabetic"
  const key = picture.count < edge.targets ? "live.learning.first" : picture.count === 1 ? "live.learning.only" : "live.learning.all"
  const words = strings[key].replace("{target}", edge.target).replace("{count}", readable(picture.count))
  ink.fillText(shortened(ink, words, plot.w), plot.x, plot.y + plot.h + 15 * scale)
}

/** What is under the pointer: which members, and their mean weight. */
export function pictureWords(tile, at) {
  const {picture, edge, head} = tile
  const layout = picture?.layout
  if (!layout) return ""
  const [x, y] = [at.x - layout.x, at.y - layout.y]
  const [column, row] = [Math.floor(x / (layout.w + layout.gap)), Math.floor(y / (layout.h + layout.gap))]
  const k = row * layout.across + column
  const [inX, inY] = [x - column * (layout.w + layout.gap), y - row * (layout.h + layout.gap)]
  if (x < 0 || y < 0 || column >= layout.across || k >= picture.count || inX >= layout.w || inY >= layout.h) return ""
  const [px, py] = [Math.floor((inX / layout.w) * picture.columns), Math.floor((inY / layout.h) * picture.rows)]
  const shade = picture.shades[(k * picture.rows + py) * picture.columns + px]
  const span = head.high - head.low
  const weight = shade ? `${decimals(head.low + ((shade - 1) / 254) * span, span)} ${edge.unit}`.trim() : "–"
  if (picture.wall) return `${edge.target} ${readable(k)} · ${weight}`
  const [source, target] = [member(py, picture.rows, edge.sources), member(px, picture.columns, edge.targets)]
  return `${edge.source} ${source} · ${edge.target} ${target} · ${weight}`
}

/** The member, or members, of a row or column of pixels. */
function member(pixel, pixels, size) {
  const [first, last] = [Math.ceil((pixel * size) / pixels), Math.ceil(((pixel + 1) * size) / pixels) - 1]
  return last > first ? `${readable(first)}–${readable(last)}` : readable(first)
}
