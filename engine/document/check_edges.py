"""What can be wrong with a projection: its ends, its port, its rule, its weights and delays."""

from __future__ import annotations

from engine.document import lookup
from engine.document.check_clamps import clamp_problem, hold_problems
from engine.document.check_values import extent, value_problems
from engine.document.geometry import form_problems
from engine.document.plasticity import plasticity_problems
from engine.document.spaces import closes
from engine.document.structure import SPACES, Document, Edge, Node
from engine.document.text import id_problem, near, one_of
from engine.document.values import is_spatial
from engine.errors import Problem
from engine.geometry.space import alike
from engine.models.compose import GAP_PORT

MAX_DELAY_STEPS = 65_535  # delays are kept in 16 bits


def check_edge(document: Document, edge: Edge) -> list[Problem]:
    """Every problem of ``edge``, whether or not it stands in the document already."""
    path = f"edges/{edge.id}"
    problems = _ends(document, edge, path)
    source, target = document.node(edge.source), document.node(edge.target)
    problems += list(edge.rule_problems)
    if source is None or target is None:
        return problems
    reason = port_problem(document, source, target, edge.port)
    if reason:
        problems.append(Problem(f"{path}/port", *reason))
    if not problems:
        problems += _rule_fit(edge, source, target, f"{path}/rule")
        problems += _places(document, edge, source, target)
        if edge.plasticity is not None:
            problems += plasticity_problems(document, edge, source, target)
    if not problems and lookup.holds(document, edge):
        problems += hold_problems(document, edge, source, target)
    problems += _weight(document, edge, source, target) + _delay(document, edge, source)
    return problems + _way_back(document, edge)


def port_reason(document: Document, source: str, target: str, port: str) -> str | None:
    """Why a wire from ``source`` to ``port`` of ``target`` cannot be; None if it can."""
    nodes = document.node(source), document.node(target)
    for name, node in zip((source, target), nodes, strict=True):
        if node is None:
            return f'there is no node "{name[:64]}"'
    reason = port_problem(document, nodes[0], nodes[1], port)  # type: ignore[arg-type]
    return str(Problem("", *reason)) if reason else None


def port_problem(
    document: Document, source: Node, target: Node, port: str
) -> tuple[str, str, str] | None:
    """(code, what is wrong, what to do) about a wire between two nodes, or None."""
    if target.kind == "source":
        message = f'"{target.title}" is a source and takes no input'
        return "wrong-target", message, "connect to a population"
    output, ports = lookup.output_of(document, source), lookup.ports_of(document, target)
    if output is None or lookup.model_of(document, target) is None:
        return None  # the unknown model is the problem, and is said at the node
    if port not in ports:
        message = f'"{target.title}" ({target.model}) has no port `{port[:64]}`'
        return "unknown-port", message, near(port, ports) or f"it has {one_of(ports)}"
    if ports[port].takes == lookup.POTENTIAL:
        return _gap_problem(document, source, target)
    if output == ports[port].takes:
        return clamp_problem(document, source, target) if output == lookup.COMMAND else None
    fitting = [name for name, other in ports.items() if other.takes == output]
    remedy = f"use {one_of(fitting)}" if fitting else "connect it to another population"
    given = _GIVEN[output].format(source.title)
    return "wrong-port", f"{given}, the port `{port}` takes {_TAKEN[ports[port].takes]}", remedy


# What a node sends and what a port takes, in words.
_GIVEN = {
    "spikes": '"{}" sends spikes',
    "current": '"{}" gives a current',
    "command": '"{}" gives a command of the potential',
}
_TAKEN = {"spikes": "spikes", "current": "a current", "command": "that of a voltage clamp"}


def _gap_problem(document: Document, source: Node, target: Node) -> tuple[str, str, str] | None:
    """Why the membranes of two nodes cannot be joined, or None."""
    other = lookup.ports_of(document, source).get(GAP_PORT)
    if other is None:
        message = f'"{source.title}" is a source and has no membrane to join'
        return "wrong-port", message, "put gap junctions between two populations"
    if other.takes != lookup.POTENTIAL:
        message = f'"{source.title}" has a port `{GAP_PORT}` of its own, which takes {other.takes}'
        return "wrong-port", message, "give that port another name"
    here = lookup.ports_of(document, target)[GAP_PORT]
    if other.unit == here.unit:
        return None
    message = (
        f'the conductance of a gap junction is in {other.unit} at "{source.title}" '
        f'and in {here.unit} at "{target.title}"'
    )
    return "unit", message, "join populations whose models have the same units"


