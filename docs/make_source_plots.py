"""Pictures of sources: a current as it reaches a neuron, spikes as a raster."""

from __future__ import annotations

import numpy as np
from make_model_plots import LEFT, RIGHT, TALL, TOP, Panel, stacked, ticks

import engine
from engine.models.declaration import SourceModel
from workbench.svg import WIDTH, drawing, rule, text

DURATION = 1000.0  # ms
MEMBERS = 8
TIMES = (80, 200, 230, 260, 500, 640, 660, 900)  # where a source has no times of its own
FARADS = 200.0  # pF of what tells the current


def pictured(model: SourceModel) -> bool:
    """Whether there is something to draw: not of a source that needs a file."""
    return all(parameter.kind != "text" for parameter in model.parameters.values())


def picture_of_source(model: SourceModel) -> str:
    """What the source gives by default."""
    given = {
        name: list(TIMES)
        for name, parameter in model.parameters.items()
        if parameter.kind == "numbers" and not parameter.default and name == "times"
    }
    return _raster(model, given) if model.outputs == "spikes" else _current(model, given)


def _current(model: SourceModel, given: dict[str, list[int]]) -> str:
    """An integrator tells the current of every step."""
    net = engine.Network(dt=0.5, precision="float64")
    integrator = engine.define("integrator", "dv/dt = I/C : mV", parameters={"C": f"{FARADS} pF"})
    cell = net.population("cell", 1, integrator)
    net.connect(net.source("source", model.name, 1, **given), cell, weight=1, port="current")
    net.record(cell, "v")
    t, v = net.simulate(DURATION)["cell"].trace("v")
    current = FARADS * np.diff(v[:, 0]) / 0.5
    panel = Panel("current", "pA", current, TALL, base=0.0)
    return stacked(t[1:], [panel], np.zeros(0), model.title, "ms")


def _raster(model: SourceModel, given: dict[str, list[int]]) -> str:
    net = engine.Network(dt=0.1)
    source = net.source("source", model.name, MEMBERS, **given)
    net.record(source, "spikes")
    spikes = net.simulate(DURATION)["source"].spikes
    wide, tall = WIDTH - LEFT - RIGHT, TALL / MEMBERS
    parts = [text(LEFT, TOP - 8, "members")]
    for time, member in zip(spikes.times, spikes.senders, strict=True):
        top = TOP + tall * float(member)
        parts.append(rule(LEFT + time / DURATION * wide, top + 2, top + tall - 2, "c0"))
    bottom = TOP + TALL
    for tick in ticks(0.0, DURATION, 6):
        x = LEFT + tick / DURATION * wide
        parts.append(text(x, bottom + 18, f"{tick:g}", "tick", "middle"))
    parts.append(text(WIDTH - RIGHT, bottom + 34, "ms", anchor="end"))
    return drawing(parts, bottom + 42, model.title, True)
