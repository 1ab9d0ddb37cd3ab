// The top bar: which document, its history, the run group, clock, speed, theme.

// The speed slider is logarithmic over 0.01 .. 100 x real time; its last position means "as fast as possible".
const SLOWEST = 0.01
const DECADES = 4
const FASTEST_POSITION = 100
const POSITIONS = 96

const ACTIVE = new Set(["running", "building"])
const STOPPABLE = new Set(["running", "building", "paused"])
const THEMES = ["dark", "light", "system"]

export function render({ model }) {
  const strings = model.strings
  const say = (key, values) => fill(strings, key, values)
  const send = (action, more = {}) => model.send_msg({ type: action, ...more })

  const name = h("input", {
    class: "name", "aria-label": say("top.name"), title: say("top.name"), spellcheck: "false", maxlength: 120,
    on: {
      change: () => send("rename", { name: name.value }),
      input: () => fit(name),
      keydown: (event) => {
        if (event.key === "Enter") name.blur()
        if (event.key === "Escape") {
          name.value = model.content.name
          fit(name)
          name.blur()
        }
      },
    },
  })
  const saved = h("span", { class: "saved" })
  const undo = iconButton("undo", say("top.undo"), () => send("shortcut", { action: "undo" }))
  const redo = iconButton("redo", say("top.redo"), () => send("shortcut", { action: "redo" }))
  const run = runGroup(say, send)
  const clock = clockGroup(say)
  const speed = speedGroup(say, send)
  const examples = h("button", { type: "button", class: "button examples", on: { click: () => send("shortcut", { action: "examples" }) } }, say("top.examples"))
  const keys = h("button", { type: "button", class: "ghost keys", "aria-label": say("top.keys"), title: say("top.keys"), on: { click: () => send("shortcut", { action: "keys" }) } }, "?")
  const theme = themeButton(model, say, send)
  const bar = h("header", { class: "bar", "aria-label": say("top.bar") },
    h("div", { class: "group document" }, h("span", { class: "logo", "aria-hidden": "true" }), name, saved, fileMenu(model, say, send), undo, redo),
    h("div", { class: "group run" }, run.element, clock.element, speed.element),
    h("div", { class: "group tools" }, examples, keys, theme))

  const showDocument = () => {
    const content = model.content
    if (origin0(name) !== name) name.value = content.name
    fit(name)
    setText(saved, say(content.saved ? "top.saved" : "top.unsaved"))
    saved.classList.toggle("dirty", !content.saved)
    undo.disabled = !content.can_undo
    redo.disabled = !content.can_redo
    document.title = say("top.title", { name: content.name })
  }
  const showRun = (status) => {
    run.show(status)
    clock.show(status)
    speed.show(status)
  }
  model.on("content", showDocument)
  model.on("msg:custom", (message) => showRun(message))
  listen(model, window, "beforeunload", (event) => {
    if (!model.content.saved) event.preventDefault()
  })
  showDocument()
  showRun(model.content.run)
  send("theme", { theme: document.documentElement.dataset.theme, choice: recall("theme") ?? "system" })
  return bar
}

/** Focused element in the shadow tree of `element`. */
function origin0(element) {
  return element.getRootNode().activeElement
}

/** The name field is as wide as its text, also where CSS cannot say so. */
function fit(input) {
  if (!CSS.supports("field-sizing", "content")) input.style.width = `${Math.max(6, input.value.length + 1)}ch`
}

function fileMenu(model, say, send) {
  const item = (action, key) => h("button", { type: "button", role: "menuitem", on: { click: () => (close(), send("shortcut", { action })) } },
    say(`top.${action}`), h("span", { class: "end" }, key))
  const menu = h("div", { class: "menu", role: "menu", hidden: true },
    item("new", ""), item("open", say("keys.open")), item("save", say("keys.save")), item("save_as", say("keys.save_as")),
    h("hr"), item("examples", ""), item("models", "M"), item("learn", "L"))
  const button = h("button", {
    type: "button", class: "ghost", "aria-haspopup": "menu", "aria-expanded": "false",
    on: { click: () => (menu.hidden ? open() : close()) },
  }, say("top.file"), icon("chevron", 12))
  const wrap = h("div", { class: "dropdown" }, button, menu)
  function open() {
    menu.hidden = false
    button.setAttribute("aria-expanded", "true")
    menu.querySelector("button").focus()
  }
  function close() {
    menu.hidden = true
    button.setAttribute("aria-expanded", "false")
  }
  wrap.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) {
      close()
      button.focus()
      event.stopPropagation()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || menu.hidden) return
    event.preventDefault()
    const items = [...menu.querySelectorAll("button")]
    items[(items.indexOf(origin0(menu)) + step + items.length) % items.length].focus()
  })
  listen(model, window, "pointerdown", (event) => {
    if (!menu.hidden && !event.composedPath().includes(wrap)) close()
  })
  return wrap
}

