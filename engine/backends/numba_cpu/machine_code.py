"""Kernels as bare machine code: numba compiles them once, LLVM's linker alone loads them.

To load a function as numba keeps it takes all of numba: 80 MB of memory and half a second.  A
kernel that is given numbers and calls nothing of numba's or Python's needs none of that.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.backends import cache
from engine.errors import BackendError

# How a text has its ``kernel`` compiled: to machine code for callers that give it numbers.
FLAGS = 'error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True'
KINDS = {"int64": ctypes.c_int64, "float64": ctypes.c_double}

_linked: dict[tuple[str, str], Callable[..., None]] = {}
_linkers: list[Any] = []  # they own the code
_linking = threading.RLock()


def load(
    kind: str, source: str, support: Sequence[Path], arguments: Sequence[str]
) -> Callable[..., None]:
    """The function ``kernel`` of the text ``source``; Python's other threads run beside a call.

    ``kind`` and ``support`` are as in `engine.backends.cache.load`, ``arguments`` the words of
    `KINDS`.  Raises `BackendError` for a kernel that calls something outside itself.
    """
    with _linking:
        if (kind, source) not in _linked:
            _linked[kind, source] = _link(kind, source, support, arguments)
        return _linked[kind, source]


def _link(
    kind: str, source: str, support: Sequence[Path], arguments: Sequence[str]
) -> Callable[..., None]:
    import llvmlite.binding as llvm

    name, _, code = cache.machine_code(kind, source, support, _compiled).partition(b"\n")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        codemodel="jitdefault", jit=True
    )
    linker = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    linker.add_object_file(llvm.ObjectFileRef.from_data(code))
    linker.finalize_object()
    _linkers.append(linker)
    # Numba's convention: where results and errors go, then the arguments; a kernel has neither.
    places = ctypes.c_void_p, ctypes.c_void_p
    types = (KINDS[argument] for argument in arguments)
    native = ctypes.CFUNCTYPE(ctypes.c_int, *places, *types)(
        linker.get_function_address(name.decode())
    )
    nowhere = (ctypes.c_void_p * 2)()
    return partial(native, ctypes.byref(nowhere), ctypes.byref(nowhere, ctypes.sizeof(places[0])))


def _compiled(module: ModuleType) -> bytes:
    """Name of the kernel of a module, a new line, and its object code."""
    import llvmlite.binding as llvm

    (found,) = module.kernel.overloads.values()
    text = llvm.parse_assembly(found.library.get_llvm_str())
    outside = [function.name for function in text.functions if function.is_declaration]
    if foreign := [name for name in outside if not name.startswith("llvm.")]:
        raise BackendError(f"a kernel calls {', '.join(foreign)}; print it without")
    _, _, (code, _) = found.library.serialize_using_object_code()
    return found.fndesc.llvm_func_name.encode() + b"\n" + code
