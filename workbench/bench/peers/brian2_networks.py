"""The benchmark's networks in Brian2's C++ standalone mode; run by an interpreter that has Brian2.

``PYTHON brian2_networks.py CASE [JSON]``, see `serving.py`.  The network is compiled once, with
Brian2's own flags for this processor (-O3 -ffast-math -march=native), and the seed is read when
the binary starts.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brian2 as b2
import definitions as numbers
import numpy as np
from brian2 import Hz, ms, mV, nS, pF
from serving import Run, Settings, serve, settings

SEED = "PEER_SEED"
# A mark is the seconds since the binary's start and the bytes it holds, after each of its stages.
MARKS = """
std::ofstream _marks("marks.txt");
const auto _began = std::chrono::steady_clock::now();
auto _mark = [&](const char* name) {
    long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - _began;
    _marks << name << ' ' << passed.count() << ' ' << resident * sysconf(_SC_PAGESIZE) << std::endl;
};
"""
SEEDED = f"""
for (size_t _i = 0; _i < brian::_random_generators.size(); _i++)
    brian::_random_generators[_i].seed(std::atol(std::getenv("{SEED}")) * 1000 + _i);
"""

Parts = list[Any]  # groups, synapses and inputs; the first group is the one whose spikes count


def vogels_abbott(chosen: Settings) -> Parts:
    """CUBA, COBA and COBAHH: 4,000 neurons, 2 % connected."""
    known = numbers.VOGELS_ABBOTT
    make, method = {
        "cuba": (currents, "exact"),
        "coba": (conductances, "exponential_euler"),
        "cobahh": (hodgkin_huxley, "exponential_euler"),
    }[chosen.case]
    cells = make(chosen.method or method)
    weights = numbers.CUBA if make is currents else numbers.CONDUCTANCES
    unit = "pA" if make is currents else "nS"
    first = int(known["excitatory"])
    parts: Parts = [cells]
    mark("cells")
    for some, port, weight in ((cells[:first], "e", "w_e"), (cells[first:], "i", "w_i")):
        add = f"g{port} += {weights[weight]}*{unit}"
        synapses = b2.Synapses(some, cells, on_pre=add, delay=known["delay"] * ms)
        synapses.connect(p=known["p"])
        parts.append(synapses)
    return parts


def names(more: dict[str, Any]) -> dict[str, Any]:
    """The constants of the equations of Vogels and Abbott's networks."""
    known = numbers.VOGELS_ABBOTT
    return {
        "C": known["C"] * pF,
        "gL": known["g_L"] * nS,
        "EL": more["E_L"] * mV,
        "Ee": known["E_e"] * mV,
        "Ei": known["E_i"] * mV,
        "taue": known["tau_e"] * ms,
        "taui": known["tau_i"] * ms,
        "vth": known["v_th"] * mV,
        "vr": known["v_reset"] * mV,
    }


def population(equations: str, method: str, constants: dict[str, Any], **more: Any) -> Any:
    """The 4,000 neurons, ``more`` instead of what integrate-and-fire neurons have."""
    known = numbers.VOGELS_ABBOTT
    options = {"threshold": "v > vth", "reset": "v = vr", "refractory": held(known)} | more
    size = int(known["excitatory"] + known["inhibitory"])
    return b2.NeuronGroup(size, equations, method=method, namespace=constants, **options)


def held(known: dict[str, Any]) -> Any:
    """What Brian2 has to be told for v to stand still for ``t_ref``.

    It counts from the beginning of the step at whose end the spike happens, so that v would move
    one step early; NEST and ours hold v for all of ``t_ref``.
    """
    return (known["t_ref"] + known["dt"]) * ms


def currents(method: str) -> Any:
    """Leaky neurons with currents, solved exactly."""
    equations = """dv/dt = (gL*(EL - v) + ge + gi)/C : volt (unless refractory)
dge/dt = -ge/taue : amp
dgi/dt = -gi/taui : amp"""
    known = numbers.CUBA
    cells = population(equations, method, names(known))
    cells.v = f"({known['v_low']} + {known['v_high'] - known['v_low']}*rand())*mV"
    return cells


