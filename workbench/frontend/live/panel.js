// The board as a Panel component; another wrapper of the same board serves notebooks.
import {createBoard} from "./board.js"

export function render({model, el}) {
  const board = createBoard(el, model.strings, message => model.send_msg(message))
  model.on("msg:custom", message => board.take(message))
  model.on("remove", () => board.close())
}
