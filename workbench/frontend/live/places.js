// Members in their places: where each is on the screen, and a dot for it that lights up as it fires.
// Nothing else knows how a place becomes a pixel: whatever draws members where they are goes by `seenAt`.

export const FRONT = {turn: 0, tilt: 0} // rad
export const OBLIQUE = {turn: -0.45, tilt: 0.35} // how a space that has depth is first seen
export const STEEPEST = 1.3 // rad of tilt: nearly from above
const EYE = 5 // how far away the eye is, in halves of the space's diagonal
const ROOM = 1.25 // what is nearest is larger by so much: 1 / (1 - 1 / EYE)
const LEVELS = 6 // of depth that dots tell apart
const FARTHEST = 0.4 // opacity of the farthest
const WIDEST = 9 // px of a dot
const THINNEST = 0.8
const RESTING = 96 // the shade of dots of a network that rests: seen well enough

/** Places as Python says them, {axes: 2 or 3, at: [x, y(, z), ...] in um}, around their middle. */
export function readPlaces({axes, at}) {
  const count = at.length / axes
  const low = [0, 0, 0]
  const half = [0, 0, 0]
  for (let axis = 0; axis < axes; axis++) {
    let [least, most] = [Infinity, -Infinity]
    for (let k = axis; k < at.length; k += axes) {
      least = Math.min(least, at[k])
      most = Math.max(most, at[k])
    }
    low[axis] = least
    half[axis] = (most - least) / 2
  }
  const around = new Float32Array(3 * count)
  for (let k = 0; k < count; k++) {
    for (let axis = 0; axis < axes; axis++) around[3 * k + axis] = at[axes * k + axis] - low[axis] - half[axis]
  }
  return {count, half, around, deep: axes === 3 && half[2] > 0}
}

/** How places fit into a box of `width` px that is at most `tallest` px high: the same from every side. */
export function fitted({half, deep}, width, tallest) {
  const [x, y, z] = half
  const across = deep ? Math.hypot(x, z) : x // the widest that it becomes as it is turned
  const up = deep ? Math.hypot(y, across) : y
  const room = deep ? ROOM : 1
  const scale = Math.min(width / (2 * across * room), tallest / (2 * up * room))
  const finite = Number.isFinite(scale) ? scale : 1
  return {scale: finite, width, height: Math.max(1, 2 * up * room * finite), radius: Math.hypot(x, y, z) || 1}
}

/** Where a place {x, y, z} um from the middle is seen: px from the upper left, and how near, 0 to 1. */
export function seenAt(x, y, z, fit, {turn, tilt}) {
  const across = x * Math.cos(turn) + z * Math.sin(turn)
  const back = z * Math.cos(turn) - x * Math.sin(turn)
  const up = y * Math.cos(tilt) + back * Math.sin(tilt)
  const near = (y * Math.sin(tilt) - back * Math.cos(tilt)) / fit.radius // -1 to 1
  const size = turn || tilt ? fit.scale / (1 - near / EYE) : fit.scale
  return [fit.width / 2 + across * size, fit.height / 2 - up * size, (near + 1) / 2]
}

/** All members on the screen: {x, y, near}, `near` only where the space has depth. */
export function membersSeen(places, fit, view) {
  const {count, around, deep} = places
  const seen = {x: new Float32Array(count), y: new Float32Array(count), near: deep ? new Float32Array(count) : null}
  for (let k = 0; k < count; k++) {
    const [x, y, near] = seenAt(around[3 * k], around[3 * k + 1], around[3 * k + 2], fit, deep ? view : FRONT)
    seen.x[k] = x
    seen.y[k] = y
    if (deep) seen.near[k] = near
  }
  return seen
}

/** px of a dot, so that neighbours do not run into each other. */
export function dotSize({count, deep}, {width, height}) {
  const apart = Math.sqrt((width * Math.max(height, WIDEST)) / Math.max(1, count))
  return Math.min(WIDEST, Math.max(THINNEST, (deep ? 0.4 : 0.8) * apart))
}

/** The dots, from the farthest and the darkest on; `shades` are 0 to 255 for each member, or none at rest. */
export function drawDots(ink, {x, y, near}, dot, colours, shades) {
  const batches = new Map()
  for (let k = 0; k < x.length; k++) {
    const colour = Math.round(((shades ? shades[k] : RESTING) / 255) * (colours.length - 1))
    const level = near ? Math.min(LEVELS - 1, Math.floor(near[k] * LEVELS)) : LEVELS - 1
    const key = level * colours.length + colour
    let lines = batches.get(key)
    if (!lines) batches.set(key, (lines = new Path2D()))
    lines.moveTo(x[k], y[k]) // a line without length and with round ends is a dot
    lines.lineTo(x[k], y[k])
  }
  ink.lineCap = "round"
  for (const key of [...batches.keys()].sort((one, other) => one - other)) {
    const far = 1 - Math.floor(key / colours.length) / (LEVELS - 1)
    ink.globalAlpha = 1 - far * (1 - FARTHEST)
    ink.lineWidth = dot * (1 - 0.4 * far)
    ink.strokeStyle = colours[key % colours.length]
    ink.stroke(batches.get(key))
  }
  ink.globalAlpha = 1
}

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7] // bits: x, y, z on the far side of the middle

/** The edges of the box that the members fill, and the names of its axes. */
export function drawBox(ink, {half}, fit, view, colour) {
  const corner = bits => seenAt(...half.map((length, axis) => (bits & (1 << axis) ? length : -length)), fit, view)
  ink.strokeStyle = ink.fillStyle = colour
  ink.lineWidth = 1
  ink.globalAlpha = 0.35
  ink.beginPath()
  for (const bits of CORNERS) {
    for (const axis of [0, 1, 2]) {
      if (bits & (1 << axis)) continue
      const [from, to] = [corner(bits), corner(bits | (1 << axis))]
      ink.moveTo(from[0], from[1])
      ink.lineTo(to[0], to[1])
    }
  }
  ink.stroke()
  ink.globalAlpha = 0.8
  ink.textAlign = "center"
  ink.textBaseline = "middle"
  const [x0, y0] = corner(0)
  for (const [axis, name] of ["x", "y", "z"].entries()) {
    const [x, y] = corner(1 << axis)
    const away = Math.hypot(x - x0, y - y0)
    if (away > 12) ink.fillText(name, x + ((x - x0) / away) * 8, y + ((y - y0) / away) * 8)
  }
  ink.globalAlpha = 1
}
