"""Is an oscillation born small or large?  The first Lyapunov coefficient of a Hopf bifurcation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.analysis.vector_field import Floats, Flow

STEP = 1e-3  # of finite differences of the exact Jacobian, as a share of a variable's size


def lyapunov_coefficient(flow: Flow, state: Floats, omega: float) -> float:
    """First Lyapunov coefficient at the Hopf point ``state`` [n], angular frequency in 1/ms.

    Positive: subcritical, the oscillation is large at once; negative: supercritical, it grows from
    nothing.  Only the sign has a meaning of its own.  Kuznetsov 2004, Elements of Applied
    Bifurcation Theory, eq. 5.62; second and third derivatives from differences of the Jacobian.
    """
    scale = np.maximum(np.abs(state), 0.1)

    def jacobian(shift: Floats) -> Floats:  # in variables divided by their size
        return flow.jacobian(state + shift * scale) * scale / scale[:, None]

    here = jacobian(np.zeros_like(state))
    values, right = np.linalg.eig(here)
    q = right[:, np.argmin(np.abs(values - 1j * omega))]
    q = q / np.linalg.norm(q)
    values, left = np.linalg.eig(here.T)
    p = left[:, np.argmin(np.abs(values + 1j * omega))]
    p = p / np.conj(np.vdot(p, q))  # <p, q> = 1
    parts = [_differences(jacobian, here, part) for part in (q.real, q.imag)]
    first = parts[0][0] + 1j * parts[1][0]  # B(q, .)
    curved = parts[0][1] + parts[1][1]  # C(q, conj q, .)
    fast = np.linalg.solve(2j * omega * np.eye(len(state)) - here, first @ q)
    slow = np.linalg.solve(here, (first @ q.conj()).real)
    inner = np.vdot(p, curved @ q) - 2 * np.vdot(p, first @ slow)
    return float((inner + np.vdot(p, first.conj() @ fast)).real / (2 * omega))


def _differences(
    jacobian: Callable[[Floats], Floats], here: Floats, way: Floats
) -> tuple[Floats, Floats]:
    """The first and second derivative of the Jacobian along ``way``."""
    above, below = jacobian(STEP * way), jacobian(-STEP * way)
    return (above - below) / (2 * STEP), (above + below - 2 * here) / STEP**2
