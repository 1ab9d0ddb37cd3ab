"""Shipped models: sound, described in plain data, found by listing a folder."""

import json
import subprocess
import sys

import pytest

from engine.errors import DocumentError
from engine.models import describe, models
from engine.models.check import check_model, check_parameters
from engine.models.compose import all_parameters, weight_unit
from engine.models.registry import get, neuron_models, source_models, synapse_models

CONTRACT = {
    "lif": "C g_L tau_m E_L v_th v_reset t_ref",
    "adex": "C g_L E_L v_T delta_T v_peak v_reset tau_w a b",
    "izhikevich": "a b c d",
    "hodgkin_huxley": "C g_Na g_K g_L E_Na E_K E_L temperature",
}


@pytest.mark.parametrize("name", list(neuron_models()))
def test_every_shipped_neuron_is_sound(name):
    assert check_model(neuron_models()[name]) == []


def test_the_parameters_promised_are_there():
    for name, parameters in CONTRACT.items():
        assert set(parameters.split()) <= set(models()[name]["parameters"])


def test_every_number_has_bounds_a_meaning_and_a_default_inside_them():
    for name, entry in models().items():
        for key, parameter in entry["parameters"].items():
            assert parameter["doc"], (name, key)
            if parameter["kind"] == "number":
                low, high = parameter["bounds"]
                assert low <= parameter["default"] <= high, (name, key)


def test_descriptions_are_plain_data_and_one_cannot_spoil_the_next():
    json.dumps(models())
    models()["lif"]["parameters"].clear()
    assert models()["lif"]["parameters"]
    wanted = {
        "title",
        "group",
        "parameters",
        "states",
        "ports",
        "presets",
        "source",
        "current_unit",
    }
    assert wanted <= models()["lif"].keys()
    assert models()["poisson"]["kind"] == "source"


def test_the_sources_of_the_architecture_are_there():
    names = "poisson constant_current step_current noise_current spike_times spike_file"
    assert set(names.split()) <= set(source_models())
    assert {s.outputs for s in source_models().values()} == {"spikes", "current", "command"}


def test_weights_are_in_the_units_of_the_neuron():
    conductance = synapse_models()["exp_conductance"]
    units = [
        weight_unit(neuron_models()[name], conductance)
        for name in ("lif", "hodgkin_huxley", "izhikevich")
    ]
    assert units == ["nS", "mS/cm^2", "1/mV"]


def test_an_inhibitory_port_has_inhibitory_defaults():
    found = all_parameters(neuron_models()["lif"], {"inh": "exp_conductance"})
    assert (found["E_inh"].default, found["tau_inh"].default) == (-80, 10)


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(DocumentError, match="did you mean `izhikevich`"):
        get("izikevich")


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("lif", {"v_th": -70}, "v_reset must lie below v_th"),
        ("lif", {"tau_m": 10, "C": 200, "g_L": 10}, "contradict"),
        ("lif", {"tau_m": -10}, "`tau_m` is -10 ms; give a value from 0.01 to 100000 ms"),
        ("lif", {"tau_m": [10, 20, -1]}, "`tau_m` is -1 ms"),
        ("lif", {"tua_m": 10}, "did you mean `tau_m`"),
        ("lif", {"v_th": float("nan")}, "`v_th` is nan"),
        ("izhikevich", {"c": 30, "v_peak": 25}, "c must lie below v_peak"),
    ],
)
def test_a_set_that_cannot_work_is_refused_by_name(name, values, word):
    found = check_parameters(neuron_models()[name], values, size=3)
    assert len(found) == 1
    assert word in str(found[0])


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tau_m": 10},
        {"g_L": 25, "C": 250},
        {"tau_m": 10, "C": 250, "g_L": 25},
        {"tau_m": 9.37, "C": 281, "g_L": 30},
    ],
)
def test_leak_conductance_and_time_constant_follow_from_one_another(values):
    assert check_parameters(neuron_models()["lif"], values) == []


def test_another_synapse_brings_its_parameters_and_ports():
    entry = describe(neuron_models()["izhikevich"], {"exc": "exp_conductance"})
    assert {"tau_exc", "E_exc"} <= entry["parameters"].keys()
    assert entry["states"]["g_exc"] == "1/mV"
    assert "g_inh" not in entry["states"]


def test_describing_models_imports_no_heavy_library():
    code = (
        "import sys, engine.models as m; m.models();"
        "print([n for n in ('numba', 'torch', 'sympy', 'scipy', 'panel') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
