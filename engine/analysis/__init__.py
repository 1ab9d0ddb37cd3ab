"""Measures of spike trains: functions of arrays, numpy only.  Times are in ms, rates in Hz."""

from engine.analysis.intervals import cv_isi as cv_isi
from engine.analysis.intervals import cv_of_cells as cv_of_cells
from engine.analysis.intervals import intervals as intervals
from engine.analysis.rates import counts as counts
from engine.analysis.rates import fano as fano
from engine.analysis.rates import mean_rate as mean_rate
from engine.analysis.rates import population_rate as population_rate
from engine.analysis.rates import smoothed_rate as smoothed_rate
from engine.analysis.spectra import population_spectrum as population_spectrum
from engine.analysis.spectra import spectral_peak as spectral_peak

__all__ = [
    "counts",
    "cv_isi",
    "cv_of_cells",
    "fano",
    "intervals",
    "mean_rate",
    "population_rate",
    "population_spectrum",
    "smoothed_rate",
    "spectral_peak",
]