def conductances(method: str) -> Any:
    """Leaky neurons with conductances."""
    equations = """dv/dt = (gL*(EL - v) + ge*(Ee - v) + gi*(Ei - v))/C : volt (unless refractory)
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens"""
    return started(population(equations, method, names(numbers.CONDUCTANCES)))


def hodgkin_huxley(method: str) -> Any:
    """Neurons of Traub and Miles, their gates at rest at first."""
    equations = """dv/dt = (gL*(EL - v) + ge*(Ee - v) + gi*(Ei - v)
         + gNa*m**3*h*(ENa - v) + gK*n**4*(EK - v))/C : volt
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens
dm/dt = am*(1 - m) - bm*m : 1
dn/dt = an*(1 - n) - bn*n : 1
dh/dt = ah*(1 - h) - bh*h : 1
am = 1.28/exprel((13*mV - v + VT)/(4*mV))/ms : Hz
bm = 1.4/exprel((v - VT - 40*mV)/(5*mV))/ms : Hz
ah = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
bh = 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
an = 0.16/exprel((15*mV - v + VT)/(5*mV))/ms : Hz
bn = 0.5*exp((10*mV - v + VT)/(40*mV))/ms : Hz"""
    known = numbers.TRAUB_MILES
    constants = names(numbers.CONDUCTANCES) | {
        "gNa": known["g_Na"] * nS,
        "gK": known["g_K"] * nS,
        "ENa": known["E_Na"] * mV,
        "EK": known["E_K"] * mV,
        "VT": known["V_T"] * mV,
        "vth": numbers.TRAUB_MILES_SPIKE * mV,
    }
    # A neuron spikes once for each upward crossing: it may again when it is below.
    spiking = {"threshold": "v > vth", "reset": "", "refractory": "v > vth"}
    cells = started(population(equations, method, constants, **spiking))
    for gate in "mnh":
        setattr(cells, gate, f"a{gate}/(a{gate} + b{gate})")
    return cells


def started(cells: Any) -> Any:
    """``cells`` at their first potentials and conductances."""
    for state, key, unit in (("v", "v", "mV"), ("ge", "g_e", "nS"), ("gi", "g_i", "nS")):
        mean, spread = numbers.CONDUCTANCES[key]
        setattr(cells, state, f"({mean} + {spread}*randn())*{unit}")
    return cells


def brunel() -> Parts:
    """12,500 neurons, 1,250 synapses each, fixed in-degree with multapses as in NEST and ours."""
    known = numbers.BRUNEL
    first = int(known["excitatory"])
    size = first + int(known["inhibitory"])
    constants = {
        "tau": known["tau_m"] * ms,
        "vth": known["v_th"] * mV,
        "vr": known["v_reset"] * mV,
    }
    cells = b2.NeuronGroup(
        size,
        "dv/dt = -v/tau : volt (unless refractory)",
        threshold="v > vth",
        reset="v = vr",
        refractory=held(known),
        method="exact",
        namespace=constants,
    )
    cells.v = "vth*rand()"
    weight = known["J"] * mV
    drive = b2.PoissonInput(
        cells, "v", int(known["inputs"]), known["input_rate"] * Hz, weight=weight
    )
    parts: Parts = [cells, drive]
    mark("cells")
    # Spikes wait for the next step's turn of synapses, see SCHEDULES.
    delay = (known["delay"] - known["dt"]) * ms
    for some, jump, many in (
        (cells[:first], known["J"], known["from_excitatory"]),
        (cells[first:], -known["g"] * known["J"], known["from_inhibitory"]),
    ):
        synapses = b2.Synapses(some, cells, on_pre=f"v += {jump}*mV", delay=delay)
        synapses.connect(i=f"int(rand()*N_pre) for _k in range({int(many)})")
        parts.append(synapses)
    return parts


