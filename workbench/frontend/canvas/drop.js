// Dropping on the canvas: a model from the palette, or a file from the desktop.
import {useRef, useState} from "react"

const MODEL = "application/x-workbench-model"
const LARGEST = 8_000_000 // bytes: the limit that the document reader states

const wanted = transfer => [...transfer.types].some(type => type === MODEL || type === "Files")

export function useDrop({flow, wrapper, send, refuse, t}) {
  const [over, setOver] = useState(false)
  const input = useRef(null)

  const take = async (file, point) => {
    if (!file) return
    if (file.size > LARGEST) refuse(t("canvas.file.large", {name: file.name}), point)
    else send({type: "file", name: file.name, text: await file.text()})
  }
  const choose = () => {
    input.current ??= Object.assign(document.createElement("input"), {type: "file", accept: ".json"})
    input.current.onchange = () => take(input.current.files[0])
    input.current.value = ""
    input.current.click()
  }
  const handlers = {
    onDragOver: event => {
      if (!wanted(event.dataTransfer)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = "copy"
      setOver(true)
    },
    onDragLeave: event => {
      if (!wrapper.current.contains(event.relatedTarget)) setOver(false)
    },
    onDrop: event => {
      setOver(false)
      if (!wanted(event.dataTransfer)) return
      event.preventDefault()
      const point = {x: event.clientX, y: event.clientY}
      const model = event.dataTransfer.getData(MODEL)
      if (!model) return void take(event.dataTransfer.files[0], point)
      const at = flow.screenToFlowPosition(point)
      send({type: "add", model, position: [Math.round(at.x), Math.round(at.y)]})
    },
  }
  return {over, handlers, choose}
}
