"""An update in parts, each a loop of its own: what a processor can keep in flight.

A loop over neurons with many exponentials, such as Hodgkin and Huxley's, is one long chain of
instructions that wait for one another, longer than a processor looks ahead, so it idles.  Cut where
nothing but states goes from one part to the next, it has several short loops whose turns overlap.
"""

from __future__ import annotations

from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign, Binary, Call, Expr, Number, names, walk

HEAVY = ("exp", "log", "exprel", "tanh", "sinh", "cosh")
LEAST = 2  # heavy functions that make a part worth a loop


def parts(step_map: StepMap) -> list[list[Assign]]:
    """The updates and jumps of ``step_map`` in order, cut into the bodies of successive loops.

    Temporaries are moved to just before their first use.  No part but the last defines a temporary
    that is read outside it.
    """
    program = sunk([*step_map.update, *step_map.jumps], set(step_map.states))
    after = set() if step_map.threshold is None else names(step_map.threshold)
    for assignment in step_map.reset:
        after |= names(assignment.value)
    weights = [weight(assignment.value) for assignment in program]
    found: list[list[Assign]] = [[]]
    here = 0
    for place, assignment in enumerate(program):
        found[-1].append(assignment)
        here += weights[place]
        rest = program[place + 1 :]
        if here < LEAST or not sum(weights[place + 1 :]):
            continue
        needed = after.union(*(names(later.value) for later in rest))
        own = {earlier.target for earlier in found[-1]} - set(step_map.states)
        if not own & needed:
            found.append([])
            here = 0
    return found


def weight(expr: Expr) -> int:
    """Number of heavy functions in an expression."""
    return sum(1 for node in walk(expr) if _is_heavy(node))


def _is_heavy(node: Expr) -> bool:
    match node:
        case Call():
            return node.function in HEAVY
        case Binary(op="**"):
            return not isinstance(node.right, Number)
    return False


def sunk(program: list[Assign], states: set[str]) -> list[Assign]:
    """``program`` with every temporary assigned as late as its readers and its operands allow."""
    order = list(program)
    targets = [assignment.target for assignment in order]
    for place in range(len(order) - 2, -1, -1):
        assignment = order[place]
        if assignment.target in states or targets.count(assignment.target) > 1:
            continue
        operands = names(assignment.value)
        end = place + 1
        while end < len(order):
            later = order[end]
            if assignment.target in names(later.value) or later.target in operands:
                break
            end += 1
        order.insert(end - 1, order.pop(place))
    return order