def izhikevich() -> Parts:
    """1,000 neurons, all to all: the published code, a step of 1 ms as two half steps of v."""
    known = numbers.IZHIKEVICH
    first = int(known["excitatory"])
    size = first + int(known["inhibitory"])
    equations = "\n".join(f"{name} : 1" for name in ("v", "u", "a", "b", "c", "d", "noise", "I"))
    cells = b2.NeuronGroup(
        size,
        equations,
        threshold=f"v >= {known['v_peak']}",
        reset="v = c\nu += d",
    )
    for name, values in numbers.izhikevich_cells().items():
        setattr(cells, name, values)
    cells.v = known["v"]
    cells.u = "b*v"
    cells.noise = np.where(np.arange(size) < first, known["noise_e"], known["noise_i"])
    half = "v += 0.5*(0.04*v*v + 5*v + 140 - u + I)"
    cells.run_regularly(
        f"I += noise*randn()\n{half}\n{half}\nu += a*(b*v - u)\nI = 0", dt=known["dt"] * ms
    )
    parts: Parts = [cells]
    mark("cells")
    for some, weight in ((cells[:first], known["w_e"]), (cells[first:], known["w_i"])):
        synapses = b2.Synapses(some, cells, "w : 1", on_pre="I += w")
        synapses.connect()
        synapses.w = f"{weight}*rand()"
        parts.append(synapses)
    return parts


def stdp() -> Parts:
    """Plastic synapses of 1,000 Poisson inputs onto one neuron."""
    known = numbers.STDP
    constants = {
        "taum": known["tau_m"] * ms,
        "taue": known["tau_e"] * ms,
        "EL": known["E_L"] * mV,
        "Ee": known["E_e"] * mV,
        "vth": known["v_th"] * mV,
        "vr": known["v_reset"] * mV,
    }
    cell = b2.NeuronGroup(
        1,
        "dv/dt = (EL - v + g*(Ee - v))/taum : volt\ndg/dt = -g/taue : 1",
        threshold="v > vth",
        reset="v = vr",
        method="exponential_euler",
        namespace=constants,
    )
    cell.v = known["v"] * mV
    inputs = b2.PoissonGroup(int(known["inputs"]), known["rate"] * Hz)
    mark("cells")
    plus = known["A_plus"] * known["w_max"]
    rule = {
        "tauplus": known["tau_plus"] * ms,
        "tauminus": known["tau_minus"] * ms,
        "wmax": known["w_max"],
        "plus": plus,
        "minus": known["ratio"] * plus,
    }
    synapses = b2.Synapses(
        inputs,
        cell,
        """w : 1
dx/dt = -x/tauplus : 1 (event-driven)
dy/dt = -y/tauminus : 1 (event-driven)""",
        on_pre="g_post += w\nw = clip(w - minus*y, 0, wmax)\nx += 1",
        on_post="w = clip(w + plus*x, 0, wmax)\ny += 1",
        delay={"pre": known["delay"] * ms},
        namespace=rule,
    )
    synapses.connect()
    synapses.w = "wmax*rand()"
    return [cell, inputs, synapses]


def building(connect: Callable[[Any], None]) -> Parts:
    """15.6 M synapses among 12,500 neurons that do nothing."""
    size = int(numbers.BRUNEL["excitatory"] + numbers.BRUNEL["inhibitory"])
    cells = b2.NeuronGroup(size, "v : 1", threshold="v > 1", reset="")
    mark("cells")
    synapses = b2.Synapses(cells, cells, on_pre="v += 0.1", delay=numbers.BRUNEL["delay"] * ms)
    connect(synapses)
    return [cells, synapses]


