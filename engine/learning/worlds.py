"""Small worlds for learning from reward: states, actions that lead from one to another, a goal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from engine.checked import Whole, finite, integers, number, told, whole
from engine.errors import DataError
from engine.learning.checked import Floats

MOST_STATES = 1_000_000
GOAL = -1  # where a move ends a trial, and is rewarded
MOVES = ((0, 1), (1, 0), (0, -1), (-1, 0))  # east, south, west, north: rows, columns


@dataclass(frozen=True)
class World:
    """``moves`` [states, actions]: the state an action leads to, or `GOAL`; trials begin at
    ``start``.  ``places`` [states, 2] are rows and columns, for drawing."""

    moves: Whole
    start: int
    places: Whole

    def __post_init__(self) -> None:
        moves = integers(self.moves, "moves", (None, None))
        if not moves.size:
            raise DataError("`moves` must be states x actions, not none; give one of each at least")
        start = whole(self.start, "start", 0)
        object.__setattr__(self, "moves", moves)
        object.__setattr__(self, "places", integers(self.places, "places", (len(moves), 2)))
        if moves.min() < GOAL or moves.max() >= len(moves) or start >= len(moves):
            raise DataError(
                f"`moves` and `start` must be states 0 to {len(moves) - 1}, or -1: goal"
            )

    @property
    def states(self) -> int:
        """How many states there are."""
        return self.moves.shape[0]

    @property
    def actions(self) -> int:
        """How many actions there are."""
        return self.moves.shape[1]

    def steps_to_goal(self) -> Whole:
        """The fewest moves from each state until the reward, [states]; 1 beside the goal."""
        found = np.full(self.states, -1, np.int64)
        waiting = deque([(GOAL, 0)])
        while waiting:
            goal, steps = waiting.popleft()
            for state in np.flatnonzero((self.moves == goal).any(1) & (found < 0)):
                found[state] = steps + 1
                waiting.append((int(state), steps + 1))
        return found

    def values(self, discount: float, reward: float = 1.0) -> Floats:
        """The value of each state under the best policy: discount^k reward, with k moves before
        the one that is rewarded, [states]."""
        discount, reward = number(discount, "discount", 0, 1), finite(reward, "reward")
        return np.asarray(reward * discount ** (self.steps_to_goal() - 1.0), np.float64)


def track(states: int = 5, actions: int = 2) -> World:
    """A linear track: action 0 goes on, to the goal behind the last state; action 1 goes back."""
    size = whole(states, "states", 1, MOST_STATES)
    on = np.append(np.arange(1, size), GOAL)
    back = np.maximum(np.arange(size) - 1, 0)
    if whole(actions, "actions") > 2:
        raise DataError(f"a track has 1 action (on) or 2 (on, back), not {actions}")
    places = np.column_stack([np.zeros(size, np.int64), np.arange(size)])
    return World(np.column_stack([on, back])[:, :actions], 0, places)


def maze(text: str) -> World:
    """A maze drawn with letters: # wall, . way, S start, G goal; four actions, walls hold.

    Actions go east, south, west and north.  Raises DataError if the drawing has not one start and
    one goal that can be reached from everywhere.
    """
    if not isinstance(text, str):
        raise DataError(f"`text` must be the drawing of a maze, not {told(text)}; draw it")
    rows = [line.strip() for line in text.strip().splitlines()]
    letters = {(r, c): letter for r, row in enumerate(rows) for c, letter in enumerate(row)}
    if sorted(letter for letter in letters.values() if letter in "SG") != ["G", "S"]:
        raise DataError("a maze needs one S (start) and one G (goal); draw them")
    if unknown := sorted(set(letters.values()) - set("#.SG")):
        raise DataError(f"a maze is drawn with # . S G; `{unknown[0]}` is none of them")
    ways = [place for place, letter in letters.items() if letter in ".S"]
    index = {place: n for n, place in enumerate(ways)}
    index |= {place: GOAL for place, letter in letters.items() if letter == "G"}
    moves = [
        [index.get((r + down, c + right), index[r, c]) for down, right in MOVES] for r, c in ways
    ]
    start = next(n for n, place in enumerate(ways) if letters[place] == "S")
    world = World(np.array(moves, np.int64), start, np.array(ways, np.int64))
    if (world.steps_to_goal() < 0).any():
        raise DataError("part of the maze has no way to the goal; open a wall")
    return world
