"""Spiking Workbench's engine: describe spiking networks, run them, and read what they did.

Every name here is loaded when it is first used, so importing the package is quick and brings in
neither a compiler nor a plotting library.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine import cable as cable
    from engine import deep as deep
    from engine import rules as rules
    from engine import testing as testing
    from engine.document import Document as Document
    from engine.document import dumps as dumps
    from engine.document import loads as loads
    from engine.errors import BackendError as BackendError
    from engine.errors import DataError as DataError
    from engine.errors import DocumentError as DocumentError
    from engine.errors import EquationError as EquationError
    from engine.errors import LimitError as LimitError
    from engine.errors import Problem as Problem
    from engine.errors import RunStopped as RunStopped
    from engine.errors import WorkbenchError as WorkbenchError
    from engine.models import models as models
    from engine.models import plasticity_models as plasticity_models
    from engine.models import synapse_models as synapse_models
    from engine.models.define import define as define
    from engine.network import Network as Network
    from engine.response import response as response
    from engine.rules import exponential as exponential
    from engine.rules import lognormal as lognormal
    from engine.rules import normal as normal
    from engine.rules import plasticity as plasticity
    from engine.rules import uniform as uniform
    from engine.runtime import Run as Run
    from engine.runtime import Simulation as Simulation
    from engine.runtime import load_run as load_run
    from engine.runtime import simulate as simulate
    from engine.runtime.checked import check as check

__version__ = "0.1.0"

# public name -> the module that has it; None: the name is itself a module
_PUBLIC: dict[str, str | None] = {
    "BackendError": "engine.errors",
    "DataError": "engine.errors",
    "Document": "engine.document",
    "DocumentError": "engine.errors",
    "EquationError": "engine.errors",
    "LimitError": "engine.errors",
    "Network": "engine.network",
    "Problem": "engine.errors",
    "Run": "engine.runtime",
    "RunStopped": "engine.errors",
    "Simulation": "engine.runtime",
    "WorkbenchError": "engine.errors",
    "analysis": None,
    "cable": None,
    "check": "engine.runtime.checked",
    "deep": None,
    "define": "engine.models.define",
    "dumps": "engine.document",
    "exponential": "engine.rules",
    "load_run": "engine.runtime",
    "loads": "engine.document",
    "lognormal": "engine.rules",
    "models": "engine.models",
    "normal": "engine.rules",
    "plasticity": "engine.rules",
    "plasticity_models": "engine.models",
    "response": "engine.response",
    "rules": None,
    "simulate": "engine.runtime",
    "synapse_models": "engine.models",
    "testing": None,
    "uniform": "engine.rules",
}

__all__ = sorted(_PUBLIC)  # pyright: ignore[reportUnsupportedDunderAll]


class _Callable(ModuleType):
    """A module with the name of the public function in it: calling it calls the function."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._function(*arguments, **named)

    @property
    def _function(self) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(importlib.import_module(_PUBLIC[name] or ""), name)

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(self._function)


class _Engine(ModuleType):
    """``engine.models`` is a package and a public function; importing sets the former here."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _PUBLIC.get(name):
            value.__class__ = _Callable
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Engine


def __getattr__(name: str) -> Any:
    """The public name, loaded now and kept."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    home = _PUBLIC[name]
    module = importlib.import_module(home or f"engine.{name}")
    found = globals().get(name)  # a module of that name, just imported, came here by itself
    value = found if found is not None else module if home is None else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
