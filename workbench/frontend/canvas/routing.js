// Where a wire runs.  Boxes are {x, y, width, height} in the coordinates of the canvas; `from` and
// `to` are the centres of the two ports.  A route is {path, head: {x, y, angle}, label: {x, y,
// anchor, room}}: an SVG path that ends at the foot of its head, the tip of the head and its
// direction in degrees, and where the label stands and how many pixels it may be wide.  `obstacles()`
// gives the boxes of all nodes, for wires that run back past them.

const PORT = 7 // from the centre of a port to the outside of its ring
const HEAD = 8 // length of an arrow head
const LANE = 44 // between wires that run straight up and down
const LOOPS = 24 // between loops over the same node
const START = 4 // from the centre of a port to where its wire begins
const REACH = 30 // how far a wire runs straight out of a port before it may turn

export function route(wire) {
  if (wire.self) return loop(wire)
  const column = sharedColumn(wire.source, wire.target)
  if (column !== null) return straight(wire, column)
  return wire.to.x - wire.from.x >= 2 * REACH ? forward(wire) : around(wire)
}

/** The range of x that two nodes, one above the other, have in common; null when they have none. */
export function sharedColumn(a, b) {
  const low = Math.max(a.x, b.x) + 24
  const high = Math.min(a.x + a.width, b.x + b.width) - 24
  const gap = Math.max(a.y - (b.y + b.height), b.y - (a.y + a.height))
  return high - low >= 40 && gap >= 28 ? [low, high] : null
}

function straight({source, target, lane, lanes}, [low, high]) {
  const spread = Math.min(LANE, (high - low) / Math.max(1, lanes - 1))
  const x = (low + high) / 2 + (lane - (lanes - 1) / 2) * spread
  const down = target.y > source.y
  const sign = down ? 1 : -1
  const start = down ? source.y + source.height : source.y
  const tip = (down ? target.y : target.y + target.height) - sign * 3
  const left = lanes > 1 && lane < lanes / 2
  const inner = lane > 0 && lane < lanes - 1
  return {
    path: `M${x} ${start}V${tip - sign * (HEAD - 1)}`,
    head: {x, y: tip, angle: sign * 90},
    label: {
      x: left ? x - 14 : x + 14,
      y: (start + tip) / 2 + 4,
      anchor: left ? "end" : "start",
      room: !inner && Math.abs(tip - start) >= 44 ? 240 : 0,
    },
  }
}

function forward({from, to, twin, twins}) {
  const tip = to.x - PORT
  const end = tip - HEAD + 1
  const reach = Math.max(REACH, Math.min((end - from.x) * 0.5, 190))
  const bend = (twin - (twins - 1) / 2) * 30
  const sx = from.x + START
  const [c1, c2] = [{x: from.x + reach, y: from.y + bend}, {x: to.x - reach, y: to.y + bend}]
  const x = (sx + 3 * c1.x + 3 * c2.x + end) / 8
  const y = (from.y + 3 * c1.y + 3 * c2.y + to.y) / 8
  return {
    path: `M${sx} ${from.y}C${c1.x} ${c1.y} ${c2.x} ${c2.y} ${end} ${to.y}`,
    head: {x: tip, y: to.y, angle: 0},
    // A flat wire carries its label above itself; a steep one only when hovered.
    label: {x, y: y - 9 - lift(to.y - from.y), anchor: "middle", room: roomAbove(end - sx, to.y - from.y)},
  }
}

/** How much higher a label stands over a wire that rises or falls, to be clear of its higher side. */
const lift = height => Math.min(12, Math.abs(height) / 2)

function roomAbove(width, height) {
  return Math.abs(height) < 0.35 * width ? width - 16 : Math.max(0, width - 1.6 * Math.abs(height))
}

