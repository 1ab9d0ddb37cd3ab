"""Memory by address and single machine instructions, for kernels that know no array.

A network is handed to compiled code as tables of addresses, so that one compiled driver serves all
networks.  Nothing here checks a bound: the tables are made by `layout.py` and by nobody else.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending, njit, types

from engine.backends.numba_cpu.linked import ForCallers

_INT = ir.IntType(64)

# For functions that only compiled code calls: division as IEEE 754 has it, no wrappers for Python.
_NO_WRAPPERS: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
internal: Any = njit(error_model="numpy", pipeline_class=ForCallers, **_NO_WRAPPERS)
# For the arithmetic inside loops: a call that LLVM does not inline stops the loop's vectorisation.
inlined: Any = extending.register_jitable(
    forceinline=True, pipeline_class=ForCallers, **_NO_WRAPPERS
)
# Any: a type checker takes the functions below for their recipes, which have one argument more.
intrinsic: Any = extending.intrinsic
_SCOPES = 128  # rows of one kernel that may be told apart


def _element(context: Any, builder: Any, address: Any, index: Any, kind: Any) -> Any:
    """Pointer to element ``index`` of type ``kind`` counted from ``address``."""
    base = builder.inttoptr(address, context.get_data_type(kind).as_pointer())
    return builder.gep(base, [index])


@intrinsic
def get(_typing, address, index, like):
    """Element ``index`` at ``address``, of the type of ``like``."""

    def code(context, builder, signature, arguments):
        address, index, _ = arguments
        pointer = _element(context, builder, address, index, signature.return_type)
        return context.unpack_value(builder, signature.return_type, pointer)

    return like(types.int64, types.int64, like), code


@intrinsic
def put(_typing, address, index, value):
    """Write ``value`` as element ``index`` at ``address``."""

    def code(context, builder, signature, arguments):
        address, index, value = arguments
        pointer = _element(context, builder, address, index, signature.args[2])
        context.pack_value(builder, signature.args[2], value, pointer)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, value), code


def _mark(builder: Any, instruction: Any, scope: int) -> None:
    """Tell LLVM that accesses of different scopes never meet (what C calls ``restrict``)."""
    module = builder.module
    domain = module.add_metadata(["workbench rows"])
    scopes = [module.add_metadata([f"workbench row {k}", domain]) for k in range(_SCOPES)]
    instruction.set_metadata("alias.scope", module.add_metadata([scopes[scope]]))
    others = [node for k, node in enumerate(scopes) if k != scope]
    instruction.set_metadata("noalias", module.add_metadata(others))


@intrinsic(prefer_literal=True)
def get_row(_typing, address, index, like, scope):
    """As `get`, from the row numbered ``scope`` (a literal), which overlaps no other row.

    The promise is for the whole compiled function, all that is inlined into it included: numbers
    must mean the same rows everywhere in it.  So generated kernels use it, where many rows would
    need more overlap checks than the vectoriser is willing to make, and hand-written code does not.
    """
    if not isinstance(scope, types.IntegerLiteral):
        return None
    row = scope.literal_value

    def code(context, builder, signature, arguments):
        pointer = _element(context, builder, arguments[0], arguments[1], signature.return_type)
        value = builder.load(pointer)
        _mark(builder, value, row)
        return value

    like = types.unliteral(like)
    return like(types.int64, types.int64, like, scope), code


@intrinsic(prefer_literal=True)
def put_row(_typing, address, index, value, scope):
    """As `put`, to the row numbered ``scope`` (a literal), which overlaps no other row."""
    if not isinstance(scope, types.IntegerLiteral):
        return None
    row = scope.literal_value

    def code(context, builder, signature, arguments):
        pointer = _element(context, builder, arguments[0], arguments[1], signature.args[2])
        _mark(builder, builder.store(arguments[2], pointer), row)
        return context.get_dummy_value()

    value = types.unliteral(value)
    return types.void(types.int64, types.int64, value, scope), code


@intrinsic
def select(_typing, condition, then, otherwise):
    """``then if condition else otherwise``, without a branch; both are of one type."""
    if then != otherwise or condition != types.boolean:
        return None

    def code(context, builder, signature, arguments):
        return builder.select(*arguments)

    return then(condition, then, otherwise), code


_CAST = {types.float64: types.int64, types.float32: types.int32}


@intrinsic
def bits_of(_typing, value):
    """The bits of a float as a signed integer of its size."""
    if value not in _CAST:
        return None

    def code(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return _CAST[value](value), code


@intrinsic
def float_of(_typing, bits):
    """The float whose bits are ``bits`` (int64 or int32)."""
    back = {integer: real for real, integer in _CAST.items()}
    if bits not in back:
        return None

    def code(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return back[bits](bits), code


@intrinsic
def fma(_typing, a, b, c):
    """``a * b + c`` rounded once."""
    if not (a == b == c) or a not in _CAST:
        return None

    def code(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return a(a, a, a), code


@intrinsic
def floor(_typing, value):
    """Largest whole number <= ``value``, as a float."""
    if value not in _CAST:
        return None

    def code(context, builder, signature, arguments):
        kind = arguments[0].type
        function = builder.module.declare_intrinsic("llvm.floor", [kind])
        return builder.call(function, arguments)

    return value(value), code


# What a population kernel is called with, see `printer.py`; the driver calls it by its address.
KERNEL = types.void(
    types.int64,  # steps
    types.int64,  # first neuron
    types.int64,  # last neuron (exclusive)
    types.int64,  # number of the first step
    types.float64,  # dt, ms
    types.int64,  # state: address of [S, stride]
    types.int64,  # stride: neurons in a row, padding included
    types.int64,  # drive: address of [steps, rows, stride]
    types.int64,  # rows of drive a step: inputs, then normal numbers
    types.int64,  # fixed: address of the scalar constants
    types.int64,  # varied: address of the constants that differ, [V, stride]
    types.int64,  # spiked: address of uint8[steps, stride]
)


@intrinsic
def call_kernel(typingctx, address, arguments):
    """Call the population kernel at ``address`` with a tuple of its arguments."""
    signature = types.void(types.int64, types.Tuple(KERNEL.args))

    def code(context, builder, signature, values):
        kinds = [context.get_value_type(kind) for kind in KERNEL.args]
        function = ir.FunctionType(ir.VoidType(), kinds).as_pointer()
        unpacked = [builder.extract_value(values[1], k) for k in range(len(kinds))]
        builder.call(builder.inttoptr(values[0], function), unpacked)
        return context.get_dummy_value()

    return signature, code


@intrinsic
def call_plain(_typing, address):
    """Call the C function ``int f(void)`` at ``address``."""

    def code(context, builder, signature, arguments):
        function = ir.FunctionType(ir.IntType(32), []).as_pointer()
        builder.call(builder.inttoptr(arguments[0], function), [])
        return context.get_dummy_value()

    return types.void(types.int64), code


@intrinsic
def atomic_add(_typing, address, value):
    """Add to the int64 at ``address`` as one act; returns what stood there before."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _INT.as_pointer())
        return builder.atomic_rmw("add", pointer, arguments[1], "seq_cst")

    return types.int64(types.int64, types.int64), code


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
