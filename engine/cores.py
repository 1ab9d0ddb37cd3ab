"""How many processor cores this process may use, by affinity and by the quota of its container."""

from __future__ import annotations

import math
import os
from pathlib import Path

CORES = "WORKBENCH_CORES"  # the environment variable that allows no more than so many
_GROUPS = Path("/sys/fs/cgroup")
_QUOTA = _GROUPS / "cpu.max"  # "max 100000" or "150000 100000", microseconds in a period
_OLD_QUOTA = _GROUPS / "cpu/cpu.cfs_quota_us", _GROUPS / "cpu/cpu.cfs_period_us"


def allowed_cores() -> int:
    """Cores that this process may keep busy, at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    return max(1, math.ceil(min(cores, _quota(), _granted())))


def _granted() -> float:
    """Cores that whoever started this process grants it; infinite where nobody said."""
    try:
        return max(1, int(os.environ[CORES]))
    except (KeyError, ValueError):
        return math.inf


def _quota() -> float:
    """Cores that the container's quota comes to; infinite where there is none."""
    try:
        given = _QUOTA.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        given = []
    try:
        if not given:
            given = [path.read_text(encoding="ascii") for path in _OLD_QUOTA]
        quota, period = float(given[0]), float(given[1])
    except (OSError, ValueError, IndexError):
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf
