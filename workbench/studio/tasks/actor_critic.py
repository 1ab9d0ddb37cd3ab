"""A spiking actor and critic find the reward at the end of a track, or the way out of a maze."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import learning
from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel, Wall
from workbench.studio.course import after, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

PLACES = 5  # of the track
MAZE = """
######
#S..##
##.#.#
#....#
#.##G#
######"""
FLOOR = 0.05  # of the highest value: what is drawn of a place that is worth nothing
LAST = 10  # trials whose visits are told in the end
LEAST = 6  # visits in which both worlds can be crossed


def run(values: Values, stage: Stage) -> str:
    """One agent; the visits of each trial, and what the critic says of each place."""
    in_maze, trials = bool(values["world"]), round(values["trials"])
    world = learning.maze(MAZE) if in_maze else learning.track(PLACES)
    agent = learning.ActorCritic(rate_critic=values["rate"], rate_actor=values["rate"])
    wanted = world.values(agent.discount, values["reward"])
    visits: Sequence[float] = []
    found_values = np.zeros(world.states)

    def seen(learned: learning.Learned, so_far: Sequence[float]) -> None:
        nonlocal visits, found_values
        visits, found_values = so_far, learned.values
        stage.show(draw)

    def draw() -> Panels:
        trial = np.arange(1, len(visits) + 1)
        told = pictures(world, found_values, wanted) if in_maze else values_of(found_values, wanted)
        return [Panel([Curve(trial, visits)], "trial", "visits in a trial", zero=True), told]

    stage.show(draw)
    stage.progress(0.0, "making the network")
    with shown_last(stage, draw):
        found = agent.train(
            world, trials, reward=values["reward"], longest=round(values["longest"]),
            seed=round(values["seed"]), progress=stage.progress, cancel=stage.cancel, watch=seen,
        )  # fmt: skip
    off = float(np.abs(found.state.values - wanted).mean())
    if not found.rounds:
        return f"{after(found, 'trial', trials)} the first was not over"
    said = in_words(found, int(world.steps_to_goal()[world.start]))
    return (
        f"{after(found, 'trial', trials)} {said}; the values it learnt are {off:.3f} from the "
        "discounted reward in the mean"
    )


def last_visits(found: learning.Trained[learning.Learned]) -> tuple[NDArray[np.float64], int]:
    """Visits of those of the last trials that came to the reward, and how many did not."""
    came = found.state.found[-LAST:]
    return found.error[-LAST:][came], int(np.count_nonzero(~came))


def in_words(found: learning.Trained[learning.Learned], fewest: int) -> str:
    """What the last trials were like; ``fewest`` visits lead to the reward."""
    visits, lost = last_visits(found)
    trials = len(visits) + lost
    if not len(visits):
        none = f"none of the last {trials} trials" if trials > 1 else "no trial"
        return f"{none} found the reward, which is {fewest} visits away"
    missed = f" ({lost} of the last {trials} trials did not find it)" if lost else ""
    return (
        f"the agent needs {visits.mean():.1f} visits to the reward{missed}, the fewest are {fewest}"
    )


def values_of(found: ArrayLike, wanted: ArrayLike) -> Panel:
    """Values of the places of the track by the critic, [places], beside those that are right."""
    places = np.arange(PLACES)
    curves = [Curve(places, found, "critic", "dots"), Curve(places, wanted, "discounted reward")]
    return Panel(curves, "place", "value", zero=True)


def pictures(
    world: learning.World, found: NDArray[np.float64], wanted: NDArray[np.float64]
) -> Wall:
    """The maze as the critic sees it, and as it is: walls are white, the goal is darkest."""
    letters = np.array([list(row) for row in MAZE.split()])
    both, most = np.zeros((2, *letters.shape)), float(wanted.max())
    for place, values in enumerate((found, wanted)):
        picture = both[place]
        picture[tuple(world.places.T)] = np.clip(values, FLOOR * most, most)
        picture[letters == "G"] = 1.2 * most
    return Wall(both, "value of each place: the critic's, the discounted reward", across=4)


TASK = Task(
    "actor_critic",
    "Reward at the end of the way",
    "Place cells fire where the agent is. The rate of the critic says how good the place is; what "
    "it was wrong about teaches its synapses, and those of the actor that chose the move.",
    "Frémaux, Sprekeler & Gerstner 2013, PLoS Computational Biology 9:e1003024",
    run,
    {
        "world": option(0, f"a track of {PLACES} places", "a maze"),
        "trials": Parameter(200, "", (1, 2000), "trials", kind="integer"),
        "longest": Parameter(
            100, "", (LEAST, 1000), "visits after which a trial ends", kind="integer"
        ),
        "reward": Parameter(1.0, "", (0.01, 10), "reward at the goal"),
        "rate": Parameter(
            learning.ActorCritic.rate_critic, "pA", (1e-3, 20), "learning rate, by an error of 1"
        ),
        "seed": seed("spikes and weights"),
    },
)
