"""Parts of the page's frame: small components of plain JavaScript, one source file each.

Python sends plain data (``content``) and short messages; the browser sends messages back, which a
part hands to its handler of that name.  The sources in ``frontend/chrome`` share ``dom.js`` and
``base.css``; they are put together here as text, so there is nothing to build.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from engine.errors import WorkbenchError
from workbench.locale import strings, text
from workbench.theme import FRONTEND

log = logging.getLogger("workbench")

Handler = Callable[[dict[str, Any]], None]


_EXPORT = re.compile(r"^export (?=(?:const|function|class|async) )", re.MULTILINE)


def source(*names: str) -> str:
    """The text of files in ``frontend/chrome``, one after the other.

    Only the last one, the part itself, exports: a file of another folder may be a module there.
    """
    *shared, last = ((FRONTEND / "chrome" / name).read_text(encoding="utf-8") for name in names)
    return "\n".join([*(_EXPORT.sub("", text) for text in shared), last])


class Part(JSComponent):
    """A part of the frame: shows ``content``, answers messages with ``handlers``.

    A handler gets the message, a dict as the browser sent it: nothing in it is to be trusted.  An
    error for the user becomes a message of the session; any other is logged and becomes a sentence.
    """

    content = param.Dict(default={}, doc="What the part shows, plain data.")
    strings = param.Dict(default={}, doc="Visible strings, by key.")

    _text: ClassVar[tuple[str, ...]] = ()  # prefixes of the strings that the part shows
    _look: ClassVar[str] = ""  # its style sheet

    def __init__(self, session: Any, **params: Any) -> None:
        super().__init__(
            strings=strings(*self._text),
            stylesheets=[self._look],
            sizing_mode="stretch_both",
            margin=0,
            **params,
        )
        self.session = session
        self.handlers: dict[str, Handler] = {}

    def _handle_msg(self, data: Any) -> None:
        kind = data.get("type") if isinstance(data, dict) else None
        handler = self.handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            log.warning("%s: message %.200r is not understood", type(self).__name__, data)
            return
        guarded(self.session, handler, data)

    def send(self, **message: Any) -> None:
        """Send one message to the browser."""
        self._send_msg(message)


class Notice(JSComponent):
    """A sentence in place of a page that could not be made."""

    sentence = param.String(doc="What to say, shown as text.")

    _esm = source("dom.js", "notice.js")

    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__(sentence=sentence, **params)


def guarded(session: Any, action: Callable[..., object], *arguments: Any) -> None:
    """Call ``action``; what goes wrong becomes a sentence in the page, a bug also a traceback."""
    try:
        action(*arguments)
    except WorkbenchError as error:
        session.say(str(error), "error")
    except Exception:
        log.exception("an action of the page failed")
        session.say(text("error.bug"), "error")
