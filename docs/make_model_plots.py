"""Pictures of models: traces of a response, drawn as SVG in the look of the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import engine
from engine.models.declaration import NeuronModel, SynapseModel
from engine.testing.driving import driven
from workbench.svg import WIDTH, drawing, rule, text

Floats = NDArray[np.float64]
LEFT, RIGHT, TOP = 64.0, 16.0, 26.0
TALL, LOW, GAP = 150.0, 56.0, 30.0  # heights of a panel, of a lesser one, and between
NEAR = 0.3  # how far a drawn line may lie from the true one, in the drawing's units
MOST_STATES = 2  # besides the membrane


@dataclass(frozen=True)
class Shown:
    """The run that a page shows: a preset, or a current that makes the model fire."""

    preset: str
    current: float
    duration: float
    caption: str


def shown(model: NeuronModel) -> Shown:
    """The first protocol of a model, or 1.5 times the least current tried that makes it fire."""
    unit = model.current_unit if model.current_unit not in ("", "1") else ""
    if model.protocols:
        name, protocol = next(iter(model.protocols.items()))
        note = f": {protocol.note}" if protocol.note else ""
        return Shown(name, 0.0, protocol.duration, f'The preset "{name}"{note}.')
    case = driven(model)
    current = 1.5 * case.strength
    duration = 40.0 if case.step_map.solver == "map" else 200.0
    steps = "steps" if case.step_map.solver == "map" else "ms"
    words = (
        f"A current of {current:g} {unit}".rstrip() + f" from the start, for {duration:g} {steps}."
    )
    return Shown("", current, duration, words)


def picture_of_neuron(model: NeuronModel) -> str:
    """Membrane with its spikes, further variables, and the current, under each other."""
    show = shown(model)
    system = model.compose()
    by_steps = bool(system.updates)
    dt = {"dt": 1.0} if by_steps else {}
    if show.preset:
        run = engine.response(model, preset=show.preset)
        current = model.protocols[show.preset].trace(len(run.t) - 1, float(run.t[1]))
    else:
        run = engine.response(model, show.current, show.duration, **dt)
        current = np.full(len(run.t) - 1, show.current)
    units, hidden = system.units, {model.membrane, *system.port_states}
    others = [name for name in run.states if name not in hidden][:MOST_STATES]
    panels = [
        Panel(model.membrane, units.get(model.membrane, ""), run.states[model.membrane], TALL)
    ]
    panels += [Panel(name, units[name], run.states[name], LOW) for name in others]
    drive = Panel("current", model.current_unit, np.append(current, current[-1]), LOW, base=0.0)
    panels.append(drive)
    spikes = run.spike_times if model.reset else np.zeros(0)
    return stacked(run.t, panels, spikes, model.title, "step" if by_steps else "ms")


def picture_of_synapse(model: SynapseModel) -> str:
    """What one spike does: the synapse's own variables, and the potential."""
    net = engine.Network(dt=0.05)
    strength = {"voltage": 1.0, "current": 100.0, "conductance": 5.0}[model.weight]
    net.population(
        "cell", 1, "lif", ports={"exc": model.name}, C=200, g_L=10, E_L=-65, v_th=0, v_reset=-65,
    )  # fmt: skip
    source = net.source("spike", "spike_times", times=[4.0])
    net.connect(source, "cell", weight=strength, delay=1.0, port="exc")
    names = [state for state in model_states(model) if state]
    for name in ("v", *names):
        net.record("cell", name)
    run = net.simulate(60.0)["cell"]
    t, potential = run.trace("v")
    panels = [Panel("v", "mV", np.ravel(potential), TALL)]
    panels += [Panel(name, "", np.ravel(run.trace(name).values), LOW) for name in names]
    return stacked(t, panels, np.zeros(0), model.title, "ms")


def model_states(model: SynapseModel) -> list[str]:
    """The synapse's variables as a neuron has them on port exc."""
    if not model.equations:
        return []
    from engine.equations.language import parse_equations

    return [f"{eq.target}_exc" for eq in parse_equations(model.equations) if eq.state]


@dataclass(frozen=True)
class Panel:
    """One trace over the common axis of time."""

    name: str
    unit: str
    values: Floats
    height: float
    base: float | None = None  # a value that the axis shows in any case


def stacked(t: Floats, panels: list[Panel], spikes: Floats, title: str, unit: str) -> str:
    """Panels under each other over time, with marks of spikes on the first."""
    parts: list[str] = []
    top = TOP
    for place, panel in enumerate(panels):
        parts += _panel(t, panel, top, place, spikes if place == 0 else np.zeros(0))
        top += panel.height + GAP
    bottom = top - GAP
    last = float(t[-1]) or 1.0
    for tick in ticks(0.0, last, 6):
        x = LEFT + tick / last * (WIDTH - LEFT - RIGHT)
        parts.append(text(x, bottom + 18, f"{tick:g}", "tick", "middle"))
    parts.append(text(WIDTH - RIGHT, bottom + 34, unit, anchor="end"))
    return drawing(parts, bottom + 42, title, True)


def _panel(t: Floats, panel: Panel, top: float, place: int, spikes: Floats) -> Iterator[str]:
    seen = panel.values if panel.base is None else np.append(panel.values, panel.base)
    low, high = float(seen.min()), float(seen.max())
    if high - low < 1e-12:
        low, high = low - 1.0, high + 1.0
    span, last = high - low, float(t[-1]) or 1.0
    wide = WIDTH - LEFT - RIGHT
    label = f"{panel.name} / {panel.unit}" if panel.unit not in ("", "1") else panel.name
    yield text(LEFT, top - 8, label)
    for tick in ticks(low, high, 3 if panel.height > LOW else 2):
        y = top + panel.height * (1.0 - (tick - low) / span)
        ends = f'x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line {ends} class="grid"/>'
        yield text(LEFT - 8, y + 4, f"{tick:g}", "tick", "end")
    across = LEFT + t / last * wide
    down = top + panel.height * (1.0 - (panel.values - low) / span)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _reduced(np.column_stack([across, down])))
    yield f'<polyline points="{points}" class="c{place}" style="fill:none;stroke-width:1.5"/>'
    for spike in spikes:
        yield rule(LEFT + spike / last * wide, top - 6, top + 6, f"c{place}")


def _reduced(points: Floats) -> Floats:
    """The fewest of ``points`` [N, 2] whose line stays within `NEAR` of all (Douglas & Peucker
    1973)."""
    keep, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        way = points[last] - points[first]
        apart = points[first + 1 : last] - points[first]
        # The distance from the chord; its ends may coincide.
        along = np.clip(apart @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        far = np.hypot(*(apart - along[:, None] * way).T)
        place = int(np.argmax(far))
        if far[place] > NEAR:
            middle = first + 1 + place
            keep.add(middle)
            waiting += [(first, middle), (middle, last)]
    return points[sorted(keep)]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most one more than ``most``."""
    span = high - low
    step = next(
        digit * 10.0**decade
        for decade in range(-12, 12)
        for digit in (1, 2, 5)
        if span / (digit * 10.0**decade) <= most
    )
    first = np.ceil(low / step)
    return [float(round(k * step, 12)) + 0.0 for k in np.arange(first, np.floor(high / step) + 1)]
