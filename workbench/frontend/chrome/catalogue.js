// Models to choose from, as palette and model page list them: by groups that fold, or as found.

const MOST_RECENT = 4
// What a word may be: the whole of a name, its beginning, that of a word in it, a part; then what else is said.
const EQUAL = 0, BEGINS = 1, WORD = 2, WITHIN = 3, BESIDE = 4, NOWHERE = 9

/** The groups to show, what was used last `on top`; with words typed, what they find, the best first. */
function listed(groups, typed, say, onTop = false) {
  const items = groups.flatMap((group) => group.items)
  const recent = recentNames().map((name) => items.find((item) => item.name === name)).filter(Boolean)
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return onTop && recent.length ? [{ title: say("palette.recent"), items: recent, recent: true }, ...groups] : groups
  const scored = items.map((item, place) => ({ item, place, score: Math.max(...words.map((word) => scoreOf(item, word))), recent: recent.includes(item) }))
  const best = scored.some(({ score }) => score <= WITHIN) ? WITHIN : BESIDE
  const found = scored.filter(({ score }) => score <= best).sort((a, b) => a.score - b.score || b.recent - a.recent || a.place - b.place)
  return found.length ? [{ title: say("palette.found"), items: found.map(({ item }) => item), found: true }] : []
}

function scoreOf(item, word) {
  const names = [item.title, item.name, ...item.words].map((text) => text.toLowerCase())
  // The first of its other names is the one a model is known by.
  if (names.includes(word)) return EQUAL + names.indexOf(word) / 100
  if (names.some((text) => text.startsWith(word))) return BEGINS
  if (names.some((text) => text.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word)))) return WORD
  if (names.some((text) => text.includes(word))) return WITHIN
  return item.summary.toLowerCase().includes(word) ? BESIDE : NOWHERE
}

/** A group: a heading that folds it, and its items. */
function drawGroup(group, items, say) {
  const section = h("section", { role: "group", "aria-label": group.title }, h("h2", { class: "heading" }, group.found ? group.title : fold()), items)
  function fold() {
    const button = h("button", { type: "button", class: "fold", "aria-label": say("palette.fold", { title: group.title, count: group.items.length }), on: { click: () => show(!section.classList.contains("folded"), true) } },
      icon("chevron", 12), h("span", {}, group.title), h("span", { class: "count", "aria-hidden": "true" }, group.recent ? "" : String(group.items.length)))
    return button
  }
  function show(folded, keep) {
    section.classList.toggle("folded", folded)
    section.querySelector(".fold")?.setAttribute("aria-expanded", String(!folded))
    if (keep) rememberList("folded", [...recallList("folded").filter((title) => title !== group.title), ...(folded ? [group.title] : [])])
  }
  show(!group.found && recallList("folded").includes(group.title), false)
  return section
}

const recentNames = () => recallList("recent").slice(0, MOST_RECENT)

/** A model was put to use. */
function noteUse(name) {
  rememberList("recent", [name, ...recentNames().filter((other) => other !== name)].slice(0, MOST_RECENT))
}

function recallList(key) {
  return (recall(key) ?? "").split("\n").filter(Boolean)
}

function rememberList(key, list) {
  remember(key, list.join("\n"))
}
