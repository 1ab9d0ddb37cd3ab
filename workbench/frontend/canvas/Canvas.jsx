// The graph canvas.  Python's document is the truth: a gesture is sent as one message, and what
// Python then says is drawn.  Between the two only what is under the pointer moves by itself.
import {Background, BackgroundVariant, MiniMap, ReactFlow, SelectionMode, applyEdgeChanges,
  applyNodeChanges, useReactFlow} from "@xyflow/react"
import {useCallback, useEffect, useMemo, useRef, useState} from "react"
import {Bench, Connecting, textFrom, useMessages, useParameter} from "./bench.js"
import {useConnect} from "./connect.js"
import {useDrop} from "./drop.js"
import {mark, mergeEdges, mergeNodes} from "./graph.js"
import {focused, useKeyboard} from "./keyboard.js"
import {LiveLines} from "./live.js"
import {EmptyCanvas, GENTLE, NewWire, Refusal, ZoomControl, fitOptions} from "./overlays.jsx"
import {PopulationNode} from "./PopulationNode.jsx"
import {Wire} from "./Wire.jsx"

const NODE_TYPES = {population: PopulationNode}
const EDGE_TYPES = {wire: Wire}
const FIRST_FIT = fitOptions(0)
const FAR = 0.55 // below this zoom labels are too small to read
const TINY = 0.3 // below this a node is a patch of colour
const SOON = 60 // ms in which the new nodes of another document are measured
const SETTLED = 16 // ms in which a selection settles before Python hears of it

const announce = (name, detail) =>
  window.dispatchEvent(new CustomEvent(`workbench:${name}`, {detail}))

const keyOf = ids => [...ids].sort().join("\n")

const selectedIds = items => items.filter(item => item.selected).map(item => item.id)

/** Nodes and edges as Python gives them, and as the pointer changes them meanwhile. */
function useGraph(model) {
  const picked = useParameter(model, "picked")
  const first = useRef(new Set(picked.ids))
  const [nodes, setNodes] = useState(() => mergeNodes(model.nodes, [], first.current))
  const [edges, setEdges] = useState(() => mergeEdges(model.edges, model.nodes, [], first.current))
  const told = useRef({number: 0, key: keyOf(picked.ids)}) // the newest selection Python was told
  const touched = useRef(false) // whether somebody has selected since

  const refresh = useCallback(() => {
    const now = new Set(model.picked.ids)
    setNodes(current => mergeNodes(model.nodes, current, now))
    setEdges(current => mergeEdges(model.edges, model.nodes, current, now))
  }, [model])
  useEffect(() => {
    model.on("nodes", refresh)
    model.on("edges", refresh)
    return () => {
      model.off("nodes", refresh)
      model.off("edges", refresh)
    }
  }, [model, refresh])
  /** Draw what Python says is selected; an answer to an older gesture does not undo a newer one. */
  const adopt = useCallback(() => {
    const {ids, answers} = model.picked
    if (answers < told.current.number || touched.current) return
    const now = new Set(ids)
    told.current.key = keyOf(ids)
    setNodes(current => mark(current, now))
    setEdges(current => mark(current, now))
  }, [model])
  useEffect(adopt, [picked, adopt])
  return {nodes, setNodes, edges, setEdges, told, touched, adopt, refresh}
}

/** Tells Python of a selection that somebody made here, once it has settled.
 * `selection.current` is what is selected; `touch()` says that somebody selects; `tell()` lets
 * Python hear of it now, before a command that acts on it. */
function useSelection({nodes, edges, told, touched, adopt}, send) {
  const timer = useRef(0)
  const newest = useRef([])
  newest.current = [...selectedIds(nodes), ...selectedIds(edges)]
  const key = keyOf(newest.current)
  const tell = useCallback(() => {
    clearTimeout(timer.current)
    // What nobody touched is as Python said, or will be once it is drawn.
    if (!touched.current) return
    touched.current = false
    const now = keyOf(newest.current)
    if (now === told.current.key) return adopt() // what Python may have said meanwhile
    told.current = {number: told.current.number + 1, key: now}
    send({type: "select", ids: newest.current, number: told.current.number})
  }, [told, touched, adopt, send])
  const settle = useCallback(() => {
    clearTimeout(timer.current)
    timer.current = setTimeout(tell, SETTLED)
  }, [tell])
  useEffect(settle, [key, settle])
  const touch = useCallback(() => {
    touched.current = true
    settle()
  }, [touched, settle])
  return [newest, touch, tell]
}

