// Live lines of the nodes: kept as rings here, handed to whoever draws nodes by a window event.

export class NodeLines {
  constructor() {
    this.clear()
  }

  clear() {
    this.lines = new Map()
    this.stop = 0
  }

  /** Take the new columns of every line; `nodes` are the layout's nodes in order. */
  apply(head, arrays, nodes) {
    const {first, stop, columns} = head
    const values = arrays["nodes.line"]
    const fresh = stop - first
    nodes.forEach(({id}, place) => {
      const ring = this.lines.get(id) ?? new Float32Array(columns).fill(Number.NaN)
      for (let k = 0; k < fresh; k += 1) ring[(first + k) % columns] = values[place * fresh + k]
      this.lines.set(id, ring)
    })
    this.stop = stop
  }

  /** The lines in order of time with their ranges, as the event's detail wants them. */
  detail(head, nodes) {
    const {columns, stop, rates} = head
    const start = Math.max(0, stop - columns)
    const found = {}
    nodes.forEach(({id, kind}, place) => {
      const ring = this.lines.get(id)
      const line = new Float32Array(columns).fill(Number.NaN)
      for (let column = start; column < stop; column += 1) line[column - start] = ring[column % columns]
      found[id] = {line, ...rangeOf(line, kind), kind, rate: rates[place]}
    })
    return found
  }
}

function rangeOf(line, kind) {
  let [min, max] = [Infinity, -Infinity]
  for (const value of line) {
    if (value < min) min = value
    if (value > max) max = value
  }
  if (!(max >= min)) return {min: 0, max: 1}
  if (kind === "spikes") return {min: 0, max}
  return max > min ? {min, max} : {min: min - 1, max: max + 1}
}
