"""One call that works of every public function that works on arrays, models or tasks.

Name -> (what is called, its arguments); a method stands by the name of its class and its own.  To
add a function, add its call: `test_wrong_arguments.py` puts every wrong value in every place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import engine
from engine import analysis, coding, learning

Arguments = dict[str, Any]


class Call(NamedTuple):
    """A function and arguments that it takes."""

    act: Callable[..., Any]
    given: Arguments


def _spikes() -> coding.Spikes:
    return coding.latency([0.2, 0.9, 0.5])


def _signed() -> coding.Spikes:
    return coding.step_forward([0.0, 0.4, 0.9, 0.3])


def _values(act: Callable[..., Any], **more: Any) -> Call:
    return Call(act, {"values": [0.2, 0.9, 0.5], "dt": 1.0, **more})


def _signal(act: Callable[..., Any], **more: Any) -> Call:
    return Call(act, {"samples": [0.1, 0.5, 0.9, 0.3], "dt": 1.0, **more})


def codes() -> dict[str, Call]:
    """Calls of `engine.coding`."""
    c, few = coding, {"steps": 10}
    curve = {"curve": "log", "convention": "unnormalised", "threshold": 0.01, "tau": 5.0}
    bursts = {"most": 5, "isi_max": 10, "isi_min": 2}
    fields = {"low": 0.0, "high": 1.0, "gamma": 1.5}
    return {
        "Spikes": Call(c.Spikes, {"times": np.array([1.0]), "senders": np.array([0]),
                                  "shape": (2,), "steps": 3, "dt": 1.0, "signs": np.array([1]),
                                  "clock": "steps"}),
        "Spikes.dense": Call(_spikes().dense, {"dtype": np.float32}),
        "Spikes.train": Call(_spikes().train, {"sender": 0}),
        "bands": Call(c.bands, {"sound": np.sin(np.arange(400.0)), "interval": 0.125, "count": 8,
                                "frame": 10.0}),
        "binary": _values(c.binary, threshold=0.5, outside="clip", **few),
        "bsa": _signal(c.bsa, threshold=0.9, taps=3, height=1.0, kernel=[0.3, 0.2]),
        "burst": _values(c.burst, outside="clip", steps=50, **bursts),
        "burst_of": Call(c.burst_of, {"values": [0.2, 0.9], **bursts}),
        "codes": Call(c.codes, {}),
        "decode": Call(c.decode, {"code": "latency", "spikes": _spikes(), "curve": "log",
                                  "tau": 5.0}),
        "decode_binary": Call(c.decode_binary, {"spikes": _spikes()}),
        "decode_bsa": Call(c.decode_bsa, {"spikes": c.bsa(np.full(20, 0.5)), "taps": 3,
                                          "height": 1.0, "kernel": [0.3, 0.2]}),
        "decode_burst": Call(c.decode_burst, {"spikes": _spikes(), **bursts}),
        "decode_delta": Call(c.decode_delta, {"spikes": _signed(), "threshold": 0.2, "begin": 0.1}),
        "decode_latency": Call(c.decode_latency, {"spikes": _spikes(), **curve}),
        "decode_moving_window": Call(c.decode_moving_window, {
            "spikes": _signed(), "threshold": 0.2, "begin": 0.1}),
        "decode_phase": Call(c.decode_phase, {"spikes": c.phase([0.3]), "phases": 8}),
        "decode_population": Call(c.decode_population, {
            "spikes": c.population([0.3]), "read": "gaussian", **fields}),
        "decode_rank_order": Call(c.decode_rank_order, {"spikes": _spikes(), "mod": 0.5}),
        "decode_rate": Call(c.decode_rate, {"spikes": _spikes(), "make": "poisson",
                                            "rate_max": 100.0}),
        "decode_step_forward": Call(c.decode_step_forward, {
            "spikes": _signed(), "threshold": 0.2, "begin": 0.1}),
        "decode_temporal": Call(c.decode_temporal, {"spikes": _spikes()}),
        "decode_threshold_based": Call(c.decode_threshold_based, {
            "spikes": _signed(), "threshold": 0.2, "begin": 0.1}),
        "delta": _signal(c.delta, threshold=0.2, polarity="both", before="zero"),
        "distance": Call(c.distance, {"first": _spikes(), "second": _spikes(), "tau": 10.0}),
        "encode": Call(c.encode, {"code": "rate", "values": [0.5], "rate_max": 50.0}),
        "fir": Call(c.fir, {"taps": 5, "height": 1.0}),
        "first_spike": Call(c.first_spike, {"spikes": _spikes()}),
        "from_dense": Call(c.from_dense, {"spikes": [[0, 1], [1, -1]], "dt": 1.0, "signed": True}),
        "latencies": _values(c.latencies, **curve, **few),
        "latency": _values(c.latency, below="last", outside="clip", **curve, **few),
        "matches": Call(c.matches, {"first": _spikes(), "second": _spikes(), "tolerance": 0.1}),
        "membrane_maximum": Call(c.membrane_maximum, {"potential": [[1.0, 2.0], [0.0, 3.0]]}),
        "moving_window": _signal(c.moving_window, threshold=0.1, window=2),
        "nearest_pattern": Call(c.nearest_pattern, {
            "spikes": _spikes(), "patterns": [_spikes(), _spikes()], "tau": 10.0}),
        "phase": _values(c.phase, phases=8, periods=2, outside="clip"),
        "population": _values(c.population, fields=5, cutoff=0.9, outside="clip", **fields, **few),
        "rank_order": _values(c.rank_order, threshold=0.0),
        "ranks": Call(c.ranks, {"values": [0.2, 0.9]}),
        "rate": _values(c.rate, make="poisson", rate_max=100.0, outside="clip", seed=1, stream=3,
                        first=0, start=0, **few),
        "receptive_fields": Call(c.receptive_fields, {"fields": 5, **fields}),
        "recorded": Call(c.recorded, {"times": [1.0, 2.0], "senders": [0, 1], "size": 2,
                                      "duration": 5.0, "dt": 0.5, "start": 0.0, "code_dt": 1.0}),
        "responses": Call(c.responses, {"values": [0.2], "fields": 5, **fields}),
        "step_forward": _signal(c.step_forward, threshold=0.2),
        "tbr_threshold": Call(c.tbr_threshold, {"samples": [0.1, 0.5, 0.9], "factor": 0.5}),
        "temporal": Call(c.temporal, {"times": [1.0, 2.0], "senders": [0, 1], "size": 2,
                                      "steps": 10, "dt": 1.0}),
        "threshold_based": _signal(c.threshold_based, factor=0.5),
        "vote": Call(c.vote, {"spikes": _spikes(), "labels": [0, 1, 1]}),
        "winner": Call(c.winner, {"spikes": _spikes()}),
    }  # fmt: skip


def _run() -> engine.Run:
    net = engine.Network("Shown", dt=1.0)
    net.source("picture", "rate_code", values=[0.5, 0.9], steps=20)
    net.population("cells", 2, "lif_psc_exp")
    net.connect("picture", "cells", weight=500.0, port="exc")
    net.record(net["cells"], "spikes")
    return net.simulate(30.0)


def tasks() -> dict[str, Call]:
    """Calls of `engine.learning`, of functions and of the methods of what learns."""
    x, one = learning, np.ones(3)
    xor, times = x.SpikeProp((3, 2, 1), delays=(1.0, 2.0)), x.xor_times()
    tempotron = x.Tempotron(3)
    patterns = tempotron.spikes([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    evolving, ranks = x.Evolving(3), [[0, 1, 2], [2, 1, 0]]
    grown = evolving.fit(ranks, [0, 1]).state
    leabra, rates = x.Leabra((3, 4), (2,)), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    goals = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    states = np.random.default_rng(0).normal(size=(12, 3))
    long = np.random.default_rng(0).normal(size=(240, 2))
    readout = x.ridge(states, states[:, :1])
    abs_rule = {"low": 0.1, "high": 0.5, "ltd": 1.0, "ltp": 1.0}
    once: Arguments = {"seed": 0, "progress": None, "cancel": None, "watch": None}
    return {
        "ActorCritic": Call(x.ActorCritic, {
            "cells": 2, "place_rate": 100.0, "critics": 2, "group": 2, "dwell": 20.0,
            "settle": 5.0, "tau_r": 672.0, "tau_kappa": 20.0, "tau_mark": 500.0, "nu": 40.0,
            "rate_critic": 0.6, "rate_actor": 0.6, "w_start": 6.0, "w_max": 80.0}),
        "DiehlCook": Call(x.DiehlCook, {
            "neurons": 2, "rows": 2, "columns": 2, "dt": 0.5, "rate_max": 60.0, "shown": 20.0,
            "rest": 10.0, "fewest": 1, "theta_plus": 0.05, "tau_theta": 1e7, "rate": 0.01,
            "weight_sum": 1.0, "seed": 0}),
        "Evolving": Call(x.Evolving, {"inputs": 4, "modulation": 0.9, "share": 0.7,
                                      "similarity": 0.6}),
        "Evolving.weights": Call(evolving.weights, {"ranks": ranks}),
        "Evolving.fit": Call(evolving.fit, {"ranks": ranks, "classes": [0, 1], "start": grown,
                                            "progress": None, "cancel": None, "watch": None}),
        "Evolving.classify": Call(evolving.classify, {"repository": grown, "ranks": ranks}),
        "Leabra": Call(x.Leabra, {"layers": (3, 4), "active": (2,), "feedback": 0.2, "gain": 30.0,
                                  "settling": 5, "q": 0.25}),
        "Leabra.start": Call(leabra.start, {"seed": 0, "spread": 0.25}),
        "Leabra.settle": Call(leabra.settle, {"weights": leabra.start(), "x": one,
                                              "y": np.ones(4)}),
        "Leabra.learn": Call(leabra.learn, {"weights": leabra.start(), "x": one, "y": np.ones(4),
                                            "rate": 0.1}),
        "Leabra.answer": Call(leabra.answer, {"weights": leabra.start(), "inputs": rates}),
        "Leabra.train": Call(leabra.train, {"inputs": rates, "targets": goals, "rate": 0.2,
                                            "epochs": 1, "tolerance": 0.1, **once}),
        "Readout.predict": Call(readout.predict, {"states": states}),
        "Readout.classify": Call(readout.classify, {"states": states}),
        "SpikeProp": Call(x.SpikeProp, {
            "layers": (3, 2, 1), "delays": (1.0, 2.0), "tau": 7.0, "threshold": 1.0,
            "until": 40.0, "inhibitory": 1, "wake": 1.0, "least_slope": 0.05}),
        "SpikeProp.signs": Call(xor.signs, {"layer": 1}),
        "SpikeProp.start": Call(xor.start, {"seed": 0, "strength": 12.0}),
        "SpikeProp.fire": Call(xor.fire, {"weights": xor.start(), "inputs": times[0]}),
        "SpikeProp.gradient": Call(xor.gradient, {"weights": xor.start(), "inputs": times[0],
                                                  "targets": times[1]}),
        "SpikeProp.descend": Call(xor.descend, {"weights": xor.start(), "gradients": xor.start(1),
                                                "rate": 0.1}),
        "SpikeProp.train": Call(xor.train, {
            "inputs": times[0], "targets": times[1], "rate": 0.01, "epochs": 1, "tolerance": 1.0,
            "weights": xor.start(), **once}),
        "Tempotron": Call(x.Tempotron, {"inputs": 3, "tau": 15.0, "tau_s": 3.0, "threshold": 1.0}),
        "Tempotron.kernel": Call(tempotron.kernel, {"since": [1.0, 2.0]}),
        "Tempotron.spikes": Call(tempotron.spikes, {"times": [[1.0, 2.0]], "senders": [[0, 2]]}),
        "Tempotron.peak": Call(tempotron.peak, {"weights": one, "patterns": patterns}),
        "Tempotron.fires": Call(tempotron.fires, {"weights": one, "patterns": patterns}),
        "Tempotron.correction": Call(tempotron.correction, {
            "weights": one, "patterns": patterns, "place": 1, "wanted": False}),
        "Tempotron.start": Call(tempotron.start, {"seed": 0, "spread": 0.1}),
        "Tempotron.train": Call(tempotron.train, {
            "patterns": patterns, "wanted": [True, False], "rate": 0.1, "momentum": 0.9,
            "cycles": 1, "weights": one, **once}),
        "World": Call(x.World, {"moves": np.array([[-1]]), "start": 0, "places": [[0, 0]]}),
        "World.values": Call(x.track(3).values, {"discount": 0.9, "reward": 1.0}),
        "abs_change": Call(x.abs_change, {"y": [0.2, 0.9], **abs_rule}),
        "abs_rule": Call(x.abs_rule, {"w": one, "x": one, "rate": 0.1, "bounds": (0.0, 1.0),
                                      **abs_rule}),
        "assign_classes": Call(x.assign_classes, {"spikes": [[3, 0], [0, 2]], "labels": [0, 1],
                                                  "classes": 2}),
        "bcm": Call(x.bcm, {"state": x.Sliding(one, 0.5), "x": one, "rate": 0.01, "tau": 20.0}),
        "chl": Call(x.chl, {"w": np.full((2, 3), 0.5), "minus": (one, np.ones(2)),
                            "plus": (one, np.zeros(2)), "rate": 0.1}),
        "filtered_spikes": Call(x.filtered_spikes, {
            "times": [1.0, 2.0], "senders": [0, 1], "size": 2, "at": [1.5, 3.0], "tau": 30.0}),
        "first_crossing": Call(x.first_crossing, {
            "weights": np.ones((1, 2)), "arrivals": [[1.0, 2.0]], "tau": 7.0, "threshold": 1.0,
            "until": 40.0}),
        "kernel_rank": Call(x.kernel_rank, {"states": states, "tolerance": 1e-6}),
        "kwta": Call(x.kwta, {"drive": [0.1, 0.5, 0.3], "k": 1, "q": 0.25}),
        "latency_patterns": Call(x.latency_patterns, {"patterns": 4, "inputs": 3,
                                                      "duration": 500.0, "seed": 0}),
        "maze": Call(x.maze, {"text": "S.G"}),
        "memory_capacity": Call(x.memory_capacity, {
            "signal": long[:, 0], "states": long, "longest": 3, "washout": 5, "penalty": 1e-6}),
        "oja": Call(x.oja, {"w": one, "x": one, "rate": 0.1}),
        "one_hot": Call(x.one_hot, {"classes": [0, 1], "count": 3}),
        "pseudo_inverse": Call(x.pseudo_inverse, {"patterns": rates, "targets": goals}),
        "random_weights": Call(x.random_weights, {"inputs": 3, "seed": 0, "spread": 0.1}),
        "rank_order": Call(x.rank_order, {"times": [[0.3, 0.1]], "until": 5.0}),
        "read_classes": Call(x.read_classes, {"spikes": [[3, 0], [0, 2]], "assigned": [0, 1]}),
        "ridge": Call(x.ridge, {"states": states, "targets": states[:, :1],
                                "penalties": [0.1, 1.0], "groups": [0, 1] * 6}),
        "separation": Call(x.separation, {"one": states, "other": states + 1.0}),
        "supervised_hebb": Call(x.supervised_hebb, {"patterns": rates, "targets": goals}),
        "track": Call(x.track, {"states": 3, "actions": 2}),
        "train": Call(x.train, {"update": partial(x.oja, rate=0.01), "state": one,
                                "samples": states, "epochs": 1, **once}),
        "xcal": Call(x.xcal, {"product": [0.1, 0.5], "threshold": [0.2, 0.2], "reversal": 0.1}),
        "xor_times": Call(x.xor_times, {"early": 10.0, "late": 16.0, "second": 6.0}),
    }  # fmt: skip


def _heard(**given: Any) -> list[learning.Heard]:
    return list(learning.listen(**given))


def slow_tasks() -> dict[str, Call]:
    """Calls of `engine.learning` that run networks."""
    x, net, run = learning, learning.liquid(), _run()
    digits = x.DiehlCook(2, 2, 2, shown=20.0, rest=10.0, fewest=0, weight_sum=1.0)
    images, once = np.full((2, 2, 2), 0.5), {"progress": None, "cancel": None, "watch": None}
    learnt = digits.train(images, [0, 1]).state
    agent = x.ActorCritic(cells=2, critics=2, group=2, dwell=20.0, settle=5.0)
    return {
        "ActorCritic.network": Call(agent.network, {"world": x.track(2), "seed": 0}),
        "ActorCritic.train": Call(agent.train, {"world": x.track(2), "trials": 1, "reward": 1.0,
                                                "longest": 2, "seed": 0, **once}),
        "DiehlCook.train": Call(digits.train, {"images": np.full((3, 2, 2), 0.5),
                                               "labels": [0, 1, 0], "start": learnt, **once}),
        "DiehlCook.respond": Call(digits.respond, {"features": learnt, "images": images, **once}),
        "DiehlCook.require_fitting": Call(digits.require_fitting, {"features": learnt}),
        "hear": Call(x.hear, {"net": net, "model": "poisson", "size": 3, "rate": 5.0}),
        "item_states": Call(x.item_states, {"run": run, "nodes": "cells", "source": "picture",
                                            "samples": 1, "tau": 30.0}),
        "liquid": Call(x.liquid, {"seed": 1, "strength": 1.0, "column": False}),
        "listen": Call(_heard, {"document": run.document, "nodes": ["cells"],
                                "at": [1.0, 2.0], "tau": 30.0, "folder": None}),
        "shown": Call(x.shown, {"document": run.document, "source": "picture"}),
        "tell": Call(x.tell, {"values": [0.5], "seed": 1, "strength": 0.0, "tau": 30.0,
                              "column": False}),
        "telling": Call(x.telling, {"values": [0.5], "seed": 1, "strength": 0.0,
                                    "column": False}),
    }  # fmt: skip


def _window(act: Callable[..., Any], **more: Any) -> Call:
    return Call(act, {"times": [5.0, 20.0, 60.0, 70.0], "start": 0.0, "stop": 100.0, **more})


def measures() -> dict[str, Call]:
    """Calls of `engine.analysis` on arrays."""
    a, trains = analysis, {"first": [5.0, 20.0, 60.0], "second": [6.0, 30.0]}
    whose = {"senders": [0, 1, 0, 1], "cells": 2}
    cells = {"times": [5.0, 20.0, 60.0, 70.0], "senders": [0, 1, 0, 1]}
    spikes = ([1.0, 2.0], [0, 1])
    lif = {"tau": 20.0, "v_th": 15.0, "v_reset": 0.0, "t_ref": 2.0}
    rule = {"A_plus": 1.0, "tau_plus": 10.0, "A_minus": 0.9, "tau_minus": 30.0}
    wave, band = np.sin(np.arange(64.0)), {"low": 1.0, "high": 90.0}
    spectrum = {"frequency": [0.0, 5.0, 10.0], "power": [1.0, 2.0, 1.0]}
    found = {
        "auto_correlogram": Call(a.auto_correlogram, {"times": [5.0, 20.0], "reach": 20.0,
                                                      "width": 1.0}),
        "band_power": Call(a.band_power, {**spectrum, **band}),
        "bcm_threshold": Call(a.bcm_threshold, rule),
        "campbell": Call(a.campbell, {"weight": 0.1, "rate": 1000.0, "tau": 20.0}),
        "component": Call(a.component, {"signal": wave, "dt": 1.0, "frequency": 100.0}),
        "correlation_matrix": _window(a.correlation_matrix, width=5.0, **whose),
        "counts": _window(a.counts, width=5.0),
        "counts_by_cell": _window(a.counts_by_cell, width=5.0, **whose),
        "cross_correlogram": Call(a.cross_correlogram, {**trains, "reach": 20.0, "width": 1.0}),
        "fano": _window(a.fano, width=5.0),
        "fano_of_cells": _window(a.fano_of_cells, width=5.0, **whose),
        "impedance": Call(a.impedance, {"current": wave, "v": wave, "dt": 1.0}),
        "intervals": Call(a.intervals, cells),
        "isi_distance": Call(a.isi_distance, {**trains, "start": 0.0, "stop": 100.0}),
        "lif_rate": Call(a.lif_rate, {"drive": 20.0, **lif}),
        "mean_correlation": _window(a.mean_correlation, width=5.0, **whose),
        "mean_rate": _window(a.mean_rate, size=2),
        "population_rate": _window(a.population_rate, size=2, width=5.0),
        "population_spectrum": _window(a.population_spectrum, width=5.0, segment=50.0),
        "power_spectrum": Call(a.power_spectrum, {"signal": wave, "dt": 1.0, "segment": 20.0}),
        "psth": Call(a.psth, {"times": [5.0, 60.0], "events": [1.0, 50.0], "before": 10.0,
                              "after": 20.0, "width": 5.0, "cells": 2}),
        "siegert_rate": Call(a.siegert_rate, {"mean": 12.0, "std": 4.0, **lif}),
        "smoothed_rate": _window(a.smoothed_rate, size=2, sigma=5.0, width=1.0),
        "spectral_peak": Call(a.spectral_peak, {**spectrum, **band}),
        "spike_shapes": Call(a.spike_shapes, {"t": np.arange(64.0), "v": 50.0 * wave,
                                              "level": -20.0, "onset": 20.0, "base": -40.0}),
        "spike_synchronization": Call(a.spike_synchronization, trains),
        "stdp_drift": Call(a.stdp_drift, {"rate": [5.0, 10.0], **rule}),
        "synchrony": Call(a.synchrony, {"signals": [[0.0, 1.0], [1.0, 2.0]]}),
        "teaching_error": Call(a.teaching_error, {
            "spikes": spikes, "teacher": spikes, "size": 2, "stop": 100.0, "start": 0.0,
            "length": 50.0, "tau": 10.0}),
        "train_spectrum": _window(a.train_spectrum, width=5.0, segment=50.0),
        "van_rossum": Call(a.van_rossum, {**trains, "tau": 10.0}),
        "van_rossum_of_cells": Call(a.van_rossum_of_cells, {"first": spikes, "second": spikes,
                                                            "size": 2, "tau": 10.0}),
        "victor_purpura": Call(a.victor_purpura, {**trains, "cost": 0.1}),
        "volley": Call(a.volley, {"times": [5.0, 6.0, 60.0], "width": 5.0}),
        "weight_density": Call(a.weight_density, {"weight": [0.1, 0.5], "rate": 10.0,
                                                  "post_rate": 10.0, "sigma": 0.015, **rule}),
        "zap_current": Call(a.zap_current, {"duration": 50.0, "dt": 1.0, "amplitude": 1.0,
                                            "low": 0.5, "high": 100.0}),
    }  # fmt: skip
    of_cells = ("cv2", "cv2_of_cells", "cv_isi", "cv_of_cells", "lv", "lv_of_cells")
    return found | {name: Call(getattr(a, name), {**cells, "least": 5}) for name in of_cells}


def _learns() -> engine.Document:
    net = engine.Network("Learns")
    net.source("in", "poisson", rate=5.0)
    net.population("cells", 1, "lif_psc_exp")
    net.connect("in", "cells", weight=5.0, port="exc", id="wire", plasticity="stdp")
    return net.document


def slow_measures() -> dict[str, Call]:
    """Calls of `engine.analysis` on models."""
    a, model = analysis, {"model": "fitzhugh_nagumo", "params": {}}
    plane = a.phase_plane("fitzhugh_nagumo", 0.5)
    run = {"v": np.linspace(-2, 2, 20), "w": np.linspace(-1, 1, 20)}
    start, short = {"initial": {}, "solver": None}, {"duration": 20.0, "dt": 0.5}
    current = {"current": 0.1}
    return {
        "PhasePlane.trajectories": Call(plane.trajectories, {"starts": [[0.0, 0.0]], **short}),
        "bifurcation_scan": Call(a.bifurcation_scan, {
            **model, **current, "low": 0.0, "high": 0.1, "parameter": "current", "ranges": {}}),
        "cycles": Call(a.cycles, {**model, **start, **short, **current, "values": [0.5],
                                  "parameter": "current", "transient": 5.0}),
        "f_i_curve": Call(a.f_i_curve, {**model, **start, **short, "currents": [0.5],
                                        "transient": 5.0}),
        "firing_onset": Call(a.firing_onset, {**model, **short, "low": 0.0, "high": 1.0}),
        "fixed_points": Call(a.fixed_points, {"flow": plane.flow, "ranges": {}, "points": 101}),
        "flow": Call(a.flow, {**model, **current, "variables": ["v"], "held": {"w": 0.1}}),
        "linear_impedance": Call(a.linear_impedance, {**model, "current": 0.0,
                                                      "frequency": [1.0, 5.0]}),
        "pair_window": Call(a.pair_window, {"document": _learns(), "edge": "wire",
                                            "lags": [-1.0, 1.0], "weight": 5.0}),
        "phase_line": Call(a.phase_line, {**model, **current, "x_range": (-2.0, 2.0),
                                          "variable": "v", "held": {"w": 0.1}, "points": 51}),
        "phase_plane": Call(a.phase_plane, {**model, **current, "x_range": (-2.0, 2.0),
                                            "y_range": (-1.0, 2.0), "variables": ("v", "w"),
                                            "held": {}}),
        "reduction": Call(a.reduction, {**model, **current, "variables": ("v", "w"),
                                        "states": run}),
        "rheobase": Call(a.rheobase, {**model, **start, **short, "spikes": 1, "pulse": 10.0,
                                      "tolerance": 0.1}),
        "voltage_clamp": Call(a.voltage_clamp, {"model": "hodgkin_huxley", "params": {},
                                                "command": [0.0, -10.0], "times": [0.0, 5.0],
                                                "initial": {}, "duration": 10.0, "dt": 0.1}),
    }  # fmt: skip
