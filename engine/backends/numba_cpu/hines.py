"""The equation of a tree of compartments, solved in Hines' order.

Hines 1984, Int. J. Bio-Med. Comput. 15:69.  From the last compartment to the first each is
eliminated into its parent, which has a smaller number; then values follow from the roots outwards.
The work is that of a tridiagonal matrix: nothing fills in.
"""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu.pointers import get, inlined, put


@inlined
def solve_tree(state, diagonal, right, conductance, parent, count, growth, zero):
    """Solve what `engine.equations.stepmap.Tree` says and let ``state`` grow by ``growth`` x.

    All but ``count``, ``growth`` and ``zero`` are addresses of rows; ``parent`` has whole numbers
    as floats.
    """
    one = growth / growth  # of the type of the rows
    for back in range(count):
        i = count - 1 - back
        p = np.int64(get(parent, i, zero))
        d, r = get(diagonal, i, zero), get(right, i, zero)
        if p < 0:
            put(diagonal, i, zero)
            put(right, i, r / d)
            continue
        g = get(conductance, i, zero)
        flow = g * (get(state, p, zero) - get(state, i, zero))
        # What the parent takes over, without a difference of nearly equal numbers where g is large.
        kept, part = d / (d + g), one / (d + g)
        put(diagonal, p, get(diagonal, p, zero) + kept * g)
        put(right, p, get(right, p, zero) + (g * part * r - kept * flow))
        put(diagonal, i, g * part)
        put(right, i, (r + flow) * part)
    for i in range(count):
        x = get(right, i, zero)
        p = np.int64(get(parent, i, zero))
        if p >= 0:
            x += get(diagonal, i, zero) * get(right, p, zero)
            put(right, i, x)
        put(state, i, get(state, i, zero) + growth * x)
