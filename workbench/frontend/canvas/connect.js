// Drawing a wire.  When it begins Python is asked which ports would take it and why the others would
// not; dropped on a port that takes it, or anywhere on a node that has one, it is one message.
import {useCallback, useEffect, useMemo, useRef, useState} from "react"

const SHOWN = 3200 // ms that a reason stays after the drop

function pointOf(event) {
  const touch = event.changedTouches?.[0] ?? event
  return {x: touch.clientX, y: touch.clientY}
}

/** The node under a point of the screen, through the shadow root that the canvas lives in. */
function nodeAt(wrapper, {x, y}) {
  return wrapper.getRootNode().elementFromPoint(x, y)?.closest(".react-flow__node")?.dataset.id
}

/** The reason at the pointer after a drop: [it or null, refuse(sentence, point)]. */
function useReason(pointer) {
  const [dropped, setDropped] = useState(null)
  const timer = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  const refuse = useCallback((text, point) => {
    const place = point ?? pointer.current ?? {x: innerWidth / 2, y: innerHeight / 2}
    setDropped({text, ...place})
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setDropped(null), SHOWN)
  }, [pointer])
  const hide = useCallback(() => setDropped(null), [])
  return {dropped, refuse, hide}
}

/** Python's message for a wire between `from` and another node; it chooses the port if need be. */
function connection(from, node) {
  const forward = from.side === "source"
  return {
    type: "connect",
    source: forward ? from.node : node,
    target: forward ? node : from.node,
    port: forward ? null : from.handle,
  }
}

export function useConnect({connecting, wrapper, pointer, send}) {
  const {dropped, refuse, hide} = useReason(pointer)
  const handlers = useMemo(() => {
    const portOf = ({source, target, targetHandle}) =>
      connecting.from?.side === "target" ? [source, "out"] : [target, targetHandle]
    return {
      onConnectStart: (_event, {nodeId, handleId, handleType}) => {
        hide()
        wrapper.current?.classList.add("connecting")
        const request = connecting.begin({node: nodeId, handle: handleId, side: handleType})
        send({type: "reasons", request, node: nodeId, port: handleId, side: handleType})
      },
      isValidConnection: wire => connecting.reason(...portOf(wire)) === null,
      onConnect: ({source, target, targetHandle}) =>
        send({type: "connect", source, target, port: targetHandle}),
      onConnectEnd: (event, state) => {
        const {from} = connecting
        wrapper.current?.classList.remove("connecting")
        const point = pointOf(event)
        if (from !== null) finish({connecting, from, state, point, wrapper, send, refuse})
        connecting.end()
      },
    }
  }, [connecting, wrapper, send, refuse, hide])
  return {dropped, refuse, ...handlers}
}

/** A drop that is not on a port that takes it: on a node one is found, else the reason is shown. */
function finish({connecting, from, state, point, wrapper, send, refuse}) {
  if (state.isValid) return
  if (state.toHandle) {
    const why = connecting.reason(state.toHandle.nodeId, state.toHandle.id)
    if (why) refuse(why, point)
    return
  }
  const node = nodeAt(wrapper.current, point)
  if (node === undefined || node === from.node) return
  if (connecting.takes(node)) send(connection(from, node))
  else refuse(connecting.firstReason(node), point)
}
