"""The hot loops of the driver use packed instructions.

A loop that silently stops vectorising is three to ten times slower and still right, so nothing else
would notice.  Each test compiles one loop alone and reads what LLVM made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from numba import from_dtype, njit, types

from engine.backends.numba_cpu import counting, delivery, driver, layout, random

REAL = {types.float64: "double", types.float32: "float"}
I64, U64 = types.int64, types.uint64
BOTH = pytest.mark.parametrize("real", [types.float64, types.float32], ids=str)


def optimised(function: Callable, *arguments: types.Type) -> str:
    """LLVM's text of ``function`` for arguments of these types, with all that it calls."""
    compiled = njit(types.void(*arguments), error_model="numpy", nogil=True)(function)
    (made,) = compiled.overloads.values()
    return made.library.get_llvm_str()


def record(table) -> types.Type:
    return from_dtype(table)


def packed(text: str, operation: str, kind: str) -> int:
    """How many operations on vectors of at least two numbers of a kind there are."""
    return len(re.findall(rf"= (?:\w+ )*{operation} (?:\w+ )*<\d+ x {kind}>", text))


@BOTH
def test_normal_numbers(real) -> None:
    def loop(out, last, step, purpose, seed, stream, like):
        random.normal_row(out, 0, last, step, purpose, seed, stream, like)

    text = optimised(loop, I64, I64, I64, I64, U64, U64, real)
    assert packed(text, "fmul", REAL[real]) > 20  # the logarithm and the circle
    assert packed(text, "fdiv", REAL[real]) >= 2
    assert re.search(rf"call <\d+ x {REAL[real]}> @llvm.sqrt", text)
    assert packed(text, "mul", "i64") >= 10  # Philox


@BOTH
def test_numbers_of_escapes(real) -> None:
    def loop(out, last, step, purpose, seed, stream, like):
        random.escape_row(out, 0, last, step, purpose, seed, stream, like)

    text = optimised(loop, I64, I64, I64, I64, U64, U64, real)
    assert packed(text, "fmul", REAL[real]) > 20  # two logarithms
    assert packed(text, "fdiv", REAL[real]) >= 4
    assert packed(text, "mul", "i64") >= 10  # Philox


def test_random_words() -> None:
    def loop(out, last, step, purpose, seed, stream):
        random.word_row(out, 0, last, step, purpose, seed, stream)

    text = optimised(loop, I64, I64, I64, I64, U64, U64)
    assert packed(text, "mul", "i64") >= 16  # two a round, all but those of the step alone
    assert re.search(r"store <\d+ x i32>", text)


def test_the_ladder_of_poisson_counts() -> None:
    def loop(source, counts, words, last, step):
        random.count_row(source[0], counts, words, 0, last, step)

    table = types.Array(record(layout.SOURCE), 1, "C")
    text = optimised(loop, table, I64, I64, I64, I64)
    assert len(re.findall(r"call <64 x i16> @llvm.usub.sat", text)) >= 2  # one rate and many
    assert len(re.findall(r"call <64 x i16> @llvm.umin", text)) >= 4
    assert re.search(r"store <64 x i16>", text)


@BOTH
def test_rows_without_an_index(real) -> None:
    def loop(weights, begin, low, high, drive, zero):
        delivery._add_run(weights, begin, low, high, drive, zero)

    text = optimised(loop, I64, I64, I64, I64, I64, real)
    assert packed(text, "fadd", REAL[real]) >= 1
    assert re.search(rf"store <\d+ x {REAL[real]}>", text)


@BOTH
def test_counting_by_bits(real) -> None:
    def loop(projection, room, used, rest, last, drive, weight):
        counting._add(projection[0], room, used, rest, 0, last, drive, weight)

    table = types.Array(record(layout.PROJECTION), 1, "C")
    text = optimised(loop, table, I64, I64, I64, I64, I64, real)
    assert packed(text, "xor", "i64") >= 10  # the full adders
    assert packed(text, "fadd", REAL[real]) >= 1


@BOTH
def test_counts_times_weight(real) -> None:
    def loop(projection, source, last, step, drive, zero):
        delivery._count_one(projection[0], source[0], 0, last, step, drive, zero)

    projections = types.Array(record(layout.PROJECTION), 1, "C")
    sources = types.Array(record(layout.SOURCE), 1, "C")
    text = optimised(loop, projections, sources, I64, I64, I64, real)
    assert packed(text, "fmul", REAL[real]) >= 2  # one weight, a weight each


@BOTH
def test_noise_added_to_the_drive(real) -> None:
    def loop(projection, source, last, step, drive, zero):
        delivery._current_one(projection[0], source[0], 0, 0, last, step, drive, zero)

    projections = types.Array(record(layout.PROJECTION), 1, "C")
    sources = types.Array(record(layout.SOURCE), 1, "C")
    text = optimised(loop, projections, sources, I64, I64, I64, real)
    assert packed(text, "fmul", REAL[real]) >= 3


@BOTH
def test_a_ring_added_to_the_state(real) -> None:
    def loop(ring, row, last, zero):
        driver._empty_ring(ring, row, 0, last, zero)

    assert packed(optimised(loop, I64, I64, I64, real), "fadd", REAL[real])


def test_the_search_for_spikes_looks_at_64_flags_at_once() -> None:
    from engine.backends.numba_cpu.pointers import flags_of, put

    def loop(flags, last, out):
        for group in range(last):
            put(out, group, flags_of(flags, group))

    text = optimised(loop, I64, I64, I64)
    assert re.search(r"icmp ne <64 x i8>", text)
