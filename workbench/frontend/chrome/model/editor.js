// The editor of one text: a field whose wrong place is underlined, and below it the line with
// carets, what is wrong, and what to do. What was typed is never changed by anything but the hand.

/** `typed()` is called at every change, `left()` when the field is left or Ctrl+Enter is pressed. */
function makeEditor(field, say, { typed, left }) {
  const name = say(`model.${field}`)
  const marks = h("pre", { class: "marks", "aria-hidden": "true" })
  const id = `mistake-${field}`
  const input = h("textarea", {
    class: "code mono", rows: 1, spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": name, "aria-describedby": id,
    placeholder: say(`model.${field}.placeholder`),
    on: {
      input: () => {
        grow()
        mark([])
        typed()
      },
      change: () => left(),
      keydown: (event) => {
        const control = event.ctrlKey || event.metaKey
        // Saving saves what is typed: it must be in the document before the page is told to save.
        if (control && (event.key === "Enter" || event.key.toLowerCase() === "s")) left()
      },
    },
  })
  const list = h("div", { class: "mistakes", id, role: "alert" })
  const element = h("div", { class: "editor", "data-field": field }, h("h3", { class: "heading" }, name), h("div", { class: "paper" }, marks, input), list)

  /** As high as its text, also where CSS cannot say so. */
  function grow() {
    if (!CSS.supports("field-sizing", "content")) input.rows = Math.max(1, input.value.split("\n").length)
  }
  /** The text again behind the field, invisible, with the wrong places underlined. */
  function mark(spans) {
    const text = input.value
    const parts = []
    let place = 0
    for (const [start, stop] of [...spans].sort((a, b) => a[0] - b[0])) {
      if (start < place || start > text.length) continue
      // At the end of a line there is nothing to underline: a space stands for it.
      const wrong = text.slice(start, stop).replace(/\n/g, "")
      parts.push(text.slice(place, start), h("mark", {}, wrong || " "))
      place = start + wrong.length
    }
    parts.push(`${text.slice(place)}\n`)
    marks.replaceChildren(...parts)
  }
  return {
    element,
    get value() {
      return input.value
    },
    get busy() {
      return input.getRootNode().activeElement === input
    },
    focus: () => input.focus(),
    write(text) {
      if (input.value !== text) input.value = text
      grow()
      mark([])
    },
    lock(locked) {
      input.readOnly = locked
      element.classList.toggle("locked", locked)
      // A field of a model that cannot be changed is left out where there is nothing in it.
      element.hidden = locked && !input.value.trim()
    },
    show(mistakes) {
      const own = mistakes.filter((each) => each.field === field)
      input.setAttribute("aria-invalid", String(own.length > 0))
      mark(own.filter((each) => each.span).map((each) => each.span))
      list.replaceChildren(...own.map((each) => drawMistake(each, say)))
    },
  }
}

function drawMistake(mistake, say) {
  const where = mistake.line ? say("model.line", { line: mistake.line }) : ""
  return h("div", { class: "mistake" },
    mistake.quoted ? h("pre", { class: "quoted mono" }, mistake.quoted.join("\n")) : null,
    h("p", {}, where ? h("span", { class: "where" }, where) : null, h("strong", {}, mistake.message), mistake.remedy ? h("span", {}, `; ${mistake.remedy}`) : null))
}
