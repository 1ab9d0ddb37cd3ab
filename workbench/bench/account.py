"""What a record says, in parts that the page and docs/performance.md both show.

Plots are found by the names of figures: "CASE: PEER's time over ours (KIND)" stands in the plot of
ratios, "training ROW: WHO, WHAT" in that of training, and whatever has series is drawn as lines.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from workbench.bench.drawing import Lane, Line, Mark, bars, dots, lines, number
from workbench.bench.measures import MEASURES, SECTIONS
from workbench.bench.targets import TARGETS, judge, target_of

Figures = Sequence[Mapping[str, Any]]
_RATIO = re.compile(r"(?P<case>[^:]+): (?P<peer>.+)'s time over ours(?: \((?P<kind>[^)]+)\))?")
_TRAINING = re.compile(r"training (?P<row>\w): (?P<who>.+), (?P<what>forward.*)")
_ROWS = {
    "a": "LIF layer, T = 32, B = 16, N = 4,096",
    "b": "Linear 512 and LIF, T = 500, B = 16",
    "c": "Two convolutions, T = 8, B = 64",
}
# Rows of the comparison whose bound stands with the same work measured within one process.
_BOTH = "forward and backward"
_SAME = {
    ("a", "forward"): "training: LIF, 32 steps, forward",
    ("a", _BOTH): "training: LIF, 32 steps, forward + backward",
    ("b", _BOTH): "training: linear 512 + LIF, forward + backward",
    ("c", _BOTH): "training: convolutional net, forward + backward",
}


@dataclass(frozen=True)
class Plot:
    """A plot: the name of its file, what it shows, and how it is drawn (standalone or not)."""

    name: str
    title: str
    caption: str
    draw: Callable[[bool], str]


@dataclass(frozen=True)
class Section:
    """A heading with what was measured under it."""

    name: str
    title: str
    how: list[str]
    plots: list[Plot]
    figures: Figures
    missing: list[str]


def sections(record: Mapping[str, Any]) -> list[Section]:
    """The sections of a record that have something to say, in order."""
    found = []
    for name, title in SECTIONS.items():
        figures = [one for one in record["figures"] if _section_of(one["measure"]) == name]
        heads = [head for head in record["measures"] if _section_of(head["name"]) == name]
        missing = [head["missing"] for head in heads if head.get("missing")]
        measured = {figure["measure"] for figure in figures}
        how = [entry.how for entry in MEASURES.values() if entry.name in measured]
        if figures or missing:
            plots = list(_plots(name, figures))
            found.append(Section(name, title, list(dict.fromkeys(how)), plots, figures, missing))
    return found


def _section_of(measure: str) -> str:
    """Where a measure stands; one that this version does not know, among the rest."""
    return MEASURES[measure].section if measure in MEASURES else "more"


def _plots(section: str, figures: Figures) -> Iterator[Plot]:
    if section == "simulation" and (lanes := _ratio_lanes(figures)):
        yield Plot(
            "ratios",
            "The peer's run time over ours",
            "Dots are medians, filled for float32 and hollow for float64, lines reach from the "
            "lowest to the highest pair, the short bar is the figure to reach; right of 1 we are "
            "faster. The axis is one of decades.",
            partial(dots, lanes, "The peer's run time over ours"),
        )
    if section == "training" and (lanes := _training_lanes(figures)):
        yield Plot(
            "training",
            "Time over that of a plain PyTorch loop",
            "Shorter is faster; 1 is the plain loop, lines reach from the lowest to the highest "
            "round, the short bar is the figure to reach.",
            partial(bars, lanes, "Training time over that of a plain loop"),
        )
    if section in ("startup", "live") and (lanes := _second_lanes(figures)):
        yield Plot(
            section,
            "Seconds",
            "Bars are medians, lines reach from the lowest to the highest, the short bar is the "
            "figure to reach.",
            partial(bars, lanes, f"Seconds: {SECTIONS[section]}", one=False),
        )
    yield from _line_plots(section, figures)


def _mark(figure: Mapping[str, Any], colour: int, hollow: bool = False) -> Mark:
    values = figure["values"]
    return Mark(statistics.median(values), min(values), max(values), colour, hollow)


def _ratio_lanes(figures: Figures) -> list[Lane]:
    """A lane for every network and peer, both precisions in it, the networks in their order."""
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for figure in figures:
        if match := _RATIO.fullmatch(figure["name"]):
            case, peer, kind = match["case"], match["peer"], match["kind"] or "float32"
            found.setdefault((case, peer), {})[kind] = figure
    cases, peers = (list(dict.fromkeys(key[place] for key in found)) for place in (0, 1))
    ordered = sorted(found, key=lambda key: (cases.index(key[0]), peers.index(key[1])))
    lanes = []
    for case, peer in ordered:
        kinds = found[case, peer]
        target = next(filter(None, (target_of(one["name"]) for one in kinds.values())), None)
        marks = [
            _mark(kinds[kind], peers.index(peer), kind == "float64")
            for kind in sorted(kinds, key=lambda kind: kind != "float32")
        ]
        bound = target.bound if target else None
        lanes.append(Lane(case_title(case), peer, marks, bound))
    return lanes


def case_title(case: str) -> str:
    """A name in words: that of the target's row if there is one, else itself."""
    begin = f"{case}: "
    return next((target.work for target in TARGETS if target.figure.startswith(begin)), case)


