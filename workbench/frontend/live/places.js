// Members in their places as dots that light up as they fire, painted pixel by pixel: thousands in a
// frame.  For the tile of activity and for the inspector; it imports nothing, so both can have its text.

const LEVELS = 6 // of depth that dots tell apart
const FARTHEST = 0.5 // opacity of the farthest
const SMALLEST = 0.6 // size of the farthest
const FAINTEST = 0.2 // opacity of a member that is silent
const AT_REST = 96 // the shade of members of a network that rests: seen well enough
const CLOSE = 6 // CSS pixels between members of a grid below which they are patches without gaps
const OFF_HALF = 1e-3 // so that the ends of neighbours are rounded alike: many lie between two pixels

/**
 * What stays from frame to frame: `seen` are members on the screen in CSS pixels (see projection.js),
 * `dot` the size of one; `box` is {width, height} of the picture in device pixels, of which `scale`
 * are a CSS pixel, and {left, top}, where the members' corner stands in it.
 */
export function layDots(seen, dot, box) {
  const {scale, left = 0, top = 0} = box
  const [x, y] = [[seen.x, left], [seen.y, top]].map(([at, from]) => Float64Array.from(at, each => each * scale + from))
  const steps = seen.near ? [0, 0] : [x, y].map(stepOf)
  const patch = steps[0] > 0 && steps[1] > 0 && Math.max(...steps) < CLOSE * scale ? steps : null
  const stamps = Array.from({length: LEVELS}, (_, level) => stampOf(dot * scale * (1 - (1 - SMALLEST) * farness(level))))
  return {x, y, near: seen.near, patch, stamps, width: Math.max(1, box.width), height: Math.max(1, box.height)}
}

const farness = level => 1 - level / (LEVELS - 1)

/** How far columns or rows are apart where they lie evenly; 0 where they do not. */
function stepOf(at) {
  const found = Float64Array.from(new Set(Array.from(at, each => Math.round(each * 100) / 100))).sort()
  const step = (found[found.length - 1] - found[0]) / Math.max(1, found.length - 1)
  return found.every((each, k) => Math.abs(each - found[0] - k * step) < 0.03) ? step : 0
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

/** The dots as pixels: `shades` of all members, or null at rest; `colour` is "#rrggbb". */
export function paintDots(lay, shades, colour) {
  const {x, y, near, patch, stamps, width, height} = lay
  const image = new ImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  const value = Number.parseInt(colour.slice(1), 16)
  const ink = ((value & 255) << 16) | (value & 0xff00) | ((value >> 16) & 255)
  for (let k = 0; k < x.length; k += 1) {
    const opacity = opacityOf(shades ? shades[k] : AT_REST)
    if (patch) {
      paintPatch(pixels, lay, k, ((Math.round(255 * opacity) << 24) | ink) >>> 0)
      continue
    }
    const level = near ? Math.max(0, Math.min(LEVELS - 1, Math.floor(near[k] * LEVELS))) : LEVELS - 1
    paintDot(pixels, lay, stamps[level], x[k], y[k], opacity * (1 - farness(level) * (1 - FARTHEST)), ink)
  }
  return image
}

/** A rectangle that ends where the next begins. */
function paintPatch(pixels, {x, y, width, height, patch}, k, colour) {
  const end = (at, step, side) => Math.round(at + side * step + OFF_HALF)
  const [left, right] = [-0.5, 0.5].map(side => end(x[k], patch[0], side))
  const [top, bottom] = [-0.5, 0.5].map(side => end(y[k], patch[1], side))
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row += 1) {
    pixels.fill(colour, row * width + Math.max(0, left), row * width + Math.min(width, right))
  }
}

function paintDot(pixels, {width, height}, {side, cover}, x, y, opacity, ink) {
  const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)]
  for (let row = Math.max(0, -top); row < side && top + row < height; row += 1) {
    for (let column = Math.max(0, -left); column < side && left + column < width; column += 1) {
      const alpha = Math.round(opacity * cover[row * side + column])
      const pixel = (top + row) * width + left + column
      if (alpha > pixels[pixel] >>> 24) pixels[pixel] = ((alpha << 24) | ink) >>> 0 // the brighter covers
    }
  }
}

/** The member whose dot is nearest to a device pixel of the picture, or -1 where none is near. */
export function memberAt({x, y, stamps}, atX, atY) {
  let [best, least] = [-1, Math.max(stamps[LEVELS - 1].side, 6) ** 2]
  for (let k = 0; k < x.length; k += 1) {
    const apart = (x[k] - atX) ** 2 + (y[k] - atY) ** 2
    if (apart < least) [best, least] = [k, apart]
  }
  return best
}
