// The page of learning tasks: what is learnt and its numbers on the left, how it goes on the right.

const ENDED = new Set(["done", "stopped", "refused", "failed"])
const WRONG = new Set(["refused", "failed"])
const LONG = 24 // letters of a choice that has no room beside its name
const DECODED_IN = 400 // ms that pictures of a new drawing have before it is shown all the same

export function render({ model }) {
  const say = (key, values) => fill(model.strings, key, values)
  const page = h("main", { class: "studio", tabIndex: -1, hidden: true, "aria-label": say("studio.label") })
  const sheet = makeSheet(model, say)
  const stage = makeStage(model, say)
  page.append(sheet.element, stage.element)
  let open = false
  let opener = null // what had the focus before: it has it again afterwards

  function show() {
    const content = model.content
    if (content.open && !open) opener = focused()
    page.hidden = !content.open
    if (content.open !== open) {
      open = Boolean(content.open)
      announce("cover", { name: "studying", open })
      requestAnimationFrame(() => (open ? page.focus() : announce("return-focus", { to: opener })))
    }
    if (!open) return
    sheet.show(content)
    stage.show(content)
    showCourse()
  }
  function showCourse() {
    const course = model.course
    announce("learning", { words: course.learning ?? "" })
    if (!open || course.key !== model.content.key) return
    sheet.showCourse(course)
    stage.showCourse(course)
  }
  function leave(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return
    event.preventDefault()
    if (isTyping(event)) page.focus()
    else model.send_msg({ type: "close" })
  }
  page.addEventListener("keydown", leave)
  // A field that was left by Escape leaves the focus nowhere.
  listen(model, window, "keydown", (event) => open && origin(event) === document.body && leave(event))
  model.on("content", show)
  model.on("form", () => sheet.showForm())
  model.on("course", showCourse)
  model.on("msg:custom", (message) => {
    if (message.path) sheet.fail(message)
    else if (message.drawing) {
      if (message.key === model.content.key) stage.draw(message.drawing)
      model.send_msg({ type: "seen" })
    }
  })
  listen(model, window, "workbench:search-studying", () => sheet.focus())
  listen(model, window, "workbench:focus-studying", () => page.focus())
  listen(model, window, "workbench:open-learning", () => model.send_msg({ type: "open" }))
  show()
  return page
}

// The sheet

function makeSheet(model, say) {
  const act = (action) => model.send_msg({ type: "act", action })
  const choose = h("select", { class: "pick-task", "aria-label": say("studio.choose"), on: { change: () => model.send_msg({ type: "show", name: choose.value }) } })
  const crown = h("div", { class: "crown" }, choose, iconButton("close", say("studio.close"), () => model.send_msg({ type: "close" })))
  const doc = h("p", {})
  const origin = h("p", { class: "origin" })
  const rowsOf = makeRows(model, say)
  const form = h("div", { class: "form" })
  const reset = h("button", { type: "button", class: "button reset", on: { click: () => act("reset") } }, say("studio.defaults"))
  const body = h("div", { class: "body scroll" }, h("section", { class: "about" }, doc, origin), form, h("div", { class: "kept" }, reset))
  const controls = makeControls(model, say, act)
  const element = h("div", { class: "sheet" }, crown, body, controls.element, rowsOf.tip)
  let key = ""
  let titles = ""

  function show(content) {
    const listed = JSON.stringify(content.tasks)
    if (listed !== titles) choose.replaceChildren(...content.tasks.map(({ name, title }) => h("option", { value: name }, title)))
    titles = listed
    choose.value = content.key
    setText(doc, content.doc)
    setText(origin, content.source)
    if (content.key !== key) body.scrollTop = 0
    key = content.key
    showForm()
  }
  function showForm() {
    const { form: data } = model
    if (!data.key || data.key !== model.content.key) return
    rowsOf.show(form, data.sections)
    for (const row of data.sections.flatMap((section) => section.rows)) explain(row)
    reset.hidden = !data.varied
  }
  /** What a number means stands below it: nobody who learns should have to look for it. */
  function explain(row) {
    const line = form.querySelector(`.row[data-path="${CSS.escape(row.path)}"]`)
    const meaning = row.help?.meaning
    if (!line) return
    line.classList.toggle("long", Boolean(row.options?.some(({ label }) => label.length > LONG)))
    if (!meaning || meaning === row.name || line.querySelector(".meaning")) return
    line.append(h("p", { class: "meaning" }, meaning))
  }
  return { element, show, showForm, showCourse: controls.show, fail: rowsOf.fail, focus: () => choose.focus() }
}

