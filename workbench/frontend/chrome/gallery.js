// The gallery, a screen of the dialogs: shipped documents and scripts as cards, in groups that can
// be chosen and searched; and the screen of one script.

function examples(message, { say, done, answer }) {
  if (!message.examples.length) return { title: say("examples.title"), body: h("p", { class: "empty" }, say("examples.none")) }
  let chosen = ""
  const cards = message.examples.map((example) => ({ example, element: drawCard(example, done, answer), text: searchable(example) }))
  const sections = message.groups.map(({ name, title }) => {
    const inside = cards.filter(({ example }) => example.group === name)
    const grid = h("div", { class: "cards" }, inside.map(({ element }) => element))
    return { name, inside, element: h("section", { "aria-label": title }, h("h3", { class: "heading" }, title), grid) }
  }).filter(({ inside }) => inside.length)
  const empty = h("p", { class: "empty", role: "status" })
  const search = h("input", {
    class: "field", type: "search", placeholder: say("examples.search"), "aria-label": say("examples.search"), spellcheck: "false",
    autocomplete: "off", "data-first": true, on: { input: show },
  })
  const chips = [["", say("examples.all")], ...sections.map(({ name }) => [name, message.groups.find((group) => group.name === name).title])]
    .map(([name, title]) => h("button", { type: "button", class: "chip", "data-group": name, on: { click: () => choose(name) } }, title))

  function choose(name) {
    chosen = name === chosen ? "" : name
    show()
  }

  function show() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
    let any = false
    for (const { name, inside, element } of sections) {
      let some = false
      for (const { element: card, text } of inside) {
        card.hidden = !words.every((word) => text.includes(word))
        some ||= !card.hidden
      }
      element.hidden = !some || (chosen !== "" && chosen !== name)
      any ||= !element.hidden
    }
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.group === chosen))
    empty.hidden = any
    setText(empty, any ? "" : say("examples.empty", { words: search.value.trim() }))
  }

  show()
  const bar = h("div", { class: "choose" }, search, h("div", { class: "chips", role: "group", "aria-label": say("examples.groups") }, chips))
  const note = message.note ? h("p", { class: "label note" }, message.note) : []
  return { title: say("examples.title"), body: [bar, ...sections.map(({ element }) => element), empty, note].flat() }
}

function searchable({ title, description, words }) {
  return `${title} ${description} ${words}`.toLowerCase()
}

function drawCard(example, done, answer) {
  const ofScript = example.kind === "script"
  const open = () => (ofScript ? answer("open_script", { name: example.name }) : done("open_example", { name: example.name }))
  return h("button", { type: "button", class: `card is-${example.kind}`, on: { click: open } },
    ofScript ? drawPlot(example.plot, example.frame) : example.picture.length ? drawPicture(example.picture) : drawNetwork(example),
    h("strong", {}, example.title), h("span", { class: "description" }, example.description),
    h("span", { class: "facts" }, example.facts.map((fact) => h("span", {}, fact))))
}

/** The screen of a script: what it shows, how it is run, what it found. */
function script(message, { say, done, answer }) {
  const copy = h("button", { type: "button", class: "button", on: { click: take } }, say("script.copy"))
  async function take() {
    await navigator.clipboard.writeText(message.command).catch(() => getSelection().selectAllChildren(command))
    setText(copy, say("script.copied"))
  }
  const command = h("code", { class: "mono" }, message.command)
  const plot = message.plot ? plotted(message.plot, message.result) : null
  return {
    title: message.title,
    body: [
      h("p", {}, message.description),
      h("p", { class: "label above" }, say("script.command")), h("div", { class: "command" }, command, copy),
      message.result ? h("p", { class: "result" }, message.result) : [],
      plot ?? h("p", { class: "empty" }, say("script.noplot")),
    ].flat(),
    foot: [
      h("button", { type: "button", class: "button", on: { click: () => answer("examples") } }, say("script.back")),
      ...(message.task ? [h("button", { type: "button", class: "primary", "data-first": true, on: { click: () => done("learn", { name: message.task }) } }, icon("run", 14), say("script.learn"))] : []),
    ],
  }
}

/** The first panel of a script's plot; the top of the whole where that is made of pictures. */
function drawPlot(markup, box) {
  const frame = h("span", { class: "thumbnail plotted", "aria-hidden": "true" })
  const plot = markup && !markup.includes("<image") ? vectors(markup) : null
  if (plot) {
    plot.setAttribute("viewBox", box) // its curves, without labels and names
    plot.setAttribute("preserveAspectRatio", "none")
    plot.removeAttribute("width")
    plot.removeAttribute("height")
    frame.append(plot)
  } else if (markup) frame.append(plotted(markup, ""))
  return frame
}

/** A plot from a file as an image, in the colours of the page and not of the system. */
function plotted(markup, alt) {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark")
  const themed = markup.replace(/@media \(prefers-color-scheme:dark\)\{(svg\{[^}]*\})\}/, dark ? "$1" : "")
  return h("img", { class: "plot", alt, src: `data:image/svg+xml,${encodeURIComponent(themed)}` })
}

/** What an example does: dots or lines in the colours of its nodes. */
function drawPicture(parts) {
  const { svg, make } = thumbnail("0 0 480 200")
  for (const { kind, path, colour } of parts) make("path", { d: path, stroke: colour, class: kind })
  return svg
}

/** The network as a small drawing: nodes where the document has them, wires between. */
function drawNetwork({ nodes, wires }) {
  const { svg, make } = thumbnail("0 0 240 100")
  for (const [from, to] of wires) make("path", { d: wirePath(nodes[from], nodes[to], from === to), stroke: nodes[from].colour, class: "wire" })
  for (const node of nodes) {
    make("rect", { x: node.x - 24, y: node.y - 11, width: 48, height: 22, rx: 5, class: "node" })
    make("rect", { x: node.x - 18, y: node.y - 4, width: 8, height: 8, rx: node.round ? 4 : 2, fill: node.colour })
    make("path", { d: `M${node.x - 5} ${node.y}h22`, stroke: node.colour, class: "live" })
  }
  return svg
}

function thumbnail(viewBox) {
  const svg = document.createElementNS(SVG_NS, "svg")
  svg.setAttribute("viewBox", viewBox)
  svg.setAttribute("class", "thumbnail")
  svg.setAttribute("aria-hidden", "true")
  const make = (tag, attributes) => {
    const element = document.createElementNS(SVG_NS, tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    svg.append(element)
  }
  return { svg, make }
}

function wirePath(a, b, loop) {
  if (loop) return `M${a.x + 24} ${a.y}c26 -30 -74 -30 -48 0`
  const bend = Math.max(14, Math.abs(b.x - a.x) / 3)
  if (b.x > a.x + 50) return `M${a.x + 24} ${a.y}C${a.x + 24 + bend} ${a.y} ${b.x - 24 - bend} ${b.y} ${b.x - 24} ${b.y}`
  const down = Math.sign(b.y - a.y) || 1
  const shift = down * 5
  return `M${a.x + shift} ${a.y + 11 * down}L${b.x + shift} ${b.y - 11 * down}`
}
