// What floats over the drawing: zoom, the reason why a wire is refused, the wire being drawn, and
// the three ways to begin on an empty canvas.
import {getBezierPath, useConnection, useReactFlow, useStore} from "@xyflow/react"
import {useSyncExternalStore} from "react"
import {useBench} from "./bench.js"

const ROOMY = 900 // px of a canvas beside whose drawing the minimap has a place of its own

/** How the whole network is brought into view: loops stand above it, the minimap below. */
export function fitOptions(width) {
  const bottom = width < ROOMY ? "108px" : "64px"
  return {padding: {top: "76px", right: "64px", bottom, left: "64px"}, maxZoom: 1}
}
export const GENTLE = {duration: 160}

export function ZoomControl({onFit}) {
  const {t} = useBench()
  const flow = useReactFlow()
  const percent = useStore(state => Math.round(state.transform[2] * 100))
  const buttons = [
    ["out", "−", () => flow.zoomOut(GENTLE)],
    ["in", "+", () => flow.zoomIn(GENTLE)],
    ["reset", `${percent} %`, () => flow.zoomTo(1, GENTLE)],
    ["fit", <FitIcon key="icon" />, () => onFit(GENTLE)],
  ]
  return (
    <div className="zoom" role="group" aria-label={t("canvas.zoom")}>
      {buttons.map(([name, face, act]) => (
        <button key={name} type="button" className={name} onClick={act}
          aria-label={t(`canvas.zoom.${name}`)} title={t(`canvas.zoom.${name}`)}>
          {face}
        </button>
      ))}
    </div>
  )
}

function FitIcon() {
  return (
    <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      <path d="M1.5 4.5v-3h3M9.5 1.5h3v3M12.5 9.5v3h-3M4.5 12.5h-3v-3" />
    </svg>
  )
}

/** The reason at the pointer: while a wire hangs over a port that refuses it, and after the drop. */
export function Refusal({dropped}) {
  const {connecting} = useBench()
  const flow = useReactFlow()
  useSyncExternalStore(connecting.subscribe, () => connecting.reasons)
  const over = useConnection(hovered)
  const [node, port, x, y] = over.split("\n")
  const hover = node ? connecting.reason(node, port) : null
  const shown = hover ? {text: hover, ...flow.flowToScreenPosition({x: +x, y: +y})} : dropped
  if (!shown) return null
  return (
    <div className="refusal" role="alert" style={{left: shown.x, top: shown.y}}>
      {shown.text}
    </div>
  )
}

/** The port under the wire being drawn and the pointer's place, as one string (compared by value). */
function hovered(connection) {
  const {inProgress, isValid, toHandle, to} = connection
  if (!inProgress || isValid !== false || !toHandle) return ""
  const port = toHandle.id ?? ""
  return `${toHandle.nodeId}\n${port}\n${Math.round(to.x)}\n${Math.round(to.y)}`
}

export function NewWire({fromX, fromY, toX, toY, fromPosition, toPosition, fromNode, ...rest}) {
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    targetX: toX,
    targetY: toY,
    sourcePosition: fromPosition,
    targetPosition: toPosition,
  })
  const colour = fromNode?.data?.colour
  return (
    <g className={`new-wire ${rest.connectionStatus ?? ""}`} style={{"--population": colour}}>
      <path d={path} />
      <circle cx={toX} cy={toY} r={4} />
    </g>
  )
}

export function EmptyCanvas({onExamples, onSearch, onFile}) {
  const {t} = useBench()
  const ways = [
    ["examples", onExamples, <path key="p" d="M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z" />],
    ["search", onSearch, <path key="p" d="M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3zM13.4 13.4 18 18" />],
    ["file", onFile, <path key="p" d="M10 13V3M6 7l4-4 4 4M3 13v4h14v-4" />],
  ]
  return (
    <div className="empty">
      <p className="empty-title">{t("canvas.empty.title")}</p>
      <div className="ways">
        {ways.map(([name, act, icon]) => (
          <button key={name} type="button" className="way" onClick={act}>
            <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{icon}</svg>
            <b>{t(`canvas.empty.${name}`)}</b>
            <span>{t(`canvas.empty.${name}.how`)}</span>
          </button>
        ))}
      </div>
    </div>
  )
}
