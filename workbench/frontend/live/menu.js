// Which tiles are open: a button at the end of the board, and a list under it.
import {make} from "./tile.js"

const PATIENCE = 1000 // ms for which a choice counts until it comes back from the document
const MENU_TOP = 48 // CSS pixels above the list and below it
const DOTS = "\u22ef"

/** A button with a list of tiles; `choose(keys)` is told those that shall be open. */
export class TileMenu {
  constructor(strings, choose) {
    this.strings = strings
    this.choose = choose
    this.list = make("div", {class: "list", role: "menu", "aria-label": strings["live.tiles"]})
    this.extra = make("div", {class: "extra"}) // what has no place in a tile that is closed
    this.sheet = make("div", {class: "sheet"}, this.list, this.extra)
    this.button = make("button", {type: "button", class: "tiles", "aria-haspopup": "menu", "aria-expanded": "false",
      "aria-label": strings["live.tiles"], title: strings["live.tiles"]}, DOTS)
    this.el = make("div", {class: "menu"}, this.button, this.sheet)
    this.sheet.hidden = true
    this.button.addEventListener("click", () => this.toggle(this.sheet.hidden))
    this.el.addEventListener("keydown", event => this.key(event))
    this.el.addEventListener("focusout", event => this.making || this.el.contains(event.relatedTarget) || this.toggle(false))
    this.making = false // the list is made anew: the item that had the focus leaves
    this.shown = ""
    this.pending = null // {tiles, until}: what was chosen last
  }

  toggle(open) {
    this.sheet.hidden = !open
    this.sheet.style.maxHeight = `${this.el.parentElement.clientHeight - MENU_TOP}px`
    this.button.setAttribute("aria-expanded", String(open))
    if (open) this.list.querySelector("button")?.focus()
  }

  key(event) {
    if (event.key === "Escape" && !this.sheet.hidden) {
      event.stopPropagation()
      this.toggle(false)
      this.button.focus()
      return
    }
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key]
    const items = [...this.list.querySelectorAll("button")]
    const place = items.indexOf(this.el.getRootNode().activeElement)
    if (!by || place < 0) return
    event.preventDefault()
    items[(place + by + items.length) % items.length].focus()
  }

  /** The tiles that there are and those that are open, in order. */
  show(there, open) {
    const chosen = this.pending?.tiles
    if (chosen && chosen !== open.join() && performance.now() < this.pending.until) return
    this.pending = null
    this.write(there, open)
  }

  /** Choose at once, so that the next choice begins from this one. */
  pick(there, open) {
    this.write(there, open)
    this.pending = {tiles: open.join(), until: performance.now() + PATIENCE}
    this.choose(open)
  }

  write(there, open) {
    const signature = JSON.stringify([there, open])
    if (signature === this.shown) return
    this.shown = signature
    const focused = this.el.getRootNode().activeElement?.dataset?.tile
    this.making = true
    this.list.replaceChildren(...there.map(key => this.item(key, there, open)))
    this.making = false
    this.list.querySelector(`[data-tile="${focused}"]`)?.focus()
  }

  item(key, there, open) {
    const checked = open.includes(key)
    const item = make("button", {type: "button", role: "menuitemcheckbox", "aria-checked": String(checked), "data-tile": key},
      make("span", {class: "tick", "aria-hidden": "true"}, checked ? "\u2713" : ""), this.strings[`live.${key}`])
    const stays = checked && open.length === 1 // one at least is open
    item.setAttribute("aria-disabled", String(stays))
    item.addEventListener("click", () => stays || this.pick(there, checked ? open.filter(each => each !== key) : withTile(key, there, open)))
    return item
  }
}

/** The open tiles and one more, before the first that comes after it by itself. */
function withTile(key, there, open) {
  const after = open.findIndex(each => there.indexOf(each) > there.indexOf(key))
  return after < 0 ? [...open, key] : [...open.slice(0, after), key, ...open.slice(after)]
}
