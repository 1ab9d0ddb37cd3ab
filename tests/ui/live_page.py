"""A page with nothing but the live tiles and three buttons: ``python live_page.py PORT``."""

from __future__ import annotations

import sys
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

import engine
from workbench.live.run import LiveRun
from workbench.live.tiles import LiveTiles
from workbench.session import Session
from workbench.theme import FRONTEND, css


class Style(JSComponent):
    """Puts the page's custom properties into its head, as the real page has them."""

    text = param.String()

    _esm = """export function render({model}) {
        const style = document.createElement("style")
        style.textContent = model.text
        document.head.append(style)
        window.frames_ = []
        window.long_ = []
        window.addEventListener("workbench:frame", event => window.frames_.push(event.detail))
        const note = list => window.long_.push(...list.getEntries().map(entry => entry.duration))
        new PerformanceObserver(note).observe({entryTypes: ["longtask"]})
    }"""


def network() -> engine.Network:
    """1,000 neurons driven by Poisson spikes."""
    net = engine.Network("driven", dt=0.1, seed=1)
    drive = net.source("drive", "poisson", 100, label="Drive", rate=50.0)
    exc = net.population("exc", 800, "lif_psc_exp", label="Excitatory")
    inh = net.population("inh", 200, "lif_psc_exp", label="Inhibitory")
    rule = engine.rules.probability(0.2)
    net.connect(drive, [exc, inh], rule=rule, weight=120.0, delay=1.5, port="exc")
    net.connect(exc, inh, rule=engine.rules.probability(0.02), weight=50.0, delay=1.5, port="exc")
    return net


def page() -> pn.Column:
    session = Session(network().document)
    run = LiveRun(session)
    tiles = LiveTiles(session, run)

    def button(name: str, action: Any) -> pn.widgets.Button:
        return pn.widgets.Button(name=name, on_click=lambda _: action(), width=90)

    buttons = [button("Run", run.run), button("Pause", run.pause), button("Reset", run.reset)]
    pn.state.on_session_destroyed(lambda _: run.close())
    return pn.Column(
        Style(text=css()),
        pn.Row(*buttons),
        pn.Column(tiles, height=292, sizing_mode="stretch_width"),
        sizing_mode="stretch_width",
    )


if __name__ == "__main__":
    pn.serve(
        {"/": page},
        port=int(sys.argv[1]),
        address="127.0.0.1",
        show=False,
        static_dirs={"assets": str(FRONTEND)},
    )
