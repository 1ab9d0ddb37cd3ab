"""Every synapse goes with every neuron, and a new one is a file and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest

import engine
from engine.backends.torch_reference import TorchExecutor
from engine.equations.compile import compile_model, constants, initial_state
from engine.models.compose import all_parameters, port_synapses, weight_unit
from engine.models.registry import neuron_models, synapse_models
from engine.runtime.plan import NetworkPlan, PopulationPlan, ProjectionPlan, SourcePlan


def after_a_spike(neuron: str, synapse: str, weight: float) -> np.ndarray:
    """States [steps, S] around a spike of this weight; the synapse beside the neuron's own."""
    model, ports = neuron_models()[neuron], {"syn": synapse}
    step_map = compile_model(model, {**model.ports, **ports})
    state = initial_state(model, {**model.ports, **ports}, {}, 1)
    values = {
        name: float(np.reshape(value, -1)[0])
        for name, value in constants(step_map, {}, 0.05, 1).items()
    }
    one = np.array([0])
    spike = SourcePlan(
        "spike", 1, "spikes", 0, steps=one.astype(np.int64), senders=one.astype(np.uint32)
    )
    port = [entry.port for entry in step_map.inputs].index("syn")
    plan = NetworkPlan(
        0.05,
        1,
        np.dtype(np.float64),
        [PopulationPlan("cell", 1, step_map, values, state, 0)],
        [spike],
        [ProjectionPlan("edge", 1, 0, port, None, one_to_one=True, weight=weight)],
    )
    executor = TorchExecutor(plan)
    seen = []
    for _ in range(6):
        executor.advance(1)
        seen.append(np.array(executor.states()[0][:, 0]))
    return np.array(seen)


@pytest.mark.parametrize("synapse", list(synapse_models()))
@pytest.mark.parametrize("neuron", list(neuron_models()))
def test_any_synapse_works_with_any_neuron(neuron: str, synapse: str) -> None:
    found, silent = after_a_spike(neuron, synapse, 0.01), after_a_spike(neuron, synapse, 0.0)
    assert np.isfinite(found).all()
    assert (found != silent).any()


@pytest.mark.parametrize("name", list(synapse_models()))
def test_a_synapse_has_a_source_bounds_and_defaults_within_them(name: str) -> None:
    model = synapse_models()[name]
    assert all((model.title, model.doc, model.source))
    for port in ("exc", "inh", "other"):
        for key, parameter in all_parameters(neuron_models()["lif"], {port: name}).items():
            low, high = parameter.bounds
            if not isinstance(parameter.default, str):
                assert low <= parameter.default <= high, key
            assert parameter.doc


def test_synapses_describe_themselves_as_plain_data() -> None:
    found = engine.synapse_models()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == set(synapse_models())
    assert found["nmda"]["parameters"]["Mg"]["unit"] == "mM"
    assert found["delta"]["weight"] == "voltage"


@pytest.mark.parametrize("neuron", ["lif", "hodgkin_huxley"])
def test_what_a_weight_is_decides_its_unit(neuron: str) -> None:
    model = neuron_models()[neuron]
    units = {"current": model.current_unit, "voltage": "mV"}
    units["conductance"] = {"pA": "nS", "uA/cm^2": "mS/cm^2"}[model.current_unit]
    for name, synapse in port_synapses(model, {key: key for key in synapse_models()}).items():
        assert weight_unit(model, synapse) == units[synapse.weight], name
