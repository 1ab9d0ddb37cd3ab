"""Networks of rates and spikes: what they are made of, that they learn, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from engine.deep import Hybrid, HybridCourse, Labelled
from engine.deep.hybrid import KINDS, STEPS
from engine.errors import WorkbenchError

rng = np.random.default_rng(1)
CLASSES = np.arange(120) % 3
SAMPLES = np.eye(6)[2 * CLASSES] + rng.uniform(0, 0.3, (120, 6))
GIVEN, ASKED = Labelled(SAMPLES[:90], CLASSES[:90]), Labelled(SAMPLES[90:], CLASSES[90:])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_learns_and_the_same_seed_learns_the_same(kind: str) -> None:
    first, again = (HybridCourse(kind, GIVEN, ASKED, seed=2, rate=0.02) for _ in range(2))
    found, same = first.train(12), again.train(12)
    assert first.right[-1] > 0.9
    assert found.error.tolist() == same.error.tolist()
    assert len(first.losses) == 12 * first.batches
    assert found.error.tolist() == [1 - right for right in first.right]


def test_spikes_are_0_or_1_in_every_step() -> None:
    course = HybridCourse("hybrid", GIVEN, ASKED, seed=2, rate=0.02)
    course.train(3)
    fired = course.net.fired(SAMPLES[0])
    assert fired.shape == (STEPS, 100)
    assert set(fired.ravel()) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Hybrid("both", 4, 2), "`kind`"),
        (lambda: Hybrid("rates", 0, 2), "`inputs` must be at least 1"),
        (lambda: HybridCourse("rates", Labelled(SAMPLES, CLASSES[:5]), ASKED), "one a sample"),
        (lambda: HybridCourse("rates", Labelled("abc", CLASSES), ASKED), "`samples`"),
        (lambda: HybridCourse("rates", Labelled(np.zeros((0, 6)), []), ASKED), "is empty"),
        (lambda: HybridCourse("rates", GIVEN, Labelled(SAMPLES[:, :4], CLASSES)), "give both"),
        (lambda: HybridCourse("rates", GIVEN, ASKED, rate=0), "`rate` must be more than 0"),
        (lambda: HybridCourse("rates", GIVEN, ASKED).train(0), "`epochs` must be at least 1"),
    ],
)
def test_what_cannot_be_learnt_is_one_sentence(make, said: str) -> None:
    with pytest.raises(WorkbenchError, match=said):
        make()
