// Members in their places: where each is on the screen, and a dot for it that lights up as it fires.
// Nothing else knows how a place becomes a pixel: whatever draws members where they are goes by `seenAt`.

export const FRONT = {turn: 0, tilt: 0} // rad
export const OBLIQUE = {turn: -0.45, tilt: 0.35} // how a space that has depth is first seen
export const STEEPEST = 1.3 // rad of tilt: nearly from above
const EYE = 5 // how far away the eye is, in halves of the space's diagonal
const ROOM = [1.03, 1.16] // what is near is larger: by so much across and up, at most
const SHOWN = 0.8 // rad of tilt for which there is room at full size
const WIDEST = 9 // px of a dot
const THINNEST = 0.8

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
  const deep = axes === 3 && half[2] > 0
  let [across, radius] = deep ? [0, 0] : [half[0], Math.hypot(half[0], half[1])]
  for (let k = 0; deep && k < 3 * count; k += 3) {
    across = Math.max(across, Math.hypot(around[k], around[k + 2])) // the widest that it becomes as it is turned
    radius = Math.max(radius, Math.hypot(around[k], around[k + 1], around[k + 2]))
  }
  return {count, half, around, deep, across, radius: radius || 1}
}

/** How high the places stand, seen with a tilt, in um from their middle. */
function risesTo({half, deep, across, radius}, tilt) {
  const up = half[1] * Math.cos(tilt) + across * Math.abs(Math.sin(tilt))
  return deep ? Math.min(up, radius) * ROOM[1] : half[1]
}

/** How places fit into a box of `width` px that is at most `tallest` px high: as large from every side. */
export function fitted(places, width, tallest, {tilt} = OBLIQUE) {
  const {deep, across, radius} = places
  const up = risesTo(places, SHOWN)
  const fits = Math.min(width / (2 * across * (deep ? ROOM[0] : 1)), tallest / (2 * up))
  const scale = Number.isFinite(fits) ? fits : 1
  const height = Math.max(1, 2 * up * scale)
  const steep = Math.max(1, risesTo(places, tilt) / up) // nearly from above it becomes a little smaller
  return {scale: deep ? scale / steep : scale, width, height, radius}
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
  return Math.min(WIDEST, Math.max(THINNEST, (deep ? 0.55 : 0.8) * apart))
}

/** The edges of the box that the members fill; nothing where they leave its corners empty. */
export function drawBox(ink, {half, radius}, fit, view, colour) {
  if (Math.hypot(...half) > 1.2 * radius) return
  const corner = bits => seenAt(...half.map((length, axis) => (bits & (1 << axis) ? length : -length)), fit, view)
  ink.strokeStyle = colour
  ink.lineWidth = 1
  ink.globalAlpha = 0.35
  ink.beginPath()
  for (let bits = 0; bits < 8; bits++) {
    for (let axis = 0; axis < 3; axis++) {
      if (bits & (1 << axis)) continue
      ink.moveTo(...corner(bits).slice(0, 2))
      ink.lineTo(...corner(bits | (1 << axis)).slice(0, 2))
    }
  }
  ink.stroke()
  ink.globalAlpha = 1
}

const ARM = 16 // px of an axis of the little cross

/** Which way the axes run: a little cross in the lower left corner. */
export function drawAxes(ink, {height}, view, colour) {
  const cross = {scale: ARM, width: 0, height: 0, radius: 1e9}
  const [x0, y0] = [ARM + 2, height - ARM - 2]
  ink.strokeStyle = ink.fillStyle = colour
  ink.lineWidth = 1
  ink.textAlign = "center"
  ink.textBaseline = "middle"
  for (const [axis, name] of ["x", "y", "z"].entries()) {
    const [x, y] = seenAt(...[0, 1, 2].map(other => Number(other === axis)), cross, view)
    ink.beginPath()
    ink.moveTo(x0, y0)
    ink.lineTo(x0 + x, y0 + y)
    ink.stroke()
    const away = Math.hypot(x, y)
    if (away > ARM / 3) ink.fillText(name, x0 + x * (1 + 7 / away), y0 + y * (1 + 7 / away))
  }
}

/** A round length of about a quarter of the width with a line as long: {um, px}. */
export function scaleBar({scale, width}) {
  const wanted = width / 4 / scale
  const ten = 10 ** Math.floor(Math.log10(wanted))
  const um = [5, 2, 1].map(digit => digit * ten).find(length => length <= wanted) ?? ten
  return {um, px: um * scale}
}
