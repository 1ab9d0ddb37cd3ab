"""Measures of spike trains and traces, and of models: rates, distances, phase planes, bifurcations.

Times are in ms, rates in Hz.  What works on arrays needs NumPy (SciPy for one integral); what works
on models reads their declaration or runs their kernels.  Every name is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lazy import lazily

if TYPE_CHECKING:
    from engine.analysis.bifurcation import Bifurcation as Bifurcation
    from engine.analysis.bifurcation import Branch as Branch
    from engine.analysis.bifurcation import Scan as Scan
    from engine.analysis.bifurcation import bifurcation_scan as bifurcation_scan
    from engine.analysis.clamps import VoltageClamp as VoltageClamp
    from engine.analysis.clamps import voltage_clamp as voltage_clamp
    from engine.analysis.correlation import auto_correlogram as auto_correlogram
    from engine.analysis.correlation import correlation_matrix as correlation_matrix
    from engine.analysis.correlation import cross_correlogram as cross_correlogram
    from engine.analysis.correlation import mean_correlation as mean_correlation
    from engine.analysis.distances import isi_distance as isi_distance
    from engine.analysis.distances import spike_synchronization as spike_synchronization
    from engine.analysis.distances import van_rossum as van_rossum
    from engine.analysis.distances import van_rossum_of_cells as van_rossum_of_cells
    from engine.analysis.distances import victor_purpura as victor_purpura
    from engine.analysis.ensembles import Volley as Volley
    from engine.analysis.ensembles import synchrony as synchrony
    from engine.analysis.ensembles import volley as volley
    from engine.analysis.equilibria import FixedPoint as FixedPoint
    from engine.analysis.equilibria import fixed_points as fixed_points
    from engine.analysis.excitability import Onset as Onset
    from engine.analysis.excitability import firing_onset as firing_onset
    from engine.analysis.f_i import FICurve as FICurve
    from engine.analysis.f_i import f_i_curve as f_i_curve
    from engine.analysis.f_i import rheobase as rheobase
    from engine.analysis.isi import cv2 as cv2
    from engine.analysis.isi import cv2_of_cells as cv2_of_cells
    from engine.analysis.isi import cv_isi as cv_isi
    from engine.analysis.isi import cv_of_cells as cv_of_cells
    from engine.analysis.isi import intervals as intervals
    from engine.analysis.isi import lv as lv
    from engine.analysis.isi import lv_of_cells as lv_of_cells
    from engine.analysis.learning import bcm_threshold as bcm_threshold
    from engine.analysis.learning import stdp_drift as stdp_drift
    from engine.analysis.learning import weight_density as weight_density
    from engine.analysis.limit_cycles import Cycles as Cycles
    from engine.analysis.limit_cycles import cycles as cycles
    from engine.analysis.oscillation import component as component
    from engine.analysis.oscillation import impedance as impedance
    from engine.analysis.oscillation import linear_impedance as linear_impedance
    from engine.analysis.oscillation import zap_current as zap_current
    from engine.analysis.pairs import PairWindow as PairWindow
    from engine.analysis.pairs import pair_window as pair_window
    from engine.analysis.planes import PhaseLine as PhaseLine
    from engine.analysis.planes import PhasePlane as PhasePlane
    from engine.analysis.planes import phase_line as phase_line
    from engine.analysis.planes import phase_plane as phase_plane
    from engine.analysis.rates import counts as counts
    from engine.analysis.rates import counts_by_cell as counts_by_cell
    from engine.analysis.rates import fano as fano
    from engine.analysis.rates import fano_of_cells as fano_of_cells
    from engine.analysis.rates import mean_rate as mean_rate
    from engine.analysis.rates import population_rate as population_rate
    from engine.analysis.rates import psth as psth
    from engine.analysis.rates import smoothed_rate as smoothed_rate
    from engine.analysis.reduced import reduction as reduction
    from engine.analysis.shapes import SpikeShape as SpikeShape
    from engine.analysis.shapes import spike_shapes as spike_shapes
    from engine.analysis.spectra import band_power as band_power
    from engine.analysis.spectra import population_spectrum as population_spectrum
    from engine.analysis.spectra import power_spectrum as power_spectrum
    from engine.analysis.spectra import spectral_peak as spectral_peak
    from engine.analysis.spectra import train_spectrum as train_spectrum
    from engine.analysis.teaching import teaching_error as teaching_error
    from engine.analysis.theory import campbell as campbell
    from engine.analysis.theory import lif_rate as lif_rate
    from engine.analysis.theory import siegert_rate as siegert_rate
    from engine.analysis.vector_field import Flow as Flow
    from engine.analysis.vector_field import flow as flow

# module -> the public names in it
_HOMES = {
    "bifurcation": ("Bifurcation", "Branch", "Scan", "bifurcation_scan"),
    "clamps": ("VoltageClamp", "voltage_clamp"),
    "correlation": (
        "auto_correlogram",
        "correlation_matrix",
        "cross_correlogram",
        "mean_correlation",
    ),
    "learning": ("bcm_threshold", "stdp_drift", "weight_density"),
    "limit_cycles": ("Cycles", "cycles"),
    "distances": (
        "isi_distance",
        "spike_synchronization",
        "van_rossum",
        "van_rossum_of_cells",
        "victor_purpura",
    ),
    "f_i": ("FICurve", "f_i_curve", "rheobase"),
    "ensembles": ("Volley", "synchrony", "volley"),
    "excitability": ("Onset", "firing_onset"),
    "equilibria": ("FixedPoint", "fixed_points"),
    "vector_field": ("Flow", "flow"),
    "oscillation": ("component", "impedance", "linear_impedance", "zap_current"),
    "isi": ("cv2", "cv2_of_cells", "cv_isi", "cv_of_cells", "intervals", "lv", "lv_of_cells"),
    "reduced": ("reduction",),
    "pairs": ("PairWindow", "pair_window"),
    "planes": ("PhaseLine", "PhasePlane", "phase_line", "phase_plane"),
    "rates": (
        "counts",
        "counts_by_cell",
        "fano",
        "fano_of_cells",
        "mean_rate",
        "population_rate",
        "psth",
        "smoothed_rate",
    ),
    "shapes": ("SpikeShape", "spike_shapes"),
    "spectra": (
        "band_power",
        "population_spectrum",
        "power_spectrum",
        "spectral_peak",
        "train_spectrum",
    ),
    "teaching": ("teaching_error",),
    "theory": ("campbell", "lif_rate", "siegert_rate"),
}
__all__, __getattr__, __dir__ = lazily(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
