// One projection: a line in the colour of its source, an arrow for excitation, a round head for
// inhibition, and its rule, weight and delay where there is room.
import {useInternalNode, useStoreApi} from "@xyflow/react"
import {memo} from "react"
import {HEIGHT, WIDTH} from "./graph.js"
import {route} from "./routing.js"

const CHARACTER = 6.7 // width of a monospaced character at 11 px
const BETWEEN = " · "

/** Rule, weight and delay, or as many of them as there is room for. */
function fitting(words, room) {
  const parts = words.split(BETWEEN)
  while (parts.length && parts.join(BETWEEN).length * CHARACTER > room) parts.pop()
  return parts.join(BETWEEN)
}

function box(node) {
  const {x, y} = node.internals.positionAbsolute
  return {x, y, width: node.measured.width ?? WIDTH, height: node.measured.height ?? HEIGHT}
}

function Head({head, sign}) {
  const place = `translate(${head.x} ${head.y}) rotate(${head.angle})`
  return sign === "inhibitory" ? (
    <circle className="wire-head" transform={place} cx={-4.5} cy={0} r={4.5} />
  ) : (
    <path className="wire-head" transform={place} d="M0 0L-9 -4.8L-9 4.8Z" />
  )
}

export const Wire = memo(function Wire(props) {
  const {source, target, sourceX, sourceY, targetX, targetY, data, selected} = props
  const store = useStoreApi()
  const [from, to] = [useInternalNode(source), useInternalNode(target)]
  if (!from || !to) return null
  const {path, head, label} = route({
    self: source === target,
    source: box(from),
    target: box(to),
    from: {x: sourceX - 5, y: sourceY}, // React Flow says the outer side of a port, 5 px away
    to: {x: targetX + 5, y: targetY},
    obstacles: () => [...store.getState().nodeLookup.values()].map(box),
    ...data,
  })
  const words = fitting(data.label, label.room)
  const about = `wire ${selected ? "selected" : ""} ${data.problem ? `is-${data.problem.severity}` : ""}`
  return (
    <g className={about} style={{"--population": data.colour}}>
      <title>{data.problem ? `${data.title}\n${data.problem.text}` : data.title}</title>
      <path className="wire-ring" d={path} />
      <path className="wire-line react-flow__edge-path" d={path} />
      <Head head={head} sign={data.sign} />
      <path className="wire-touch react-flow__edge-interaction" d={path} />
      <text className={words ? "wire-label" : "wire-label hidden"} x={label.x} y={label.y}
        textAnchor={label.anchor}>
        {words || data.label}
      </text>
    </g>
  )
})
