"""What has been reproduced: one row a number, from which `make_reproductions.py` writes a page.

A row says whose number it is, what we run, and how ours is measured.  Numbers that a test holds are
taken from that test (``tests/golden``), so none stands twice; a row here is no test.  To add one,
append a `Row` to the list of its section; ``ours`` gives a number, or one a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import microcircuit as cortex
import numpy as np
import test_brunel
import test_codes
import test_electrotonus
import test_gap_junctions
import test_learning_tasks as tasks
import test_networks as networks
import test_oscillators as oscillators
import test_patterns
import test_rate_dependence as rates
import test_reward_and_teacher as rewards
import test_short_term
import test_single_neurons as single
import test_stdp
import test_synapses
import test_synfire

import engine
from engine import coding, learning, response
from workbench.studio.tasks import diehl_cook

Numbers = float | Sequence[float]


@dataclass(frozen=True)
class Row:
    """One number: a paper's, and ours."""

    id: str  # by which the record knows it
    paper: str
    figure: str  # where in the paper
    ran: str  # what we ran
    theirs: float | tuple[float, float]  # a number, or a range
    ours: Callable[[], Numbers]
    unit: str = ""
    seeds: int = 1  # over which ours is a mean
    digits: int = 6  # of both that are shown


@dataclass(frozen=True)
class Section:
    """Rows that belong together, and pictures made elsewhere: (file, what it shows)."""

    title: str
    rows: Sequence[Row]
    pictures: Sequence[tuple[str, str]] = ()


def given(test: Any, name: str) -> list[dict[str, Any]]:
    """The cases of a test's parameters, those that have one called ``name``."""
    for mark in test.pytestmark:
        names = mark.args[0] if mark.name == "parametrize" else ()
        if name in names:
            return [dict(zip(names, values, strict=True)) for values in mark.args[1]]
    raise LookupError(f"{test.__name__} has no cases with {name}")


def passing(test: Callable[..., None], cases: Sequence[Sequence[Any]]) -> float:
    """How many cases a test holds for."""
    count = 0
    for case in cases:
        try:
            test(*case)
        except AssertionError:
            continue
        count += 1
    return float(count)


# -- neurons --------------------------------------------------------------------------------------


def _lif(place: int) -> Row:
    params, current, hz = single.LIF_RATES[place]
    run = partial(response, "lif", current, 1000.0, 0.1, params=params, interpolate=True)
    return Row(f"lif-{place}", "Gerstner et al. 2014", "closed form", f"LIF at {current:g} pA",
               hz, lambda: single.rate(run()), "Hz")  # fmt: skip


def _adex(place: int) -> Row:
    current, spikes, first, _ = single.ADEX_BG05[place]
    run = partial(response, "adex", current, 1000.0, 0.01, interpolate=True)
    return Row(f"adex-{place}", "Brette & Gerstner 2005", "first spike, accurate solution",
               f"AdEx at {current:g} pA ({spikes} spikes in a second)", first[0],
               lambda: float(run().spike_times[0]), "ms")  # fmt: skip


def _squid(place: int) -> Row:
    current, hz = single.HODGKIN_HUXLEY[place]
    run = partial(response, "hodgkin_huxley", current, 1000.0, 0.01, interpolate=True)
    return Row(f"hh-{place}", "Hodgkin & Huxley 1952", "accurate solution",
               f"Point model at {current:g} uA/cm^2", hz, lambda: single.rate(run()),
               "Hz")  # fmt: skip


def _morris(place: int) -> Row:
    preset, current, hz = oscillators.MORRIS_LECAR[place]
    run = partial(response, "morris_lecar", current, 3000.0, preset=preset, dt=0.05,
                  interpolate=True)  # fmt: skip
    return Row(f"ml-{place}", "Rinzel & Ermentrout 1998", f"Table 7.1, {preset}",
               f"Morris-Lecar at {current:g} uA/cm^2", hz,
               lambda: oscillators.rate(run()), "Hz")  # fmt: skip