def _training_lanes(figures: Figures) -> list[Lane]:
    found, who = [], ["ours"]
    for figure in figures:
        if match := _TRAINING.fullmatch(figure["name"]):
            found.append((match, figure))
            who += [match["who"]] if match["who"] not in who else []
    lanes = []
    for match, figure in sorted(found, key=lambda pair: (pair[0]["row"], pair[0]["what"])):
        group = f"{_ROWS.get(match['row'], match['row'])}: {match['what']}"
        target = None
        if match["who"] == "ours":
            target = target_of(_SAME.get((match["row"], match["what"]), ""))
        mark = _mark(figure, who.index(match["who"]))
        bound = target.bound if target else None
        lanes.append(Lane(group, match["who"], [mark], bound, at_most=True))
    return lanes


def _second_lanes(figures: Figures) -> list[Lane]:
    lanes = []
    for figure in figures:
        if figure["unit"] == "s":
            target = target_of(figure["name"])
            bound = target.bound if target else None
            label = figure["name"].partition(": ")[2]
            lanes.append(Lane("", label, [_mark(figure, 0)], bound, at_most=True))
    return lanes


def _line_plots(section: str, figures: Figures) -> Iterator[Plot]:
    """A plot for every pair of axes that figures with series name."""
    axes: dict[tuple[str, str], list[Line]] = {}
    for figure in figures:
        for one in figure["extra"].get("series", ()):
            line = Line(one["label"], one["x"], one["y"], one.get("fit", ()))
            axes.setdefault((one["x_label"], one["y_label"]), []).append(line)
    for place, ((x_label, y_label), found) in enumerate(axes.items()):
        yield Plot(
            f"{section}-{place + 1}",
            f"{y_label} against {x_label}",
            "Dots are measured; lines are the fit of a constant and parts that grow linearly. "
            "Both axes are of decades.",
            partial(lines, found, f"{y_label} against {x_label}", x_label, y_label),
        )


def spread(values: Sequence[float]) -> str:
    """The lowest and the highest of several values, or nothing."""
    low, high = number(min(values)), number(max(values))
    return f"{low} – {high}" if len(values) > 1 and low != high else ""


