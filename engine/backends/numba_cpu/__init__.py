"""The CPU backend: step maps printed as numba kernels, and one compiled driver for all networks."""
