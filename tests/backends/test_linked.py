"""Functions that only compiled code calls are linked, and cost no machine code of their own."""

from __future__ import annotations

from numba import njit

from engine.backends.numba_cpu.pointers import internal


def test_functions_for_compiled_code_alone_have_no_machine_code() -> None:
    @internal
    def double(x):
        return x + x

    @njit
    def quadruple(x):
        return double(double(x))

    assert quadruple(3) == 12
    assert pointer(quadruple) != 0
    assert pointer(double) == 0


def pointer(function) -> int:
    """Address of a compiled function's machine code."""
    compiled = function.overloads[function.signatures[0]]
    return compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