def _fitzhugh() -> Row:
    case = given(oscillators.test_fitzhugh_nagumo_periods, "period")[0]

    def period() -> float:
        answer = response("fitzhugh_nagumo", case["current"], 400.0, 0.01,
                          initial=oscillators.START, interpolate=True)  # fmt: skip
        return float(np.diff(answer.spike_times)[-1])

    return Row("fhn", "FitzHugh 1961", "accurate solution",
               f"Period at I = {case['current']:g}", case["period"], period)  # fmt: skip


def _giant_axon() -> Row:
    diameter, R_i, celsius, length, current, _ = test_electrotonus.AXONS[0]
    run = partial(test_electrotonus.axon, diameter, R_i, celsius, length, 501, 0.005, current)
    return Row("axon", "Hodgkin & Huxley 1952", "propagated action potential",
               f"Axon of {diameter:g} um at {celsius:g} °C", 18.8, lambda: run()[0], "m/s",
               digits=4)  # fmt: skip


NEURONS = Section(
    "Neurons",
    [
        *map(_lif, (1, 3)),
        _adex(1),
        Row("adex-patterns", "Naud et al. 2008", "Table 1", "Firing patterns that agree",
            float(len(single.ADEX_PATTERNS)),
            lambda: passing(single.test_adex_firing_patterns_of_naud, single.ADEX_PATTERNS),
            "patterns"),
        Row("izhikevich-cells", "Izhikevich 2003", "Fig. 2", "Cells with the published spikes",
            float(len(single.IZHIKEVICH_PUBLISHED)),
            lambda: passing(single.test_izhikevich_by_the_published_scheme,
                            single.IZHIKEVICH_PUBLISHED), "cells"),
        Row("izhikevich-patterns", "Izhikevich 2004", "Fig. 1",
            "Patterns with the published spikes", float(len(test_patterns.PATTERNS)),
            lambda: passing(test_patterns.test_the_published_scheme_draws_the_published_figure,
                            list(test_patterns.PATTERNS.items())), "patterns"),
        *map(_squid, (0, 2, 5)),
        _giant_axon(),
        *map(_morris, (0, 4, 7)),
        _fitzhugh(),
    ],
    (("models/izhikevich.svg", "The patterns of Izhikevich 2004"),),
)  # fmt: skip


# -- synapses -------------------------------------------------------------------------------------


def _alpha(place: int) -> Row:
    case = given(test_synapses.test_potential_of_an_alpha_current, "tau")[place]

    def height() -> float:
        t, v, _ = test_synapses.traces("alpha_current", 100.0, 0.01, **test_synapses.B2,
                                       tau_syn=case["tau"])  # fmt: skip
        return test_synapses.peak(t, v + 70)[1]

    return Row(f"alpha-{place}", "Rall 1967", "closed form",
               f"Potential by an alpha current of {case['tau']:g} ms", case["height"], height,
               "mV")  # fmt: skip


def _release(place: int) -> Row:
    case = given(test_short_term.test_the_steady_release_of_a_regular_train, "steady")[place]
    train, rule = test_short_term.regular(case["rate"], 400), case["rule"]
    kind = "depressing" if rule["tau_facil"] == 0 else "facilitating"
    return Row(f"release-{place}", "Tsodyks & Markram 1997; Markram et al. 1998", "closed form",
               f"Steady release, {kind}, {case['rate']:g} Hz", case["steady"],
               lambda: float(test_short_term.releases(train, **rule)[-1]))  # fmt: skip


def _joined() -> Row:
    def share() -> float:
        one, two = test_gap_junctions.pair(1.0)[-1]
        return float(two / one)

    return Row("gap", "closed form", "V2/V1 = g/(g + g_L)", "Two passive cells, g = g_L/10",
               1 / 11, share)  # fmt: skip


SYNAPSES = Section("Synapses", [*map(_alpha, (0, 1)), *map(_release, (0, 2, 4)), _joined()])


# -- codes ----------------------------------------------------------------------------------------

