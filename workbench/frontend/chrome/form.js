// What every form of rows needs besides the rows: when to draw it anew, and its tooltip.

/** What makes two rows the same widget; everything else can be shown in place. */
function signature(row) {
  return [row.kind, row.path, Boolean(row.slider), row.slider?.log, row.spread?.kind, row.indent]
}

function rowKey(section, row, place) {
  return `${section.title}|${row.path ?? place}`
}

/** Puts `children` with the rows `after` in the place of the rows `before` (of the same form, else
 * none): what was typed there and is not settled goes over, and so does the focus. */
function replaceRows(holder, children, before, after) {
  const active = before.size ? holder.getRootNode().activeElement : null
  const place = active?.closest?.(".row")?.dataset.path
  const part = active && [active.localName, ...active.classList].join(".") // a row may have several
  const typed = new Map([...before].map(([id, row]) => [id, row.typed?.() ?? null]))
  holder.replaceChildren(...children)
  for (const [id, row] of after) if (typed.get(id) != null) row.retype?.(typed.get(id))
  if (place) holder.querySelector(`.row[data-path="${CSS.escape(place)}"] ${part}`)?.focus()
}

const TIP_DELAY = 250 // ms

/** What a parameter means, beside its row. */
function makeTip(say) {
  const element = h("div", { class: "tip", role: "tooltip", hidden: true })
  let timer = 0
  const hide = () => {
    clearTimeout(timer)
    element.hidden = true
  }
  function explain(target, current) {
    target.addEventListener("pointerenter", () => {
      clearTimeout(timer)
      timer = setTimeout(() => place(target, current()), TIP_DELAY)
    })
    target.addEventListener("pointerleave", hide)
  }
  function place(target, data) {
    const help = data.help
    if (!help || !target.isConnected) return
    const line = (name, text) => text && h("p", { class: "pair" }, h("span", {}, name), h("span", {}, text))
    element.replaceChildren(h("strong", {}, data.name, data.unit ? h("span", { class: "unit" }, ` ${data.unit}`) : ""), help.meaning ? h("p", {}, help.meaning) : "",
      line(say("tip.default"), help.default) || "", line(say("tip.range"), help.range) || "", line(say("tip.source"), help.source) || "",
      typeof data.live !== "boolean" ? "" : h("p", { class: "effect" }, say(data.live ? "tip.live" : "tip.rebuild")),
      data.changed && help.default ? h("p", { class: "effect" }, say("tip.reset")) : "")
    element.hidden = false
    const box = target.getBoundingClientRect()
    const top = Math.min(box.top - 8, window.innerHeight - element.offsetHeight - 12)
    // To the left of the row; below its name where there is no room.
    const left = box.left - 16 - element.offsetWidth
    element.style.left = `${left < 8 ? box.left : left}px`
    const below = Math.min(box.bottom + 4, window.innerHeight - element.offsetHeight - 8)
    element.style.top = `${Math.max(8, left < 8 ? below : top)}px`
  }
  return { element, explain, hide }
}

/** Rows of a form that Python describes, of what is edited and tried on a page of its own. */
function makeRows(model, say) {
  let edits = 0
  const tip = makeTip(say)
  const tools = {
    say,
    edit: (path, value) => {
      edits += 1
      model.send_msg({ type: "edit", form: model.content.key, path, value, number: edits })
      return edits
    },
    answered: () => model.form.answered ?? 0,
    gesture: () => {},
    explain: tip.explain,
  }
  let rows = new Map()
  let shape = ""
  let key = ""
  function show(holder, sections) {
    const next = JSON.stringify([model.content.key, sections.map((section) => [section.title, section.rows.map(signature)])])
    if (next === shape) {
      for (const section of sections) section.rows.forEach((row, place) => rows.get(rowKey(section, row, place))?.show(row))
      return
    }
    const before = model.content.key === key ? rows : new Map()
    shape = next
    key = model.content.key
    tip.hide()
    rows = new Map()
    const made = sections.map((section) => {
      const elements = section.rows.map((data, place) => {
        const row = makeRow(data, tools)
        rows.set(rowKey(section, data, place), row)
        return row.element
      })
      return h("section", { "aria-label": section.title || null }, section.title ? h("h3", { class: "heading" }, section.title) : null, elements)
    })
    replaceRows(holder, made, before, rows)
  }
  function fail({ path, error, number }) {
    for (const [id, row] of rows) if (id.endsWith(`|${path}`)) row.fail(error, number)
  }
  return { show, fail, tip: tip.element }
}
