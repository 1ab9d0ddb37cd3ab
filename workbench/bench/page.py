"""The page of a record: one HTML file that needs nothing but itself, light or dark, or on paper."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any

from workbench import svg
from workbench.bench import account
from workbench.bench.drawing import number
from workbench.bench.targets import Verdict, judge, target_of
from workbench.theme import DARK, LIGHT, variables

TITLE = "Speed of Spiking Workbench"
SIGNS = {"reached": "✓", "short": "✕", "not measured": "–"}

_STYLE = """*{box-sizing:border-box}
html{background:var(--wb-background);color:var(--wb-text);font:14px/22px var(--wb-font);
-webkit-font-smoothing:antialiased;-webkit-text-size-adjust:100%}
body{max-width:960px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:24px;line-height:32px;margin:0 0 4px}
h2{font-size:17px;line-height:24px;margin:48px 0 4px;scroll-margin-top:16px}
h3{font-size:13px;line-height:20px;margin:24px 0 4px}
p{margin:4px 0 12px;max-width:72ch}
.quiet,.how,figcaption{color:var(--wb-secondary)}
figcaption{font-size:12px;line-height:18px;margin-top:8px;max-width:80ch}
figure{margin:16px 0 24px;padding:16px 20px;background:var(--wb-surface);
border:1px solid var(--wb-line);border-radius:var(--wb-radius-card)}
figure h3{margin:0 0 12px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:16px 0 0;font-size:13px}
a{color:var(--wb-accent);text-decoration:none}a:hover{text-decoration:underline}
a:focus-visible{outline:3px solid var(--wb-focus);border-radius:4px}
table{border-collapse:collapse;width:100%;margin:12px 0 24px;font-size:13px;line-height:20px}
th,td{padding:5px 16px 5px 0;text-align:left;vertical-align:top;
border-top:1px solid var(--wb-line)}
tr.more td:first-child,thead th{border-top-color:transparent}
tbody:last-child{border-bottom:1px solid var(--wb-line)}
th{color:var(--wb-secondary);font-weight:500;font-size:12px;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
td.n,th.n{text-align:right;white-space:nowrap}
td.n,.mono{font-family:var(--wb-mono);font-size:12px}
td.note{color:var(--wb-secondary);font-size:12px}
tr.group td{font-weight:600;padding-top:18px}
.word{white-space:nowrap}.word b{display:inline-block;width:16px;font-weight:600}
.good{color:var(--wb-good)}.error{color:var(--wb-error)}.open{color:var(--wb-quiet)}
.count{font-size:15px;margin:20px 0 8px}
.meter{display:flex;height:6px;border-radius:3px;overflow:hidden;background:var(--wb-line);
max-width:420px}
.meter i{display:block;background:var(--wb-good)}.meter i+i{background:var(--wb-error)}
@media (max-width:700px){body{padding:24px 16px}figure{padding:12px;overflow-x:auto}
figure svg.plot{min-width:640px}.wide{overflow-x:auto}
.wide table{min-width:720px}}
@media print{body{max-width:none;padding:0}nav{display:none}
h2,h3{break-after:avoid}figure,tr{break-inside:avoid}
.good,.error,.meter i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def page(record: Mapping[str, Any]) -> str:
    """The page of a record as HTML; every word of the record is escaped."""
    parts = account.sections(record)
    body = [
        *_head(record, parts),
        *_targets(judge(record["figures"])),
        *(line for part in parts for line in _section(part)),
        *_bounds(record),
        *_machine(record),
    ]
    light = f":root{{{variables(LIGHT)}color-scheme:light dark}}"
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}"
    # No script and no request: what the page shows is what the file says.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<link rel="icon" href="data:,">\n<title>{TITLE}</title>',
            f"<style>\n{light}\n{dark}\n{_STYLE}{svg.STYLE}</style>\n</head>\n<body>",
            *body,
            "</body>\n</html>\n",
        ]
    )


