"""One script out of the ES modules of ``frontend/live``, for components that take a single text.

The modules import each other relatively and share no names, so leaving out their ``import`` lines
and their ``export`` keywords and putting them one after another means the same.  The same script
serves the page (a Panel component) and notebooks (an anywidget).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "frontend" / "live"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)"\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(const|function|class|async) )", re.MULTILINE)


@cache
def joined(entry: str = "panel.js") -> str:
    """The module ``entry`` with everything it imports; only its own exports remain exports."""
    order: list[str] = []
    _visit(entry, order)
    texts = [EXPORT.sub("", _bare(name)) for name in order[:-1]]
    return "\n".join([*texts, _bare(entry)])


@cache
def stylesheet() -> str:
    """The style of the tiles."""
    return (FOLDER / "live.css").read_text(encoding="utf-8")


def _visit(name: str, order: list[str]) -> None:
    """Append ``name`` after all that it imports."""
    for needed in IMPORT.findall(_source(name)):
        if needed not in order:
            _visit(needed, order)
    order.append(name)


def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _bare(name: str) -> str:
    return IMPORT.sub("", _source(name))
