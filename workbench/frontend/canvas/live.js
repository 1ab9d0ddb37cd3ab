// The live line and the rate in every node.  The tiles dispatch "workbench:frame" on the window for
// each frame, detail = {nodes: {id: {line, min, max, kind, rate}}, time, state}; drawing goes straight
// to the small canvases, never through React or Python, and at most BUDGET ms of it in one go.

export const WIDTH = 160
export const HEIGHT = 36
const SCALE = 2 // pixels of the drawing a CSS pixel: sharp on dense screens and zoomed in
const BUDGET = 6
const WORDS_EVERY = 250 // ms between changes of a rate in words: faster than that nobody reads

/** "5.6 Hz", "20 000 Hz"; nothing where no rate is known. */
function rateText(rate) {
  if (rate === null || !Number.isFinite(rate)) return ""
  if (rate < 1000) return `${rate.toFixed(1)} Hz`
  return `${Math.round(rate).toString().replace(/\B(?=(\d{3})+$)/g, "\u2009")} Hz`
}

export class LiveLines {
  constructor() {
    this.mounted = new Map() // id -> {canvas, rate, colour}
    this.latest = new Map() // id -> newest line
    this.dirty = new Set()
    this.scheduled = 0
    this.paused = false // nodes are too small to show a line
    this.running = false // the network
  }

  /** While nodes are too small to show a line none is drawn. */
  pause(paused) {
    if (this.paused === paused) return
    this.paused = paused
    for (const id of this.mounted.keys()) this.touch(id)
  }

  listen() {
    window.addEventListener("workbench:frame", this.take)
    return () => {
      window.removeEventListener("workbench:frame", this.take)
      cancelAnimationFrame(this.scheduled)
      this.scheduled = 0
    }
  }

  take = event => {
    const {nodes = {}, state} = event.detail ?? {}
    const none = Object.keys(nodes).length === 0
    if (none || state === "ready" || state === "empty") this.reset(nodes)
    this.running = state === "running"
    for (const [id, line] of Object.entries(nodes)) {
      this.latest.set(id, line)
      if (!this.paused && this.mounted.has(id)) this.dirty.add(id)
    }
    // The event comes while the page is being drawn: waiting for the next time would double the
    // pictures that the browser puts together.
    if (this.dirty.size && !this.scheduled) this.flush()
  }

  /** After Reset, or where no network could be built, nothing of the run before remains. */
  reset(nodes) {
    for (const id of this.latest.keys()) {
      if (!(id in nodes)) this.touch(id)
    }
    this.latest.clear()
  }

  mount(id, parts) {
    this.mounted.set(id, parts)
    this.touch(id)
    return () => {
      if (this.mounted.get(id) === parts) this.mounted.delete(id)
    }
  }

  touch(id) {
    if (this.paused || !this.mounted.has(id)) return
    this.dirty.add(id)
    if (!this.scheduled) this.scheduled = requestAnimationFrame(this.flush)
  }

  flush = () => {
    this.scheduled = 0
    const start = performance.now()
    for (const id of this.dirty) {
      this.dirty.delete(id)
      const parts = this.mounted.get(id)
      if (parts) drawNode(parts, this.latest.get(id), this.running ? start : Infinity)
      if (performance.now() - start > BUDGET) break
    }
    if (this.dirty.size) this.scheduled = requestAnimationFrame(this.flush)
  }
}

function drawNode(parts, line, now) {
  const {canvas, colour} = parts
  say(parts, line ? rateText(line.rate) : "", now)
  canvas.parentElement.classList.toggle("quiet", !line)
  if (canvas.width !== WIDTH * SCALE) {
    canvas.width = WIDTH * SCALE
    canvas.height = HEIGHT * SCALE
  }
  const ink = canvas.getContext("2d")
  ink.setTransform(SCALE, 0, 0, SCALE, 0, 0)
  ink.clearRect(0, 0, WIDTH, HEIGHT)
  if (!line || line.line.length === 0) return
  if (line.kind === "spikes") drawSpikes(ink, line, colour)
  else drawTrace(ink, line, colour)
}

/** The rate in words; what appears or goes does so at once. */
function say(parts, text, now) {
  const {rate, spokenAt = -WORDS_EVERY} = parts
  const shown = rate.textContent
  if (shown === text || (shown && text && now - spokenAt < WORDS_EVERY)) return
  parts.spokenAt = now
  rate.textContent = text
}

function drawTrace(ink, {line, min, max}, colour) {
  const span = max - min || 1
  const step = line.length > 1 ? WIDTH / (line.length - 1) : WIDTH
  ink.strokeStyle = colour
  ink.lineWidth = 1.4
  ink.lineJoin = "round"
  ink.beginPath()
  for (let i = 0; i < line.length; i += 1) {
    const share = Math.min(1, Math.max(0, (line[i] - min) / span))
    if (Number.isNaN(share)) continue // nothing recorded there yet
    ink.lineTo(i * step, HEIGHT - 2 - share * (HEIGHT - 4))
  }
  ink.stroke()
}

/** Spikes a bin as hairlines whose height says how many: from none, or, where no bin is empty, from
 * the fewest, so that the ups and downs of a large source show. */
function drawSpikes(ink, {line, max}, colour) {
  const step = WIDTH / line.length
  const fewest = line.reduce((least, value) => (value < least ? value : least), max)
  const low = fewest >= 1 ? fewest : 0
  const span = Math.max(1, max - low)
  ink.fillStyle = colour
  for (let i = 0; i < line.length; i += 1) {
    if (!(line[i] > 0)) continue
    const height = 4 + Math.min(1, (line[i] - low) / span) * (HEIGHT - 8)
    ink.fillRect(i * step, (HEIGHT - height) / 2, Math.min(1.2, step * 0.75), height)
  }
}
