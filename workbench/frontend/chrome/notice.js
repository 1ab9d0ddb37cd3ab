// A sentence in place of a page that could not be made.

export function render({ model }) {
  document.getElementById("wb-boot")?.remove()
  const words = h("p", { role: "alert" }, model.sentence)
  words.style.cssText = "position: fixed; inset: 0; display: grid; place-items: center; margin: 0; padding: 24px; color: var(--wb-text); font: 15px/22px var(--wb-font);"
  return words
}