function runGroup(say, send) {
  const action = (name) => () => send("run", { action: name })
  const word = h("span")
  let toggles = "run"
  const main = h("button", { type: "button", class: "primary main", on: { click: () => send("run", { action: toggles }) } }, icon("run", 14), word)
  const bar = h("span", { class: "progress" })
  main.append(bar)
  const step = iconButton("step", say("runner.step"), action("step"))
  const reset = iconButton("reset", say("runner.reset"), action("reset"))
  const stop = iconButton("stop", say("runner.stop"), action("stop"))
  const rebuild = h("button", { type: "button", class: "button rebuild", hidden: true, title: say("runner.rebuild.title"), on: { click: action("run") } }, say("runner.rebuild"))
  const element = h("div", { class: "runner", role: "group", "aria-label": say("runner.group") }, main, rebuild, step, reset, stop)
  let shown = ""
  function show(status) {
    const { state, progress } = status
    const building = state === "building"
    toggles = state === "running" ? "pause" : building ? "stop" : "run"
    setText(word, building ? say("runner.building", { percent: Math.min(99, Math.floor(progress * 100)) }) : say(`runner.${toggles}`))
    bar.style.transform = `scaleX(${building ? progress : 0})`
    rebuild.hidden = !(status.rebuild && (state === "running" || state === "paused"))
    if (shown === state) return
    shown = state
    main.querySelector("svg").replaceWith(icon(building ? "stop" : toggles, 14))
    main.classList.toggle("building", building)
    main.disabled = state === "empty"
    main.title = say(`runner.${building ? "cancel" : toggles}.title`)
    step.disabled = ACTIVE.has(state) || state === "empty"
    reset.disabled = building || state === "empty" || state === "ready"
    stop.disabled = !STOPPABLE.has(state)
  }
  return { element, show }
}

function clockGroup(say) {
  const time = h("output", { class: "mono value", "aria-label": say("clock.time") })
  const factor = h("span")
  const possible = h("span", { class: "of" })
  const element = h("div", { class: "clock" },
    h("div", { class: "read time" }, h("span", { class: "label" }, say("clock.time")), time),
    h("div", { class: "read factor", title: say("clock.factor.title") }, h("span", { class: "label" }, say("clock.factor")), h("output", { class: "mono value" }, factor, possible)))
  function show(status) {
    setText(time, formatTime(status.time_ms))
    const active = status.state === "running" && status.real_time_factor > 0
    setText(factor, active ? `× ${formatFactor(status.real_time_factor)}` : "–")
    setText(possible, active && status.possible_factor > 0 ? ` ${say("clock.of", { factor: formatFactor(status.possible_factor) })}` : "")
  }
  return { element, show }
}

function formatFactor(factor) {
  return formatNumber(factor, factor < 0.0995 ? 3 : factor < 0.95 ? 2 : factor < 9.95 ? 1 : 0)
}

function speedGroup(say, send) {
  const word = h("span", { class: "mono" })
  let wanted = null // the speed that was chosen and that the server does not yet say
  let timer = 0
  const choose = (speed, wait) => {
    wanted = speed
    paint(speed)
    clearTimeout(timer)
    timer = setTimeout(() => send("speed", { speed }), wait)
  }
  const slider = h("input", {
    type: "range", min: 0, max: FASTEST_POSITION, step: 1, "aria-label": say("clock.speed"), title: say("clock.speed.title"),
    on: {
      input: () => choose(toSpeed(Number(slider.value)), 50),
      dblclick: () => {
        slider.value = String(toPosition(1))
        choose(1, 0)
      },
    },
  })
  const paint = (speed) => {
    slider.style.setProperty("--fill", `${Number(slider.value)}%`)
    const shown = speed === 0 ? say("clock.max") : `× ${formatFactor(speed)}`
    setText(word, shown)
    slider.setAttribute("aria-valuetext", shown)
  }
  const element = h("div", { class: "read speed" }, h("span", { class: "label" }, say("clock.speed"), " ", word), slider)
  function show(status) {
    if (status.speed === wanted) wanted = null
    if (wanted !== null) return
    slider.value = String(toPosition(status.speed))
    paint(status.speed)
  }
  return { element, show }
}

function toSpeed(position) {
  if (position > POSITIONS) return 0
  return Number((SLOWEST * 10 ** ((position / POSITIONS) * DECADES)).toPrecision(2))
}

function toPosition(speed) {
  if (speed <= 0) return FASTEST_POSITION
  return Math.round(Math.min(POSITIONS, Math.max(0, (Math.log10(speed / SLOWEST) / DECADES) * POSITIONS)))
}

function themeButton(model, say, send) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const chosen = () => (THEMES.includes(recall("theme")) ? recall("theme") : "system")
  const button = iconButton("theme", "", () => {
    remember("theme", THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length])
    apply()
  })
  const label = () => {
    const text = say("top.theme", { theme: say(`theme.${chosen()}`) })
    button.setAttribute("aria-label", text)
    button.title = text
  }
  function apply() {
    const theme = chosen() === "system" ? (dark.matches ? "dark" : "light") : chosen()
    label()
    if (document.documentElement.dataset.theme === theme) return
    document.documentElement.dataset.theme = theme
    announce("theme", { theme })
    send("theme", { theme, choice: chosen() })
  }
  listen(model, dark, "change", apply)
  label()
  return button
}
