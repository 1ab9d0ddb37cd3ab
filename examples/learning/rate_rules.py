"""Oja finds the principal component, BCM one pattern of four, Hebb and the pseudo-inverse recall.

Oja 1982; Bienenstock, Cooper & Munro 1982; Personnaz et al. 1986.  From above: the weight along the
principal component, the answers of a BCM neuron to four patterns, the error of recall over the
number of stored patterns.
"""

from functools import partial

import numpy as np
from showing import show

from engine import learning
from engine.learning.draws import Draws
from workbench.curves import Curve, Panel


def run(quick: bool) -> tuple[str, list[Panel]]:
    """The three of them; they are quick."""
    angles, oja = principal()
    answers, bcm = selective()
    recall = errors_of_recall()
    words = (
        f"Oja ends {angles:.2f} degrees from the principal component; BCM answers one of four "
        f"patterns with {answers.max():.2f}, the others with {np.sort(answers)[-2]:.2f} at most"
    )
    return words, [oja, bcm, recall]


def principal() -> tuple[float, Panel]:
    """Oja on points of covariance [[3, 1], [1, 1]]: the angle at the end, and the course."""
    points = Draws(1, "points").normal(4000, 2) @ np.linalg.cholesky([[3, 1], [1, 1]]).T
    target = np.array([0.92387953, 0.38268343])
    w, along, length = learning.random_weights(2), [], []
    for x in points:
        w = learning.oja(w, x, rate=0.005)
        along.append(abs(w @ target))
        length.append(np.linalg.norm(w))
    angle = np.degrees(np.arccos(min(1.0, along[-1] / length[-1])))
    n = np.arange(len(points))
    curves = [Curve(n, along, "along the component"), Curve(n, length, "length")]
    return float(angle), Panel(curves, "sample", "Oja: weight", zero=True)


def selective() -> tuple[np.ndarray, Panel]:
    """BCM on four patterns that overlap: its answers at the end, and the course."""
    patterns = np.eye(4) + 0.2
    state = learning.Sliding(np.abs(learning.random_weights(4, 0, 0.3)), 0.0)
    rule, seen = partial(learning.bcm, rate=0.002, tau=50.0), []
    for _ in range(150):
        state = learning.train(rule, state, np.tile(patterns, (10, 1)), epochs=1).state
        seen.append(patterns @ state.w)
    rounds = 40 * np.arange(len(seen))
    curves = [Curve(rounds, np.array(seen)[:, k], f"pattern {k + 1}") for k in range(4)]
    return seen[-1], Panel(curves, "sample", "BCM: answer", zero=True)


def errors_of_recall() -> Panel:
    """Signs recalled wrongly by both rules, over the number of random patterns of 100 inputs."""
    draws, counts = Draws(2, "recall"), np.arange(5, 101, 5)
    wrong: dict[str, list[float]] = {"Hebb": [], "pseudo-inverse": []}
    for count in counts:
        patterns = np.sign(draws.normal(int(count), 100)) / 10.0
        targets = np.sign(draws.normal(int(count), 20))
        for name, rule in (
            ("Hebb", learning.supervised_hebb), ("pseudo-inverse", learning.pseudo_inverse),
        ):  # fmt: skip
            recalled = np.sign(patterns @ rule(patterns, targets).T)
            wrong[name].append(float(np.mean(recalled != targets)))
    curves = [Curve(counts, values, name) for name, values in wrong.items()]
    return Panel(curves, "patterns", "share of wrong answers", zero=True)


if __name__ == "__main__":
    show("rate_rules", __doc__ or "", run)
