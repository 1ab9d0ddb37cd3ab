"""Codes: values, pictures and signals as spikes, and back.

Encoders take arrays and give `Spikes`; decoders take `Spikes` (of an encoder, or `recorded` in a
run) and give values.  `codes` lists them with their parameters; `encode` and `decode` find them by
name.  Times are in ms, NumPy is all they need.  Every name is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lazy import lazily

if TYPE_CHECKING:
    from engine.coding.kinds.binary import binary as binary
    from engine.coding.kinds.binary import decode_binary as decode_binary
    from engine.coding.kinds.bsa import bsa as bsa
    from engine.coding.kinds.bsa import decode_bsa as decode_bsa
    from engine.coding.kinds.bsa import fir as fir
    from engine.coding.kinds.burst import burst as burst
    from engine.coding.kinds.burst import burst_of as burst_of
    from engine.coding.kinds.burst import decode_burst as decode_burst
    from engine.coding.kinds.delta import decode_delta as decode_delta
    from engine.coding.kinds.delta import delta as delta
    from engine.coding.kinds.latency import decode_latency as decode_latency
    from engine.coding.kinds.latency import latencies as latencies
    from engine.coding.kinds.latency import latency as latency
    from engine.coding.kinds.moving_window import decode_moving_window as decode_moving_window
    from engine.coding.kinds.moving_window import moving_window as moving_window
    from engine.coding.kinds.phase import decode_phase as decode_phase
    from engine.coding.kinds.phase import phase as phase
    from engine.coding.kinds.population import decode_population as decode_population
    from engine.coding.kinds.population import population as population
    from engine.coding.kinds.population import receptive_fields as receptive_fields
    from engine.coding.kinds.population import responses as responses
    from engine.coding.kinds.rank_order import decode_rank_order as decode_rank_order
    from engine.coding.kinds.rank_order import rank_order as rank_order
    from engine.coding.kinds.rank_order import ranks as ranks
    from engine.coding.kinds.rate import decode_rate as decode_rate
    from engine.coding.kinds.rate import rate as rate
    from engine.coding.kinds.step_forward import decode_step_forward as decode_step_forward
    from engine.coding.kinds.step_forward import step_forward as step_forward
    from engine.coding.kinds.temporal import decode_temporal as decode_temporal
    from engine.coding.kinds.temporal import distance as distance
    from engine.coding.kinds.temporal import matches as matches
    from engine.coding.kinds.temporal import nearest_pattern as nearest_pattern
    from engine.coding.kinds.temporal import temporal as temporal
    from engine.coding.kinds.threshold_based import (
        decode_threshold_based as decode_threshold_based,
    )
    from engine.coding.kinds.threshold_based import tbr_threshold as tbr_threshold
    from engine.coding.kinds.threshold_based import threshold_based as threshold_based
    from engine.coding.readout import first_spike as first_spike
    from engine.coding.readout import membrane_maximum as membrane_maximum
    from engine.coding.readout import vote as vote
    from engine.coding.readout import winner as winner
    from engine.coding.registry import codes as codes
    from engine.coding.registry import decode as decode
    from engine.coding.registry import encode as encode
    from engine.coding.sound import bands as bands
    from engine.coding.spikes import Spikes as Spikes
    from engine.coding.spikes import from_dense as from_dense
    from engine.coding.spikes import recorded as recorded

# module -> the public names in it
_HOMES = {
    "kinds.binary": ("binary", "decode_binary"),
    "kinds.bsa": ("bsa", "decode_bsa", "fir"),
    "kinds.burst": ("burst", "burst_of", "decode_burst"),
    "kinds.delta": ("decode_delta", "delta"),
    "kinds.latency": ("decode_latency", "latencies", "latency"),
    "kinds.moving_window": ("decode_moving_window", "moving_window"),
    "kinds.phase": ("decode_phase", "phase"),
    "kinds.population": ("decode_population", "population", "receptive_fields", "responses"),
    "kinds.rank_order": ("decode_rank_order", "rank_order", "ranks"),
    "kinds.rate": ("decode_rate", "rate"),
    "kinds.step_forward": ("decode_step_forward", "step_forward"),
    "kinds.temporal": ("decode_temporal", "distance", "matches", "nearest_pattern", "temporal"),
    "kinds.threshold_based": ("decode_threshold_based", "tbr_threshold", "threshold_based"),
    "readout": ("first_spike", "membrane_maximum", "vote", "winner"),
    "registry": ("codes", "decode", "encode"),
    "sound": ("bands",),
    "spikes": ("Spikes", "from_dense", "recorded"),
}
__all__, __getattr__, __dir__ = lazily(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