def _way_back(document: Document, edge: Edge) -> list[Problem]:
    """A hint where another gap junction joins the same two populations the other way round."""
    if not lookup.joins(document, edge) or edge.source == edge.target:
        return []
    for other in document.edges:
        if (other.source, other.target, other.port) == (edge.target, edge.source, edge.port):
            message = f"gap junctions act both ways, and `{other.id}` joins the same populations"
            remedy = "delete one of the two, or mean the sum of their conductances"
            return [Problem(f"edges/{edge.id}", "gap-twice", message, remedy, "hint")]
    return []


def _ends(document: Document, edge: Edge, path: str) -> list[Problem]:
    problems = []
    wrong = id_problem(edge.id)
    if wrong:
        problems.append(Problem(path, "id", wrong))
    for end in ("source", "target"):
        name = getattr(edge, end)
        if document.node(name) is None:
            remedy = near(name, document.nodes_by_id) or "connect it to a node or delete it"
            message = f'there is no node "{name[:64]}"'
            problems.append(Problem(f"{path}/{end}", "unknown-node", message, remedy))
    if edge.synapse is not None:
        message = "`synapse` of a connection cannot be used by this version"
        problems.append(Problem(f"{path}/synapse", "unsupported", message, "leave it out"))
    return problems


def _rule_fit(edge: Edge, source: Node, target: Node, path: str) -> list[Problem]:
    match edge.rule["kind"]:
        case "one_to_one":
            found = _one_to_one(source, target)
        case "probability":
            found = _probability(edge)
        case "fixed_indegree":
            found = _degree(edge, source, target, "each target member would need")
        case "fixed_outdegree":
            found = _degree(edge, target, source, "each source member would need")
        case "distance":
            found = _degree_by_distance(edge, source, target)
        case "explicit":
            found = _pairs(edge, source, target)
        case _:
            found = None
    return [Problem(path, *found)] if found else []


def _places(document: Document, edge: Edge, source: Node, target: Node) -> list[Problem]:
    """What goes by distance needs places at both ends, and one way to measure between them."""
    path = f"edges/{edge.id}"
    acts_at_once = lookup.flows(document, source) or lookup.joins(document, edge)
    by_distance = [
        name
        for name, goes in (
            ("rule", edge.rule.get("kind") == "distance"),
            ("weight", is_spatial(edge.weight)),
            ("delay", is_spatial(edge.delay) and not acts_at_once),
        )
        if goes
    ]
    if not by_distance or any(node.geometry and form_problems(node) for node in (source, target)):
        return []
    nowhere = next((node for node in (source, target) if not node.is_placed), None)
    if nowhere is not None:
        message = f'`{by_distance[0]}` goes by distance, and "{nowhere.title}" has no places'
        remedy = f"give it a geometry: {one_of(SPACES)}"
        return [Problem(f"{path}/{by_distance[0]}", "places", message, remedy)]
    if not alike(closes(source), closes(target)):
        names = f'"{source.title}" and "{target.title}"'
        message = f"{names} do not close alike, so that there is no distance between them"
        remedy = "give both the same extent, and make both periodic or none"
        return [Problem(f"{path}/{by_distance[0]}", "periods", message, remedy)]
    return []


def _one_to_one(source: Node, target: Node) -> tuple[str, str, str] | None:
    if source.size == target.size:
        return None
    message = (
        f'one_to_one needs equal sizes, "{source.title}" has {source.size:,} '
        f'and "{target.title}" {target.size:,}'
    )
    return "size-mismatch", message, "make the sizes equal or choose another rule"


def _probability(edge: Edge) -> tuple[str, str, str] | None:
    if not edge.rule.get("multapses"):
        return None
    message = "probability makes at most one synapse a pair, so it has no multapses"
    return "multapses", message, "use fixed_indegree, or set multapses to false"


def _degree(edge: Edge, pool: Node, other: Node, who: str) -> tuple[str, str, str] | None:
    excluded = int(pool.id == other.id and not edge.rule["self_connections"])
    available, n = pool.size - excluded, edge.rule["n"]
    if n <= available or (edge.rule["multapses"] and available > 0):
        return None
    message = f'{who} {n:,} different partners, "{pool.title}" has {available:,}'
    return "degree", message, "lower `n` or allow multapses"


