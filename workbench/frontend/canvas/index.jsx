// Entry of the bundle.  Panel's React component asks for React and createRoot as well, so that the
// page has one copy of React for this component, and calls `render` for its content.
import * as React from "react"
import {createRoot} from "react-dom/client"
import {ReactFlowProvider} from "@xyflow/react"
import "@xyflow/react/dist/base.css"
import "./canvas.css"
import {Canvas} from "./Canvas.jsx"

export function render({model}) {
  return (
    <ReactFlowProvider>
      <Canvas model={model} />
    </ReactFlowProvider>
  )
}

export default {React, createRoot, render}
