"""Vogels-Abbott in Brian2's C++ standalone mode; run by an interpreter that has Brian2.

``PYTHON brian2_networks.py cuba|coba MILLISECONDS``: compiles, prints "ready", then runs once for
every line on stdin and prints one JSON object with the seconds of the run and the mean rate.
"""

import json
import sys
import tempfile

import brian2 as b2

MODELS = {
    "cuba": """dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt""",
    "coba": """dv/dt = (ge*(Ee - v) + gi*(Ei - v) - (v - El))/taum : volt (unless refractory)
dge/dt = -ge/taue : 1
dgi/dt = -gi/taui : 1""",
}
METHODS = {"cuba": "exact", "coba": "exponential_euler"}
WEIGHTS = {"cuba": ("1.62*mV", "-9*mV"), "coba": ("0.6", "6.7")}
INITIAL = {
    "cuba": {"v": "-60*mV + rand()*10*mV"},
    "coba": {"v": "El + (randn()*5 - 5)*mV", "ge": "randn()*1.5 + 4", "gi": "randn()*12 + 20"},
}


def build(name: str, duration: float) -> b2.SpikeMonitor:
    """Describe the network and its run."""
    ms, mv = b2.ms, b2.mV
    names = {
        "taum": 20 * ms,
        "taue": 5 * ms,
        "taui": 10 * ms,
        "El": (-49 if name == "cuba" else -60) * mv,
        "Ee": 0 * mv,
        "Ei": -80 * mv,
    }
    cells = b2.NeuronGroup(
        4000,
        MODELS[name],
        threshold="v > -50*mV",
        reset="v = -60*mV",
        refractory=5 * ms,
        method=METHODS[name],
        namespace=names,
    )
    for variable, value in INITIAL[name].items():
        setattr(cells, variable, value)
    parts = []
    for (first, last, variable), weight in zip(
        ((0, 3200, "ge"), (3200, 4000, "gi")), WEIGHTS[name], strict=True
    ):
        synapses = b2.Synapses(cells[first:last], cells, on_pre=f"{variable} += {weight}")
        synapses.connect(p=0.02)
        parts.append(synapses)
    monitor = b2.SpikeMonitor(cells, record=False)
    network = b2.Network(cells, *parts, monitor)
    network.run(duration * ms)
    return monitor


def main() -> None:
    """Build, then answer every line with a run."""
    name, duration = sys.argv[1], float(sys.argv[2])
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = 0.1 * b2.ms
    monitor = build(name, duration)
    with tempfile.TemporaryDirectory() as folder:
        b2.device.build(directory=folder, compile=True, run=False, debug=False)
        print("ready", flush=True)
        for _ in sys.stdin:
            b2.device.run(folder, with_output=False, run_args=[])
            rate = float(monitor.num_spikes) / 4000 / (duration / 1000)
            answer = {"run_s": b2.device._last_run_time, "rate_hz": rate}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