/** Keyboard commands on the selection; each is one gesture. */
function useCommands({graph, selection, touch, tell, flow, fit, send, pointer, setNodes}) {
  const act = (type, extra = {}) => {
    if (selection.current.length === 0) return false
    tell()
    send({type, ids: selection.current, ...extra})
    return true
  }
  const selectAll = on => {
    touch()
    setNodes(current => mark(current, on ? new Set(current.map(node => node.id)) : new Set()))
    graph.setEdges(current => mark(current, new Set()))
    return true
  }
  const zoom = name => () => {
    flow[name](GENTLE)
    return true
  }
  const remove = () => act("remove")
  const selectFocused = () => {
    const id = focused()?.closest(".react-flow__node, .react-flow__edge")?.dataset.id
    if (id === undefined) return false
    touch()
    setNodes(current => mark(current, new Set([id])))
    graph.setEdges(current => mark(current, new Set([id])))
    return true
  }
  return {
    Delete: remove,
    Backspace: remove,
    Enter: selectFocused,
    f: () => {
      fit.show(GENTLE)
      return true
    },
    Escape: () => selection.current.length > 0 && selectAll(false),
    "+": zoom("zoomIn"),
    "-": zoom("zoomOut"),
    "Ctrl+a": () => selectAll(true),
    "Ctrl+c": () => String(getSelection()) === "" && act("copy"),
    "Ctrl+x": () => act("cut"),
    "Ctrl+d": () => act("duplicate"),
    "Ctrl+v": () => {
      const at = pointer.current && flow.screenToFlowPosition(pointer.current)
      tell()
      send({type: "paste", position: at ? [at.x, at.y] : null})
      return true
    },
  }
}

function useNudge({nodes, setNodes}, send) {
  const moved = useRef(new Map())
  const latest = useRef(nodes)
  latest.current = nodes
  const nudge = (dx, dy) => {
    const ids = new Set(selectedIds(latest.current))
    if (ids.size === 0) return false
    setNodes(current => current.map(node => {
      if (!ids.has(node.id)) return node
      const position = {x: node.position.x + dx, y: node.position.y + dy}
      moved.current.set(node.id, position)
      return {...node, position}
    }))
    return true
  }
  const settle = () => {
    if (moved.current.size) send({type: "move", positions: places(moved.current)})
    moved.current = new Map()
  }
  return [nudge, settle]
}

const places = positions =>
  Object.fromEntries([...positions].map(([id, {x, y}]) => [id, [Math.round(x), Math.round(y)]]))

/** `show()` brings the whole network into view, and keeps it there while the canvas changes its size
 * (the page is still being laid out, the window is resized) until somebody touches the canvas. */
function useFit(flow, wrapper) {
  const keeping = useRef(true)
  const show = useCallback(options => {
    keeping.current = true
    flow.fitView({...fitOptions(wrapper.current?.clientWidth ?? 0), ...options})
  }, [flow, wrapper])
  useEffect(() => {
    const observer = new ResizeObserver(() => keeping.current && show())
    observer.observe(wrapper.current)
    return () => observer.disconnect()
  }, [show, wrapper])
  const release = useCallback(() => { keeping.current = false }, [])
  return {show, touched: {onPointerDownCapture: release, onWheelCapture: release}}
}

/** Tells Python what part is seen, for what is added at its centre. */
function useView(flow, wrapper, send) {
  return useCallback(() => {
    const area = wrapper.current?.getBoundingClientRect()
    if (!area?.width) return
    const middle = {x: area.x + area.width / 2, y: area.y + area.height / 2}
    const centre = flow.screenToFlowPosition(middle)
    send({type: "view", centre: [Math.round(centre.x), Math.round(centre.y)]})
  }, [flow, wrapper, send])
}

