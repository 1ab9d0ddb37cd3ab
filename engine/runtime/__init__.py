"""Running a network: from a document to spikes.

The names are resolved when they are first used, since backends read ``engine.runtime.plan`` and
must not import what is built on them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.runtime.build import Monitor as Monitor
    from engine.runtime.estimate import Estimate as Estimate
    from engine.runtime.estimate import estimate as estimate
    from engine.runtime.result import Run as Run
    from engine.runtime.result import load_run as load_run
    from engine.runtime.simulation import Simulation as Simulation
    from engine.runtime.simulation import simulate as simulate

_HOMES = {
    "Estimate": "estimate",
    "estimate": "estimate",
    "Run": "result",
    "load_run": "result",
    "Monitor": "build",
    "Simulation": "simulation",
    "simulate": "simulation",
}
__all__ = ["Estimate", "Monitor", "Run", "Simulation", "estimate", "load_run", "simulate"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
