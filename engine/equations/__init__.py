"""The equation language: text, trees, units, analysis, solvers, step maps."""
