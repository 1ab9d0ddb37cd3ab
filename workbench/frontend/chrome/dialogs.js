// Dialogs and short messages. A dialog is the browser's own <dialog>: Escape closes it, the focus
// stays inside and goes back to where it came from.

const TOAST_SECONDS = 6

export function render({ model }) {
  const strings = model.strings
  const say = (key, values) => fill(strings, key, values)
  const dialog = h("dialog", {
    on: {
      close: () => {
        if (dialog.open) return // told of a frame late: the next dialog is there already
        body.replaceChildren()
        if (!answered) answer("closed")
      },
      click: (event) => event.target === dialog && dialog.close(),
    },
  })
  const title = h("h2", { id: "title" })
  const body = h("div", { class: "body scroll", tabIndex: -1 })
  const foot = h("div", { class: "foot" })
  dialog.setAttribute("aria-labelledby", "title")
  dialog.append(h("div", { class: "frame" },
    h("div", { class: "head" }, title, iconButton("close", say("dialog.close"), () => dialog.close())), body, foot))
  const toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" })
  let onRefusal = null // what the screen does besides saying why
  let answered = false // a dialog that gave its answer closes in silence
  const answer = (action, more = {}) => model.send_msg({ type: "answer", action, ...more })
  const done = (action, more) => {
    answered = true
    answer(action, more)
    dialog.close()
  }
  const screens = { examples, script, open, save_as: saveAs, unsaved, problems, keys }
  const tools = { model, say, done, dialog, answer }

  function show(message) {
    const screen = screens[message.dialog](message, tools)
    onRefusal = screen.refused
    answered = false
    title.textContent = screen.title
    body.replaceChildren(...[screen.body].flat())
    foot.replaceChildren(...(screen.foot ?? []))
    foot.hidden = !screen.foot
    dialog.className = message.dialog
    if (!dialog.open) dialog.showModal()
    const first = dialog.querySelector("[data-first]") ?? body.querySelector("button, input:not([hidden])") ?? body
    first.focus()
    first.select?.()
  }

  model.on("msg:custom", (message) => {
    if (message.toast) showToast(toasts, message.toast, say)
    else if (message.refused) {
      showRefusal(body, message.refused)
      onRefusal?.(message)
    }
    else if (message.dialog) show(message)
    else if (message.close) {
      answered = true
      dialog.close()
    }
  })
  if (model.content.toast) showToast(toasts, model.content.toast, say)
  return h("div", {}, dialog, toasts)
}

function button(label, onClick, kind = "button", extra = {}) {
  return h("button", { type: "button", class: kind, ...extra, on: { click: onClick } }, label)
}

/** The sentence of what went wrong, under the dialog's fields, or none; what was typed stays. */
function showRefusal(body, sentence) {
  body.querySelector(".refusal")?.remove()
  if (sentence) body.append(h("p", { class: "refusal", role: "alert" }, sentence))
}

const READ_LIMIT = 8 * 1024 * 1024

function open(message, { say, done }) {
  const files = message.files.map((file) =>
    h("button", { type: "button", class: "row", on: { click: () => done("open_file", { name: file.name }) } },
      icon("file"), h("span", { class: "grow" }, file.name), h("span", { class: "label" }, file.note)))
  const input = h("input", { type: "file", accept: ".json,application/json", hidden: true, on: { change: () => read(input.files[0]) } })
  const drop = h("div", {
    class: "drop",
    on: {
      dragover: (event) => (event.preventDefault(), drop.classList.add("over")),
      dragleave: () => drop.classList.remove("over"),
      drop: (event) => (event.preventDefault(), drop.classList.remove("over"), read(event.dataTransfer.files[0])),
    },
  }, input, say("open.drop"), " ", button(say("open.choose"), () => input.click()))
  async function read(file) {
    if (!file) return
    if (file.size > READ_LIMIT) return showRefusal(drop.parentNode, say("open.large", { name: file.name, size: formatNumber(file.size / 1048576, 1) }))
    done("open_text", { name: file.name, text: await file.text() })
  }
  const list = files.length ? files : h("p", { class: "empty" }, say("open.none"))
  return { title: say("open.title"), body: [h("p", { class: "label folder" }, message.folder), h("div", { class: "rows" }, list), drop] }
}

function saveAs(message, { say, model, dialog }) {
  let taken = null // the name that another document has: to save under it is to replace that one
  const send = () => model.send_msg({ type: "answer", action: "save_file", name: input.value, replace: taken })
  const name = (next) => {
    taken = next
    setText(save, taken === null ? say("save_as.save") : say("save_as.replace"))
    save.classList.toggle("danger", taken !== null)
  }
  const save = button(say("save_as.save"), send, "primary")
  const input = h("input", { class: "field", value: message.name, "aria-label": say("save_as.name"), "data-first": true, maxlength: 120, spellcheck: "false",
    on: {
      input: () => {
        name(null)
        showRefusal(input.closest(".body"), "")
      },
      // Enter saves; to replace another document takes the button that says so.
      keydown: (event) => event.key === "Enter" && taken === null && send(),
    } })
  return {
    title: say("save_as.title"),
    body: [h("label", { class: "form" }, h("span", { class: "label" }, say("save_as.name")), input), h("p", { class: "label folder" }, message.folder)],
    foot: [button(say("dialog.cancel"), () => dialog.close()), save],
    refused: (refusal) => name(refusal.taken ?? null),
  }
}

function unsaved(message, { say, done, dialog }) {
  return {
    title: say("unsaved.title", { name: message.name }),
    body: h("p", {}, say("unsaved.text")),
    foot: [button(say("unsaved.discard"), () => done("discard")), h("span", { class: "grow" }), button(say("dialog.cancel"), () => dialog.close()),
      button(say("unsaved.save"), () => done("save_first"), "primary", { "data-first": true })],
  }
}

function problems(message, { say, done }) {
  const rows = message.problems.map((problem) =>
    h("button", { type: "button", class: `row problem is-${problem.severity}`, on: { click: () => done("go_to", { path: problem.path }) } },
      icon(problem.severity === "hint" ? "warning" : "error"), h("span", { class: "grow wrap" }, problem.message, h("span", { class: "label" }, problem.remedy)),
      h("span", { class: "label" }, problem.where)))
  return { title: say("problems.title"), body: h("div", { class: "rows" }, rows.length ? rows : h("p", { class: "empty" }, say("problems.none"))) }
}

function keys(message, { say }) {
  const columns = message.groups.map((group) =>
    h("section", {}, h("h3", { class: "heading" }, group.title),
      h("dl", {}, group.keys.map(({ keys: combination, text }) =>
        h("div", {}, h("dt", {}, combination.map((key) => h("kbd", {}, key))), h("dd", {}, text))))))
  return { title: say("keys.title"), body: h("div", { class: "columns" }, columns) }
}

function showToast(toasts, { text, severity }, say) {
  const toast = h("div", { class: `toast is-${severity}` }, icon(severity === "error" ? "error" : severity === "hint" ? "warning" : "check"), h("span", {}, text))
  const leave = () => toast.remove()
  toast.append(iconButton("close", say("dialog.dismiss"), leave))
  while (toasts.childElementCount > 2) toasts.firstChild.remove()
  toasts.append(toast)
  // What is wrong stays until it is read; good news goes by itself.
  setTimeout(leave, 1000 * TOAST_SECONDS * (severity === "error" ? 3 : 1))
}
