// What every part of the canvas needs, by React context: a way to speak to Python, the visible
// strings, the live lines, and the state of a wire being drawn.
import {createContext, useCallback, useContext, useEffect, useState} from "react"

export const Bench = createContext(null)
export const useBench = () => useContext(Bench)

/** `t(key, {n: 3})`: the string of that key with its {places} filled. */
export function textFrom(strings) {
  return (key, values = {}) =>
    (strings[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place)
}

/** The newest value that Python gave a parameter; never written back from here. */
export function useParameter(model, name) {
  const [value, setValue] = useState(() => model[name])
  useEffect(() => {
    const update = () => setValue(model[name])
    model.on(name, update)
    update()
    return () => model.off(name, update)
  }, [model, name])
  return value
}

/** Calls `handlers[message.type](message)` for messages from Python. */
export function useMessages(model, handlers) {
  const latest = useCallback(event => {
    const message = event.data ?? event
    handlers.current[message.type]?.(message)
  }, [handlers])
  useEffect(() => {
    model.on("msg:custom", latest)
    return () => model.off("msg:custom", latest)
  }, [model, latest])
}

/** The wire being drawn: where it began, which ports would take it and why the others would not. */
export class Connecting {
  constructor() {
    this.listeners = new Set()
    this.request = 0
    this.clear()
  }

  subscribe = listener => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell() {
    for (const listener of this.listeners) listener()
  }

  clear() {
    this.from = null // {node, handle, side}
    this.reasons = null // {"node/port": sentence or null}, null while Python has not answered
  }

  begin(from) {
    this.from = from
    this.reasons = null
    this.request += 1
    this.tell()
    return this.request
  }

  answer(request, reasons) {
    if (request !== this.request || this.from === null) return
    this.reasons = reasons
    this.tell()
  }

  end() {
    this.clear()
    this.tell()
  }

  /** Null when the port would take the wire or nothing is known yet, else the reason. */
  reason(node, port) {
    return this.reasons?.[`${node}/${port}`] ?? null
  }

  /** "" when idle, "from" for the node it began at, else one digit a port: 1 would take it. */
  stateOf(node, inputs) {
    if (this.from === null) return ""
    const ports = this.from.side === "source" ? inputs : ["out"]
    if (this.reasons === null) return this.from.node === node ? "from" : "unknown"
    const own = this.from.node === node ? "from " : ""
    return own + ports.map(port => (this.reasons[`${node}/${port}`] == null ? "1" : "0")).join("")
  }

  /** Whether some port of a node would take the wire; before Python has answered, perhaps: it
   * chooses the port when the wire is dropped, or says why there is none. */
  takes(node) {
    const keys = this.portsOf(node)
    return keys.length === 0 || keys.some(key => this.reasons[key] == null)
  }

  /** Why no port of a node would take the wire. */
  firstReason(node) {
    return this.reasons?.[this.portsOf(node)[0]] ?? null
  }

  portsOf(node) {
    const keys = Object.keys(this.reasons ?? {})
    return keys.filter(key => key.slice(0, key.lastIndexOf("/")) === node)
  }
}
