"""Kernels as bare machine code: numba compiles them once, LLVM's linker alone loads them.

To load a function as numba keeps it takes all of numba: 80 MB of memory and half a second.  A
kernel that is given numbers and calls nothing of numba's or Python's needs none of that.
"""

from __future__ import annotations

import ctypes
import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.backends import cache
from engine.errors import BackendError

# How a text has its ``kernel`` compiled: to machine code for callers that give it numbers.
FLAGS = 'error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True'
_FLOATS = r"= f(?:add|sub|mul|div) (?:[a-z]+ )*?"  # LLVM's words before the type
KINDS = {"int64": ctypes.c_int64, "float64": ctypes.c_double}

_linked: dict[tuple[str, str], Callable[..., None]] = {}
_linkers: list[Any] = []  # they own the code
_linking = threading.RLock()


@dataclass(frozen=True)
class Loops:
    """What the loops of a kernel were compiled to.

    A loop that is vectorised adds, subtracts, multiplies and divides floats many at once, and has
    at most one copy that takes one at a time, for what does not fill a vector.  A loop that is not
    takes three to ten times as long and is still right, so nothing else would notice.
    """

    packed: int  # such instructions on many floats
    single: int  # on one
    calls: int  # of functions of the system's library, such as a sine

    @property
    def vectorised(self) -> bool:
        """Whether all of them take many neurons at once."""
        return self.packed >= self.single > 0 and not self.calls


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


def loops(kind: str, source: str, support: Sequence[Path]) -> Loops:
    """What the kernel that `load` gives was compiled to."""
    return Loops(**json.loads(_kept(kind, source, support)[1]))


def _kept(kind: str, source: str, support: Sequence[Path]) -> list[bytes]:
    """Name, `Loops` and object code of a kernel."""
    support = (*support, Path(__file__))  # where the form of what is kept stands
    return cache.machine_code(kind, source, support, _compiled).split(b"\n", 2)


def _link(
    kind: str, source: str, support: Sequence[Path], arguments: Sequence[str]
) -> Callable[..., None]:
    import llvmlite.binding as llvm

    name, _, code = _kept(kind, source, support)
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
    """What `_kept` splits into lines: of the kernel of a module."""
    import llvmlite.binding as llvm

    (made,) = module.kernel.overloads.values()
    text = made.library.get_llvm_str()
    functions = llvm.parse_assembly(text).functions
    outside = [function.name for function in functions if function.is_declaration]
    if foreign := [name for name in outside if not name.startswith("llvm.")]:
        raise BackendError(f"a kernel calls {', '.join(foreign)}; print it without")
    _, _, (code, _) = made.library.serialize_using_object_code()
    found = Loops(
        packed=len(re.findall(_FLOATS + r"<\d+ x ", text)),
        single=len(re.findall(_FLOATS + "(?:float|double) ", text)),
        calls=len(re.findall(r"call .*@llvm\.(?:exp|log|pow|sin|cos|tan)", text)),
    )
    head = f"{made.fndesc.llvm_func_name}\n{json.dumps(asdict(found))}\n"
    return head.encode() + code
