"""The threads of one network besides the caller's: told what to do, hot for a while, then asleep.

A thread that has done its part waits for the next order in compiled code, which costs the caller a
fraction of a microsecond.  When none comes for a while it leaves and sleeps at its door, and the
next order has to wake it, which costs some 50 us.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.backends.numba_cpu.layout import address, aligned
from engine.backends.numba_cpu.meeting import ASLEEP, CELL, COLUMNS, LEAVE, ORDER, PARKED
from engine.errors import BackendError

NAP_US = 50
PATIENCE = 300_000  # naps that a thread waits for another one, half a minute


@dataclass
class _Desk:
    """What the threads share.  They hold this and not the team, which may be thrown away.

    So no memory that a waiting thread looks at is given back before it has left.
    """

    work: Callable[..., int]
    tables: int  # address of the network's record
    kept: Any  # what is read there
    cells: np.ndarray  # int64[threads * COLUMNS, CELL], see `meeting.py`
    doors: list[threading.Semaphore] = field(default_factory=list)
    closed: bool = False


def _serve(desk: _Desk, thread: int) -> None:
    while True:
        desk.doors[thread - 1].acquire()
        if desk.closed:
            return
        desk.work(desk.tables, thread, PARKED, 0, 0, 0)


class Team:
    """Calls `driver.work` in ``size`` threads at once.

    ``network`` is the network's record, an array of one; its fields for meetings are filled in.
    ``kept`` holds all that its addresses point to.
    """

    def __init__(self, work: Callable[..., int], network: np.ndarray, kept: Any, size: int) -> None:
        cells = aligned((size * COLUMNS, CELL), np.int64)
        self._desk = _Desk(work, address(network), (network, kept), cells)
        self._size, self._order = size, 0
        record = network[0]
        record["cells"] = address(cells)
        record["patience"] = PATIENCE
        _set_waiting(record)
        self._hire()
        weakref.finalize(self, _dismiss, self._desk)

    def _hire(self) -> None:
        """Nobody is there yet; threads start when they are first needed."""
        self._desk.doors = []
        self._desk.cells[ORDER : self._size * COLUMNS : COLUMNS, 0] = PARKED
        self._process = os.getpid()

    def call(self, start: int, step: int, end: int) -> int:
        """One call on the threads of the record, from ``step`` to ``end`` of the slice from
        ``start``; the step reached."""
        desk = self._desk
        if desk.closed:
            raise BackendError("the network is closed; build it again to go on")
        if self._process != os.getpid():  # a fork has the memory and none of the threads
            self._hire()
        self._order += 1
        while True:
            reached = desk.work(desk.tables, 0, self._order, start, step, end)
            if reached > ASLEEP:
                break
            self._wake(ASLEEP - reached)
        if reached < 0:
            self.close()
            raise BackendError(
                "a thread of the network did not come back within half a minute; "
                "build the network again, with one thread if this machine is overloaded"
            )
        return reached

    def _wake(self, thread: int) -> None:
        doors = self._desk.doors
        while len(doors) < thread:
            doors.append(threading.Semaphore(0))
            name = f"workbench-network-{len(doors)}"
            target, arguments = _serve, (self._desk, len(doors))
            threading.Thread(target=target, args=arguments, name=name, daemon=True).start()
        doors[thread - 1].release()

    def close(self) -> None:
        """End the threads."""
        _dismiss(self._desk)


def _dismiss(desk: _Desk) -> None:
    desk.closed = True
    for thread, door in enumerate(desk.doors, 1):
        desk.cells[thread * COLUMNS + ORDER, 0] = LEAVE
        door.release()


def _set_waiting(record: Any) -> None:
    """The functions of the system by which a thread that waits leaves its processor to others."""
    if sys.platform == "win32":
        library: Any = ctypes.windll.kernel32
        give_way, nap, length = library.SwitchToThread, library.Sleep, 1  # ms
    else:
        library = ctypes.CDLL(None)
        give_way, nap, length = library.sched_yield, library.usleep, NAP_US
    record["give_way"] = ctypes.cast(give_way, ctypes.c_void_p).value or 0
    record["nap"] = ctypes.cast(nap, ctypes.c_void_p).value or 0
    record["nap_length"] = length
