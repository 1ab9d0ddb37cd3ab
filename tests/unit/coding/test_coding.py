"""The register of codes, what spikes are, and what is said of bad input."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import coding
from engine.coding.registry import all_codes
from engine.errors import DataError

VALUES = {"values": [0.2, 0.9], "signal": [0.0, 0.3, 0.9, 0.2], "spikes": [3.0, 7.5]}


def test_every_file_of_the_folder_is_a_code() -> None:
    files = {path.stem for path in Path(inspect.getfile(coding)).parent.glob("kinds/*.py")}
    assert set(coding.codes()) == files - {"__init__"}


@pytest.mark.parametrize("name", list(all_codes()))
def test_a_code_says_what_a_form_needs(name: str) -> None:
    described = coding.codes()[name]
    assert described["title"]
    assert described["doc"]
    assert described["good_for"]
    assert described["source"]
    assert described["takes"] in VALUES
    for key, entry in described["parameters"].items():
        assert entry["doc"], key
        if entry["kind"] == "choice":
            assert entry["default"] in entry["choices"], key
        else:
            low, high = entry["bounds"]
            assert low <= entry["default"] <= high, key


@pytest.mark.parametrize("name", list(all_codes()))
def test_defaults_are_those_of_the_functions(name: str) -> None:
    code = all_codes()[name]
    here = inspect.signature(code.encode).parameters
    there = inspect.signature(code.decode).parameters
    for key, entry in code.parameters.items():
        defaults = [part[key].default for part in (here, there) if key in part]
        assert defaults == [entry.default] * len(defaults) != [], key


@pytest.mark.parametrize("name", list(all_codes()))
def test_a_code_is_found_by_name(name: str) -> None:
    code = all_codes()[name]
    spikes = coding.encode(name, VALUES[code.takes])
    assert isinstance(spikes, coding.Spikes)
    coding.decode(name, spikes)
    assert getattr(coding, name) is code.encode
    assert getattr(coding, f"decode_{name}") is code.decode


def test_an_unknown_code_or_parameter_is_named() -> None:
    with pytest.raises(DataError, match=r"`latenci` is not a code; did you mean `latency`"):
        coding.encode("latenci", [0.5])
    with pytest.raises(DataError, match=r"`taw` is not a parameter of the code latency.*`tau`"):
        coding.encode("latency", [0.5], taw=3)


def test_spikes_fit_the_source_of_a_network_and_come_back() -> None:
    encoded = coding.latency([0.9, 0.2, 0.5], steps=20, dt=1.0)
    net = engine.Network(dt=0.1)
    source = net.source(
        "input", "spike_times", size=encoded.size, times=encoded.times, senders=encoded.senders
    )
    net.record(source, "spikes")
    run = net.simulate(encoded.duration)["input"].spikes
    back = coding.recorded(run.times, run.senders, 3, encoded.duration, dt=0.1)
    np.testing.assert_allclose(np.sort(back.times), np.sort(encoded.times), atol=0.051)


def test_a_step_of_the_code_is_a_step_of_the_run_of_the_same_dt() -> None:
    """Rows of the dense view, steps of a network, and stamps at their ends are one thing."""
    encoded = coding.rate(np.linspace(0, 1, 8), "bernoulli", steps=50, dt=0.1, seed=2)
    net = engine.Network(dt=0.1)
    net.source("input", "spike_times", size=8, times=encoded.times, senders=encoded.senders)
    net.record("input", "spikes")
    run = net.simulate(5.0)["input"].spikes
    again = coding.recorded(run.times, run.senders, 8, 5.0, dt=0.1)
    np.testing.assert_array_equal(again.dense(), encoded.dense())


def test_spikes_fit_the_layers_of_deep_networks_and_measures_of_trains() -> None:
    torch = pytest.importorskip("torch")
    picture = np.linspace(0, 1, 12).reshape(3, 4)
    spikes = coding.rate(picture, "bernoulli", steps=25, seed=1)
    layer = engine.deep.Spiking("lif_discrete", tau=2.0, step_mode="m")
    out = layer(torch.from_numpy(spikes.dense()))
    assert tuple(out.shape) == (25, 3, 4)
    train = spikes.train(7)
    assert engine.analysis.mean_rate(train, 1, 0.0, spikes.duration) == pytest.approx(
        spikes.counts()[1, 3] * 1000 / spikes.duration
    )


def test_signed_spikes_become_an_on_and_an_off_row_and_return() -> None:
    spikes = coding.step_forward([[0, 0], [1, -1], [0, 0]], threshold=0.5)
    rows = spikes.on_off()
    assert rows.shape == (2, 2)
    assert coding.step_forward([[0.0], [0.1]]).on_off().size == 2  # without any spike as well
    assert rows.signs is None
    np.testing.assert_array_equal(rows.dense()[1], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(rows.signed().dense(), spikes.dense())


def test_many_spikes_of_one_step_are_counted() -> None:
    spikes = coding.from_dense([[2, 0], [1, -1]])
    np.testing.assert_array_equal(spikes.dense(int), [[2, 0], [1, -1]])
    assert spikes.counts().tolist() == [3, 1]


def test_values_outside_are_refused_or_clipped_as_asked() -> None:
    with pytest.raises(DataError, match=r"1\.5 at place 1, outside of 0 to 1"):
        coding.rate([0.5, 1.5])
    np.testing.assert_array_equal(
        coding.latency([0.5, 1.5], outside="clip").times, coding.latency([0.5, 1.0]).times
    )


def test_silent_values_can_be_made_to_spike_last() -> None:
    assert np.isinf(coding.latency([0.0]).first())[0]
    assert coding.latency([0.0], below="last", steps=10).first() == [9.0]


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "nan": (lambda: coding.rate([0.1, np.nan]), "nan at place 1"),
    "words": (lambda: coding.rate(["a"]), "array of numbers"),
    "no steps": (lambda: coding.rate([0.1], steps=0), "`steps` must be at least 1"),
    "part of a step": (lambda: coding.rate([0.1], steps=2.5), "whole number"),
    "no time": (lambda: coding.rate([0.1], dt=0.0), "`dt` must be more than 0 ms"),
    "fast clock": (lambda: coding.rate([1.0], "regular", 2000.0), "shorter steps"),
    "no way": (lambda: coding.rate([0.1], make="poison"), "did you mean `poisson`"),
    "negative rate": (lambda: coding.rate([0.1], rate_max=-1.0), "at least 0 Hz"),
    "threshold 1": (lambda: coding.latency([0.5], threshold=1.0), "between 0 and 1"),
    "batch": (
        lambda: coding.decode_latency(coding.latency([0.5], "log", "snntorch"), "log", "snntorch"),
        "cannot be decoded",
    ),
    "one rank": (lambda: coding.rank_order(0.5), "give a list"),
    "digits": (lambda: coding.phase([0.5], phases=60), "give fewer"),
    "short window": (lambda: coding.burst([1.0], steps=5), "takes 9 steps, the window has 5"),
    "reversed": (lambda: coding.burst([1.0], isi_max=2, isi_min=3), "exchange them"),
    "range": (lambda: coding.population([1.0], low=2.0, high=1.0), "exchange them"),
    "few fields": (lambda: coding.population([1.0], fields=2), "at least 3"),
    "no signal": (lambda: coding.delta(0.3), "not a single number"),
    "one sample": (lambda: coding.tbr_threshold([0.3]), "at least 2"),
    "negative": (lambda: coding.bsa([0.1, -0.1]), "never negative"),
    "empty filter": (lambda: coding.bsa([0.1], kernel=[]), "give the taps"),
    "late": (lambda: coding.temporal([500.0]), "outside of 0 to 100 ms"),
    "who": (lambda: coding.temporal([5.0], [3]), "none of the 1"),
    "half a sender": (lambda: coding.temporal([5.0], [0.5]), "whole numbers"),
    "fraction": (lambda: coding.from_dense([[0.5]]), "a fraction"),
    "no rows": (lambda: coding.temporal([5.0]).signed(), "no signs"),
    "labels": (lambda: coding.vote(coding.temporal([5.0]), [0, 1]), "one a sender"),
    "no time axis": (lambda: coding.membrane_maximum([1.0]), "neurons last"),
    "no patterns": (lambda: coding.nearest_pattern(coding.temporal([5.0]), []), "at least one"),
    "other senders": (
        lambda: coding.distance(coding.temporal([5.0]), coding.temporal([5.0], size=2)),
        "same senders",
    ),
    "empty window": (lambda: coding.recorded([1.0], None, 1, 0.0), "more than 0 ms"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_in_one_sentence(case: str) -> None:
    call, expected = BAD[case]
    with pytest.raises(DataError, match=expected) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert ";" in sentence or "must be" in sentence


def test_an_empty_window_and_silence_have_no_winner() -> None:
    silent = coding.temporal([], size=3)
    assert coding.winner(silent) is None
    assert coding.first_spike(silent) is None
    assert coding.vote(silent, [0, 1, 1]) is None
    assert np.isnan(coding.decode_population(silent))


def test_names_are_those_that_the_encoder_reads() -> None:
    with pytest.raises(DataError, match="`seed` is not a parameter of the code binary"):
        coding.encode("binary", [0.2, 0.9], seed=3)
    spikes = coding.encode("bsa", np.full(40, 0.5), kernel=coding.fir(8, 0.2))
    assert isinstance(spikes, coding.Spikes)


def test_a_delta_code_that_begins_with_the_first_sample_is_told_it() -> None:
    signal = np.linspace(0.5, 0.9, 5)
    code = coding.registry.get("delta")
    values = {"threshold": 0.1, "before": "first"}
    told = code.told(signal, values)
    found = coding.decode("delta", coding.encode("delta", signal, **values), threshold=0.1, **told)
    np.testing.assert_allclose(found, signal, atol=1e-9)
    assert code.told(signal, {"before": "zero"}) == {}
