// Colours and fonts of the page, read from its custom properties whenever the theme changes.

const NAMES = ["surface", "line", "grid", "text", "secondary", "tertiary", "quiet", "accent", "error"]
const FALLBACK = {
  surface: "#161a20", line: "#2b333e", grid: "#1b2028", text: "#e6eaf0", secondary: "#9aa6b5",
  tertiary: "#6b7787", quiet: "#8491a1", accent: "#5b9dff", error: "#f0616d",
}

export function readTokens(element) {
  const style = getComputedStyle(element)
  const tokens = {}
  for (const name of NAMES) tokens[name] = style.getPropertyValue(`--wb-${name}`).trim() || FALLBACK[name]
  tokens.font = style.getPropertyValue("--wb-font").trim() || "system-ui, sans-serif"
  return tokens
}

/** Call `changed` when the theme changes; returns a function that stops it. */
export function onTheme(changed) {
  const root = document.documentElement
  const observer = new MutationObserver(changed)
  observer.observe(root, {attributes: true, attributeFilter: ["class", "data-theme", "style"]})
  window.addEventListener("workbench:theme", changed)
  return () => {
    observer.disconnect()
    window.removeEventListener("workbench:theme", changed)
  }
}

/** "#rrggbb" as the little-endian number an ImageData pixel is, with `alpha` 0..255. */
export function packed(colour, alpha) {
  const value = Number.parseInt(colour.slice(1), 16)
  const [red, green, blue] = [(value >> 16) & 255, (value >> 8) & 255, value & 255]
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

/** "#rrggbb" with an alpha of 0..1, as CSS. */
export function faded(colour, alpha) {
  const value = Number.parseInt(colour.slice(1), 16)
  return `rgb(${(value >> 16) & 255} ${(value >> 8) & 255} ${value & 255} / ${alpha})`
}
