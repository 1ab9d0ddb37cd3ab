// Order and width of the tiles: drag a title to move its tile, drag the line between two to resize.
import {make} from "./tile.js"

const LEAST = 140 // CSS pixels of a tile

/**
 * Make the tiles in `board` movable; returns a function to call when one has come or gone.
 * `moved(keys)` is told their order when a person has changed it.
 */
export function arrange(board, strings, moved) {
  const all = () => [...board.querySelectorAll(":scope > .tile")]
  const tiles = () => all().filter(tile => !tile.hidden)
  const end = () => {
    const last = Math.max(...tiles().map(order))
    for (const tile of all()) tile.classList.toggle("last", order(tile) === last)
  }
  all().forEach((tile, place) => {
    tile.style.order = String(place)
    tile.append(makeDivider(tile, tiles, strings))
    dragTitle(tile, tiles, end, moved)
  })
  end()
  return end
}

function makeDivider(tile, tiles, strings) {
  const divider = make("div", {class: "divider", role: "separator", "aria-orientation": "vertical", tabindex: "0",
    "aria-label": strings["live.width"], title: strings["live.width"]})
  const move = by => {
    const next = tiles().filter(each => order(each) > order(tile)).sort((a, b) => order(a) - order(b))[0]
    if (next) share(tile, next, by)
  }
  divider.addEventListener("pointerdown", event => {
    divider.setPointerCapture(event.pointerId)
    let from = event.clientX
    divider.onpointermove = each => {
      move(each.clientX - from)
      from = each.clientX
    }
  })
  for (const end of ["pointerup", "pointercancel"]) divider.addEventListener(end, () => { divider.onpointermove = null })
  divider.addEventListener("keydown", event => {
    const by = {ArrowLeft: -16, ArrowRight: 16}[event.key]
    if (by) move(by)
  })
  return divider
}

const order = tile => Number(tile.style.order)

/** Move the line between two neighbours by `by` pixels. */
function share(tile, next, by) {
  const [a, b] = [tile.offsetWidth, next.offsetWidth]
  const left = Math.min(a + b - LEAST, Math.max(LEAST, a + by))
  if (a + b < 2 * LEAST) return
  const grow = Number(getComputedStyle(tile).flexGrow) + Number(getComputedStyle(next).flexGrow)
  tile.style.flexGrow = String((grow * left) / (a + b))
  next.style.flexGrow = String(grow - (grow * left) / (a + b))
}

function dragTitle(tile, tiles, end, moved) {
  const title = tile.querySelector(".title")
  const keys = () => tiles().sort((a, b) => order(a) - order(b)).map(each => each.dataset.tile)
  let before = ""
  title.addEventListener("pointerdown", event => {
    before = keys().join()
    title.setPointerCapture(event.pointerId)
    tile.classList.add("moving")
    title.onpointermove = each => {
      swapUnder(tile, tiles(), each.clientX)
      end()
    }
  })
  for (const name of ["pointerup", "pointercancel"]) {
    title.addEventListener(name, () => {
      title.onpointermove = null
      tile.classList.remove("moving")
      if (before && keys().join() !== before) moved(keys())
      before = ""
    })
  }
}

/** Change places with the tile whose middle the pointer has passed. */
function swapUnder(tile, tiles, x) {
  const other = tiles.find(each => {
    const box = each.getBoundingClientRect()
    return each !== tile && x > box.left && x < box.right
  })
  if (!other) return
  const box = other.getBoundingClientRect()
  const passed = order(other) > order(tile) ? x > box.left + box.width / 2 : x < box.left + box.width / 2
  if (!passed) return
  const place = tile.style.order
  tile.style.order = other.style.order
  other.style.order = place
}