def conditions(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The machine and the versions, as rows of a table."""
    machine = record["machine"]
    cores = machine.get("cores_allowed")
    allowed = f", {cores} of them allowed" if cores not in (None, machine["cores"]) else ""
    memory = machine.get("memory_gb")
    rows = [
        ("Processor", f"{machine['processor']} ({machine['architecture']})"),
        ("Cores", f"{machine['cores']}{allowed}"),
        ("Memory", f"{memory:g} GB" if memory else "unknown"),
        ("System", machine["system"]),
        ("Python", machine["python"]),
    ]
    versions = machine.get("versions", {}).items()
    rows.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions)))
    days = sorted({head["date"][:10] for head in record["measures"] if head.get("date")})
    if days:
        rows.append(("Measured", " to ".join(dict.fromkeys((days[0], days[-1])))))
    commits = {head["commit"] for head in record["measures"] if head.get("commit")}
    if commits:
        rows.append(("Commits", ", ".join(sorted(commits))))
    loads = [head["load"] for head in record["measures"] if head.get("load") is not None]
    if loads:
        text = " to ".join(dict.fromkeys((f"{min(loads):g}", f"{max(loads):g}")))
        rows.append(("Load", f"{text} (1-minute average after each measure, ours included)"))
    if any(head.get("quick") for head in record["measures"]):
        quick = ", ".join(head["name"] for head in record["measures"] if head.get("quick"))
        rows.append(("Short runs (--quick)", quick))
    return rows


def reached(record: Mapping[str, Any]) -> tuple[int, int, int]:
    """How many targets are reached, how many were measured, how many there are."""
    verdicts = judge(record["figures"])
    measured = [verdict for verdict in verdicts if verdict.value is not None]
    return sum(verdict.word == "reached" for verdict in measured), len(measured), len(verdicts)


def bounds(record: Mapping[str, Any]) -> list[str]:
    """What limits the figures on this machine, in sentences with the figures measured on it."""
    figures = {figure["name"]: figure for figure in record["figures"]}
    said = [_memory(figures), _growth(figures), _synapses(figures), *_steps(figures)]
    return [sentence for sentence in (*said, _products(figures)) if sentence]


def _memory(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """How fast the machine itself moves bytes."""
    rates = [figures.get(name) for name in ("memory", "second cache")]
    if None in rates:
        return ""
    large, small = (number(statistics.median(rate["values"])) for rate in rates if rate)
    return (
        f"Copying large arrays, memory moves {large} GB/s on this machine, the second cache "
        f"{small} GB/s, read and written, with one thread."
    )


def _steps(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Where a step goes, and what an event moves, for the networks taken apart."""
    for name, event in figures.items():
        case, _, what = name.partition(": ")
        if what != "a synaptic event" or not event["extra"].get("bytes_per_event"):
            continue
        parts = [
            f"{part} {figures[f'{case}: {part}']['note'].partition(' of')[0]}"
            for part in ("neurons", "sources", "delivery")
            if f"{case}: {part}" in figures
        ]
        took = number(statistics.median(event["values"]))
        yield (
            f"{case_title(case)}: of a step, {', '.join(parts)}; a synaptic event takes {took} ns "
            f"({event['note']})."
        )


def _growth(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether time grows linearly, from the fit over all sizes."""
    fit = figures.get("scaling: departure from linear")
    if fit is None or len(fit["extra"].get("fit_ns", ())) != 3:
        return ""
    step, neuron, event = map(number, fit["extra"]["fit_ns"])
    departure = number(min(fit["values"]))
    return (
        f"Time grows linearly: over all sizes a step takes {step} ns, the step of a neuron "
        f"{neuron} ns and a synaptic event {event} ns; half of the networks depart from that by "
        f"less than {departure} %. A neuron's step is arithmetic on rows read in order; an event "
        "is an addition at a place that the synapse names, so its time is that of the cache or "
        "memory where the targets lie."
    )


def _synapses(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """What memory has to carry for a synaptic event."""
    held = figures.get("building: bytes a synapse")
    if held is None:
        return ""
    return (
        f"A synapse with a weight of its own is held in {number(held['values'][0])} bytes, and "
        "these are what an event has to bring from memory where a network is larger than the "
        "caches; only synapses of neurons that fired are read."
    )


def _products(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """What training shares with the loop it is compared with."""
    if not any(name.startswith("training") for name in figures):
        return ""
    return (
        "In training, convolutions are PyTorch's own in ours and in the plain loop alike: they "
        "bound the rows that have them. Matrix products are oneDNN's in ours, where the processor "
        "has 512-bit instructions, and PyTorch's usual ones (MKL's, as a rule) in the loop; they "
        "are most of our time in the rows with a linear layer."
    )
