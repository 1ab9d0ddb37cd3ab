"""The networks in numbers, for the scripts of every peer: ms, mV, pA, pF, nS and Hz.

Written from the papers and not from our own documents, so that a number that is wrong in one of
the two places shows as a rate that does not agree.  Plain Python and NumPy: another simulator's
interpreter reads it.
"""

from __future__ import annotations

import numpy as np

# Brette et al. 2007, J. Comput. Neurosci. 23:349, benchmarks 1 to 3, after Vogels & Abbott 2005.
VOGELS_ABBOTT = {
    "excitatory": 3200,
    "inhibitory": 800,
    "p": 0.02,
    "C": 200.0,
    "g_L": 10.0,
    "E_e": 0.0,
    "E_i": -80.0,
    "tau_e": 5.0,
    "tau_i": 10.0,
    "v_th": -50.0,
    "v_reset": -60.0,
    "t_ref": 5.0,
    "dt": 0.1,
    "delay": 0.1,
}
CUBA = {"E_L": -49.0, "w_e": 16.2, "w_i": -90.0, "v_low": -60.0, "v_high": -50.0}  # pA
CONDUCTANCES = {  # nS; means and standard deviations of the initial values
    "E_L": -60.0,
    "w_e": 6.0,
    "w_i": 67.0,
    "v": (-65.0, 5.0),
    "g_e": (40.0, 15.0),
    "g_i": (200.0, 120.0),
}
TRAUB_MILES = {"g_Na": 20_000.0, "g_K": 6_000.0, "E_Na": 50.0, "E_K": -90.0, "V_T": -63.0}
TRAUB_MILES_SPIKE = -20.0  # mV, crossed upwards

# Brunel 2000, J. Comput. Neurosci. 8:183, model A with g = 5 and eta = 2.
BRUNEL = {
    "excitatory": 10_000,
    "inhibitory": 2_500,
    "from_excitatory": 1_000,
    "from_inhibitory": 250,
    "tau_m": 20.0,
    "v_th": 20.0,
    "v_reset": 10.0,
    "t_ref": 2.0,
    "J": 0.1,
    "g": 5.0,
    "delay": 1.5,
    "dt": 0.1,
    "inputs": 1_000,
    "input_rate": 20.0,
}

# Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, the network of its Fig. 3.
IZHIKEVICH = {
    "excitatory": 800,
    "inhibitory": 200,
    "w_e": 0.5,
    "w_i": -1.0,
    "noise_e": 5.0,
    "noise_i": 2.0,
    "dt": 1.0,
    "v": -65.0,
    "v_peak": 30.0,
}

# Song, Miller & Abbott 2000, Nat. Neurosci. 3:919; conductances in units of the leak's.
STDP = {
    "inputs": 1_000,
    "rate": 15.0,
    "E_L": -74.0,
    "v_th": -54.0,
    "v_reset": -60.0,
    "tau_m": 10.0,
    "E_e": 0.0,
    "tau_e": 5.0,
    "w_max": 0.01,
    "tau_plus": 20.0,
    "tau_minus": 20.0,
    "A_plus": 0.01,
    "ratio": 1.05,
    "v": -60.0,
    "delay": 0.1,
    "dt": 0.1,
}


def izhikevich_cells() -> dict[str, np.ndarray]:
    """a, b, c and d of the 1,000 cells, always the same ones: a seed changes all else."""
    drawn = np.random.default_rng(1)
    slow, fast = drawn.random(800) ** 2, drawn.random(200)
    some, few = np.ones(800), np.ones(200)
    cells = {
        "a": (0.02 * some, 0.02 + 0.08 * fast),
        "b": (0.2 * some, 0.25 - 0.05 * fast),
        "c": (-65 + 15 * slow, -65 * few),
        "d": (8 - 6 * slow, 2 * few),
    }
    return {name: np.round(np.concatenate(parts), 3) for name, parts in cells.items()}
