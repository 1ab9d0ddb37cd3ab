// The board of tiles: takes frames, draws them when the browser paints, then says so.  Knows no
// framework: `createBoard` is given a place to stand, strings and a function that sends messages.
import {readable} from "./axis.js"
import {Learning} from "./learning.js"
import {ActivityMap} from "./map.js"
import {TileMenu} from "./menu.js"
import {NodeLines} from "./nodes.js"
import {Raster} from "./raster.js"
import {Rates} from "./rates.js"
import {arrange} from "./arrange.js"
import {onTheme, readTokens} from "./tokens.js"
import {make} from "./tile.js"
import {Traces} from "./traces.js"

const WINDOWS = [100, 200, 500, 1000, 2000, 5000] // ms
const HIDDEN_PAUSE = 500 // ms between frames while nobody sees the page
const SPEAK_EVERY = 1000 // ms between changes of the text for screen readers
const TYPES = {float32: Float32Array, uint16: Uint16Array, uint8: Uint8Array}

/** The arrays of a frame as views of its body. */
function unpack(table, body) {
  const arrays = {}
  for (const [name, [type, offset, length]] of Object.entries(table)) arrays[name] = new TYPES[type](body, offset, length)
  return arrays
}

class Board {
  constructor(el, strings, send) {
    this.strings = strings
    this.send = send
    this.raster = new Raster(strings)
    this.traces = new Traces(strings)
    this.rates = new Rates(strings)
    this.learning = new Learning(strings, () => this.askLearning(), (edge, amount) => send({reward: {edge, amount}}))
    this.map = new ActivityMap(strings)
    this.tiles = [this.raster, this.traces, this.rates, this.learning, this.map]
    this.timed = [this.raster, this.traces, this.rates] // that are asked for at once, over one window
    this.nodes = new NodeLines()
    this.layout = {populations: [], nodes: [], traced: null}
    this.epoch = null
    this.windowLength = 500
    this.view = 0 // number of the size and window that frames must have been made for
    this.pointer = null
    this.pending = null
    this.scheduled = 0
    this.spokenAt = 0
    this.begun = false // whether there is anything to draw
    this.menu = new TileMenu(strings, tiles => send({tiles}))
    this.el = make("div", {class: "board"}, ...this.tiles.map(tile => tile.el), this.menu.el)
    this.picker = this.makePicker()
    el.append(this.el)
    this.name()
    this.undo = [onTheme(() => this.retheme()), this.watchSize(), this.watchPointer()]
    this.arranged = arrange(this.el, strings, tiles => send({tiles}))
    this.showTiles({there: ["raster", "traces", "rates"], open: ["raster", "traces", "rates"]})
    this.retheme()
  }

