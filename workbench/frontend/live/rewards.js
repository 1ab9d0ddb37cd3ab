// Rewards: a button that gives one, bars for those that were given, curves for what they have left.
import {digitsOf, readable, ticks} from "./axis.js"
import {make} from "./tile.js"

const LEAST_LEVEL = 0.1 // so that nothing is a flat line at the bottom
const LEVEL_STEP = 1.25 // the range grows and shrinks by such steps, so that it stands still
const DASHES = [[], [4, 3], [1, 3]] // of the first modulator, and of more

/** The amount and the button; `give(amount)` is called with what a person wants to give. */
export function rewardForm(strings, give) {
  const amount = make("input", {type: "number", value: "1", step: "0.1", class: "amount", "aria-label": strings["live.learning.amount"],
    title: strings["live.learning.amount"]})
  const button = make("button", {type: "submit"}, strings["live.learning.give"])
  const form = make("form", {class: "reward"}, amount, button)
  form.hidden = true
  form.addEventListener("submit", event => {
    event.preventDefault()
    const value = Number(amount.value)
    if (amount.value.trim() !== "" && Number.isFinite(value)) give(value)
    else amount.focus()
  })
  return form
}

/** Draw the course of the modulators and the rewards, over the window of all tiles. */
export function rewards(tile, tokens, cursor) {
  const {ink, plot, scale, head, arrays, span} = tile
  tile.begin(tokens, span, false)
  const [low, high] = levelsOf(tile)
  const toY = level => plot.y + plot.h - ((level - low) / (high - low)) * (plot.h - 10 * scale)
  for (const tick of ticks(low, high, 4)) {
    const y = Math.round(toY(tick)) - 0.5
    tile.line(tick === 0 ? tokens.line : tokens.grid, plot.x, y, plot.x + plot.w, y)
    tile.label(readable(tick, digitsOf(tick)), y, tokens.quiet)
  }
  const toX = time => plot.x + span.place(head.now + time)
  ink.save()
  ink.beginPath()
  ink.rect(plot.x, 0, plot.w, tile.canvas.height)
  ink.clip()
  bounty(tile, tokens, toX, toY)
  head.names.forEach((_, k) => levelLine(tile, tokens, toX, toY, k))
  ink.restore()
  if (!arrays["given.time"].length) note(tile, tokens)
  if (cursor !== null) tile.cursor(tokens, span, cursor)
}

/** The least and the greatest level in sight, with 0, in steps. */
function levelsOf({arrays, head, span}) {
  const [from, count] = [span.first * span.width - head.now, head.names.length]
  let [low, high] = [0, LEAST_LEVEL]
  arrays.level.forEach((level, place) => {
    if (arrays.time[Math.floor(place / count)] >= from) [low, high] = [Math.min(low, level), Math.max(high, level)]
  })
  const rounded = value => Math.sign(value) * LEVEL_STEP ** Math.ceil(Math.log(Math.abs(value)) / Math.log(LEVEL_STEP))
  return [low < 0 ? rounded(low) : 0, rounded(high)]
}

function levelLine({ink, arrays, head, scale}, tokens, toX, toY, k) {
  ink.strokeStyle = tokens.text
  ink.lineWidth = 1.4 * scale
  ink.lineJoin = "round"
  ink.setLineDash(DASHES[k % DASHES.length].map(each => each * scale))
  ink.beginPath()
  for (let point = 0; point < arrays.time.length; point += 1) ink.lineTo(toX(arrays.time[point]), toY(arrays.level[point * head.names.length + k]))
  ink.stroke()
  ink.setLineDash([])
  ink.lineWidth = Math.max(1, Math.round(scale))
}

/** A bar at every reward, from the middle line up, or down for a punishment. */
function bounty({ink, arrays, plot, scale}, tokens, toX, toY) {
  const most = Math.max(1e-9, ...arrays["given.amount"].map(Math.abs))
  ink.lineWidth = 2 * scale
  arrays["given.time"].forEach((time, k) => {
    const amount = arrays["given.amount"][k]
    ink.strokeStyle = amount < 0 ? tokens.error : tokens.accent
    ink.beginPath()
    ink.moveTo(toX(time), toY(0))
    const tall = 0.8 * (plot.h - 10 * scale) * (Math.abs(amount) / most)
    ink.lineTo(toX(time), amount < 0 ? Math.min(toY(0) + tall, plot.y + plot.h) : Math.max(toY(0) - tall, plot.y))
    ink.stroke()
  })
  ink.lineWidth = Math.max(1, Math.round(scale))
}

function note({ink, plot, strings, scale}, tokens) {
  ink.fillStyle = tokens.quiet
  ink.textAlign = "right"
  ink.textBaseline = "top"
  ink.fillText(strings["live.learning.unrewarded"], plot.x + plot.w, plot.y + 2 * scale)
}

/** What is under the pointer: the time, the levels, a reward that is near. */
export function rewardWords({arrays, head, span, strings}, at, time) {
  const when = `${readable(time, 1)} ms`
  const count = head.names.length
  let point = arrays.time.length - 1
  while (point > 0 && head.now + arrays.time[point] > time) point -= 1
  const levels = head.names.map((name, k) => `${name} ${readable(arrays.level[point * count + k] ?? 0, 3)}`)
  const near = [...arrays["given.time"]].findIndex(each => Math.abs(head.now + each - time) < 4 * span.width)
  const given = near < 0 ? [] : [strings["live.learning.given"].replace("{amount}", readable(arrays["given.amount"][near], 2))]
  return [when, ...levels, ...given].join(" · ")
}
