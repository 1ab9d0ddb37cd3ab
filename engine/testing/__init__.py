"""Contracts that any model can be put to: ours and yours.

``check_neuron(model)`` runs everything that the workbench promises of a neuron and says which
promise is broken, and how.
"""

from __future__ import annotations

from engine.testing.neuron import check_neuron
from engine.testing.report import Check, ContractError, Report

__all__ = ["Check", "ContractError", "Report", "check_neuron"]
