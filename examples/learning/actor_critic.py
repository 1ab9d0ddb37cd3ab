"""A spiking actor and critic find the reward at the end of a track, and the way out of a maze.

Fremaux, Sprekeler & Gerstner 2013.  From above: the values of the five places of the track against
the discounted reward, the visits of each trial there, and those in the maze.
"""

import numpy as np
from showing import progress, show

from engine import learning
from workbench.curves import Curve, Panel
from workbench.studio.tasks.actor_critic import LAST, MAZE, PLACES, last_visits


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Five agents on the track, three in the maze."""
    agent, track, maze = learning.ActorCritic(), learning.track(PLACES), learning.maze(MAZE)
    seeds, trials = range(1 if quick else 5), 40 if quick else 150
    runs = [agent.train(track, trials, seed=seed, progress=progress) for seed in seeds]
    values = np.array([found.state.values for found in runs])
    wanted, places = track.values(agent.discount), np.arange(PLACES)
    off = float(np.abs(values - wanted).mean())
    lost = [agent.train(maze, trials // 2, seed=seed, progress=progress) for seed in seeds[:3]]
    visits, missed = zip(*map(last_visits, lost), strict=True)
    last, never = float(np.mean(np.concatenate(visits) if any(map(len, visits)) else np.nan)), ""
    if any(missed):
        never = f" ({sum(missed)} of {LAST * len(lost)} did not end at the goal)"
    words = (
        f"Values on the track are {off:.3f} from the discounted reward in the mean; in the maze "
        f"the last ten trials take {last:.1f} moves{never}, the fewest are "
        f"{maze.steps_to_goal()[maze.start]}"
    )
    dots = [Curve(places, found, "", "dots", 0) for found in values]
    return words, [
        Panel([*dots, Curve(places, wanted, "discounted reward", colour=1)], "place", "value",
              zero=True),
        Panel([Curve(np.arange(trials), found.error, f"seed {n}") for n, found in enumerate(runs)],
              "trial", "track: moves", zero=True),
        Panel([Curve(np.arange(found.rounds), found.error, f"seed {n}")
               for n, found in enumerate(lost)], "trial", "maze: moves", zero=True),
    ]  # fmt: skip


if __name__ == "__main__":
    show("actor_critic", __doc__ or "", run)