/** The button, how far it is, and what a person should know before pressing it. */
function makeControls(model, say, act) {
  const word = h("span")
  let action = "learn"
  const main = h("button", { type: "button", class: "primary learn", on: { click: press } }, icon("run", 14), word)
  const bar = h("span", { class: "reached" })
  const track = h("div", { class: "track", role: "progressbar", "aria-label": say("studio.progress"), "aria-valuemin": 0, "aria-valuemax": 100 }, bar)
  const share = h("span", { class: "mono share" })
  const words = h("span", { class: "words" })
  const clock = h("span", { class: "mono clock", title: say("studio.elapsed") })
  const note = h("p", { class: "note", role: "status", hidden: true })
  const other = h("button", { type: "button", class: "button", on: { click: () => model.send_msg({ type: "show", name: model.course.other }) } }, say("studio.other.show"))
  const element = h("div", { class: "controls" }, note, h("div", { class: "telling" }, share, words, clock), track, main)
  let shown = false // whether the button stops
  let noted = "" // the sentence of the note: put there anew it would be read out again
  let began = 0 // when it began to learn, by this browser's clock
  let timer = 0

  function show(course) {
    const { state } = course
    const active = ["waiting", "starting", "learning", "stopping"].includes(state)
    const percent = Math.floor(100 * course.share)
    bar.style.transform = `scaleX(${course.share})`
    track.setAttribute("aria-valuenow", String(percent))
    setText(share, state === "learning" ? `${percent} %` : "")
    setText(words, state === "waiting" || state === "learning" ? course.words : say(`studio.state.${state}`, { percent }))
    words.title = words.textContent
    element.dataset.state = state
    const sentence = course.missing || course.note
    note.hidden = !sentence
    note.classList.toggle("missing", Boolean(course.missing))
    if (sentence !== noted) note.replaceChildren(sentence, ...(course.other && !course.missing ? [" ", other] : []))
    noted = sentence
    showButton(state, active, course)
    began = performance.now() - 1000 * course.elapsed
    clearInterval(timer)
    const running = state === "learning" || state === "starting" || state === "stopping"
    if (running) timer = setInterval(tick, 250)
    clock.hidden = !running && !ENDED.has(state)
    setText(clock, lasting(course.elapsed))
  }
  /** The second click of a double click does not end what the first has stopped. */
  function press(event) {
    if (action !== "end" || event.detail < 2) act(action)
  }
  function tick() {
    setText(clock, lasting((performance.now() - began) / 1000))
  }
  function showButton(state, active, course) {
    action = state === "stopping" ? "end" : active ? "stop" : "learn"
    setText(word, say(`studio.${state === "waiting" ? "leave" : action}`))
    main.disabled = !active && Boolean(course.other || course.missing)
    main.classList.toggle("stops", active)
    if (shown !== active) main.querySelector("svg").replaceWith(icon(active ? "stop" : "run", 14))
    shown = active
  }
  model.on("lifecycle:remove", () => clearInterval(timer))
  return { element, show }
}

function lasting(seconds) {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`
}

// The stage

function makeStage(model, say) {
  const origin = h("span")
  const note = h("p", { class: "finished", hidden: true }, origin, " ", h("span", { class: "hint" }, say("studio.press")))
  const save = h("button", { type: "button", class: "button save", title: say("studio.save.title"), on: { click: () => keep() } }, say("studio.save"))
  const holder = h("div", { class: "holder" })
  const result = h("p", { class: "result", role: "status", hidden: true })
  const element = h("section", { class: "stage scroll", tabIndex: 0, "aria-label": say("studio.panels") }, h("div", { class: "inner" }, h("div", { class: "over" }, note, save), holder, result))
  let key = ""
  let text = "" // the SVG that is shown, as it came
  let live = false // drawn by a run, not the plot that is shipped
  let latest = 0

  function show(content) {
    if (content.key === key) return
    key = content.key
    text = ""
    live = false
    latest += 1
    element.scrollTop = 0
    if (content.plot) put(content.plot)
    else holder.replaceChildren(h("p", { class: "empty" }, say("studio.empty")))
    setText(origin, content.plot_note)
    mark()
  }
  function mark() {
    note.hidden = live || !text
    save.hidden = !live
    element.classList.toggle("finished-plot", !live)
  }
  function draw(markup) {
    live = true
    element.classList.remove("before")
    put(markup)
    mark()
  }
  /** Pictures inside a drawing are decoded a moment later: till then the one before stays. */
  function put(markup) {
    const drawn = vectors(markup)
    if (!drawn) return
    text = markup
    const number = (latest += 1)
    const pictures = [...drawn.querySelectorAll("image")]
    const before = holder.firstElementChild
    if (!pictures.length || !before) return holder.replaceChildren(drawn)
    drawn.classList.add("coming")
    holder.append(drawn)
    const loaded = pictures.map((picture) => new Promise((done) => ["load", "error"].forEach((event) => picture.addEventListener(event, done))))
    const late = new Promise((done) => setTimeout(done, DECODED_IN))
    Promise.race([Promise.all(loaded), late]).then(() => {
      if (number !== latest) return drawn.remove()
      drawn.classList.remove("coming")
      holder.replaceChildren(drawn)
    })
  }
  function showCourse(course) {
    const ended = ENDED.has(course.state)
    result.hidden = !(ended && course.result)
    setText(result, ended ? course.result : "")
    result.classList.toggle("wrong", WRONG.has(course.state))
    // What an earlier run drew, until there is something of this one.
    element.classList.toggle("before", course.state === "waiting" || course.state === "starting")
  }
  function keep() {
    const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }))
    const link = h("a", { href: url, download: `${key}.svg` })
    link.click()
    URL.revokeObjectURL(url)
  }
  return { element, show, draw, showCourse }
}