DEGREE = int(numbers.BRUNEL["from_excitatory"] + numbers.BRUNEL["from_inhibitory"])
CASES: dict[str, Callable[[Settings], Parts]] = {
    "cuba": vogels_abbott,
    "coba": vogels_abbott,
    "cobahh": vogels_abbott,
    "brunel": lambda _: brunel(),
    "izhikevich": lambda _: izhikevich(),
    "stdp": lambda _: stdp(),
    "building": lambda _: building(
        lambda synapses: synapses.connect(i=f"int(rand()*N_pre) for _k in range({DEGREE})")
    ),
    "building by probability": lambda _: building(lambda synapses: synapses.connect(p=0.1)),
}
# A jump onto v counts for the threshold of the step at whose end it arrives, as in NEST and ours;
# in Brian2's usual order it would one step later, and the network fires 1 % less.
SCHEDULES = {"brunel": ["start", "groups", "synapses", "thresholds", "resets", "end"]}
STEPS = {"izhikevich": numbers.IZHIKEVICH["dt"]}  # ms; 0.1 for the others


def mark(name: str) -> None:
    """Have the binary note time and memory when it comes here."""
    b2.device.insert_code("main", f'_mark("{name}");')


def mark_the_run() -> None:
    """Note time and memory right before the run, when queues are made, and right after.

    The time that Brian2 itself tells is that of the processor, which other programs do not lengthen
    as they do ours.
    """
    queue = b2.device.main_queue
    place = next(place for place, (what, _) in enumerate(queue) if what == "run_network")
    queue.insert(place, ("insert_code", '_mark("built");'))
    queue.insert(place + 2, ("insert_code", '_mark("ran");'))


def prepare(chosen: Settings) -> None:
    """Preferences that must be set before anything is described."""
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.codegen.cpp.headers += ["<chrono>", "<cstdlib>", "<fstream>", "<unistd.h>"]
    b2.prefs.core.default_float_dtype = np.dtype(chosen.precision).type
    if chosen.threads > 1:
        b2.prefs.devices.cpp_standalone.openmp_threads = chosen.threads
    b2.defaultclock.dt = (chosen.step or STEPS.get(chosen.case, 0.1)) * ms
    b2.device.insert_code("before_start", MARKS)
    b2.device.insert_code("after_start", SEEDED)


class Binary:
    """A compiled network."""

    def __init__(self, chosen: Settings, folder: str) -> None:
        """Describe and compile ``chosen`` in ``folder``."""
        self.folder = Path(folder)
        prepare(chosen)
        parts = CASES[chosen.case](chosen)
        self.cells = parts[0]
        self.synapses = [part for part in parts if isinstance(part, b2.Synapses)]
        self.monitor = b2.SpikeMonitor(self.cells, record=chosen.record)
        self.record = chosen.record
        network = b2.Network(*parts, self.monitor)
        network.schedule = SCHEDULES.get(chosen.case, network.schedule)
        network.run(chosen.duration * ms)
        mark_the_run()
        b2.device.build(directory=folder, compile=True, run=False, debug=False)

    def run(self, seed: int) -> Run:
        """One run with this seed."""
        os.environ[SEED] = str(seed)
        b2.device.run(self.folder, with_output=False)
        lines = (self.folder / "marks.txt").read_text().split("\n")
        marks = {name: (float(s), int(b)) for name, s, b in map(str.split, filter(None, lines))}
        (first, before), (built, _), (ran, after) = (marks[at] for at in ("cells", "built", "ran"))
        synapses = sum(int(self.array(part, "N")[0]) for part in self.synapses)
        found = Run(
            ran - built,
            built - first,
            int(self.array(self.monitor, "count").sum()),
            len(self.cells),
            bytes_per_synapse=(after - before) / synapses,
        )
        if self.record:
            found.times = 1000.0 * self.array(self.monitor, "t")
            found.senders = self.array(self.monitor, "i")
        return found

    def array(self, part: Any, name: str) -> np.ndarray:
        """What the last run left of a variable; Brian2 itself would give that of the first."""
        variable = part.variables[name]
        stored = Path(b2.device.results_dir) / Path(b2.device.get_array_filename(variable)).name
        return np.fromfile(stored, variable.dtype)


def main() -> None:
    """Compile, then answer every line with a run."""
    chosen = settings(CASES)
    with tempfile.TemporaryDirectory() as folder:
        serve(chosen, Binary(chosen, folder).run)


if __name__ == "__main__":
    main()
