"""Functions that only compiled code calls are linked into it, without machine code of their own.

Numba makes every function ready to be called from Python before it links it into its callers,
where all is optimised and assembled once more.  Leaving that out halves the time that the driver
takes to compile; its machine code stays the same but for a few instructions.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _Codegen:
    """A code generator that gives no environment to a function which Python never calls."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, env_name: str, env: Any) -> None:
        """There is no machine code to find the environment from."""


class _LinkedLibrary(JITCodeLibrary):
    """Code that stays as the optimiser's input, for the libraries that link it."""

    @property
    def codegen(self) -> Any:
        """What numba asks to bind a function to Python."""
        return _Codegen(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        """None: as numba says of a function without a wrapper for Python."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self) -> None:
        """The callers optimise it with all that is theirs."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class ForCallers(Compiler):
    """The compiler of a function that must not be called from Python (``pipeline_class``)."""

    def define_pipelines(self) -> Any:
        """Numba's own, with a library that is only linked."""
        state: Any = self.state
        state.library = _LinkedLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        return super().define_pipelines()
