// Raster: one dot a spike.  Counts of every pixel are kept in a ring of columns, painted once into
// a second canvas of the same ring; a frame paints only its new columns and copies two pieces.
import {readable, TimeWindow} from "./axis.js"
import {packed} from "./tokens.js"
import {Tile} from "./tile.js"

const GAP = 6 // CSS pixels between populations
const DOT = 1 // CSS pixels, where many neurons share a row of pixels
const DOT_SPARSE = 2 // where few do
const SPARSE = 4 // neurons a row of pixels
const BAR_MOST = 12 // CSS pixels: a spike of one of a handful of neurons is a short bar
const LABEL_TALL = 12 // CSS pixels of a name beside a population
const DENSE = 0.4 // spikes a pixel from which shades, not dots, say how many there are
const FULL = 2.5 // times the mean: the count that has the full colour

export class Raster extends Tile {
  constructor(strings) {
    super("raster", strings)
    this.ring = document.createElement("canvas")
    this.ringInk = this.ring.getContext("2d", {willReadFrequently: false})
    this.groups = []
    this.clear(500)
  }

  /** What the server must know to reduce spikes to pixels. */
  get request() {
    return {columns: this.plot.w, rows: this.plot.h, gap: Math.round(GAP * this.scale)}
  }

  get isEmpty() {
    return this.window.stop === 0
  }

  clear(length) {
    const {w, h} = this.plot
    this.window = new TimeWindow(length, w || 1)
    this.counts = new Uint8Array(w * h)
    this.ring.width = Math.max(1, w)
    this.ring.height = Math.max(1, h)
    this.dirty = null
    this.levels = new Map() // population -> {mean: spikes a pixel, level: its step of shading}
  }

  /** Names, sizes and colours of the populations. */
  name(populations) {
    this.populations = new Map(populations.map(each => [each.id, each]))
    const total = populations.reduce((sum, each) => sum + each.size, 0)
    const key = total === 1 ? "live.raster.detail.one" : "live.raster.detail"
    this.detailText = this.strings[key].replace("{count}", readable(total))
    this.inks = null
  }

  recolour() {
    this.inks = null
    this.dirty = [this.window.first, this.window.stop]
  }

  apply(head, arrays) {
    const {columns, rows, first, stop, groups} = head
    if (columns !== this.plot.w || rows !== this.plot.h) return
    if (JSON.stringify(groups) !== JSON.stringify(this.groups)) {
      this.groups = groups
      this.inks = null
    }
    for (let column = first; column < stop; column += 1) {
      const place = (column % columns) * rows
      this.counts.fill(0, place, place + rows)
    }
    const strip = arrays["raster.strip"]
    if (strip) {
      for (let column = first; column < stop; column += 1) {
        const from = (column - first) * rows
        this.counts.set(strip.subarray(from, from + rows), (column % columns) * rows)
      }
    } else {
      const [x, y] = [arrays["raster.x"], arrays["raster.y"]]
      for (let k = 0; k < x.length; k += 1) {
        const place = ((first + x[k]) % columns) * rows + y[k]
        if (this.counts[place] < 255) this.counts[place] += 1
      }
    }
    this.window.stop = stop
    this.weigh(first, stop - 1)
    this.dirty = this.dirty ? [Math.min(this.dirty[0], first), stop] : [first, stop]
  }

  /** Follow how dense every population's spikes are; where that has changed much, shade all anew. */
  weigh(first, stop) {
    const {columns} = this.window
    if (stop <= first) return
    for (const [id, top, tall] of this.groups) {
      let sum = 0
      for (let column = first; column < stop; column += 1) {
        const place = (column % columns) * this.plot.h + top
        for (let row = place; row < place + tall; row += 1) sum += this.counts[row]
      }
      const now = sum / ((stop - first) * Math.max(1, tall))
      const known = this.levels.get(id) ?? {mean: now, level: 0}
      known.mean += Math.min(1, (4 * (stop - first)) / columns) * (now - known.mean)
      const exact = Math.max(0, 2 * Math.log2(known.mean / DENSE + 1e-9))
      if (Math.abs(exact - known.level) > 0.75) {
        known.level = Math.round(exact)
        this.recolour()
      }
      this.levels.set(id, known)
    }
  }

