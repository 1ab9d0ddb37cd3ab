// Members that have places, as dots that light up as they fire: the picture of a tile and of the
// inspector.  It imports nothing, so that both can have its text.

const WIDEST_DOT = 9 // CSS pixels
const THINNEST_DOT = 1
const SHARE_OF_ROOM = 0.8 // of the distance between members that would lie evenly
const FAINTEST = 0.16 // opacity of a member that is silent
const CLOSE = 6 // CSS pixels between members of a grid below which they are patches without gaps

/**
 * Where dots stand in a box of `width` by `height` device pixels, `scale` of them a CSS pixel.
 * `places` are x and y of each member by turns, y downwards, in any unit; `each` is how many pixels
 * the unit is long.
 */
export function layPlaces(places, width, height, scale) {
  const count = places.length / 2
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]]
  for (let k = 0; k < places.length; k += 1) {
    low[k % 2] = Math.min(low[k % 2], places[k])
    high[k % 2] = Math.max(high[k % 2], places[k])
  }
  const span = [0, 1].map(axis => (count ? high[axis] - low[axis] : 0))
  const room = WIDEST_DOT * scale
  const each = Math.min(span[0] ? (width - room) / span[0] : Infinity, span[1] ? (height - room) / span[1] : Infinity)
  const unit = Number.isFinite(each) ? Math.max(each, 0) : 0
  const area = Math.max(span[0] * unit, room) * Math.max(span[1] * unit, room)
  const dot = Math.min(WIDEST_DOT * scale, Math.max(THINNEST_DOT * scale, SHARE_OF_ROOM * Math.sqrt(area / Math.max(1, count))))
  const steps = [0, 1].map(axis => unit * stepOf(places, axis, span[axis]))
  const patch = steps[0] > 0 && steps[1] > 0 && Math.max(...steps) < CLOSE * scale ? steps : null
  const at = new Float64Array(places.length)
  for (let k = 0; k < places.length; k += 1) {
    const [axis, side] = k % 2 ? [1, height] : [0, width]
    at[k] = (side - span[axis] * unit) / 2 + (places[k] - low[axis]) * unit
  }
  return {at, count, width, height, each: unit, patch, stamp: stampOf(dot)}
}

/** How far columns (axis 0) or rows are apart where they lie evenly; 0 where they do not. */
function stepOf(places, axis, span) {
  const found = Float32Array.from(new Set(places.filter((_, k) => k % 2 === axis))).sort()
  const step = span / Math.max(1, found.length - 1)
  return found.every((at, k) => Math.abs(at - found[0] - k * step) < 0.01 * step) ? step : 0
}

/** How much of each pixel a dot covers whose middle is the middle of the stamp, 0 to 255. */
function stampOf(dot) {
  const side = Math.max(1, Math.ceil(dot))
  const cover = new Uint8Array(side * side)
  const [middle, radius] = [(side - 1) / 2, dot / 2]
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const inside = radius + 0.5 - Math.hypot(x - middle, y - middle)
      // A dot of a pixel or two is a square: a disc would be a speck of grey.
      cover[y * side + x] = side < 3 ? 255 : 255 * Math.min(1, Math.max(0, inside))
    }
  }
  return {side, cover}
}

/** The opacity of a member of a shade from 0, silent, to 255, a spike just now. */
export function opacityOf(shade) {
  return FAINTEST + (1 - FAINTEST) * (shade / 255)
}

/** The dots as pixels: `shades` of all members, or one for all; `colour` is "#rrggbb". */
export function paintPlaces(lay, shades, colour) {
  const {at, count, width, height} = lay
  const image = new ImageData(Math.max(1, width), Math.max(1, height))
  const pixels = new Uint32Array(image.data.buffer)
  const value = Number.parseInt(colour.slice(1), 16)
  const ink = ((value & 255) << 16) | (value & 0xff00) | ((value >> 16) & 255)
  for (let k = 0; k < count; k += 1) {
    const opacity = opacityOf(typeof shades === "number" ? shades : shades[k])
    if (lay.patch) paintPatch(pixels, lay, k, ((Math.round(255 * opacity) << 24) | ink) >>> 0)
    else paintDot(pixels, lay, k, opacity, ink)
  }
  return image
}

const OFF_HALF = 1e-3 // so that the ends of neighbours are rounded alike: many lie between two pixels

/** A rectangle that ends where the next begins. */
function paintPatch(pixels, {at, width, height, patch}, k, colour) {
  const [left, right, top, bottom] = [0, 0, 1, 1].map((axis, place) => Math.round(at[2 * k + axis] + (place % 2 - 0.5) * patch[axis] + OFF_HALF))
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y += 1) {
    pixels.fill(colour, y * width + Math.max(0, left), y * width + Math.min(width, right))
  }
}

function paintDot(pixels, {at, width, height, stamp}, k, opacity, ink) {
  const {side, cover} = stamp
  const [left, top] = [Math.round(at[2 * k] - side / 2), Math.round(at[2 * k + 1] - side / 2)]
  for (let y = Math.max(0, -top); y < side && top + y < height; y += 1) {
    for (let x = Math.max(0, -left); x < side && left + x < width; x += 1) {
      const alpha = Math.round(opacity * cover[y * side + x])
      const pixel = (top + y) * width + left + x
      if (alpha > pixels[pixel] >>> 24) pixels[pixel] = ((alpha << 24) | ink) >>> 0 // the brighter covers
    }
  }
}

/** The member whose dot is under a pixel of the box, or -1. */
export function memberAt(lay, x, y) {
  const {at, count, stamp} = lay
  let [best, near] = [-1, Math.max(stamp.side, 6) ** 2]
  for (let k = 0; k < count; k += 1) {
    const apart = (at[2 * k] - x) ** 2 + (at[2 * k + 1] - y) ** 2
    if (apart < near) [best, near] = [k, apart]
  }
  return best
}
