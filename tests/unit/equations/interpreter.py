"""The plainest run of a step map: a NumPy loop over steps, neurons side by side."""

import numpy as np

from engine.equations.compile import compile_model, constants, initial_state
from engine.equations.evaluate import evaluate, execute
from engine.models.registry import neuron_models


class Trial:
    """Spike times (one array a neuron) and states after every step, the first before any."""

    def __init__(self, spikes, states, names):
        self.spikes, self.states, self.names = spikes, states, names

    def __getitem__(self, state):
        return self.states[:, self.names.index(state)]


def run(
    model,
    duration,
    dt,
    current=0.0,
    parameters=None,
    ports=None,
    solver=None,
    initial=None,
    arriving=None,
):
    """Advance neurons by ``duration`` ms.  ``current`` is a number, [N], or [steps]; ``arriving``
    maps a port to {step: weight}."""
    model = neuron_models()[model] if isinstance(model, str) else model
    parameters = {k: np.asarray(v, float) for k, v in (parameters or {}).items()}
    steps = round(duration / dt)
    current = np.asarray(current, float)
    trace = current if current.shape == (steps,) else None
    size = max([1, *(np.size(v) for v in parameters.values())])
    size = size if trace is not None else max(size, current.size)
    step_map = compile_model(model, ports, solver)
    names = step_map.states
    values = dict(constants(step_map, parameters, dt, size))
    state = initial_state(model, ports, parameters, size, initial)
    values.update({name: state[row].copy() for row, name in enumerate(names)})
    kept = np.empty((steps + 1, *state.shape))
    kept[0] = state
    spikes = [[] for _ in range(size)]
    for step in range(steps):
        for port in step_map.inputs:
            values[port.name] = (arriving or {}).get(port.port, {}).get(step, 0.0)
        values["in_current"] = current if trace is None else trace[step]
        execute(step_map.update, values)
        execute(step_map.jumps, values)
        fired = (
            np.broadcast_to(evaluate(step_map.threshold, values), (size,))
            if (step_map.threshold is not None)
            else np.zeros(size, bool)
        )
        if fired.any():
            after = dict(values)
            execute(step_map.reset, after)
            for name in names:
                values[name] = np.where(fired, after[name], values[name])
            for neuron in np.flatnonzero(fired):
                spikes[neuron].append((step + 1) * dt)
        kept[step + 1] = [np.broadcast_to(values[name], (size,)) for name in names]
    return Trial([np.array(times) for times in spikes], kept, names)
