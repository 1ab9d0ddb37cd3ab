"""Drawings as SVG text in the page's own look.

Colours are the tokens of `workbench.theme`; a drawing inside a page follows the page's theme, a
drawing in a file of its own (``standalone``) follows the system's.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from workbench.theme import DARK, LIGHT, POPULATIONS, variables

WIDTH = 880  # user units; a page shows them one to one where there is room
STYLE = """svg.plot{display:block;width:100%;max-width:880px;height:auto}
.plot text{font:12px var(--wb-font);fill:var(--wb-secondary)}
.plot .group{fill:var(--wb-text);font-weight:600;
paint-order:stroke;stroke:var(--wb-surface);stroke-width:8px}
.plot .number{font:12px var(--wb-mono);fill:var(--wb-text)}
.plot .tick{font:11px var(--wb-mono);fill:var(--wb-quiet)}
.plot .grid{stroke:var(--wb-line);stroke-width:1}
.plot .one{stroke:var(--wb-tertiary);stroke-width:1}
.plot .reach{stroke:var(--wb-text);stroke-width:2}
.plot .spread{stroke-width:2;stroke-opacity:.45}
.plot .fit{fill:none;stroke-width:1.5;stroke-opacity:.55}
""" + "".join(
    f".plot .c{place}{{fill:{colour};stroke:{colour}}}\n"
    f".plot .c{place}.hollow{{fill:var(--wb-surface);stroke-width:2}}\n"
    for place, colour in enumerate(POPULATIONS)
)

# Besides, where a page shows a plot from a file: its ground and its lines are by style attributes,
# which the page does not take over.
ON_A_PAGE = (
    STYLE
    + """svg.plot > rect[width="100%"]{fill:none}
.plot polyline[class]{fill:none;stroke-width:1.5}
"""
)


def rule(x: float, top: float, bottom: float, kind: str) -> str:
    """An upright line from ``top`` to ``bottom``."""
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "") -> str:
    """Words, whatever they are: they are escaped."""
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(words)}</text>'


def drawing(
    parts: Iterable[str],
    height: float,
    title: str,
    standalone: bool,
    width: float = WIDTH,
    style: str = "",
) -> str:
    """The parts as one drawing, named for who cannot see it; ``style`` has rules of its own."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    begin = f'<svg class="plot" role="img" {size} aria-label="{escape(title)}"'
    if not standalone:
        return f"{begin}>{''.join(parts)}</svg>"
    named = ' xmlns="http://www.w3.org/2000/svg"'  # a name, not an address: nothing is fetched
    colours = (
        f"svg{{{variables(LIGHT)}}}\n@media (prefers-color-scheme:dark){{svg{{{variables(DARK)}}}}}"
    )
    size = f'width="{width:.0f}" height="{height:.0f}"'
    ground = '<rect width="100%" height="100%" rx="8" style="fill:var(--wb-surface)"/>'
    body = "\n".join(parts)
    rules = f"<style>{colours}\n{STYLE}{style}</style>"
    return f"{begin}{named} {size}>\n{rules}\n{ground}\n{body}\n</svg>\n"
