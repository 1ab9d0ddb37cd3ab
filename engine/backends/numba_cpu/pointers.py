"""Memory by address and single machine instructions, for kernels that know no array.

A network is handed to compiled code as tables of addresses, so that one compiled driver serves all
networks.  Nothing here checks a bound: the tables are made by `layout.py` and by nobody else.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending, njit, types
from numba.core import cgutils

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
SEVEN = 7  # rows that `count_block` adds together
PLANES, LOWER = 6, 4  # bits of its counts; those that are seldom all needed


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


@intrinsic
def flags_of(_typing, address, group):
    """Bit k of the result: whether flag 64 group + k, a uint8 of the row at ``address``, is set."""

    def code(context, builder, signature, arguments):
        kind = ir.VectorType(ir.IntType(8), 64)
        flags = builder.load(_vector(builder, arguments[0], arguments[1], kind), align=8)
        return builder.bitcast(builder.icmp_unsigned("!=", flags, kind(None)), _INT)

    return types.uint64(types.int64, types.int64), code


@intrinsic
def lowest_bit(_typing, word):
    """Place of the lowest bit that is set in a uint64 that is not 0."""

    def code(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), code


def _vector(builder: Any, address: Any, index: Any, kind: Any) -> Any:
    """Pointer to the vector of type ``kind`` with number ``index`` from ``address`` on."""
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [index])


@intrinsic
def prefetch(_typing, address):
    """Ask for the cache line at ``address``, to be read soon; no such address is no error."""
    return types.void(types.int64), _asking(0, 3)


@intrinsic
def claim(_typing, address):
    """Ask for the cache line at ``address``, to be written soon."""
    return types.void(types.int64), _asking(1, 3)


def _asking(write: int, keep: int) -> Any:
    """LLVM's prefetch, to read (0) or write (1), into the second cache (2) or the first (3)."""

    def code(context, builder, signature, arguments):
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        pointer = builder.inttoptr(arguments[0], byte)
        builder.call(function, [pointer, word(write), word(keep), word(1)])  # 1: data
        return context.get_dummy_value()

    return code


