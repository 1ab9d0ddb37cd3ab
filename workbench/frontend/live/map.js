// Where members fire: a dot at each place, bright at a spike and fading, with a scale of lengths.
import {readable} from "./axis.js"
import {layDots, memberAt, opacityOf, paintDots} from "./places.js"
import {dotSize, drawAxes, drawBox, fitted, membersSeen, OBLIQUE, readPlaces, scaleBar} from "./projection.js"
import {Tile} from "./tile.js"
import {faded} from "./tokens.js"

const BARE = {left: 12, right: 12, top: 4, bottom: 26} // CSS pixels: no axes, a scale below
const BORDER = 6 // CSS pixels round the places
const SHADES_WIDE = 44 // CSS pixels of the legend of brightness
const BETWEEN = 12 // CSS pixels at least between the two

export class ActivityMap extends Tile {
  constructor(strings) {
    super("map", strings)
    this.margin = BARE
    this.known = []
    this.clear()
  }

  get isEmpty() {
    return this.places === null
  }

  get window() {
    return null
  }

  clear() {
    this.at = this.places = this.shades = this.lay = this.node = this.drawn = this.fade = null
  }

  /** The nodes with places, as the layout has them. */
  name(known) {
    this.known = known
    this.titleNode()
  }

  titleNode() {
    this.node = this.known.find(each => each.id === this.id) ?? this.known[0]
    if (!this.node) this.detailText = ""
    else if (this.fade === null) this.detailText = this.node.label
    else this.detailText = `${this.node.label} · ${this.strings["live.map.fade"].replace("{fade}", readable(this.fade))}`
  }

  apply(head, arrays) {
    if (arrays["map.places"]) {
      this.at = arrays["map.places"].slice()
      this.places = readPlaces({axes: head.axes, at: this.at})
      this.axes = head.axes
      this.lay = null
    }
    this.id = head.id
    this.fade = Number(head.fade.toPrecision(2)) // stretches of a run differ a little: what is said rests
    this.titleNode()
    this.shades = arrays[head.shades].slice()
  }

  /** Where all stand on the plot, in CSS pixels. */
  place() {
    const {plot, scale, places} = this
    const [wide, tall] = [plot.w, plot.h].map(side => Math.max(1, side / scale - 2 * BORDER))
    this.frame = fitted(places, wide, tall, OBLIQUE)
    this.corner = [BORDER, BORDER + (tall - this.frame.height) / 2].map(side => side * scale)
    const [left, top] = this.corner
    const box = {width: plot.w, height: plot.h, scale, left, top}
    this.lay = layDots(membersSeen(places, this.frame, OBLIQUE), dotSize(places, this.frame), box)
  }

  draw(tokens) {
    const {canvas, plot, ink, scale} = this
    if (!this.node || !this.shades) return
    if (!this.lay || this.lay.width !== plot.w || this.lay.height !== plot.h) this.place()
    const state = [this.shades, this.node.colour, tokens, canvas.width, canvas.height]
    if (this.drawn?.every((each, k) => each === state[k])) return
    this.drawn = state
    this.wipe()
    ink.putImageData(paintDots(this.lay, this.shades, this.node.colour), plot.x, plot.y)
    if (this.places.deep) this.depth(tokens)
    ink.font = `${11 * scale}px ${tokens.font}`
    ink.lineWidth = Math.max(1, Math.round(scale))
    ink.textBaseline = "middle"
    ink.fillStyle = tokens.quiet
    this.brightness(tokens, this.lengths(tokens))
  }

  /** The box around what has depth, and its axes. */
  depth(tokens) {
    const {ink, plot, scale, corner, places} = this
    ink.save()
    ink.font = `11px ${tokens.font}`
    ink.setTransform(scale, 0, 0, scale, plot.x + corner[0], plot.y + corner[1])
    drawBox(ink, places, this.frame, OBLIQUE, tokens.secondary)
    drawAxes(ink, this.frame, OBLIQUE, tokens.quiet)
    ink.restore()
  }

  /** A bar of a round length in um, below at the left; where it ends. */
  lengths(tokens) {
    const {ink, plot, scale} = this
    if (!(this.places.radius > 0)) return plot.x
    const {um: length, px} = scaleBar(this.frame)
    const [y, right] = [plot.y + plot.h + 14 * scale, plot.x + px * scale]
    this.line(tokens.secondary, plot.x, y, right, y)
    for (const x of [plot.x, right]) this.line(tokens.secondary, x, y - 3 * scale, x, y + 3 * scale)
    ink.textAlign = "left"
    const words = `${readable(length, length < 1 ? 2 : 0)} \u00b5m`
    ink.fillText(words, right + 6 * scale, y)
    return right + 6 * scale + ink.measureText(words).width
  }

  /** What brightness means, below at the right; in words as far as there is room from `left` on. */
  brightness(tokens, left) {
    const {ink, plot, scale, strings, node} = this
    const [y, gap] = [plot.y + plot.h + 14 * scale, 6 * scale]
    const [dark, bright] = ["silent", "spike"].map(key => strings[`live.map.${key}`])
    const [before, after] = [dark, bright].map(words => ink.measureText(words).width + gap)
    const room = plot.x + plot.w - left - BETWEEN * scale - SHADES_WIDE * scale
    const right = plot.x + plot.w - (room > after ? after : 0)
    const begin = right - Math.min(SHADES_WIDE * scale, room + SHADES_WIDE * scale)
    if (begin >= right) return
    ink.textAlign = "right"
    if (room > after) ink.fillText(bright, plot.x + plot.w, y)
    if (room > before + after) ink.fillText(dark, begin - gap, y)
    const gradient = ink.createLinearGradient(begin, 0, right, 0)
    for (const end of [0, 1]) gradient.addColorStop(end, faded(node.colour, opacityOf(255 * end)))
    ink.fillStyle = gradient
    ink.fillRect(begin, y - 4 * scale, right - begin, 8 * scale)
  }

  /** The member under the pointer, and its place. */
  describe(at) {
    const {lay, node, axes} = this
    const member = lay ? memberAt(lay, at.x, at.y) : -1
    if (member < 0) return node?.label ?? ""
    const place = [...this.at.subarray(axes * member, axes * (member + 1))].map(each => readable(each))
    return `${node.label} ${readable(member)} \u00b7 ${place.join(", ")} \u00b5m`
  }
}