  makePicker() {
    const label = ms => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)
    const picker = make("select", {class: "window", "aria-label": this.strings["live.window"], title: this.strings["live.window"]},
      ...WINDOWS.map(ms => make("option", {value: ms}, this.strings["live.last"].replace("{window}", label(ms)))))
    picker.value = String(this.windowLength)
    picker.addEventListener("change", () => {
      this.windowLength = Number(picker.value)
      this.ask()
    })
    return picker
  }

  /** Forget what was drawn and ask for all of it at the new size or window. */
  ask() {
    for (const tile of this.tiles) tile.clear(this.windowLength)
    this.nodes.clear()
    this.begun = false
    if (!this.timed.every(tile => tile.ready || tile.el.hidden)) return
    this.asked = this.shown
    this.view += 1
    const view = {id: this.view, window: this.windowLength}
    for (const tile of this.timed) view[tile.key] = tile.el.hidden ? null : tile.request
    this.send({view, map: !this.map.el.hidden})
    this.schedule()
  }

  /** Say what the tile of learning shows, at which size; nothing while it is closed. */
  askLearning() {
    const {el, ready, request} = this.learning
    if (ready || el.hidden) this.send({learning: el.hidden ? null : request})
    this.schedule()
  }

  /** The tiles that are open, in order, of those that there is something for. */
  showTiles({there, open}) {
    this.menu.show(there, open)
    const signature = JSON.stringify(open)
    if (this.shown === signature) return
    this.shown = signature
    for (const tile of this.tiles) {
      tile.el.hidden = !open.includes(tile.key)
      tile.el.style.order = String(tile.el.hidden ? open.length : open.indexOf(tile.key))
    }
    const holder = this.raster.el.hidden ? this.menu.extra : this.raster.unit
    holder.append(this.picker)
    this.arranged()
    this.resized?.()
  }

  watchSize() {
    const fit = () => {
      const changed = this.tiles.filter(tile => !tile.el.hidden && tile.fit())
      const others = this.shown !== this.asked // tiles came or went
      if (others || changed.includes(this.learning)) this.askLearning()
      if (others || changed.some(tile => tile !== this.learning)) this.ask()
    }
    // Dragging a splitter sends many sizes: only where it rests is asked for.
    let timer = 0
    this.resized = () => {
      clearTimeout(timer)
      timer = setTimeout(fit, this.view ? 60 : 0)
    }
    const observer = new ResizeObserver(this.resized)
    for (const tile of this.tiles) observer.observe(tile.holder)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }

  watchPointer() {
    const leave = () => this.hover(null, null)
    for (const tile of this.tiles) {
      tile.canvas.addEventListener("pointermove", event => this.hover(tile, tile.locate(event)))
      tile.canvas.addEventListener("pointerleave", leave)
    }
    return () => {}
  }

  hover(tile, at) {
    this.pointer = at ? {tile, at} : null
    this.schedule()
  }

  /** The cursor's time and its words, from where the pointer rests over the moving picture. */
  point() {
    const {tile = null, at} = (this.begun && this.pointer) || {}
    for (const each of this.tiles) if (each !== tile) each.say(this.begun ? each.detailText : "")
    if (!tile) return null
    const time = tile.window ? tile.window.time(at.x) : null
    tile.say(tile.describe(at, time), true)
    return time
  }

  retheme() {
    this.tokens = readTokens(this.el)
    this.raster.recolour()
    this.schedule()
  }

  name() {
    const {populations, traced} = this.layout
    this.raster.name(populations)
    this.rates.name(populations)
    this.traces.name(traced)
    this.learning.name(this.layout.learning ?? [])
    this.map.name(this.layout.maps ?? [])
  }

  /** One message of the server: apply it at once, draw and acknowledge with the next paint. */
  take({header, body}) {
    const arrays = unpack(header.arrays ?? {}, body)
    if (header.epoch !== this.epoch) {
      this.epoch = header.epoch
      for (const tile of this.tiles) tile.clear(this.windowLength)
      this.nodes.clear()
      this.begun = false
    }
    if (header.tiles) this.showTiles(header.tiles)
    if (header.layout) {
      this.layout = header.layout
      this.name()
      this.raster.recolour()
    }
    if (this.isCurrent(header)) {
      this.begun = true
      this.shades = arrays["drawn.shades"] // of the members of the selected node, for the inspector
      if (header.raster) this.raster.apply(header.raster, arrays)
      if (header.traces) this.traces.apply(header.traces, arrays)
      if (header.rates) this.rates.apply(header.rates, arrays, header.time)
      if (header.nodes) this.nodes.apply(header.nodes, arrays, this.layout.nodes)
      if (header.map) this.map.apply(header.map, arrays)
    }
    if (header.learning) this.learning.apply(header.learning, arrays)
    this.pending = header
    this.schedule()
  }

  /** Whether a frame was made for the size and window of now; one on its way during a change was not. */
  isCurrent(header) {
    return header.view === this.view
  }

  schedule() {
    if (this.scheduled) return
    const paint = () => {
      this.scheduled = 0
      this.paint()
    }
    // A hidden page is not painted; answer now and then, so that clock and lines stay true.
    if (document.hidden) this.scheduled = setTimeout(paint, HIDDEN_PAUSE)
    else this.scheduled = requestAnimationFrame(paint)
  }

  paint() {
    const header = this.pending
    this.pending = null
    try {
      this.draw()
      if (header) {
        this.announce(header)
        this.speak(header)
      }
    } finally {
      // Even a drawing that failed must not stop those to come.
      if (header) this.send({ack: header.seq})
    }
  }

  draw() {
    const cursor = this.point()
    for (const tile of this.tiles.filter(each => !each.el.hidden)) {
      const isEmpty = tile.isEmpty || !this.begun
      tile.showEmpty(isEmpty)
      if (isEmpty) tile.wipe()
      else if (tile.ready) tile.draw(this.tokens, cursor)
    }
  }

  /** Tell the graph canvas and the top bar, which draw by themselves. */
  announce(header) {
    const nodes = header.nodes && this.isCurrent(header) ? this.nodes.detail(header.nodes, this.layout.nodes) : {}
    const {time, state, factor, possible} = header
    const drawn = header.drawn && {...header.drawn, shades: this.shades}
    window.dispatchEvent(new CustomEvent("workbench:frame", {detail: {nodes, time, state, factor, possible, drawn}}))
  }

  /** The rates in words, for those who do not see the plots; at most once a second. */
  speak(header) {
    const now = performance.now()
    if (!header.nodes || now - this.spokenAt < SPEAK_EVERY) return
    this.spokenAt = now
    const labels = new Map(this.layout.populations.map(each => [each.id, each.label]))
    const rates = this.layout.nodes
      .map(({id}, place) => [labels.get(id), header.nodes.rates[place]])
      .filter(([label, rate]) => label && rate !== null)
      .map(([label, rate]) => `${label} ${readable(rate, 1)} Hz`)
    const words = this.strings["live.spoken"].replace("{time}", readable(header.time)).replace("{rates}", rates.join(", "))
    for (const tile of this.tiles) tile.canvas.setAttribute("aria-label", `${this.strings[`live.${tile.key}`]}. ${words}`)
  }

  close() {
    cancelAnimationFrame(this.scheduled)
    clearTimeout(this.scheduled)
    for (const undo of this.undo) undo()
    this.el.remove()
  }
}

/** Put a board into `el`; `send(message)` reaches the server.  Returns {take, close}. */
export function createBoard(el, strings, send) {
  const board = new Board(el, strings, send)
  return {take: message => board.take(message), close: () => board.close()}
}
