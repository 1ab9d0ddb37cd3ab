// Numbers, ticks and the mapping of a time axis, shared by all tiles.

const THIN_SPACE = "\u2009"

/** A number for reading: thin-space thousands and a real minus sign. */
export function readable(value, digits = 0) {
  const text = Math.abs(value).toFixed(digits)
  const [whole, rest] = text.split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE)
  const sign = value < 0 && Number(text) !== 0 ? "\u2212" : ""
  return sign + grouped + (rest ? `.${rest}` : "")
}

/** The smallest of 1, 2, 5 x 10^n that is at least `least`. */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find(each => each * power >= least * (1 - 1e-9))
  return factor * power
}

/** Multiples of a nice step in [low, high], `most` of them at most. */
export function ticks(low, high, most) {
  if (!(high > low)) return []
  let step = niceStep((high - low) / most)
  while (Math.floor(high / step) - Math.ceil(low / step) + 1 > most) step = niceStep(step * 1.5)
  return spaced(low, high, step)
}

/** Multiples of the least nice step in [low, high] that are at least `apart` apart. */
export function spaced(low, high, apart) {
  const step = niceStep(apart)
  const found = []
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(k * step)
  return found
}

/** Digits after the point that a tick needs. */
export function digitsOf(tick) {
  for (let digits = 0; digits < 4; digits += 1) {
    if (Math.abs(tick - Number(tick.toFixed(digits))) < 1e-9 * Math.max(1, Math.abs(tick))) return digits
  }
  return 4
}

/**
 * The window of time that all tiles show: it ends now, and begins at 0 until it is full.  Columns
 * are whole pixels counted from the beginning of the run, so pictures scroll by whole pixels.
 */
export class TimeWindow {
  constructor(length, columns) {
    this.length = length
    this.columns = columns
    this.stop = 0
  }

  get width() {
    return this.length / this.columns
  }

  get first() {
    return Math.max(0, this.stop - this.columns)
  }

  /** Pixels from the left edge of the plot to the time `t` in ms. */
  place(t) {
    return t / this.width - this.first
  }

  /** The time in ms at `pixels` from the left edge. */
  time(pixels) {
    return (pixels + this.first) * this.width
  }
}