  draw(tokens, cursor) {
    const {ink, plot, window} = this
    this.begin(tokens, window, true)
    if (this.dirty) this.paint()
    const span = window.stop - window.first
    const from = window.first % window.columns
    const head = Math.min(span, window.columns - from)
    if (head > 0) ink.drawImage(this.ring, from, 0, head, plot.h, plot.x, plot.y, head, plot.h)
    if (span > head) ink.drawImage(this.ring, 0, 0, span - head, plot.h, plot.x + head, plot.y, span - head, plot.h)
    let free = -Infinity // above it stands another label
    for (const [id, top, tall] of this.groups) {
      const population = this.populations.get(id)
      const middle = plot.y + top + tall / 2
      if (!population || middle < free) continue
      this.label(population.short, middle, tokens.quiet)
      free = middle + LABEL_TALL * this.scale
    }
    if (cursor !== null) this.cursor(tokens, window, cursor)
  }

  /** Paint the dirty columns into the ring, and those to their left that dots reach into. */
  paint() {
    const {columns} = this.window
    this.inks ??= this.makeInks()
    const first = Math.max(this.window.first, this.dirty[0] - this.inks.widest + 1)
    const stop = this.dirty[1]
    this.dirty = null
    for (let start = first; start < stop; ) {
      const end = Math.min(stop, start - (start % columns) + columns)
      this.paintRun(start, end, stop)
      start = end
    }
  }

  paintRun(start, end, stop) {
    const {plot, counts, window, inks} = this
    const rows = plot.h
    const image = new ImageData(end - start, rows)
    const pixels = new Uint32Array(image.data.buffer)
    for (let column = start; column < end + inks.widest - 1 && column < stop; column += 1) {
      const place = (column % window.columns) * rows
      for (let row = 0; row < rows; row += 1) {
        const count = counts[place + row]
        if (count) this.dot(pixels, end - start, column - start, row, count)
      }
    }
    this.ringInk.putImageData(image, start % window.columns, 0)
  }

  /** A dot ends at its own column and is centred on its row. */
  dot(pixels, width, column, row, count) {
    const {inks} = this
    const ink = inks.shades[row][count]
    const top = Math.max(0, row - (inks.tall[row] >> 1))
    const bottom = Math.min(this.plot.h, top + inks.tall[row])
    for (let x = Math.max(0, column - inks.wide[row] + 1); x <= column && x < width; x += 1) {
      for (let y = top; y < bottom; y += 1) pixels[y * width + x] = ink
    }
  }

  /** Per pixel row: the colour of every number of spikes, and the size of a dot. */
  makeInks() {
    const rows = this.plot.h
    const pixels = css => Math.max(1, Math.round(css * this.scale))
    const inks = {shades: new Array(rows).fill(new Uint32Array(256)), wide: new Uint8Array(rows).fill(1),
      tall: new Uint8Array(rows).fill(1), widest: pixels(DOT_SPARSE)}
    for (const [id, top, tall] of this.groups) {
      const {colour, size} = this.populations.get(id) ?? {colour: "#8a94a6", size: 1}
      const wide = size > SPARSE * tall ? pixels(DOT) : pixels(DOT_SPARSE)
      const height = Math.max(wide, Math.min(pixels(BAR_MOST), Math.floor((0.7 * tall) / size)))
      inks.shades.fill(shadesOf(colour, this.levels.get(id)?.level ?? 0), top, top + tall)
      inks.wide.fill(wide, top, top + tall)
      inks.tall.fill(height, top, top + tall)
    }
    return inks
  }

  /** What is under the pointer, in words. */
  describe(at, time) {
    const when = `${readable(time, 1)} ms`
    const group = this.groups.find(([, top, tall]) => at.y >= top && at.y < top + tall)
    if (!group) return when
    const [id, top, tall] = group
    const population = this.populations.get(id)
    if (!population) return when
    const neuron = Math.min(population.size - 1, Math.floor(((at.y - top) / tall) * population.size))
    return `${when} · ${population.label} ${readable(neuron)}`
  }
}

/** The colour of 0 .. 255 spikes in a pixel: where most pixels have one, more of them are brighter. */
function shadesOf(colour, level) {
  const full = FULL * DENSE * 2 ** (level / 2)
  return Uint32Array.from({length: 256}, (_, count) => {
    const alpha = level === 0 ? (count > 1 ? 255 : 220) : Math.min(255, 60 + (195 * count) / full)
    return packed(colour, Math.round(alpha))
  })
}