/** From a node to itself: over its top, or under it where wires to a node above leave. */
function loop({source, from, to, twin, under}) {
  const tip = to.x - PORT
  const end = tip - HEAD + 1
  const sign = under ? -1 : 1 // upwards is negative y
  const reach = 48 + LOOPS * twin
  const top = under ? source.y + source.height + reach : source.y - reach
  const right = from.x + 58 + 12 * twin
  const left = to.x - 34 - 12 * twin
  const middle = (left + right) / 2
  const sx = from.x + START
  const path =
    `M${sx} ${from.y}C${from.x + 34} ${from.y} ${right} ${from.y - sign * 12} ` +
    `${right} ${from.y - sign * 44}` +
    `C${right} ${top + sign * 14} ${right - 64} ${top} ${middle} ${top}` +
    `C${left + 64} ${top} ${left} ${top + sign * 14} ${left} ${to.y - sign * 36}` +
    `C${left} ${to.y - sign * 10} ${left + 6} ${to.y} ${end} ${to.y}`
  return {
    path,
    head: {x: tip, y: to.y, angle: 0},
    label: {x: middle, y: under ? top + 17 : top - 8, anchor: "middle", room: right - left},
  }
}

/** A target beside or behind its source: out to the right, along between or around both, in. */
function around(wire) {
  const {source, target, from, to, twin} = wire
  const tip = to.x - PORT
  const end = tip - HEAD + 1
  const sx = from.x + START
  const right = Math.max(from.x, source.x + source.width) + REACH - 4 + 12 * twin
  const left = Math.min(to.x, target.x) - REACH - 2 - 12 * twin
  const y = corridor(wire, left, right) + 14 * twin
  const points = [[sx, from.y], [right, from.y], [right, y], [left, y], [left, to.y], [end, to.y]]
  return {
    path: rounded(points, 16),
    head: {x: tip, y: to.y, angle: 0},
    label: {x: (left + right) / 2, y: y - 7, anchor: "middle", room: right - left - 40},
  }
}

const loopRoom = loops => (loops ? 26 + LOOPS * loops : 0)

/** The height at which a wire runs back: between its nodes, over or under them, whatever is nearest
 * and crosses no other node. */
function corridor({source, target, from, to, over = 0, beneath = 0, obstacles}, left, right) {
  const blocking = obstacles().filter(box => box.x < right && box.x + box.width > left)
  const inTheWay = y => blocking.find(box => y > box.y - 14 && y < box.y + box.height + 14)
  const under = Math.max(source.y + source.height, target.y + target.height)
  const ways = [
    clear(Math.min(source.y, target.y) - 30 - loopRoom(over), box => box.y - 30, inTheWay),
    clear(under + 34 + loopRoom(beneath), box => box.y + box.height + 34, inTheWay),
  ]
  const bottom = Math.min(source.y + source.height, target.y + target.height)
  const top = Math.max(source.y, target.y)
  const middle = (top + bottom) / 2
  if (top - bottom >= 36 && !inTheWay(middle)) ways.push(middle)
  const length = y => Math.abs(y - from.y) + Math.abs(y - to.y)
  return ways.reduce((best, y) => (length(y) < length(best) ? y : best))
}

/** `y`, moved past every node in the way; `past` says to where. */
function clear(y, past, inTheWay) {
  let free = y
  for (let box = inTheWay(free), tries = 0; box && tries < 100; box = inTheWay(free), tries += 1) {
    free = past(box)
  }
  return free
}

/** A path through points whose corners are rounded, less where the sides are short. */
export function rounded(points, radius) {
  const parts = [`M${points[0].join(" ")}`]
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, corner, after] = [points[i - 1], points[i], points[i + 1]]
    const r = Math.min(radius, distance(before, corner) / 2, distance(corner, after) / 2)
    parts.push(`L${toward(corner, before, r).join(" ")}`)
    parts.push(`Q${corner.join(" ")} ${toward(corner, after, r).join(" ")}`)
  }
  parts.push(`L${points[points.length - 1].join(" ")}`)
  return parts.join("")
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1])

function toward(a, b, length) {
  const whole = distance(a, b) || 1
  return [a[0] + ((b[0] - a[0]) * length) / whole, a[1] + ((b[1] - a[1]) * length) / whole]
}