CODES = Section(
    "Codes",
    [
        Row("latency", "SpikingJelly, snnTorch", "linear latency", "0.3 in 10 steps",
            test_codes.LATE, lambda: float(coding.latency([0.3], steps=10).times[0]), "ms"),
        Row("latency-log", "snnTorch 1.0", "log latency, normalised", "0.1 among six values",
            test_codes.SNNTORCH_LOG[1],
            lambda: float(coding.latencies(test_codes.SIX, "log", "snntorch", threshold=0.01,
                                           steps=10)[1]), "ms"),
        Row("phase", "Kim et al. 2018", "weighted phases", "0.3 by eight phases",
            test_codes.PHASES[0.3],
            lambda: float(coding.decode_phase(coding.phase([0.3], phases=8))[0]), digits=8),
        Row("population", "Bohte et al. 2002", "receptive fields",
            "Response of field 3 of 8 to 0.3", test_codes.RESPONSES[2],
            lambda: float(coding.responses(0.3)[2])),
    ],
    (("codes/latency.svg", "Latencies of a picture"), ("codes/bsa.svg", "BSA of a signal")),
)  # fmt: skip


# -- learning -------------------------------------------------------------------------------------


def _pairs(place: int) -> Row:
    case = given(test_stdp.test_the_change_by_two_trains_of_spikes, "expected")[place]
    windows = "; windows of 16.8 and 33.7 ms" if "tau_plus" in case["parameters"] else ""
    paper = "Izhikevich & Desai 2003" if case["rule"] == "stdp_nearest" else "Song et al. 2000"
    return Row(f"stdp-{place}", paper, "pairs of two short trains",
               f"Change of a weight by {case['rule']}, share of the range{windows}",
               case["expected"],
               lambda: test_stdp.learned(case["rule"], **case["parameters"]), digits=9)  # fmt: skip


def _sixty(place: int) -> Row:
    case = given(rates.test_sixty_pairs_change_a_weight_as_their_rate_says, "rate")[place]
    how = "source first" if case["distance"] > 0 else "target first"
    return Row(f"triplet-{place}", "Pfister & Gerstner 2006", "minimal model, visual cortex",
               f"60 pairs at {case['rate']} Hz, {how} by 10 ms", case["expected"],
               lambda: rates.sixty_pairs(case["rate"], case["distance"]),
               "of the range")  # fmt: skip


def _late(place: int) -> Row:
    late, amount, expected = rewards.LATE_REWARDS[place]
    return Row(f"dopamine-{place}", "Izhikevich 2007", "eqs. 1 to 3",
               f"One pair, dopamine {amount:g} after {late:g} ms", expected,
               lambda: rewards.marked("r_stdp", late, amount, **rewards.SURE),
               "of the range")  # fmt: skip


def _first_crossing() -> Any:
    arrivals = np.array([[0.0 + 1, 2 + 2, 5 + 3]])
    return learning.first_crossing([[0.6, 0.9, 0.7]], arrivals, 7.0, 1.0, 40.0)


def _xor() -> float:
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, 5, 1))
    return float(sum(net.train(times, targets, rate=0.01, epochs=2000, seed=seed).reached
                     for seed in range(10)))  # fmt: skip


DIGIT_SEEDS = range(5)  # a pass takes two minutes


def _digits() -> list[float]:
    networks = (learning.DiehlCook(100, seed=seed) for seed in DIGIT_SEEDS)
    return [100.0 * diehl_cook.taught(network, 20_000, 10_000).right for network in networks]


def _critic() -> list[float]:
    agent, world = learning.ActorCritic(), learning.track(5, actions=1)
    return [float(agent.train(world, 250, seed=seed).state.values[0]) for seed in range(5)]


