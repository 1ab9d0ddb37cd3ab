// Connections that learn: one tile, and a choice of what it shows of the one that is selected.
import {TimeWindow} from "./axis.js"
import {errors, errorWords} from "./errors.js"
import {histogram, histogramWords} from "./histogram.js"
import {pictureOf, pictures, pictureWords} from "./pictures.js"
import {ruleWindow, ruleWords} from "./rule.js"
import {rewardForm, rewards, rewardWords} from "./rewards.js"
import {make, Tile} from "./tile.js"

const PLAIN = {left: 40, right: 12, top: 4, bottom: 22}
const WITH_SCALE = {left: 40, right: 62, top: 4, bottom: 22} // CSS pixels: a colour scale at the right
const KINDS = ["histogram", "matrix", "fields", "window", "rewards", "errors"]
const DRAWN = {
  histogram: {margin: PLAIN, draw: histogram, words: histogramWords},
  matrix: {margin: WITH_SCALE, draw: pictures, words: pictureWords},
  fields: {margin: WITH_SCALE, draw: pictures, words: pictureWords},
  window: {margin: PLAIN, draw: ruleWindow, words: ruleWords},
  rewards: {margin: PLAIN, draw: rewards, words: rewardWords},
  errors: {margin: PLAIN, draw: errors, words: errorWords},
}

export class Learning extends Tile {
  /** `ask()` when another view is wanted; `reward(edge, amount)` when a person gives one. */
  constructor(strings, ask, reward) {
    super("learning", strings)
    this.ask = ask
    this.form = rewardForm(strings, amount => reward(this.edge.id, amount))
    this.holder.before(this.form)
    this.known = []
    this.picker = make("select", {class: "choice", "aria-label": strings["live.learning.view"], title: strings["live.learning.view"]},
      ...KINDS.map(kind => make("option", {value: kind}, strings[`live.learning.${kind}`])))
    this.picker.addEventListener("change", () => {
      this.chosen = true // by a person: another wire keeps it
      this.choose(this.picker.value)
    })
    this.unit.append(this.picker)
    this.kind = KINDS[0]
    this.margin = DRAWN[this.kind].margin
    this.clear()
  }

  /** What the server must know to reduce weights to pixels. */
  get request() {
    return {kind: this.kind, columns: Math.max(1, this.plot.w), rows: Math.max(1, this.plot.h)}
  }

  get isEmpty() {
    return this.head === null
  }

  clear(length) {
    this.head = null
    this.arrays = {}
    this.length = length ?? this.length ?? 500
  }

  /** The window of time, of the view that has one. */
  get window() {
    return this.kind === "rewards" && this.head ? this.span : null
  }

  choose(kind) {
    this.kind = kind
    this.picker.value = kind
    this.margin = DRAWN[kind].margin
    this.form.hidden = kind !== "rewards"
    this.clear()
    this.fit()
    this.ask()
  }

  /** The connections that learn, as the layout has them. */
  name(known) {
    this.known = known
    this.titleEdge()
  }

  titleEdge() {
    const named = id => this.known.find(each => each.id === id)
    this.edge = named(this.head?.edge ?? this.edge?.id) ?? this.known[0]
    if (this.titled === this.edge) return
    this.titled = this.edge
    this.detailText = this.edge?.label ?? ""
    const kinds = this.edge?.kinds ?? KINDS
    for (const option of this.picker.options) option.hidden = option.disabled = !kinds.includes(option.value)
    const taught = !this.chosen && kinds.includes("errors") // what a teacher is there for
    const kind = taught ? "errors" : kinds.includes(this.kind) ? this.kind : kinds[0]
    if (kind !== this.kind) this.choose(kind)
  }

  /** A look at a connection: kept whole, drawn with the next paint. */
  apply(head, arrays) {
    if (head.kind !== this.kind) {
      // An older look, or a connection without the view that was chosen: Python shows another then.
      const kinds = this.known.find(each => each.id === head.edge)?.kinds
      if (!kinds || kinds.includes(this.kind)) return
      this.choose(head.kind)
    }
    this.head = head
    this.arrays = Object.fromEntries(Object.entries(arrays).filter(([name]) => name.startsWith("learning."))
      .map(([name, array]) => [name.slice("learning.".length), array.slice()]))
    this.titleEdge()
    this.span = new TimeWindow(this.length, this.plot.w || 1)
    if (head.now !== undefined) this.span.stop = Math.floor(head.now / this.span.width + 1e-9) + 1
    if (this.arrays.shades) this.picture = pictureOf(this)
    else this.picture = null
  }

  /** Draw what has changed since: looks are fewer than frames. */
  draw(tokens, cursor) {
    const {canvas, plot} = this
    const state = [this.head, this.edge, tokens, canvas.width, canvas.height, plot.w, plot.h, cursor]
    if (this.drawn?.every((each, k) => each === state[k])) return
    this.drawn = state
    this.wipe()
    const {ink, scale} = this
    ink.font = `${11 * scale}px ${tokens.font}`
    ink.lineWidth = Math.max(1, Math.round(scale))
    ink.textBaseline = "alphabetic"
    DRAWN[this.kind].draw(this, tokens, cursor)
  }

  describe(at, time) {
    return this.head ? DRAWN[this.kind].words(this, at, time) : ""
  }
}
