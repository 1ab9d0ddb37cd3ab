// Membrane potential of a few neurons, one lane each: least and greatest value a column, the
// threshold as a dashed hairline, spikes drawn to the top of the lane.
import {digitsOf, readable, ticks, TimeWindow} from "./axis.js"
import {faded} from "./tokens.js"
import {Tile} from "./tile.js"

const SPIKE_ROOM = 0.28 // share of a lane above the range of the potential
const SHADES = [1, 0.8, 0.6]
const TALL = 110 // CSS pixels of a lane that has room for an axis of its own

export class Traces extends Tile {
  constructor(strings) {
    super("traces", strings)
    this.clear(500)
  }

  get request() {
    return {columns: this.plot.w}
  }

  get isEmpty() {
    return this.count === 0
  }

  clear(length) {
    this.window = new TimeWindow(length, this.plot.w || 1)
    this.count = 0
    this.range = null
  }

  name(traced) {
    this.traced = traced
    const members = traced && traced.count === 1 ? "0" : `0–${(traced?.count ?? 1) - 1}`
    this.detailText = traced ? `${traced.label} ${members}` : ""
    this.unit.textContent = traced?.unit ?? ""
  }

  apply(head, arrays) {
    const {columns, first, stop, count} = head
    if (columns !== this.plot.w) return
    if (count !== this.count) this.allocate(count)
    const [low, high, spike] = ["low", "high", "spike"].map(name => arrays[`traces.${name}`])
    for (let column = first; column < stop; column += 1) {
      const [to, from] = [(column % columns) * count, (column - first) * count]
      for (let k = 0; k < count; k += 1) {
        this.low[to + k] = low[from + k]
        this.high[to + k] = high[from + k]
        this.spike[to + k] = spike[from + k]
      }
    }
    this.window.stop = stop
    this.measure()
  }

  allocate(count) {
    this.count = count
    this.low = new Float32Array(this.plot.w * count).fill(Number.NaN)
    this.high = this.low.slice()
    this.spike = new Uint8Array(this.low.length)
    this.range = null
  }

  /** The range of values shown.  It grows at once and shrinks only when half of it is unused. */
  measure() {
    let [least, most] = [Infinity, -Infinity]
    const {window, count} = this
    for (let column = window.first; column < window.stop; column += 1) {
      for (let k = (column % window.columns) * count, end = k + count; k < end; k += 1) {
        if (this.low[k] < least) least = this.low[k]
        if (this.high[k] > most) most = this.high[k]
      }
    }
    if (!(most >= least)) return
    const threshold = this.traced?.threshold
    if (Number.isFinite(threshold) && this.traced.bars) [least, most] = [Math.min(least, threshold), Math.max(most, threshold)]
    const pad = 0.06 * Math.max(most - least, 1e-3)
    const wanted = [least - pad, most + pad]
    const old = this.range
    const outside = old && (least < old[0] || most > old[1])
    const loose = old && wanted[1] - wanted[0] < 0.5 * (old[1] - old[0])
    if (!old || outside || loose) this.range = wanted
  }

  draw(tokens, cursor) {
    this.begin(tokens, this.window, false)
    if (!this.count || !this.range) return
    const {plot, count} = this
    const lane = plot.h / count
    const bars = this.traced?.bars
    for (let k = 0; k < count; k += 1) {
      const bottom = plot.y + (k + 1) * lane - 0.04 * lane
      const top = plot.y + k * lane + (bars ? SPIKE_ROOM : 0.08) * lane
      this.drawLane(tokens, k, plot.y + k * lane + 0.06 * lane, top, bottom)
    }
    if (cursor !== null) this.cursor(tokens, this.window, cursor)
  }

  drawLane(tokens, k, ceiling, top, bottom) {
    const [least, most] = this.range
    const toY = value => bottom - ((value - least) / (most - least)) * (bottom - top)
    const {scale, ink} = this
    this.marks(tokens, toY, bottom - top)
    ink.strokeStyle = faded(this.traced?.colour ?? "#8a94a6", SHADES[k % SHADES.length])
    ink.lineWidth = 1.2 * scale
    ink.lineJoin = "round"
    ink.beginPath()
    this.pathOf(k, toY)
    ink.stroke()
    if (this.traced?.bars) this.drawSpikes(k, toY, ceiling)
    ink.lineWidth = Math.max(1, Math.round(scale))
  }

  /** The threshold as a dashed hairline; its value, or in a tall lane two or three round values. */
  marks(tokens, toY, height) {
    const [least, most] = this.range
    const {plot, scale} = this
    const threshold = this.traced?.threshold
    const marked = Number.isFinite(threshold) && threshold >= least && threshold <= most
    const place = value => Math.round(toY(value)) + 0.5
    const across = (y, colour, dash) => this.line(colour, plot.x, y, plot.x + plot.w, y, dash)
    const tall = height > TALL * scale
    const labelled = tall || !marked ? ticks(least, most, tall ? 3 : 2) : [threshold]
    for (const value of labelled) {
      if (tall || !marked) across(place(value), tokens.grid, [])
      this.label(readable(value, digitsOf(value)), place(value), tokens.quiet)
    }
    if (marked) across(place(threshold), tokens.line, [3 * scale, 3 * scale])
  }

  /** Through both values of every column, nearest first. */
  pathOf(k, toY) {
    const {window, plot, count, ink} = this
    let last = Number.NaN
    for (let column = window.first; column < window.stop; column += 1) {
      const place = (column % window.columns) * count + k
      if (Number.isNaN(this.low[place])) continue
      const x = plot.x + column - window.first + 0.5
      let [near, far] = [toY(this.low[place]), toY(this.high[place])]
      if (Number.isNaN(last)) ink.moveTo(x, near)
      if (Math.abs(far - last) < Math.abs(near - last)) [near, far] = [far, near]
      ink.lineTo(x, near)
      if (Math.abs(far - near) > 0.5) ink.lineTo(x, far)
      last = far
    }
  }

  drawSpikes(k, toY, ceiling) {
    const {window, plot, count, ink} = this
    ink.beginPath()
    for (let column = window.first; column < window.stop; column += 1) {
      const place = (column % window.columns) * count + k
      if (!this.spike[place]) continue
      const x = plot.x + column - window.first + 0.5
      ink.moveTo(x, toY(Number.isNaN(this.high[place]) ? this.range[1] : this.high[place]))
      ink.lineTo(x, ceiling)
    }
    ink.stroke()
  }

  describe(at, time) {
    const when = `${readable(time, 1)} ms`
    if (!this.count) return when
    const k = Math.min(this.count - 1, Math.floor((at.y / this.plot.h) * this.count))
    const value = this.high[((Math.floor(at.x) + this.window.first) % this.window.columns) * this.count + k]
    const shown = Number.isNaN(value) ? "" : ` · ${readable(value, 1)} ${this.traced?.unit ?? ""}`
    return `${when} · ${this.traced?.label ?? ""} ${k}${shown}`
  }
}
