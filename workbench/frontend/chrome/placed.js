// The inspector's drawing of members that have places: dots that light up, and a space to turn around.

const BORDER = 10 // px around the drawing, where names of axes stand
const PER_PIXEL = 0.01 // rad that a drag of a pixel turns
const PER_KEY = 0.12 // rad
const views = new Map() // document and node -> how its space was last turned

/** Dots of a node; `paint` shows them in the shades of a run. */
function placed(data) {
  const canvas = h("canvas", { class: "shape", role: "img" })
  const note = h("p", { class: "sentence", hidden: true })
  const element = h("div", {}, canvas, note)
  let signature = ""
  let places = null
  let lay = null // of the dots, as they are seen now
  const dots = document.createElement("canvas")
  let lit = null // the newest shades
  let waiting = 0

  const turned = () => JSON.stringify([data.document, data.node])
  const view = () => views.get(turned()) ?? OBLIQUE
  const fit = () => fitted(places, data.width - 2 * BORDER, data.tallest, view())

  function paint(shades) {
    lit = shades
    const { width, colour } = data
    const box = fit()
    const density = window.devicePixelRatio || 1
    const [across, up] = [width * density, (box.height + 2 * BORDER) * density].map(Math.round)
    if (canvas.width !== across || canvas.height !== up) Object.assign(canvas, { width: across, height: up })
    const ink = canvas.getContext("2d")
    ink.setTransform(1, 0, 0, 1, 0, 0)
    ink.clearRect(0, 0, across, up)
    ink.setTransform(density, 0, 0, density, BORDER * density, BORDER * density)
    if (lay?.width !== across || lay.height !== up) {
      const corner = BORDER * density
      lay = layDots(membersSeen(places, box, view()), dotSize(places, box), { width: across, height: up, scale: density, left: corner, top: corner })
      Object.assign(dots, { width: across, height: up })
    }
    const { color, fontFamily } = getComputedStyle(canvas)
    ink.font = `11px ${fontFamily}`
    if (places.deep) drawBox(ink, places, box, view(), color)
    dots.getContext("2d").putImageData(paintDots(lay, lit, colour), 0, 0)
    ink.drawImage(dots, -BORDER, -BORDER, across / density, up / density)
    if (places.deep) drawAxes(ink, box, view(), color)
  }
  function turnBy(turn, tilt) {
    const now = view()
    const bounded = Math.min(STEEPEST, Math.max(-STEEPEST, now.tilt + tilt))
    look({ turn: now.turn + turn, tilt: bounded })
  }
  function look(next) {
    views.set(turned(), next)
    lay = null
    repaint()
  }
  function repaint() {
    cancelAnimationFrame(waiting)
    waiting = requestAnimationFrame(() => canvas.isConnected && paint(lit))
  }
  function show(next) {
    data = next
    const drawn = JSON.stringify([next.document, next.node, next.places, next.colour, next.width])
    canvas.setAttribute("aria-label", next.label)
    if (drawn === signature) return
    signature = drawn
    places = readPlaces(next.places)
    lay = null
    canvas.classList.toggle("turns", places.deep)
    canvas.tabIndex = places.deep ? 0 : -1
    note.hidden = !places.deep
    setText(note, places.deep ? next.hint : "")
    paint(null)
    repaint() // in the colours of the page, which it is not in yet
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!places.deep || event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return
    turnBy(-event.movementX * PER_PIXEL, event.movementY * PER_PIXEL)
  })
  canvas.addEventListener("dblclick", () => places.deep && look(OBLIQUE))
  canvas.addEventListener("keydown", (event) => {
    const turns = { ArrowLeft: [PER_KEY, 0], ArrowRight: [-PER_KEY, 0], ArrowUp: [0, -PER_KEY], ArrowDown: [0, PER_KEY] }
    if (!places.deep || !turns[event.key]) return
    event.preventDefault()
    event.stopPropagation()
    turnBy(...turns[event.key])
  })
  show(data)
  const painted = ({ id, shades }) => {
    if (id === data.node && shades?.length === places.count && canvas.isConnected) paint(shades)
  }
  return { element, show, fail() {}, painted }
}
