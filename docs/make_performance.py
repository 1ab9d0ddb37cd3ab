"""Writes docs/performance.md and its plots from docs/data/bench.json.

    workbench bench --peers --out docs/data && python docs/make_performance.py

The first command measures on this machine; the second only writes down what the record says.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from workbench.bench import account, history
from workbench.bench.drawing import number
from workbench.bench.page import page
from workbench.bench.report import PAGE
from workbench.bench.targets import judge

DOCS = Path(__file__).resolve().parent
RECORD, IMAGES = DOCS / "data" / history.FILE, DOCS / "images" / "performance"

_BEGIN = """# How fast it is

This page is written by `python docs/make_performance.py` from
[data/bench.json](data/bench.json), the record of `workbench bench --peers --out docs/data`, which
also wrote [data/page.html](data/page.html). Edit none of them by hand. Anyone can repeat it:

```text
workbench bench --quick                 what this machine does, in a minute
workbench bench --out results           everything, with results/bench.json and results/page.html
workbench bench --peers --out results   beside other programs, interleaved
```

Peers are run by interpreters of their own, named by `WORKBENCH_BENCH_BRIAN2`,
`WORKBENCH_BENCH_NEST`, `WORKBENCH_BENCH_TORCH` (SpikingJelly, snnTorch) and
`WORKBENCH_BENCH_SPYX`; one that is not there is left out with a sentence. Ratios are medians of
interleaved runs: another program on the machine slows both sides.
"""


def written(record: Mapping[str, Any]) -> dict[Path, str]:
    """The files of the documentation and what stands in them."""
    parts = account.sections(record)
    files = {
        DOCS / "performance.md": "\n".join(_markdown(record, parts)).rstrip() + "\n",
        RECORD.with_name(PAGE): page(record),
    }
    for plot in (plot for part in parts for plot in part.plots):
        files[IMAGES / f"{plot.name}.svg"] = plot.draw(True)
    return files


def _markdown(record: Mapping[str, Any], parts: Iterable[account.Section]) -> Iterator[str]:
    yield _BEGIN
    yield "## The machine\n"
    yield from _table(("", ""), account.conditions(record))
    yield from _targets(record)
    for part in parts:
        yield from _section(part)
    sentences = account.bounds(record)
    if sentences:
        yield "## What bounds them\n"
        yield from (f"{_plain(sentence)}\n" for sentence in sentences)


def _targets(record: Mapping[str, Any]) -> Iterator[str]:
    reached, measured, known = account.reached(record)
    yield "## Figures to reach\n"
    left = f"; {known - measured} more are not measured" if known > measured else ""
    yield f"{reached} of {measured} are reached{left}.\n"
    head = ("work", "figure", "to reach", "measured", "lowest – highest", "")
    rows = []
    for group, members in groupby(
        judge(record["figures"]), key=lambda verdict: verdict.target.group
    ):
        rows.append((f"**{group}**", "", "", "", "", ""))
        for verdict in members:
            target, value = verdict.target, verdict.value
            texts = ("", "")
            if value is not None and verdict.low is not None and verdict.high is not None:
                texts = (number(value), account.spread((verdict.low, verdict.high)))
            rows.append((target.work, target.against, target.said, *texts, verdict.word))
    yield from _table(head, rows)


def _section(part: account.Section) -> Iterator[str]:
    yield f"## {part.title}\n"
    yield from (f"{_plain(how)}.\n" for how in part.how)
    for plot in part.plots:
        yield f"![{plot.title}](images/performance/{plot.name}.svg)\n"
        yield f"*{plot.title}. {plot.caption}*\n"
    if part.figures:
        rows = [
            (
                figure["name"],
                number(statistics.median(figure["values"])),
                account.spread(figure["values"]),
                figure["unit"],
                figure["note"],
            )
            for figure in part.figures
        ]
        yield from _table(("figure", "median", "lowest – highest", "unit", "note"), rows)
    yield from (f"{_plain(sentence)}.\n" for sentence in part.missing)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(_plain, row))} |"
    yield ""


def _plain(words: str) -> str:
    """Words that Markdown takes as they are, in a cell of a table as well."""
    words = " ".join(words.split())
    return words.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def main() -> int:
    """Write every file that differs."""
    for path, text in written(history.load(RECORD)).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
