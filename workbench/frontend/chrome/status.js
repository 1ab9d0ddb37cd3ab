// The status line: always says the state, the size, the settings, and what is wrong.

export function render({ model }) {
  const strings = model.strings
  const say = (key, values) => fill(strings, key, values)
  const dot = h("span", { class: "dot" })
  const word = h("span", { role: "status" })
  const facts = h("div", { class: "facts" })
  const message = h("span", { class: "message" })
  const icons = { error: icon("error", 14), hint: icon("warning", 14) }
  const sentence = h("span", { class: "sentence" })
  const problems = h("button", { type: "button", class: "problems", on: { click: () => model.send_msg({ type: "problems" }) } })
  const learning = h("button", { type: "button", class: "learning", hidden: true, title: say("status.learning.title"), on: { click: () => announce("open-learning") } })
  const line = h("footer", { class: "line", "aria-label": say("status.line") }, h("div", { class: "state" }, dot, word), facts, learning, message, problems)

  const showDocument = () => {
    facts.replaceChildren(...model.content.facts.map(({ text, title }) => h("span", { title }, text)))
    const { severity, text } = model.content.problems
    problems.hidden = !text
    problems.className = `problems is-${severity}`
    setText(sentence, text)
    if (text) problems.replaceChildren(icons[severity], sentence)
    problems.title = say("status.problems.title")
  }
  const showRun = (status) => {
    line.dataset.state = status.state
    setText(word, say(`state.${status.state}`))
    setText(message, status.message ?? "")
    message.title = status.message ?? ""
  }
  listen(model, window, "workbench:learning", ({ detail }) => {
    learning.hidden = !detail.words
    setText(learning, detail.words)
  })
  model.on("content", showDocument)
  model.on("msg:custom", showRun)
  showDocument()
  showRun(model.content.run)
  return line
}
