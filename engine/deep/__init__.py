"""Spiking neurons as layers of PyTorch, run by kernels generated from the models' equations."""

from __future__ import annotations

from engine.deep.eprop import EProp as EProp
from engine.deep.eprop import fit_eprop as fit_eprop
from engine.deep.hybrid import Hybrid as Hybrid
from engine.deep.hybrid import HybridCourse as HybridCourse
from engine.deep.hybrid import Labelled as Labelled
from engine.deep.linear import Linear as Linear
from engine.deep.slices import InSlices as InSlices
from engine.deep.spiking import Spiking as Spiking

__all__ = [
    "EProp",
    "Hybrid",
    "HybridCourse",
    "InSlices",
    "Labelled",
    "Linear",
    "Spiking",
    "fit_eprop",
]
