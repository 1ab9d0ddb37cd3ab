"""What threads need to meet: acts on one int64 that no other thread can come between."""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types

from engine.backends.numba_cpu.pointers import intrinsic

_INT = ir.IntType(64)
# Tells a processor that its thread only waits, so that it saves power and leaves its twin the way.
_PAUSE, _YIELD = ("llvm.x86.sse2.pause", ()), ("llvm.aarch64.hint", (1,))
_RELAX = {"x86_64": _PAUSE, "AMD64": _PAUSE, "aarch64": _YIELD, "arm64": _YIELD}


@intrinsic
def atomic_get(_typing, address):
    """The int64 at ``address``, and all that other threads wrote before they wrote it."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _INT.as_pointer())
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(types.int64), code


@intrinsic
def atomic_put(_typing, address, value):
    """Write the int64 at ``address`` after everything written before."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _INT.as_pointer())
        builder.store_atomic(arguments[1], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code


@intrinsic
def atomic_swap(_typing, address, value):
    """Write the int64 at ``address``; returns what stood there before."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _INT.as_pointer())
        return builder.atomic_rmw("xchg", pointer, arguments[1], "seq_cst")

    return types.int64(types.int64, types.int64), code


@intrinsic
def atomic_replace(_typing, address, old, new):
    """Write ``new`` where ``old`` stands at ``address``; whether it did."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _INT.as_pointer())
        pair = builder.cmpxchg(pointer, arguments[1], arguments[2], "seq_cst", "seq_cst")
        return builder.extract_value(pair, 1)

    return types.boolean(types.int64, types.int64, types.int64), code


@intrinsic
def relax(_typing):
    """Let the processor know that this is a look of many, in a loop that waits."""
    name, numbers = _RELAX.get(platform.machine(), ("", ()))
    word = ir.IntType(32)

    def code(context, builder, signature, arguments):
        if name:
            kind = ir.FunctionType(ir.VoidType(), [word] * len(numbers))
            function = builder.module.declare_intrinsic(name, (), kind)
            builder.call(function, [word(number) for number in numbers])
        return context.get_dummy_value()

    return types.void(), code


@intrinsic
def call_plain(_typing, address, value):
    """Call the C function ``int f(unsigned int)`` at ``address`` (or one that takes nothing)."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(32)
        function = ir.FunctionType(word, [word]).as_pointer()
        number = builder.trunc(arguments[1], word)
        builder.call(builder.inttoptr(arguments[0], function), [number])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code