def _main_axis() -> list[float]:
    covariance = np.array([[3.0, 1.0], [1.0, 1.0]])
    values, vectors = np.linalg.eigh(covariance)
    points = np.concatenate([s * np.sqrt(2 * values) * vectors for s in (1.0, -1.0)], 1).T
    rule = partial(learning.oja, rate=0.002)
    found = [
        learning.train(rule, learning.random_weights(2, seed), np.tile(points, (50, 1)),
                       epochs=30, seed=seed).state
        for seed in range(5)
    ]  # fmt: skip
    return [abs(float(w[0])) for w in found]


LEARNING = Section(
    "Learning",
    [
        *map(_pairs, (0, 1, 2)),
        *map(_sixty, range(5)),
        Row("bcm-threshold", "Izhikevich & Desai 2003", "threshold", "Rate at which pairs balance",
            rates.THRESHOLD, lambda: float(rates.bcm_threshold(**rates.PAIRS)), "Hz"),
        Row("oja", "Oja 1982", "principal eigenvector of [[3, 1], [1, 1]]", "First component",
            float(np.abs(np.linalg.eigh([[3.0, 1.0], [1.0, 1.0]])[1][0, 1])), _main_axis, seeds=5,
            digits=4),
        *map(_late, (0, 1)),
        Row("resume", "Ponulak & Kasinski 2010", "eq. 2.5", "Two inputs, one lesson, one spike",
            rewards.RESUME, lambda: rewards.taught("resume", a=0.05 / 10, A=1.0 / 10, tau=5)),
        Row("spikeprop-time", "Bohte et al. 2002", "time of a spike", "Spike of three inputs",
            tasks.FIRED, lambda: float(_first_crossing().time[0, 0]), "ms"),
        Row("spikeprop-xor", "Bohte et al. 2002", "XOR; asked for: 7 of 10", "Seeds that learn",
            (7.0, 10.0), _xor, "of 10", digits=2),
        Row("tempotron", "Gütig & Sompolinsky 2006", "kernel, tau = 15 ms", "Scale V_0",
            tasks.TEMPOTRON_SCALE, lambda: learning.Tempotron(4, tau=15.0).scale, digits=9),
        Row("digits", "Diehl & Cook 2015", "a hundred neurons", "Test digits that are read "
            "rightly, without labels; ours after one pass over 20,000", 82.9, _digits, "%",
            len(DIGIT_SEEDS), 3),
        Row("actor-critic", "Frémaux et al. 2013", "value of a place, gamma^4 r",
            "Value of the first of five places",
            float(learning.track(5, actions=1).values(learning.ActorCritic().discount)[0]),
            _critic, seeds=5, digits=3),
    ],
    (
        ("learning/bcm_stdp.svg", "Nearest pairs drift as in the theory"),
        ("learning/triplet.svg", "Sixty pairs under the triplet rule"),
        ("learning/actor_critic.svg", "Values of a track, and moves"),
    ),
)  # fmt: skip


# -- networks -------------------------------------------------------------------------------------

BENCHMARKS = {
    "cuba": ("Vogels & Abbott 2005; Brette et al. 2007", "benchmark 2, in Brian2 and NEST"),
    "coba": ("Vogels & Abbott 2005; Brette et al. 2007", "benchmark 1, in Brian2 and NEST"),
    "cobahh": ("Brette et al. 2007", "benchmark 3, in Brian2 and NEST"),
    "brunel": ("Brunel 2000", "Fig. 8C (AI), in Brian2 and NEST"),
}
SEEDS = range(1, 6)


def _fires(name: str, measure: str) -> Row:
    case = next(case for case in networks.CASES if case.name == name)
    (rate, _), (cv, _) = networks.THEIRS[name]
    paper, figure = BENCHMARKS[name]
    return Row(f"{name}-{measure}", paper, figure, f"{name.upper()}: {measure}",
               rate if measure == "rate" else cv,
               lambda: getattr(networks.sampled(case, "auto", SEEDS), measure).tolist(),
               "Hz" if measure == "rate" else "", len(SEEDS), 3)  # fmt: skip