export function Canvas({model}) {
  const flow = useReactFlow()
  const wrapper = useRef(null)
  const pointer = useRef(null) // where the pointer is over the canvas, for pasting
  const strings = useParameter(model, "strings")
  const colourMode = useParameter(model, "color_mode")
  const send = useCallback(message => model.send_msg(message), [model])
  const graph = useGraph(model)
  const {nodes, edges, setNodes, setEdges} = graph
  const [selection, touch, tell] = useSelection(graph, send)
  const connecting = useMemo(() => new Connecting(), [])
  const live = useMemo(() => new LiveLines(), [])
  const bench = useMemo(
    () => ({send, t: textFrom(strings), connecting, live}), [send, strings, connecting, live],
  )
  const {t} = bench
  const {dropped, refuse, ...connect} = useConnect({connecting, wrapper, pointer, send})
  const drop = useDrop({flow, wrapper, send, refuse, t})
  const view = useView(flow, wrapper, send)
  const fit = useFit(flow, wrapper)
  const [nudge, settle] = useNudge(graph, send)

  useEffect(() => live.listen(), [live])
  const handlers = useRef({})
  handlers.current = {
    reasons: message => connecting.answer(message.request, message.reasons),
    refused: message => refuse(message.text),
    reset: graph.refresh,
    fit: () => setTimeout(fit.show, SOON), // once the new nodes are measured
  }
  useMessages(model, handlers)
  useKeyboard(
    wrapper, useCommands({graph, selection, touch, tell, flow, fit, send, pointer, setNodes}),
    nudge, settle,
  )

  const aria = useMemo(() => ({
    "node.a11yDescription.default": t("canvas.node.keys"),
    "node.a11yDescription.keyboardDisabled": t("canvas.node.keys"),
    "edge.a11yDescription.default": t("canvas.edge.keys"),
  }), [t])
  const search = () => {
    announce("search")
    send({type: "palette"})
  }
  const touchedBy = useCallback(changes => {
    if (changes.some(change => change.type === "select")) touch()
  }, [touch])
  const onNodesChange = useCallback(changes => {
    const own = changes.filter(change => change.type !== "remove")
    touchedBy(own)
    setNodes(current => applyNodeChanges(own, current))
  }, [setNodes, touchedBy])
  const onEdgesChange = useCallback(changes => {
    const own = changes.filter(change => change.type !== "remove")
    touchedBy(own)
    setEdges(current => applyEdgeChanges(own, current))
  }, [setEdges, touchedBy])
  const onMoved = useCallback((_event, _node, moved) => {
    const positions = new Map(moved.map(node => [node.id, node.position]))
    if (positions.size) send({type: "move", positions: places(positions)})
  }, [send])
  const onSelectionMoved = useCallback((event, moved) => onMoved(event, null, moved), [onMoved])
  const onMove = useCallback((_event, {zoom}) => {
    wrapper.current?.classList.toggle("far", zoom < FAR)
    wrapper.current?.classList.toggle("tiny", zoom < TINY)
    live.pause(zoom < TINY)
  }, [live])

  return (
    <Bench.Provider value={bench}>
      <div ref={wrapper} className={`wb-canvas ${drop.over ? "dropping" : ""}`} tabIndex={-1}
        {...drop.handlers} {...fit.touched}
        onPointerMove={event => { pointer.current = {x: event.clientX, y: event.clientY} }}
        onPointerLeave={() => { pointer.current = null }}
        onDoubleClick={event => {
          if (event.target.closest(".react-flow__pane")) search()
        }}>
        <ReactFlow
          nodes={nodes} edges={edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES}
          onNodesChange={onNodesChange} onEdgesChange={onEdgesChange}
          onNodeDragStop={onMoved} onSelectionDragStop={onSelectionMoved}
          {...connect} connectionLineComponent={NewWire} connectionRadius={26} connectOnClick={false}
          colorMode={colourMode ?? "dark"} fitView fitViewOptions={FIRST_FIT} onInit={view}
          onMove={onMove} onMoveEnd={view} minZoom={0.1} maxZoom={2.5}
          snapToGrid snapGrid={[8, 8]} nodeDragThreshold={3}
          deleteKeyCode={null} panActivationKeyCode={null} zoomActivationKeyCode={null}
          selectionKeyCode="Shift" multiSelectionKeyCode={["Shift", "Meta", "Control"]}
          selectionMode={SelectionMode.Partial} zoomOnDoubleClick={false} disableKeyboardA11y
          onlyRenderVisibleElements elevateNodesOnSelect proOptions={{hideAttribution: true}}
          aria-label={t("canvas.label")} ariaLabelConfig={aria}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.6} />
          {nodes.length > 0 && (
            <MiniMap pannable zoomable position="bottom-right" nodeBorderRadius={16}
              nodeColor={node => node.data.colour} nodeStrokeWidth={0} ariaLabel={t("canvas.minimap")}
              style={{width: 132, height: 84}} />
          )}
          <ZoomControl onFit={fit.show} />
        </ReactFlow>
        {nodes.length === 0 && (
          <EmptyCanvas onSearch={search} onFile={drop.choose}
            onExamples={() => {
              announce("examples")
              send({type: "examples"})
            }} />
        )}
        <Refusal dropped={dropped} />
      </div>
    </Bench.Provider>
  )
}
