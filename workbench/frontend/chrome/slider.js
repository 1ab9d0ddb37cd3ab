// The slider of a quantity: even steps of its value, or of the logarithm; a drag is one gesture.

const DRAG_INTERVAL = 50 // ms between values while a slider is dragged
const KEYS_APART = 700 // ms after which another press of an arrow key is another gesture
const SLIDER_STEPS = 400

/** A value with no more digits than its slider can tell apart. */
function tidy(value, data) {
  if (data.integer) return Math.round(value)
  const step = data.slider?.step
  if (step && !data.slider.log) return Number((Math.round(value / step) * step).toPrecision(10))
  return Number(value.toPrecision(3))
}

const KEY_STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }

/** `moved(value)` is called as the knob moves, `send(value)` now and then and when it rests. */
function makeSlider(current, tools, { moved, send, now }) {
  let holding = null // from the first move to the last of a gesture: the range it began with
  let byPointer = false
  let timer = 0
  let idle = 0
  let pending = null
  const element = h("input", {
    type: "range", class: "slider", min: 0, max: SLIDER_STEPS, step: 1, tabIndex: 0, "aria-label": current().name,
    on: {
      pointerdown: () => { byPointer = true },
      input: () => take(fromSlider(Number(element.value), holding ?? current())),
      keydown: (event) => {
        const steps = KEY_STEPS[event.key]
        if (!steps || event.ctrlKey || event.metaKey || event.altKey) return
        event.preventDefault()
        step(steps)
      },
      change: () => {
        flush()
        if (byPointer) release()
        else releaseSoon()
      },
      blur: () => release(),
    },
  })
  function take(value) {
    if (!holding) {
      holding = current()
      tools.gesture(current().path, "begin")
    }
    moved(value)
    paint(value)
    pending = value
    if (!timer) pulse()
  }
  /** The first value goes at once, those after it in intervals: the last of each. */
  function pulse() {
    timer = 0
    if (pending === null) return
    send(pending)
    pending = null
    timer = setTimeout(pulse, DRAG_INTERVAL)
  }
  /** A key moves by steps of the value, not of the knob: of those several may mean the same. */
  function step(steps) {
    const data = holding ?? current()
    const { low, high, log, step } = data.slider
    const value = log ? fromSlider(clamp(toSlider(now(), data) + steps, 0, SLIDER_STEPS), data) : clamp(tidy(now() + steps * step, data), low, high)
    element.value = String(toSlider(value, data))
    take(value)
    releaseSoon()
  }
  function releaseSoon() {
    clearTimeout(idle)
    idle = setTimeout(release, KEYS_APART)
  }
  /** All of one drag, or of one row of key presses, is one undo. */
  function release() {
    clearTimeout(idle)
    byPointer = false
    if (!holding) return
    flush()
    holding = null
    tools.gesture(current().path, "end")
  }
  function flush() {
    clearTimeout(timer)
    timer = 0
    if (pending !== null) send(pending)
    pending = null
  }
  function paint(value) {
    // A range that ends at zero (a weight that inhibits) is filled from there.
    const share = (100 * toSlider(value, holding ?? current())) / SLIDER_STEPS
    const fromRight = Boolean(current().slider.from_right)
    element.classList.toggle("from-right", fromRight)
    element.style.setProperty("--fill", `${fromRight ? 100 - share : share}%`)
    element.setAttribute("aria-valuetext", `${formatNumber(value)} ${current().unit ?? ""}`)
  }
  function show(data) {
    const known = typeof data.value === "number"
    element.disabled = !known || Boolean(data.locked)
    if (!known) return
    // A knob under the hand stays put unless the value is another: an undo in the middle of a drag.
    if (holding && fromSlider(Number(element.value), holding) === data.value) return
    holding &&= data
    element.value = String(toSlider(data.value, data))
    paint(data.value)
  }
  return { element, show }
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value))

function toSlider(value, { slider: { low, high, log } }) {
  const share = log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low)
  return Math.round(clamp(share, 0, 1) * SLIDER_STEPS)
}

function fromSlider(position, data) {
  const { low, high, log } = data.slider
  const share = position / SLIDER_STEPS
  if (position === 0) return low
  if (position === SLIDER_STEPS) return high
  return tidy(log ? low * (high / low) ** share : low + share * (high - low), data)
}
