"""Every task of learning: it is seen while it learns, is stopped, explodes in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from marks import slow_but

from engine.errors import DataError, RunStopped
from engine.learning import Learned, Trained
from workbench.curves import panels
from workbench.studio.task import Panels, Task, Throttled, all_tasks, get
from workbench.studio.tasks import actor_critic, spoken_digits

MNIST = Path(os.environ.get("WORKBENCH_DATA", "")) / "mnist"
FAST = ("spikeprop_xor", "tempotron_capacity", "leabra_pairs", "rate_rules")
UNPACED = 1e5
SOON_S = 0.02  # between two drawings here: short courses are seen as long ones are
# What makes each of them short, and seen more than once all the same.
SHORT: Mapping[str, Mapping[str, float]] = {
    "actor_critic": {"trials": 12},
    "diehl_cook": {"neurons": 12, "digits": 500, "test": 50},
    "eprop_pattern": {"neurons": 20, "updates": 6},
    "evolving_digits": {"digits": 300, "pace": 500},
    "hybrid_digits": {"digits": 2000, "epochs": 3, "kind": 2},
    "leabra_pairs": {"epochs": 8, "pairs": 5, "pace": 50},
    "liquid_memory": {"bits": 300},
    "rate_rules": {"samples": 400, "pace": 2000},
    "spikeprop_xor": {"epochs": 30, "pace": 150},
    "spoken_digits": {"recordings": 100},
    "tempotron_capacity": {"inputs": 10, "load": 2, "cycles": 40, "pace": 200},
}
# What a quick machine would else have done before it was asked often enough.
LONG: Mapping[str, Mapping[str, float]] = {"hybrid_digits": {"epochs": 100}}
WITH_DATA = ("diehl_cook", "evolving_digits", "hybrid_digits", "spoken_digits")


class Watching:
    """A stage that keeps what it is shown and told, and ends a course if it is asked."""

    def __init__(self, ends: Callable[[Watching], bool] = lambda _: False) -> None:
        self.drawn: list[str] = []
        self.at: list[float] = []
        self.shares: list[float] = []
        self.asked: list[float] = []  # processor time of this thread
        self.ends, self.stopped, self.ended = ends, False, False
        self.throttled = Throttled(self._keep)

    def progress(self, share: float, text: str) -> None:
        assert text
        self.shares.append(share)

    def cancel(self) -> bool:
        assert not self.stopped, "a course that was told to end asks again"
        self.asked.append(time.thread_time())
        self.stopped = self.ends(self)
        return self.stopped

    def show(self, draw: Callable[[], Panels], last: bool = False) -> None:
        assert not self.ended
        self.ended = last
        self.throttled.show(draw, last)

    def _keep(self, found: Panels) -> None:
        self.drawn.append(panels(found, "a task", standalone=False))
        self.at.append(time.monotonic())


def values(task: Task, **given: float) -> dict[str, float]:
    """The defaults, what is short, and what is given."""
    defaults = {name: float(one.default) for name, one in task.parameters.items()}  # type: ignore[arg-type]
    return {**defaults, **SHORT[task.name], **given}


def need_data(name: str) -> None:
    if name in WITH_DATA and not MNIST.is_dir():
        pytest.skip("WORKBENCH_DATA names no folder of data sets")


def lines(drawing: str) -> list[int]:
    """How many points each line of a drawing has."""
    return [found.count(",") for found in re.findall(r'<polyline points="([^"]*)"', drawing)]


def test_every_script_of_learning_is_a_task_and_says_what_may_be_set() -> None:
    scripts = Path(__file__).parents[3] / "examples/learning"
    assert set(all_tasks()) == {path.stem for path in scripts.glob("*.py")} - {"showing"}
    assert set(all_tasks()) == set(SHORT)
    for name, task in all_tasks().items():
        assert task.name == name
        assert task.title
        assert task.doc.endswith(".")
        assert re.search(r"\d{4}", task.source)
        assert bool(task.data) == (name in WITH_DATA)
        assert "seed" in task.parameters
        assert len(task.parameters) <= 7
        for parameter in task.parameters.values():
            low, high = parameter.bounds
            assert low <= float(parameter.default) <= high  # type: ignore[arg-type]
            assert high <= 1e6
            assert parameter.doc


def test_a_task_that_there_is_not_is_said_with_near_names() -> None:
    with pytest.raises(DataError, match="did you mean `leabra_pairs`"):
        get("leabra_pair")
    with pytest.raises(DataError, match="is not a task; there are actor_critic"):
        get([])  # type: ignore[arg-type]


def test_the_list_of_tasks_loads_no_torch() -> None:
    code = (
        "import sys, workbench.studio.task as task; print('numba' in sys.modules); "
        "task.all_tasks(); print(sorted({'torch', 'sympy', 'panel'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "[]"]


@pytest.mark.parametrize("name", slow_but(FAST, sorted(SHORT)))
def test_a_task_is_seen_while_it_learns_and_says_a_number(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_data(name)
    monkeypatch.setattr("workbench.studio.task.BETWEEN_S", SOON_S)
    task, stage = get(name), Watching()
    words = task.run(values(task), stage)
    assert re.search(r"\d", words)
    assert "\n" not in words
    assert len(words) < 250
    assert stage.ended
    assert len(stage.drawn) > 2
    assert len(set(stage.drawn)) > 2, "what is shown does not change"
    between = [late - early for early, late in zip(stage.at, stage.at[1:], strict=False)]
    assert min(between[:-1]) >= SOON_S  # the last is shown at once
    assert stage.shares == sorted(stage.shares)
    assert all(0 <= share <= 1 for share in stage.shares)
    drawn = [re.sub('base64,[^"]*', "", drawing) for drawing in stage.drawn]
    assert not any(re.search('[" ,MV]-?(nan|inf)', drawing) for drawing in drawn)


@pytest.mark.parametrize("name", slow_but(FAST, sorted(SHORT)))
def test_a_task_that_is_cancelled_ends_at_once_with_what_it_has(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_data(name)
    monkeypatch.setattr("workbench.studio.task.BETWEEN_S", SOON_S)
    task = get(name)
    # Once two drawings were made, so that there is something to be said.
    stage = Watching(lambda stage: len(stage.asked) > 3 and len(stage.drawn) > 1)
    words = task.run(values(task, **LONG.get(name, {})), stage)
    assert words.startswith("Stopped after ")
    assert stage.stopped
    assert stage.ended
    between = [late - early for early, late in zip(stage.asked, stage.asked[1:], strict=False)]
    assert max(between) < 1.0  # of the processor, where 0.3 is the rule: others work beside


@pytest.mark.parametrize("name", slow_but(FAST, sorted(SHORT)))
def test_a_task_that_is_cancelled_when_it_first_asks_says_so(name: str) -> None:
    need_data(name)
    task, stage = get(name), Watching(lambda _: True)
    assert task.run(values(task), stage).startswith("Stopped after ")
    assert len(stage.asked) == 1
    assert stage.drawn


@pytest.mark.parametrize("name", slow_but(FAST, [*FAST, "actor_critic", "liquid_memory"]))
def test_every_parameter_of_a_task_may_be_what_its_bounds_say(name: str) -> None:
    task = get(name)
    for parameter, one in task.parameters.items():
        for bound in one.bounds:
            words = task.run(values(task, **{parameter: bound}), Watching(lambda _: True))
            assert re.match("(Stopped after|After|All) ", words), parameter


def test_the_round_in_which_bcm_exploded_is_the_one_that_is_told() -> None:
    task = get("rate_rules")
    given = values(task, rule=1, bcm_rate=0.1, seed=2, pace=UNPACED)
    with pytest.raises(RunStopped, match="BCM: the weights exploded in round 2;") as stopped:
        task.run(given, Watching())
    kept = stopped.value.run
    assert isinstance(kept, Trained)
    assert kept.rounds == 1
    assert np.isfinite(kept.state.w).all()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("spikeprop_xor", {"rate": 1e12}),
        ("tempotron_capacity", {"rate": 1e13}),
        ("rate_rules", {"oja_rate": 1.0, "samples": 4000}),
        ("rate_rules", {"rule": 1, "bcm_rate": 1.0}),
        pytest.param("eprop_pattern", {"rate": 1e12}, marks=pytest.mark.slow),
        pytest.param("hybrid_digits", {"rate": 1e30}, marks=pytest.mark.slow),
    ],
)
def test_weights_that_explode_are_a_sentence_and_what_was_drawn_stays(
    name: str, given: dict[str, float]
) -> None:
    need_data(name)
    task, stage = get(name), Watching()
    with pytest.raises(RunStopped, match=r"exploded in round .* take a smaller") as stopped:
        task.run(values(task, pace=UNPACED, **given), stage)
    assert "\n" not in str(stopped.value)
    assert isinstance(stopped.value.run, Trained)
    assert stage.ended, "the end was not drawn"
    assert len(stage.drawn) > 1 or name == "rate_rules"  # which may explode in its first round


@pytest.mark.parametrize("name", slow_but(FAST, sorted(SHORT)))
def test_the_same_seed_says_and_draws_the_same_and_another_does_not(name: str) -> None:
    need_data(name)
    task, ends = get(name), []
    for seed in (3, 3, 4):
        stage = Watching()
        words = task.run(values(task, seed=seed, pace=UNPACED), stage)
        ends.append((words, stage.drawn[-1]))
    assert ends[0] == ends[1]
    assert ends[0][1] != ends[2][1]


@pytest.mark.parametrize("rule", [0, 1, 2])
def test_each_of_the_rules_on_rates_is_drawn_to_its_end(rule: int) -> None:
    task, stage = get("rate_rules"), Watching()
    words = task.run(values(task, rule=rule, pace=UNPACED), stage)
    assert words.startswith("After ")
    assert ("Oja", "BCM", "Hebb")[rule] in words
    assert min(lines(stage.drawn[-1])) >= 2


@pytest.mark.slow
def test_the_maze_is_drawn_as_a_picture() -> None:
    task, stage = get("actor_critic"), Watching()
    task.run(values(task, world=1, trials=3), stage)
    assert "data:image/png" in stage.drawn[-1]


def test_a_trial_that_is_cut_off_does_not_count_as_one_that_found_the_reward() -> None:
    def ended(visits: list[float], found: list[bool]) -> Trained:
        state = Learned(np.zeros(1), np.zeros(1), np.zeros(1), np.array(found))
        return Trained(state, np.array(visits))

    assert actor_critic.in_words(ended([6.0, 8.0], [True, True]), 6) == (
        "the agent needs 7.0 visits to the reward, the fewest are 6"
    )
    mixed = ended([99.0] * 5 + [6.0, 20.0] * 5, [True] * 5 + [True, False] * 5)
    said = actor_critic.in_words(mixed, 6)
    assert "6.0 visits to the reward (5 of the last 10 trials did not find it)" in said
    assert "none of the last 2 trials" in actor_critic.in_words(ended([9.0] * 2, [False] * 2), 6)


def test_who_hears_digits_may_be_stopped_while_they_are_coded() -> None:
    need_data("spoken_digits")
    hearing = spoken_digits.Hearing(100, 0)
    heard = hearing.hear()
    assert [next(heard) for _ in range(3)] == [0, 0, 0]
    assert not hearing.last, "the liquid was made and heard something before"


@pytest.mark.parametrize("name", WITH_DATA)
def test_a_task_without_its_data_set_says_in_one_sentence_where_to_put_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    task, stage = get(name), Watching()
    with pytest.raises(DataError, match="put it there or set WORKBENCH_DATA") as caught:
        task.run(values(task), stage)
    assert task.data in str(caught.value)
    assert "\n" not in str(caught.value)


def test_drawings_are_made_when_they_are_due_and_at_last() -> None:
    sent: list[Panels] = []
    throttled, made = Throttled(sent.append), []

    def draw() -> Panels:
        made.append(1)
        return []

    for _ in range(50):
        throttled.show(draw)
    assert len(sent) == len(made) == 1
    throttled.show(draw, last=True)
    assert len(sent) == 2