def _full_adder(builder: Any, a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    """Sum and carry of three bits, in every bit of the operands."""
    differ = builder.xor(a, b)
    carry = builder.or_(builder.and_(a, b), builder.and_(differ, c))
    return builder.xor(differ, c), carry


_WORDS = ir.VectorType(_INT, 8)  # 512 bits that are handled together


@intrinsic
def count_block(_typing, queue, groups, block, ahead, planes):
    """Count the bits of rows in 512 columns: bit p of every column's count goes to plane p.

    ``queue`` is the address of the addresses of ``SEVEN`` rows a group, ``block`` the number of the
    512 columns, of which the counts may reach 2**PLANES - 1; ``planes`` is the address of
    ``PLANES`` planes for every block.  Every row's block ``ahead`` is asked for meanwhile.  Returns
    whether a count reaches 2**LOWER.
    """

    def code(context, builder, signature, arguments):
        queue, groups, block, ahead, planes = arguments
        line = builder.mul(ahead, _INT(64))
        totals = [cgutils.alloca_once_value(builder, _WORDS(None)) for _ in range(PLANES)]
        with cgutils.for_range(builder, groups) as loop:
            first, bits = builder.mul(loop.index, _INT(SEVEN)), []
            for k in range(SEVEN):
                place = builder.add(first, _INT(k))
                row = builder.load(_vector(builder, queue, place, _INT))
                bits.append(builder.load(_vector(builder, row, block, _WORDS), align=8))
                _asking(0, 2)(context, builder, signature, [builder.add(row, line)])
            _add_bits(builder, bits, totals)
        upper = _WORDS(None)
        for p, total in enumerate(totals):
            plane = builder.load(total)
            upper = builder.or_(upper, plane) if p >= LOWER else upper
            place = builder.add(builder.mul(block, _INT(PLANES)), _INT(p))
            builder.store(plane, _vector(builder, planes, place, _WORDS), align=8)
        some = builder.bitcast(builder.icmp_unsigned("!=", upper, _WORDS(None)), ir.IntType(8))
        return builder.icmp_unsigned("!=", some, ir.IntType(8)(0))

    return types.boolean(*[types.int64] * 5), code


def _add_bits(builder: Any, bits: list[Any], totals: list[Any]) -> None:
    """Add seven rows of bits to the counts whose bits are the variables ``totals``."""
    ones, first = _full_adder(builder, *bits[0:3])
    ones, second = _full_adder(builder, ones, *bits[3:5])
    ones, third = _full_adder(builder, ones, *bits[5:7])
    added = [ones, *_full_adder(builder, first, second, third)]
    carry = _WORDS(None)
    for p, total in enumerate(totals):
        old = builder.load(total)
        if p < len(added):
            new, carry = _full_adder(builder, old, added[p], carry)
        else:
            new, carry = builder.xor(old, carry), builder.and_(old, carry)
        builder.store(new, total)


@intrinsic
def add_counts(_typing, out, group, planes, upper, rest, weight):
    """Add ``weight`` times its count to each of the 64 columns of ``group`` of the row ``out``.

    The counts are those of `count_block`, which said ``upper`` for some block, plus those of the
    uint8 row at ``rest`` (or 0 for none), which are taken out of it: 0 is left there.  Nothing
    may run over 255.
    """
    kind, flags = ir.VectorType(ir.IntType(8), 64), ir.VectorType(ir.IntType(1), 64)

    def code(context, builder, signature, arguments):
        out, group, planes, upper, rest, weight = arguments
        reals = ir.VectorType(weight.type, 64)
        before = builder.mul(builder.lshr(group, _INT(3)), _INT(8 * PLANES))
        word = builder.add(before, builder.and_(group, _INT(7)))

        def shares(first, last):
            total = kind(None)
            for p in range(first, last):
                place = builder.add(word, _INT(8 * p))
                bits = builder.bitcast(builder.load(_vector(builder, planes, place, _INT)), flags)
                share = builder.select(bits, kind([1 << p] * 64), kind(None))
                total = builder.or_(total, share)
            return total

        count = cgutils.alloca_once_value(builder, shares(0, LOWER))
        with builder.if_then(upper):
            builder.store(builder.or_(builder.load(count), shares(LOWER, PLANES)), count)
        with builder.if_then(builder.icmp_signed("!=", rest, _INT(0))):
            pointer = _vector(builder, rest, group, kind)
            more = builder.load(pointer, align=1)
            builder.store(builder.add(builder.load(count), more), count)
            builder.store(kind(None), pointer, align=1)
        pointer = _vector(builder, out, group, reals)
        counted = builder.uitofp(builder.load(count), reals)
        added = builder.fmul(counted, _splat(builder, weight, reals))
        size = 8 if signature.args[5] == types.float64 else 4
        sum_ = builder.fadd(builder.load(pointer, align=size), added)
        builder.store(sum_, pointer, align=size)
        return context.get_dummy_value()

    address = types.int64
    return types.void(address, types.int64, address, types.boolean, address, weight), code


@intrinsic
def climb(_typing, words, counts, fresh, rises, usual, rungs, stride, block, unit):
    """Add to 64 uint16 counts how many thresholds their words exceed; which words equal one.

    ``words``, ``counts`` and ``rises`` are addresses of uint16 rows, the last of [rungs, 1] if
    ``stride`` is 0 and else of [rungs, stride], ascending; ``block`` numbers the 64 members.
    ``fresh`` counts begin at 0.  Rungs from ``usual`` on are looked at only where a word exceeds
    the one before.  ``unit`` is a 1 that LLVM must not know: it would make comparisons of the
    minima, and these, by way of mask registers, take twice as long.
    """
    kind = ir.VectorType(ir.IntType(16), 64)

    def code(context, builder, signature, arguments):
        words, counts, fresh, rises, usual, rungs, stride, block, unit = arguments
        word = builder.load(_vector(builder, words, block, kind), align=2)
        pointer = _vector(builder, counts, block, kind)
        count = cgutils.alloca_once_value(builder, kind(None))
        with builder.if_then(builder.not_(fresh)):
            builder.store(builder.load(pointer, align=2), count)
        nearest = cgutils.alloca_once_value(builder, kind([0xFFFF] * 64))
        unit = _splat(builder, builder.trunc(unit, ir.IntType(16)), kind)

        def least(a, b):
            return builder.select(builder.icmp_unsigned("<", a, b), a, b)

        def excess(a, b):
            return builder.select(builder.icmp_unsigned(">", a, b), builder.sub(a, b), kind(None))

        def shared(rung):
            rise = builder.load(_vector(builder, rises, rung, ir.IntType(16)))
            return _splat(builder, rise, kind)

        def own(rung):
            row = builder.add(rises, builder.mul(builder.mul(rung, stride), _INT(2)))
            return builder.load(_vector(builder, row, block, kind), align=2)

        def compare(rise):
            more = least(excess(word, rise), unit)
            builder.store(builder.add(builder.load(count), more), count)
            builder.store(least(builder.load(nearest), builder.xor(word, rise)), nearest)

        def steps(rise_at):
            with cgutils.for_range(builder, usual) as loop:
                compare(rise_at(loop.index))
            last = rise_at(builder.sub(usual, _INT(1)))
            above = builder.bitcast(builder.icmp_unsigned(">", word, last), _INT)
            with builder.if_then(builder.icmp_unsigned("!=", above, _INT(0))):
                with cgutils.for_range(builder, builder.sub(rungs, usual)) as loop:
                    compare(rise_at(builder.add(usual, loop.index)))

        one_rate = builder.icmp_signed("==", stride, _INT(0))
        with builder.if_else(one_rate) as (same, differ):
            with same:
                steps(shared)
            with differ:
                steps(own)
        builder.store(builder.load(count), pointer, align=2)
        tied = builder.icmp_unsigned("==", builder.load(nearest), kind(None))
        return builder.bitcast(tied, _INT)

    address = types.int64
    return types.uint64(address, address, types.boolean, *[types.int64] * 6), code


def _splat(builder: Any, value: Any, kind: Any) -> Any:
    """A vector of type ``kind`` that holds ``value`` everywhere."""
    first = builder.insert_element(kind(ir.Undefined), value, ir.IntType(32)(0))
    places = ir.VectorType(ir.IntType(32), kind.count)(None)
    return builder.shuffle_vector(first, first, places)


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


def caller(of: Any) -> Any:
    """``call(address, arguments)`` for compiled code: calls what lies at ``address``, of signature
    ``of``, with a tuple of its arguments."""
    nothing = of.return_type == types.void

    @intrinsic
    def call(_typing, address, arguments):
        signature = of.return_type(types.int64, types.Tuple(of.args))

        def code(context, builder, signature, values):
            kinds = [context.get_value_type(kind) for kind in of.args]
            result = ir.VoidType() if nothing else context.get_value_type(of.return_type)
            function = ir.FunctionType(result, kinds).as_pointer()
            unpacked = [builder.extract_value(values[1], k) for k in range(len(kinds))]
            found = builder.call(builder.inttoptr(values[0], function), unpacked)
            return context.get_dummy_value() if nothing else found

        return signature, code

    return call


call_kernel = caller(KERNEL)
