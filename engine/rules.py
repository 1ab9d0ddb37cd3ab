"""Connection rules, learning rules and distributions as plain data, checked when they are made.

A rule says which pairs of neurons have a synapse, or how it learns; a distribution stands wherever
a number may differ between neurons or synapses.  All are exactly what the document holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.document.plasticity import form_problems, preset_of
from engine.document.values import (
    complete_plasticity,
    complete_rule,
    distribution_problems,
    plain,
    rule_problems,
)
from engine.errors import DocumentError

__all__ = [
    "all_to_all",
    "distance",
    "distance_exponential",
    "distance_gaussian",
    "distance_linear",
    "explicit",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_total",
    "lognormal",
    "normal",
    "one_to_one",
    "plasticity",
    "probability",
    "uniform",
]


def all_to_all(self_connections: bool = True) -> dict[str, Any]:
    """A synapse from every member of the source to every member of the target."""
    return _rule("all_to_all", self_connections=self_connections)


def one_to_one() -> dict[str, Any]:
    """A synapse from member i to member i; both must have the same size."""
    return _rule("one_to_one")


def probability(p: float, self_connections: bool = True, multapses: bool = False) -> dict[str, Any]:
    """Each possible pair has a synapse with probability ``p``, at most one."""
    return _rule("probability", p=p, self_connections=self_connections, multapses=multapses)


def fixed_indegree(n: int, self_connections: bool = True, multapses: bool = True) -> dict[str, Any]:
    """Every member of the target gets exactly ``n`` synapses from sources drawn at random."""
    return _rule("fixed_indegree", n=n, self_connections=self_connections, multapses=multapses)


def fixed_outdegree(
    n: int, self_connections: bool = True, multapses: bool = True
) -> dict[str, Any]:
    """Every member of the source makes exactly ``n`` synapses onto targets drawn at random."""
    return _rule("fixed_outdegree", n=n, self_connections=self_connections, multapses=multapses)


def fixed_total(n: int, self_connections: bool = True) -> dict[str, Any]:
    """``n`` synapses in all, source and target of each drawn at random, one by one."""
    return _rule("fixed_total", n=n, self_connections=self_connections)


def distance(
    p: float,
    scale: float | str,
    profile: str = "gaussian",
    reach: float | str | Sequence[float | str] | None = None,
    self_connections: bool = True,
    *,
    shape: float | None = None,
    beyond: float | str | None = None,
    indegree: int | None = None,
    outdegree: int | None = None,
) -> dict[str, Any]:
    """Each pair has a synapse with a probability that falls with its distance d, at most one.

    ``p`` where two members meet; p exp(-d^2 / (2 scale^2)) with the profile ``gaussian``,
    p exp(-d / scale) with ``exponential``, p (1 - d / scale) with ``linear``, p up to ``scale``
    with ``box``.  ``gamma`` rises as d^(shape - 1) exp(-d / scale) to p at (shape - 1) scale and
    falls again.  Nothing farther than ``reach`` (two or three lengths: farther on that axis) nor
    nearer than ``beyond``.  With an ``indegree`` every target gets exactly so many different
    sources, with an ``outdegree`` every source so many targets, drawn one after the other with
    probabilities in the ratio of the profile; p is of no account then.  Lengths in um, or such as
    "0.1 mm".  Both ends need places: a geometry line, ring, grid, random or positions.
    """
    more = {"reach": reach, "shape": shape, "beyond": beyond,
            "indegree": indegree, "outdegree": outdegree}  # fmt: skip
    given = {name: value for name, value in more.items() if value is not None}
    return _rule("distance", p=p, scale=scale, profile=profile, **given,
                 self_connections=self_connections)  # fmt: skip


def explicit(pairs: Iterable[Iterable[int]]) -> dict[str, Any]:
    """Exactly the listed synapses, each ``(source member, target member)``, counted from 0.

    ``weight`` and ``delay`` of the connection may then be lists with one value a pair.
    """
    return _rule("explicit", pairs=plain(list(pairs)) if isinstance(pairs, Iterable) else pairs)


def plasticity(
    model: str,
    delay: str = "axonal",
    preset: str | None = None,
    on: bool = True,
    normalise: dict[str, Any] | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """A learning rule for the synapses of a connection, one of ``engine.plasticity_models()``.

    ``delay`` says where the connection's delay lies, before the synapse (axonal) or behind it
    (dendritic).  Parameters that are not given are those of ``preset``, or the rule's defaults.
    With ``on=False`` a run begins with weights held as they are, see `Simulation.set_plasticity`.
    With ``normalise={"sum": 78, "every": 500}`` the sizes of the weights at each target add up to
    78 when the network is built and after every 500 ms.
    """
    given = {**preset_of(model, preset), **parameters}
    written = {"model": model, "parameters": plain(given), "delay": delay, "on": on}
    rule = complete_plasticity({**written, "normalise": plain(normalise)})
    problems = form_problems(rule, "plasticity")
    if problems:
        raise DocumentError(problems)
    return rule


def normal(
    mean: float, std: float, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """A normal distribution, clipped to ``low`` and ``high`` where given."""
    return _distribution("normal", mean=mean, std=std, low=low, high=high)


def lognormal(
    mean: float, std: float, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """A lognormal distribution with this mean and standard deviation of the values themselves."""
    return _distribution("lognormal", mean=mean, std=std, low=low, high=high)


def uniform(low: float, high: float) -> dict[str, Any]:
    """All values from ``low`` to ``high`` alike."""
    return _distribution("uniform", low=low, high=high)


def exponential(mean: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """An exponential distribution with this mean (negative for the mirrored one), clipped."""
    return _distribution("exponential", mean=mean, low=low, high=high)


def distance_linear(
    offset: float, slope: float, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """``offset`` + ``slope`` d for two members d mm apart, clipped.

    A delay of conduction at v m/s has the slope 1 / v (ms/mm).
    """
    return _distribution("distance_linear", offset=offset, slope=slope, low=low, high=high)


def distance_gaussian(
    peak: float, scale: float | str, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """``peak`` exp(-d^2 / (2 ``scale``^2)) for two members d um apart, clipped."""
    return _distribution("distance_gaussian", peak=peak, scale=scale, low=low, high=high)


def distance_exponential(
    peak: float, scale: float | str, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """``peak`` exp(-d / ``scale``) for two members d um apart, clipped."""
    return _distribution("distance_exponential", peak=peak, scale=scale, low=low, high=high)


def _rule(kind: str, **entries: Any) -> dict[str, Any]:
    rule = complete_rule({"kind": kind, **plain(entries)})
    problems = rule_problems(rule, f"rules.{kind}")
    if problems:
        raise DocumentError(problems)
    return rule


def _distribution(kind: str, **entries: Any) -> dict[str, Any]:
    given = {name: plain(value) for name, value in entries.items() if value is not None}
    value = {"distribution": kind, **given}
    problems = distribution_problems(value, kind)
    if problems:
        raise DocumentError(problems)
    return value
