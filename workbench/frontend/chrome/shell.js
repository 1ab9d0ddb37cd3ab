// The frame: a grid of places, the splitter between canvas and tiles, and the keyboard.

const PLACES = ["top", "palette", "canvas", "tiles", "inspector", "model_page", "studio", "status", "dialogs"]
const BEHIND = ["palette", "inspector"] // what a page in front covers, besides the centre
const MINIMUM = 120 // px that canvas and tiles always keep

export function render({ model }) {
  const strings = model.strings
  const slots = Object.fromEntries(PLACES.map((name) => [name, h("div", { class: `slot ${name}` }, model.get_child(name))]))
  const splitter = makeSplitter(strings)
  const drawer = iconButton("panel", strings["shell.inspector"], () => toggleDrawer(), { class: "ghost drawer", "aria-expanded": "false" })
  const centre = h("main", { class: "centre", "aria-label": strings["shell.editor"] }, slots.canvas, splitter, slots.tiles)
  const lost = makeBanner(strings)
  const shell = h("div", { class: "page" }, slots.top, slots.palette, centre, slots.inspector, slots.model_page, slots.studio, slots.status, slots.dialogs, drawer, lost.element)

  let front = "" // the page in front of everything between top bar and status line, if any

  function cover({ name, open }) {
    if (!open && front !== name) return // another has taken its place
    if (front) shell.classList.remove(front, "covered")
    front = open ? name : ""
    if (front) shell.classList.add(front, "covered")
    for (const covered of [centre, drawer, ...BEHIND.map((name) => slots[name])]) covered.inert = open
  }
  /** While a page is in front no key is for the canvas behind it. */
  function keepFocus() {
    if (front && document.activeElement === document.body) announce(`focus-${front}`)
  }
  function toggleDrawer(open = !shell.classList.contains("inspecting")) {
    shell.classList.toggle("inspecting", open)
    drawer.setAttribute("aria-expanded", String(open))
  }
  dragSplitter(model, splitter, shell, centre)
  listen(model, window, "keydown", (event) => onKey(event, model, front))
  listen(model, window, "workbench:cover", (event) => cover(event.detail))
  listen(model, window, "keydown", keepFocus, true)
  // A page that has closed gives the focus back, unless another page has come in front.
  listen(model, window, "workbench:return-focus", ({ detail: { to } }) => !front && to?.isConnected && to.focus())
  listen(model, window, "workbench:inspect", (event) => toggleDrawer(event.detail.open))
  listen(model, window, "error", (event) => report(model, event.message))
  listen(model, window, "unhandledrejection", (event) => report(model, event.reason?.message ?? event.reason))
  model.document.on_event("connection_lost", (_, event) => lost.show(event.timeout === null))
  model.document.on_event("client_reconnected", () => lost.hide())
  document.getElementById("wb-boot")?.remove()
  return shell
}

function makeSplitter(strings) {
  return h("div", {
    class: "splitter", role: "separator", tabIndex: 0, "aria-orientation": "horizontal",
    "aria-label": strings["shell.splitter"], title: strings["shell.splitter"],
  })
}

/** What is said while the server does not answer: it is being tried again, or only a reload helps. */
function makeBanner(strings) {
  const words = h("span")
  const reload = h("button", { type: "button", class: "button", on: { click: () => window.location.reload() } }, strings["shell.reload"])
  const element = h("div", { class: "lost", role: "alert", hidden: true }, icon("warning"), words, reload)
  const show = (forGood) => {
    setText(words, strings[forGood ? "shell.lost" : "shell.retrying"])
    reload.hidden = !forGood
    element.hidden = false
  }
  return { element, show, hide: () => (element.hidden = true) }
}

/** Height of the tiles: dragged, or moved by the arrow keys; remembered by this browser. */
function dragSplitter(model, splitter, shell, centre) {
  let height = Number(recall("tiles")) || 0
  const apply = (wanted) => {
    const room = centre.clientHeight
    height = room ? Math.round(Math.min(Math.max(wanted, MINIMUM), Math.max(MINIMUM, room - MINIMUM))) : wanted
    shell.style.setProperty("--tiles", `${height}px`)
    splitter.setAttribute("aria-valuenow", String(height))
  }
  if (height) apply(height)
  const current = () => shell.querySelector(".slot.tiles").offsetHeight
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId)
    const base = current() + event.clientY
    splitter.onpointermove = (move) => apply(base - move.clientY)
  })
  const end = () => {
    if (splitter.onpointermove) remember("tiles", height)
    splitter.onpointermove = null
  }
  splitter.addEventListener("pointerup", end)
  splitter.addEventListener("pointercancel", end)
  splitter.addEventListener("dblclick", () => {
    shell.style.removeProperty("--tiles")
    remember("tiles", "")
  })
  splitter.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 24, ArrowDown: -24 }[event.key]
    if (!step) return
    event.preventDefault()
    apply(current() + step)
    remember("tiles", height)
  })
  listen(model, window, "resize", () => height && apply(height))
}

// key (with modifiers, in this order: Ctrl, Shift) -> what happens. "Ctrl" is Command on a Mac.
const SHORTCUTS = {
  "Ctrl+z": "undo", "Ctrl+Shift+z": "redo", "Ctrl+y": "redo", "Ctrl+s": "save", "Ctrl+Shift+s": "save_as",
  "Ctrl+o": "open", "/": "search", "?": "keys", "Shift+?": "keys", " ": "run", ".": "step", m: "models", l: "learn",
}
const LOCAL = new Set(["search"])
// page in front -> what would happen to the document that it covers, unseen
const COVERED = { studying: new Set(["undo", "redo", "run", "step"]) }

function onKey(event, model, front) {
  if (event.defaultPrevented || event.altKey) return
  const action = SHORTCUTS[chord(event)]
  if (!action || isBusy(event, action) || COVERED[front]?.has(action)) return
  event.preventDefault()
  if (LOCAL.has(action)) announce(front ? `${action}-${front}` : action)
  else model.send_msg({ type: "shortcut", action })
}

function chord(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const control = event.ctrlKey || event.metaKey
  return `${control ? "Ctrl+" : ""}${event.shiftKey && /[a-z?]/.test(key) ? "Shift+" : ""}${key}`
}

/** Whether the key belongs to what has the focus: a text field, a button's own Space, an open dialog. */
function isBusy(event, action) {
  const path = event.composedPath().filter((node) => node instanceof Element)
  // A dialog that has just closed still holds the focus until the next frame.
  if (path.some((node) => node.tagName === "DIALOG" && node.open)) return true
  if (isTyping(event)) return !["save", "save_as", "open"].includes(action)
  return action === "run" && path.some((node) => ["BUTTON", "SUMMARY", "A"].includes(node.tagName) || node.getAttribute("role") === "menuitem")
}

function report(model, message) {
  // ResizeObserver's notice is not an error: the browser only says that it goes on in the next frame.
  if (String(message).startsWith("ResizeObserver loop")) return
  model.send_msg({ type: "browser_error", message: String(message).slice(0, 500) })
}