def _rhythm(low: float, high: float) -> list[float]:
    found = []
    for seed in SEEDS:
        run = engine.simulate(networks.prepared("izhikevich_1000", seed, "exc"), 4000.0)
        spectrum = engine.analysis.population_spectrum(
            run["exc"].spikes.times, 0.0, 4000.0, segment=1000.0
        )
        found.append(float(engine.analysis.spectral_peak(*spectrum, low, high)))
    return found


def _regime(name: str, measure: str = "rate") -> list[float]:
    return [getattr(found, measure) for found in test_brunel.signatures(name)]


def _whole(name: str) -> list[float]:
    return [cortex.microcircuit(1.0, seed).simulate(400.0)[name].rate_hz(200.0) for seed in SEEDS]


def _layers() -> float:
    late = np.zeros(len(cortex.SIZES))
    for seed in SEEDS:
        run = cortex.microcircuit(0.1, seed).simulate(1000.0)
        late += [(run[name].spikes.times > 200).sum() / n for name, n in cortex.SIZES.items()]
    return float(np.sum(np.argsort(late) == np.argsort(cortex.RATES)))


NETWORKS = Section(
    "Networks",
    [
        *(_fires(name, measure) for name in BENCHMARKS for measure in ("rate", "CV")),
        Row("izhikevich-alpha", "Izhikevich 2003", "Fig. 3 (about 10 Hz)", "Slow rhythm of 1,000",
            (5.0, 10.0), partial(_rhythm, 3.0, 15.0), "Hz", 5, 3),
        Row("izhikevich-gamma", "Izhikevich 2003", "Fig. 3 (about 40 Hz)", "Fast rhythm of 1,000",
            (23.0, 40.0), partial(_rhythm, 20.0, 60.0), "Hz", 5, 3),
        Row("brunel-si", "Brunel 2000", "Fig. 8B, 60.7 Hz", "g = 6, eta = 4: rate",
            (53.0, 65.0), partial(_regime, "brunel_fast"), "Hz", 5, 3),
        Row("brunel-si-peak", "Brunel 2000", "Fig. 8B, about 180 Hz", "g = 6, eta = 4: rhythm",
            (150.0, 230.0), partial(_regime, "brunel_fast", "peak"), "Hz", 5, 3),
        Row("brunel-slow", "Brunel 2000", "Fig. 8D, 5.5 Hz", "g = 4.5, eta = 0.9: rate",
            (4.0, 7.5), partial(_regime, "brunel_slow"), "Hz", 5, 3),
        Row("brunel-slow-peak", "Brunel 2000", "Fig. 8D, 22 Hz", "g = 4.5, eta = 0.9: rhythm",
            (15.0, 30.0), partial(_regime, "brunel_slow", "peak"), "Hz", 5, 3),
        Row("brunel-sr", "Brunel 2000", "Fig. 8A, in NEST", "g = 3, eta = 2: rate", 333.3,
            partial(_regime, "brunel_synchronous"), "Hz", 5, 4),
        Row("synfire-strong", "Diesmann et al. 1999", "Fig. 4 (survives)", "Share of volleys of "
            "100 spikes in 3 ms that reach the tenth group", (0.9, 1.0),
            partial(test_synfire.survivors, 100, 3.0), digits=2),
        Row("synfire-weak", "Diesmann et al. 1999", "Fig. 4 (dies)", "Share of volleys of 20 "
            "spikes at once that reach the tenth group", (0.0, 0.1),
            partial(test_synfire.survivors, 20, 0.0), digits=2),
        Row("whole-l5e", "Potjans & Diesmann 2014", "full scale, in NEST", "Rate of layer 5e, all "
            "of the network", 7.569, partial(_whole, "L5E"), "Hz", 5, 3),
        Row("layers", "Potjans & Diesmann 2014", "Table 6", "Populations at their place in the "
            "order of rates: a tenth of the network, mean of five seeds", float(len(cortex.SIZES)),
            _layers, "of 8", digits=2),
    ],
)  # fmt: skip

SECTIONS = (NEURONS, SYNAPSES, CODES, LEARNING, NETWORKS)
