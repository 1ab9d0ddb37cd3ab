// Keys of the canvas.  They act when the focus is on the canvas or nowhere, never while typing;
// Ctrl+Z, the space bar and "/" belong to the page.
import {useEffect, useRef} from "react"

const NUDGE = 8 // px of the canvas; with Shift five times as much
const SETTLE = 450 // ms after the last arrow key until the move is one gesture
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}

/** The element that has the focus, inside whatever shadow roots. */
export function focused() {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active
}

function typing(element) {
  return element?.isContentEditable || /^(input|textarea|select)$/i.test(element?.tagName ?? "")
}

/** Whether a key press is meant for the canvas `wrapper`. */
function concerns(wrapper, event) {
  if (event.defaultPrevented || wrapper === null) return false
  const active = focused()
  if (typing(active) || typing(event.composedPath()[0])) return false
  // A dialog that has just closed still holds the focus until the next frame.
  const nowhere = active === null || active === document.body || active.closest("dialog:not([open])")
  return nowhere || wrapper.contains(active)
}

/** "Ctrl+D", "f", "ArrowLeft" ...: Ctrl stands for Cmd as well. */
function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key
}

/** `actions[name](event)` on a key; `nudge(dx, dy)` moves now, `settle()` ends the gesture. */
export function useKeyboard(wrapper, actions, nudge, settle) {
  const latest = useRef({})
  latest.current = {actions, nudge, settle}
  useEffect(() => {
    let timer = 0
    const onKey = event => {
      if (!concerns(wrapper.current, event)) return
      const arrow = ARROWS[event.key]
      const {actions, nudge, settle} = latest.current
      if (arrow && !event.ctrlKey && !event.metaKey && !event.altKey) {
        const step = NUDGE * (event.shiftKey ? 5 : 1)
        if (!nudge(arrow[0] * step, arrow[1] * step)) return
        clearTimeout(timer)
        timer = setTimeout(settle, SETTLE)
      } else if (actions[nameOf(event)]?.(event) !== true) {
        return
      }
      event.preventDefault()
    }
    document.addEventListener("keydown", onKey)
    return () => {
      clearTimeout(timer)
      document.removeEventListener("keydown", onKey)
    }
  }, [wrapper])
}
