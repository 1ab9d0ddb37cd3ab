// Firing rate of every population over time.
import {digitsOf, niceStep, readable, ticks, TimeWindow} from "./axis.js"
import {Tile} from "./tile.js"

const LEAST_TOP = 2 // Hz, so that silence is a flat line at the bottom

export class Rates extends Tile {
  constructor(strings) {
    super("rates", strings)
    this.unit.textContent = strings["live.rates.unit"]
    this.clear(500)
  }

  get request() {
    return {columns: Math.max(1, Math.round(this.plot.w / this.scale))}
  }

  get isEmpty() {
    return this.points === null
  }

  clear(length) {
    this.window = new TimeWindow(length, this.plot.w || 1)
    this.points = null
    this.top = LEAST_TOP
  }

  name(populations) {
    this.populations = populations
    this.detailText = ""
  }

  apply(head, arrays, time) {
    const {first, stop, interval, count} = head
    if (!this.points || this.points.interval !== interval || this.points.count !== count) this.allocate(interval, count)
    const {points} = this
    const values = arrays["rates.hz"]
    for (let point = first; point < stop; point += 1) {
      for (let k = 0; k < count; k += 1) points.hz[(point % points.size) * count + k] = values[(point - first) * count + k]
    }
    points.stop = stop
    points.first = Math.max(points.first, stop - points.size, 0)
    this.window.stop = Math.floor(time / this.window.width + 1e-9) + 1
    this.measure()
  }

  allocate(interval, count) {
    const size = Math.ceil(this.window.length / interval) + 2
    this.points = {interval, count, size, first: 0, stop: 0, hz: new Float32Array(size * count)}
  }

  measure() {
    const {points} = this
    let most = 0
    for (let point = points.first; point < points.stop; point += 1) {
      for (let k = 0; k < points.count; k += 1) most = Math.max(most, points.hz[(point % points.size) * points.count + k])
    }
    const step = niceStep(Math.max(most, LEAST_TOP) / 4)
    const wanted = Math.ceil((Math.max(most, LEAST_TOP) * 1.02) / step) * step
    if (most > this.top || wanted < 0.6 * this.top) this.top = wanted
  }

  draw(tokens, cursor) {
    const {ink, plot, points, window, scale} = this
    this.begin(tokens, window, false)
    const toY = hz => plot.y + plot.h - (hz / this.top) * (plot.h - 6 * scale)
    for (const tick of ticks(0, this.top, 4)) {
      const y = Math.round(toY(tick)) - 0.5
      this.line(tick === 0 ? tokens.line : tokens.grid, plot.x, y, plot.x + plot.w, y)
      this.label(readable(tick, digitsOf(tick)), y, tokens.quiet)
    }
    if (!points) return
    ink.save()
    ink.beginPath()
    ink.rect(plot.x, 0, plot.w, this.canvas.height)
    ink.clip()
    ink.lineWidth = 1.4 * scale
    ink.lineJoin = "round"
    for (let k = 0; k < points.count; k += 1) this.drawRate(k, toY)
    ink.restore()
    if (cursor !== null) this.cursor(tokens, window, cursor)
  }

  drawRate(k, toY) {
    const {ink, plot, points, window} = this
    ink.strokeStyle = this.populations[k]?.colour ?? "#8a94a6"
    ink.beginPath()
    for (let point = points.first; point < points.stop; point += 1) {
      const x = plot.x + window.place((point + 0.5) * points.interval)
      ink.lineTo(x, toY(points.hz[(point % points.size) * points.count + k]))
    }
    ink.stroke()
  }

  describe(at, time) {
    const {points} = this
    const when = `${readable(time, 1)} ms`
    const point = points ? Math.floor(time / points.interval) : -1
    if (!points || point < points.first || point >= points.stop) return when
    const values = this.populations.slice(0, points.count)
      .map((each, k) => `${each.short} ${readable(points.hz[(point % points.size) * points.count + k], 1)}`)
    return `${when} · ${values.slice(0, 4).join(" · ")} Hz`
  }
}
