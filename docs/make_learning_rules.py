"""Draw the pictures of docs/learning_rules.md (half a minute)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import engine
from engine.analysis import bcm_threshold, stdp_drift, weight_density
from workbench.svg import WIDTH, drawing, text

FOLDER = Path(__file__).parent / "images/learning"
PAIRS = {"A_plus": 0.0103, "A_minus": 0.0051, "tau_plus": 14.0, "tau_minus": 34.0}
NOISE = {"A_plus": 0.001, "A_minus": 0.003, "tau_plus": 20.0, "tau_minus": 20.0, "sigma": 0.015}
RANGE = 7.0  # nS, of which A_plus is 7 pS
LEFT, TOP, HEIGHT, BELOW = 72.0, 30.0, 220.0, 46.0
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """A line, or dots where ``dots``."""

    name: str
    points: Points
    dots: bool = False


def drift_measured(rate: float, seed: int, size: int = 1000, ms: float = 4000.0) -> float:
    """Mean change of a weight by a spike of its source [share of the range], Poisson both ends."""
    net = engine.Network(dt=0.1, seed=seed)
    pre = net.source("pre", "poisson", size=size, rate=20)
    post = net.source("post", "poisson", size=size, rate=rate)
    cells = net.population("cells", size, "lif_psc_delta", t_ref=0, v_th=100, v_reset=0, E_L=0)
    rule = engine.plasticity("stdp_centred", w_min=0, w_max=1, **PAIRS)
    straight = engine.rules.one_to_one()
    net.connect(post, cells, straight, weight=1e5, delay=0.1, port="exc")
    net.connect(pre, cells, straight, weight=0.5, delay=0.1, port="exc", id="e", plasticity=rule)
    return float(net.simulate(ms).weights("e").mean() - 0.5) / (20.0 * ms / 1000.0)


def sixty_pairs(rate: float, distance: float) -> float:
    """Change by 60 pairs at ``rate`` [Hz], the target ``distance`` ms later; share of the range."""
    pre = 1000.0 + np.arange(60) * 1000.0 / rate
    net = engine.Network(dt=0.5, precision="float64")
    first, second = (
        net.source(name, "spike_times", times=(np.round(times * 2) / 2).tolist())
        for name, times in (("pre", pre), ("post", pre + distance))
    )
    cell = net.population("cell", 1, "lif_psc_delta", t_ref=0.5, v_th=100, v_reset=0, E_L=0)
    start = 0.9 if distance < 0 and rate < 35 else 0.1  # where a change has room
    rule = engine.plasticity("stdp_triplet", w_min=0, w_max=1)
    net.connect(first, cell, weight=start, delay=1, port="exc", id="e", plasticity=rule)
    net.connect(second, cell, weight=1e5, delay=1, port="exc")
    return float(net.simulate(float(pre[-1]) + 100.0).weights("e")[0] - start)


def bcm_picture() -> str:
    """Nearest pairs: what is measured on the line of the theory."""
    rates = np.linspace(0.0, 45.0, 91)
    theory = list(zip(rates, 1000.0 * stdp_drift(rates, **PAIRS), strict=True))
    tried = (3.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 30.0, 40.0)
    measured = [
        (rate, 1000.0 * np.mean([drift_measured(rate, seed) for seed in range(1, 5)]))
        for rate in tried
    ]
    title = "Change of a weight by a spike of the source, in thousandths of the range"
    curves = [Curve("theory", theory), Curve("measured", measured, True)]
    threshold = f"threshold {bcm_threshold(**PAIRS):.1f} Hz"
    return picture(title, curves, "rate of the target / Hz", threshold)


def triplet_picture() -> str:
    """Sixty pairs at many rates, in both orders."""
    rates = [1.0, 5.0, 10.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0]
    after = [(rate, sixty_pairs(rate, 10.0)) for rate in rates]
    before = [(rate, sixty_pairs(rate, -10.0)) for rate in rates]
    curves = [Curve("source first, by 10 ms", after), Curve("target first, by 10 ms", before)]
    return picture("Triplet STDP: change by 60 pairs, share of the range", curves, "pairs / Hz", "")


def settled(rate: float, seed: int, size: int = 5000, ms: float = 40_000.0) -> np.ndarray:
    """Weights under the published noise, shares of the range, both ends Poisson of ``rate``."""
    net = engine.Network(dt=1, seed=seed)
    pre, post = (net.source(name, "poisson", size, rate=rate) for name in ("pre", "post"))
    cells = net.population("cells", size, "lif_psc_delta", t_ref=0, v_th=100, v_reset=0, E_L=0)
    rule = engine.plasticity("stdp_van_rossum", w_min=0, w_max=1, **NOISE)
    straight = engine.rules.one_to_one()
    net.connect(post, cells, straight, weight=1e5, delay=1, port="exc")
    net.connect(pre, cells, straight, weight=0.3, delay=1, port="exc", id="e", plasticity=rule)
    return net.simulate(ms).weights("e")


def noise_picture(rate: float = 60.0) -> str:
    """Weights counted, on the line of the Fokker-Planck equation."""
    edges = np.linspace(0.0, RANGE, 36)
    counts = np.histogram(RANGE * settled(rate, 1), edges, density=True)[0]
    shares = np.linspace(0.0, 1.0, 201)
    density = weight_density(shares, rate, rate, **NOISE) / RANGE
    curves = [
        Curve("theory", list(zip(RANGE * shares, density, strict=True))),
        Curve("measured", list(zip((edges[1:] + edges[:-1]) / 2, counts, strict=True)), True),
    ]
    title = "Weights under noise that grows with them: share of synapses per nS"
    return picture(title, curves, "weight / nS", "")


def picture(title: str, curves: list[Curve], along: str, note: str) -> str:
    """Curves over one axis, named in their colours."""
    every = np.array([point for curve in curves for point in curve.points])
    low, high = min(0.0, every[:, 1].min()), every[:, 1].max()
    right = every[:, 0].max()

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / right * (WIDTH - LEFT - 24)
        return across, TOP + HEIGHT * (1.0 - (y - low) / (high - low))

    parts = [text(LEFT, 16, title, "group")]
    parts += _grid(place, low, high, right, along)
    for colour, curve in enumerate(curves):
        parts += _drawn(curve, place, colour)
        name = text(LEFT + 12, TOP + 14 + 18 * colour, curve.name, f"c{colour}")
        parts.append(name.replace("<text", '<text style="stroke:none"'))
    if note:
        parts.append(text(LEFT + 12, TOP + 14 + 18 * len(curves), note))
    return drawing(parts, TOP + HEIGHT + BELOW, title, True)


def _grid(place, low: float, high: float, right: float, along: str) -> Iterator[str]:
    step = 10.0 ** np.floor(np.log10((high - low) / 2.0))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= 6)
    for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
        _, y = place(0.0, k * step)
        kind = "one" if k == 0 else "grid"
        yield f'<line x1="{LEFT}" x2="{WIDTH - 24}" y1="{y:.1f}" y2="{y:.1f}" class="{kind}"/>'
        yield text(LEFT - 8, y + 4, f"{k * step:g}", "tick", "end")
    for x in np.arange(0.0, right + 1e-9, 10.0 if right > 10.0 else 1.0):
        across, _ = place(x, low)
        yield text(across, TOP + HEIGHT + 18, f"{x:g}", "tick", "middle")
    yield text(WIDTH - 24, TOP + HEIGHT + 36, along, anchor="end")


def _drawn(curve: Curve, place, colour: int) -> Iterator[str]:
    points = [place(*point) for point in curve.points]
    if curve.dots:
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="c{colour} hollow"/>'
        return
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{line}" class="c{colour}" style="fill:none;stroke-width:2"/>'


def main() -> None:
    """Write all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "bcm_stdp.svg").write_text(bcm_picture(), "utf-8")
    (FOLDER / "triplet.svg").write_text(triplet_picture(), "utf-8")
    (FOLDER / "noise.svg").write_text(noise_picture(), "utf-8")


if __name__ == "__main__":
    main()