def _head(record: Mapping[str, Any], parts: Iterable[account.Section]) -> Iterator[str]:
    machine = record["machine"]
    said = f"{machine['processor']}, {machine['cores']} cores"
    yield f"<header><h1>{TITLE}</h1>"
    by = '<span class="mono">workbench bench</span>'
    yield f'<p class="quiet">Measured by {by} on {escape(said)}.</p>'
    links = [("targets", "Figures to reach"), *((part.name, part.title) for part in parts)]
    links += [("limits", "What bounds them")] if account.bounds(record) else []
    links.append(("machine", "The machine"))
    yield "<nav>"
    yield from (f'<a href="#{name}">{escape(title)}</a>' for name, title in links)
    yield "</nav>"
    yield "</header>\n<main>"
    reached, measured, known = account.reached(record)
    yield (
        f'<p class="count"><b>{reached}</b> of {measured} figures reached'
        f'<span class="quiet">, {known - measured} more not measured</span></p>'
    )
    short = measured - reached
    yield (
        f'<div class="meter" role="img" aria-label="{reached} of {known} reached">'
        f'<i style="width:{100 * reached / known:.1f}%"></i>'
        f'<i style="width:{100 * short / known:.1f}%"></i></div>'
    )


def _targets(verdicts: Iterable[Verdict]) -> Iterator[str]:
    yield '<h2 id="targets">Figures to reach</h2>'
    yield '<p class="how">Medians, with the lowest and the highest of all rounds.</p>'
    yield from _table("Work", "Figure", "To reach#", "Measured#", "Lowest – highest#", "")
    for group, members in groupby(verdicts, key=lambda verdict: verdict.target.group):
        yield f'<tr class="group"><td colspan="6">{escape(group)}</td></tr>'
        work = ""
        for verdict in members:
            target = verdict.target
            yield _verdict(verdict, "" if target.work == work else target.work)
            work = target.work
    yield "</tbody></table></div>"


def _table(*columns: str) -> Iterator[str]:
    """The beginning of a table; "#" after a name marks a column of numbers."""
    yield '<div class="wide"><table>\n<thead><tr>'
    for name in columns:
        kind = ' class="n"' if name.endswith("#") else ""
        yield f"<th{kind}>{escape(name.rstrip('#'))}</th>"
    yield "</tr></thead>\n<tbody>"


def _verdict(verdict: Verdict, work: str) -> str:
    target = verdict.target
    value = measured = ""
    if verdict.value is not None and verdict.low is not None and verdict.high is not None:
        value, measured = number(verdict.value), account.spread((verdict.low, verdict.high))
    kind = {"reached": "good", "short": "error"}.get(verdict.word, "open")
    return (
        f'<tr class="{"" if work else "more"}"><td>{escape(work)}</td>'
        f'<td class="note">{escape(target.against)}</td>'
        f'<td class="n">{escape(target.said)}</td><td class="n">{value}</td>'
        f'<td class="n">{measured}</td>'
        f'<td class="word {kind}"><b>{SIGNS[verdict.word]}</b>{verdict.word}</td></tr>'
    )


def _section(part: account.Section) -> Iterator[str]:
    yield f'<h2 id="{part.name}">{escape(part.title)}</h2>'
    yield from (f'<p class="how">{escape(how)}.</p>' for how in part.how)
    for plot in part.plots:
        caption = f"<figcaption>{escape(plot.caption)}</figcaption>"
        yield f"<figure><h3>{escape(plot.title)}</h3>{plot.draw(False)}{caption}</figure>"
    if part.figures:
        noted = any(figure["note"] for figure in part.figures)
        columns = ("Figure", "Median#", "Lowest – highest#", "Unit", *(("Note",) if noted else ()))
        yield from _table(*columns)
        yield from (_figure(figure, noted) for figure in part.figures)
        yield "</tbody></table></div>"
    yield from (f'<p class="quiet">{escape(sentence)}.</p>' for sentence in part.missing)


def _figure(figure: Mapping[str, Any], noted: bool) -> str:
    target, median = target_of(figure["name"]), statistics.median(figure["values"])
    kind = "" if target is None else (" good" if target.met(median) else " error")
    note = f'<td class="note">{escape(figure["note"])}</td>' if noted else ""
    return (
        f'<tr><td>{escape(figure["name"])}</td><td class="n{kind}">{number(median)}</td>'
        f'<td class="n">{account.spread(figure["values"])}</td><td>{escape(figure["unit"])}</td>'
        f"{note}</tr>"
    )


def _bounds(record: Mapping[str, Any]) -> Iterator[str]:
    sentences = account.bounds(record)
    if sentences:
        yield '<h2 id="limits">What bounds them</h2>'
        yield from (f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _machine(record: Mapping[str, Any]) -> Iterator[str]:
    yield '<h2 id="machine">The machine</h2>\n<table><tbody>'
    for name, value in account.conditions(record):
        yield f'<tr><th>{escape(name)}</th><td class="mono">{escape(value)}</td></tr>'
    yield "</tbody></table>\n</main>"