def _degree_by_distance(edge: Edge, source: Node, target: Node) -> tuple[str, str, str] | None:
    for name, pool, who in (("indegree", source, "target"), ("outdegree", target, "source")):
        excluded = int(source.id == target.id and not edge.rule["self_connections"])
        n = edge.rule.get(name)
        if n is not None and n > pool.size - excluded:
            message = f'each {who} member would need {n:,} different partners, "{pool.title}" has'
            return "degree", f"{message} {pool.size - excluded:,}", f"lower `{name}`"
    return None


def _pairs(edge: Edge, source: Node, target: Node) -> tuple[str, str, str] | None:
    for end, node in zip(edge.pairs_end, (source, target), strict=True):
        if end > node.size:
            message = (
                f'a pair names member {end - 1:,} of "{node.title}", '
                f"which has {node.size:,} (counted from 0)"
            )
            return "pair-range", message, "correct the pair or the size"
    return None


def _per_synapse(edge: Edge, source: Node, name: str) -> list[Problem]:
    """Whether a list of weights or delays has one value a synapse."""
    value, path = getattr(edge, name), f"edges/{edge.id}/{name}"
    if not isinstance(value, list):
        return []
    kind = edge.rule.get("kind")
    if kind not in ("explicit", "one_to_one"):
        message = f"a list of {name}s needs the rule explicit or one_to_one, not {kind}"
        return [Problem(path, "list", message, "use a number or a distribution")]
    pairs = edge.rule.get("pairs")
    wanted = source.size if kind == "one_to_one" else len(pairs) if isinstance(pairs, list) else 0
    if len(value) == wanted:
        return []
    message = f"there are {len(value):,} {name}s for {wanted:,} synapses"
    return [Problem(path, "list", message, "give one a synapse")]


def _weight(document: Document, edge: Edge, source: Node, target: Node) -> list[Problem]:
    port = lookup.ports_of(document, target).get(edge.port)
    path = f"edges/{edge.id}/weight"
    if port is None:
        return []
    problems = value_problems(edge.weight, port.unit, path, "weight", spatial=True)
    problems += _per_synapse(edge, source, "weight")
    conductance = port.synapse is not None and lookup.is_conductance(port.synapse)
    conductance = conductance or port.takes == lookup.POTENTIAL
    if not problems and conductance and extent(edge.weight, port.unit)[0] < 0:
        message = f"the port `{edge.port}` takes a conductance, which cannot be negative"
        remedy = "use a positive weight"
        if port.synapse is not None:
            remedy = f"{remedy}; the reversal potential decides whether it inhibits"
        problems.append(Problem(path, "negative-conductance", message, remedy))
    return problems


def _delay(document: Document, edge: Edge, source: Node) -> list[Problem]:
    if lookup.flows(document, source) or lookup.joins(document, edge):
        return []  # acts without delay, whatever stands here
    path, dt = f"edges/{edge.id}/delay", document.simulation.dt
    problems = value_problems(edge.delay, "ms", path, "delay", spatial=True)
    problems += _per_synapse(edge, source, "delay")
    if problems or not 1e-9 < dt <= 1e3:
        return problems
    shortest, longest = extent(edge.delay, "ms")
    if shortest < 0:
        message = f"a delay cannot be negative, it is {shortest:g} ms"
        return [Problem(path, "delay", message, f"use at least dt = {dt:g} ms")]
    if longest > MAX_DELAY_STEPS * dt:
        message = f"a delay of {longest:g} ms is more than {MAX_DELAY_STEPS:,} steps of {dt:g} ms"
        remedy = f"use at most {MAX_DELAY_STEPS * dt:g} ms, or a longer dt"
        return [Problem(path, "delay", message, remedy)]
    return _rounding(edge, path, shortest, dt)


def _rounding(edge: Edge, path: str, shortest: float, dt: float) -> list[Problem]:
    if shortest < dt * (1 - 1e-9):
        message = f"the delay of {shortest:g} ms is shorter than dt and becomes {dt:g} ms"
        return [Problem(path, "delay-rounded", message, "use at least dt", "hint")]
    steps = shortest / dt
    if not isinstance(edge.delay, dict | list) and abs(steps - round(steps)) > 1e-6:
        rounded = max(1, int(steps + 0.5)) * dt
        message = f"the delay of {shortest:g} ms is no multiple of dt and becomes {rounded:g} ms"
        return [Problem(path, "delay-rounded", message, "choose a multiple of dt", "hint")]
    return []
