// One population or source: swatch, name, size, model and rate, live line, ports on the sides.
import {Handle, Position, useUpdateNodeInternals} from "@xyflow/react"
import {memo, useEffect, useRef, useSyncExternalStore} from "react"
import {useBench} from "./bench.js"
import {HEIGHT as CARD} from "./graph.js"
import {HEIGHT, WIDTH} from "./live.js"

const MIDDLE = CARD / 2
const SPACING = 20

/** Where the k-th of n ports stands, in pixels from the top of the card. */
function portTop(k, n) {
  return MIDDLE + (k - (n - 1) / 2) * Math.min(SPACING, 76 / Math.max(1, n - 1))
}

function Port({port, side, top, state}) {
  const input = side === "target"
  const detail = port.unit ? `${port.label} · ${port.unit}` : port.label
  return (
    <Handle
      id={port.id}
      type={side}
      position={input ? Position.Left : Position.Right}
      className={`port ${port.kind} ${state}`}
      style={{top}}
      aria-label={port.aria}
    >
      <span className="port-name">{detail}</span>
    </Handle>
  )
}

/** Has wires find the ports again when there are others: they stand elsewhere then. */
function usePorts(id, key) {
  const measure = useUpdateNodeInternals()
  const measured = useRef(key)
  useEffect(() => {
    if (measured.current !== key) measure(id)
    measured.current = key
  }, [measure, id, key])
}

/** "valid", "invalid" or "" of port k in what Connecting.stateOf said of the node. */
function portState(state, k) {
  const digit = state.split(" ").pop()[k]
  if (digit === "1") return "valid"
  return digit === "0" ? "invalid" : ""
}

function Problem({problem}) {
  return (
    <span className={`problem is-${problem.severity}`} role="img" aria-label={problem.text}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M8 1.6 15 14H1Z" />
        <path className="mark" d="M8 6v4M8 12v.4" />
      </svg>
      <span className="tip">{problem.text}</span>
    </span>
  )
}

function LiveLine({id, colour, rate}) {
  const {live} = useBench()
  const canvas = useRef(null)
  useEffect(
    () => live.mount(id, {canvas: canvas.current, rate: rate.current, colour}),
    [live, id, colour, rate],
  )
  return (
    <span className="life quiet">
      <canvas ref={canvas} style={{width: WIDTH, height: HEIGHT}} aria-hidden="true" />
    </span>
  )
}

export const PopulationNode = memo(function PopulationNode({id, data, selected}) {
  const {connecting} = useBench()
  const rate = useRef(null)
  const ports = data.inputs.map(port => port.id)
  usePorts(id, ports.join("\n"))
  const state = useSyncExternalStore(connecting.subscribe, () => connecting.stateOf(id, ports))
  const toInputs = connecting.from?.side === "source" ? state : ""
  const toOutput = connecting.from?.side === "target" ? state : ""
  const round = data.kind === "population" && data.sign === "inhibitory"
  const refused = /^0+$/.test(state) ? "refuses" : ""
  return (
    <div
      className={`card ${selected ? "selected" : ""} ${refused}`}
      style={{"--population": data.colour}}
    >
      {data.inputs.map((port, k) => (
        <Port
          key={port.id}
          port={port}
          side="target"
          top={portTop(k, data.inputs.length)}
          state={portState(toInputs, k)}
        />
      ))}
      <div className="head">
        <i className={`swatch ${round ? "round" : ""}`} />
        <b className="name" title={data.label}>{data.label}</b>
        <span className="size">{data.size}</span>
      </div>
      <div className="about">
        <span className="model" title={data.title}>{data.title}</span>
        <span className="rate" ref={rate} />
      </div>
      <LiveLine id={id} colour={data.colour} rate={rate} />
      <Port port={data.output} side="source" top={MIDDLE} state={portState(toOutput, 0)} />
      {data.problem && <Problem problem={data.problem} />}
    </div>
  )
})
