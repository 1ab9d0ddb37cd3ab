// From what Python says the document is to what React Flow draws.  Objects that did not change are
// kept, so that only changed nodes and wires are drawn again.
import {sharedColumn} from "./routing.js"

export const WIDTH = 184 // of a node
export const HEIGHT = 96

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** React Flow's nodes after Python's; a node under the pointer keeps the place it is dragged to. */
export function mergeNodes(fresh, current, picked) {
  const old = new Map(current.map(node => [node.id, node]))
  return fresh.map(node => {
    const before = old.get(node.id)
    const selected = before ? before.selected ?? false : picked.has(node.id)
    if (before === undefined) return {...node, selected}
    const position = before.dragging ? before.position : node.position
    const moved = position.x !== before.position.x || position.y !== before.position.y
    const changed = !same(before.data, node.data)
    if (!moved && !changed && before.ariaLabel === node.ariaLabel) return before
    const data = changed ? node.data : before.data
    return {...before, position, data, ariaLabel: node.ariaLabel}
  })
}

/** React Flow's edges after Python's, each with its place among the wires of the same two nodes. */
export function mergeEdges(fresh, nodes, current, picked) {
  const old = new Map(current.map(edge => [edge.id, edge]))
  const places = lanes(fresh)
  layLoops(fresh, nodes, places)
  return fresh.map(edge => {
    const data = {...edge.data, ...places.get(edge.id)}
    const before = old.get(edge.id)
    if (before === undefined) return {...edge, data, selected: picked.has(edge.id)}
    const kept = ["source", "target", "targetHandle"].every(name => before[name] === edge[name])
    if (kept && same(before.data, data)) return before
    return {...edge, data, selected: before.selected}
  })
}

/** Marks what is picked, keeping the objects that already say so. */
export function mark(items, picked) {
  return items.map(item => {
    const selected = picked.has(item.id)
    return (item.selected ?? false) === selected ? item : {...item, selected}
  })
}

/** id -> {lane, lanes} among all wires between two nodes, {twin, twins} among those one way. */
export function lanes(edges) {
  const places = new Map(edges.map(edge => [edge.id, {}]))
  const count = (key, place, total) => {
    const groups = new Map()
    for (const edge of edges) {
      const name = key(edge)
      if (!groups.has(name)) groups.set(name, [])
      groups.get(name).push(edge.id)
    }
    for (const ids of groups.values()) {
      ids.forEach((id, index) => Object.assign(places.get(id), {[place]: index, [total]: ids.length}))
    }
  }
  count(edge => JSON.stringify([edge.source, edge.target].sort()), "lane", "lanes")
  count(edge => JSON.stringify([edge.source, edge.target]), "twin", "twins")
  return places
}

/** Adds {under} to loops that run under their node, {over, beneath} to wires that have loops to
 * keep clear of: how many there are over and under the nodes at their ends. */
function layLoops(edges, nodes, places) {
  const under = new Set(crowdedAbove(edges, nodes))
  const loops = new Map() // node -> {over, beneath}
  for (const {id, source, target} of edges) {
    if (source !== target) continue
    if (!loops.has(source)) loops.set(source, {over: 0, beneath: 0})
    loops.get(source)[under.has(source) ? "beneath" : "over"] += 1
    places.get(id).under = under.has(source)
  }
  const most = (edge, side) =>
    Math.max(loops.get(edge.source)?.[side] ?? 0, loops.get(edge.target)?.[side] ?? 0)
  for (const edge of edges) {
    if (edge.source === edge.target) continue
    Object.assign(places.get(edge.id), {over: most(edge, "over"), beneath: most(edge, "beneath")})
  }
}

/** Nodes with wires to a node above and to none below: a loop had better run under them. */
function crowdedAbove(edges, nodes) {
  const boxes = new Map(
    nodes.map(({id, position}) => [id, {...position, width: WIDTH, height: HEIGHT}]),
  )
  const sides = new Map() // node -> set of "above", "below"
  for (const {source, target} of edges) {
    const [a, b] = [boxes.get(source), boxes.get(target)]
    if (source === target || !a || !b || sharedColumn(a, b) === null) continue
    for (const [id, own, other] of [[source, a, b], [target, b, a]]) {
      if (!sides.has(id)) sides.set(id, new Set())
      sides.get(id).add(other.y < own.y ? "above" : "below")
    }
  }
  return [...sides].filter(([, seen]) => seen.has("above") && !seen.has("below")).map(([id]) => id)
}
