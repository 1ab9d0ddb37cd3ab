"""All that is wrong with the meaning of a document, listed at once, and hints worth saying."""

from __future__ import annotations

from collections import Counter

from engine.document import lookup
from engine.document.check_edges import check_edge, port_reason
from engine.document.check_nodes import check_node, parameter_problems, table_problems
from engine.document.hints import hints
from engine.document.memo import remembered
from engine.document.plasticity import weights_change
from engine.document.reading import form_problems, parse, read
from engine.document.structure import (
    AUTO,
    PRECISIONS,
    WEIGHTS,
    Document,
    Edge,
    Layout,
    Node,
    Recorder,
    RunSettings,
    replace,
)
from engine.document.text import describe, id_problem, near, number_problem, one_of
from engine.document.writing import to_json
from engine.errors import DocumentError, EquationError, Problem, WorkbenchError

__all__ = [
    "check",
    "check_edge",
    "check_node",
    "check_recorder",
    "check_settings",
    "check_text",
    "parameter_problems",
    "port_reason",
    "require_valid",
    "table_problems",
]

DEVICES = ("cpu", "cuda")  # what a document may ask for; whether it is here, the registry knows
MIN_DT, MAX_DT = 1e-6, 10.0  # ms
MAX_SEED = 2**32 - 1
MAX_STEPS = 10**12
MAX_THREADS = 256
MOST_SYNAPSES = 2**32  # of an edge that learns


def check(document: Document) -> list[Problem]:
    """Every problem of ``document``, errors first, then hints; empty if there is nothing to say."""
    document, problems = understood(document)
    empty = not document.nodes and not problems  # nodes that cannot be understood are nodes
    problems += _models(document) + check_settings(document.simulation)
    if empty:
        remedy = "add a population of neurons"
        problems.append(Problem("nodes", "empty", "the network is empty", remedy))
    for node in document.nodes:
        problems += _of_node(document, node)
    problems += _incomplete(document) + _identifiers(document)
    for edge in document.edges:
        problems += _of_edge(document, edge)
    for recorder in document.recorders:
        problems += check_recorder(document, recorder)
    problems += _layout(document)
    broken = {problem.path for problem in problems}
    problems += [hint for hint in hints(document) if hint.path not in broken]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def _of_node(document: Document, node: Node) -> list[Problem]:
    found = remembered(node, "node", (document.models,), lambda: check_node(document, node))
    if any(problem.severity == "error" for problem in found):
        return found
    context = document.models, document.simulation
    return found + remembered(node, "table", context, lambda: table_problems(document, node))


def _of_edge(document: Document, edge: Edge) -> list[Problem]:
    ends = document.node(edge.source), document.node(edge.target)
    if None in ends:
        return check_edge(document, edge)  # the nearest name depends on all nodes
    context = (*ends, document.simulation, document.models)
    return remembered(edge, "edge", context, lambda: check_edge(document, edge))


def understood(document: Document) -> tuple[Document, list[Problem]]:
    """What can be understood of a document that was made in Python, and its problems of form; one
    that was read has none."""
    if not isinstance(document, Document):
        message = f"a document is needed, not {describe(document)}"
        remedy = "give what engine.Network.document or engine.document.load gives"
        return Document(), [Problem("", "type", message, remedy)]
    if not _has_its_parts(document):
        found, problems = read(to_json(document))
        message, remedy = "its parts are plain data", "read it with engine.document.from_json"
        return found, problems or [Problem("", "type", message, remedy)]
    problems = _form(document)
    return (read(to_json(document))[0] if problems else document), problems


def _has_its_parts(document: Document) -> bool:
    """Whether nodes are nodes, and so on."""
    kinds = ((document.nodes, Node), (document.edges, Edge), (document.recorders, Recorder))
    whole = isinstance(document.simulation, RunSettings) and isinstance(document.layout, Layout)
    return whole and all(
        isinstance(items, tuple | list) and all(isinstance(item, kind) for item in items)
        for items, kind in (*kinds, (document.models, dict))
    )


def _form(document: Document) -> list[Problem]:
    """Problems of form, part by part."""
    parts = (document.simulation, document.layout, *document.nodes, *document.edges)
    found = form_problems(document)
    for part in (*parts, *document.recorders):
        found += form_problems(part)
    return found


def errors(document: Document) -> list[Problem]:
    """The problems that keep ``document`` from running."""
    return [problem for problem in check(document) if problem.severity == "error"]


def require_valid(document: Document) -> None:
    """Raise DocumentError with all errors of ``document``, if it has any."""
    found = errors(document)
    if found:
        raise DocumentError(found)


def check_text(text: str | bytes) -> list[Problem]:
    """Every problem of a document as text, those of form and those of meaning."""
    try:
        data = parse(text)
    except DocumentError as error:
        return error.problems
    document, problems = read(data)
    if any(not problem.path or problem.path in ("format", "version") for problem in problems):
        return problems  # not a document at all: nothing was read
    return problems + check(document)


def check_settings(settings: RunSettings) -> list[Problem]:
    """Every problem of the run settings."""
    found: list[tuple[str, str, str]] = []
    wrong = number_problem(settings.dt, "dt")
    if wrong or not MIN_DT <= settings.dt <= MAX_DT:
        limits = f"from {MIN_DT:g} to {MAX_DT:g} ms"
        message = wrong or f"dt must be more than 0, {limits}, it is {settings.dt:g}"
        found.append(("dt", message, "0.1 ms suits most networks"))
    wrong = number_problem(settings.duration, "duration")
    if wrong or settings.duration <= 0:
        message = wrong or f"the duration must be more than 0 ms, it is {settings.duration:g}"
        found.append(("duration", message, "1000 ms is one second"))
    elif settings.dt > 0 and settings.duration / settings.dt > MAX_STEPS:
        message = f"{settings.duration:g} ms are too many steps of {settings.dt:g} ms"
        found.append(("duration", message, "shorten the run or lengthen dt"))
    for name, low, high in (("seed", 0, MAX_SEED), ("threads", 1, MAX_THREADS)):
        value = getattr(settings, name)
        if name == "threads" and value == AUTO:
            continue
        if type(value) is not int or not low <= value <= high:
            other = f' or "{AUTO}"' if name == "threads" else ""
            message = f"`{name}` must be a whole number from {low} to {high:,}{other}"
            found.append((name, f"{message}, not {describe(value)}", "choose another"))
    for name, choices in (("device", DEVICES), ("precision", PRECISIONS)):
        value = getattr(settings, name)
        if value not in choices:
            message = f"`{name}` is {describe(value)}, which this version cannot use"
            found.append((name, message, f"choose {one_of(choices)}"))
    return [Problem(f"simulation/{name}", name, *words) for name, *words in found]


def check_recorder(document: Document, recorder: Recorder) -> list[Problem]:
    """Every problem of ``recorder``, whether or not it stands in the document already."""
    path = f"recorders/{recorder.id}"
    wrong = id_problem(recorder.id)
    problems = [Problem(path, "id", wrong)] if wrong else []
    edge = document.edge(recorder.node)
    if edge is not None:
        return problems + _of_synapses(document, recorder, edge)
    node = document.node(recorder.node)
    if node is None:
        message = f'it records "{recorder.node[:64]}", which is not a node'
        remedy = near(recorder.node, document.nodes_by_id) or "attach it to a node or delete it"
        return [*problems, Problem(f"{path}/node", "unknown-node", message, remedy)]
    if lookup.model_of(document, node) is None:
        return problems
    variables = lookup.recordable(document, node)
    if recorder.variable not in variables:
        message = f'"{node.title}" has no `{recorder.variable[:64]}` to record'
        remedy = near(recorder.variable, variables)
        remedy = remedy or (f"it has {one_of(variables)}" if variables else "record a population")
        problems.append(Problem(f"{path}/variable", "unknown-variable", message, remedy))
    return problems + _members(recorder, node.size, path) + _interval(document, recorder, path)


def _of_synapses(document: Document, recorder: Recorder, edge: Edge) -> list[Problem]:
    """Problems of a recorder of an edge; how many synapses it has is known when it is built."""
    path = f"recorders/{recorder.id}"
    if recorder.variable != WEIGHTS:
        message = f'the connection "{edge.id}" has no `{recorder.variable[:64]}` to record'
        remedy = f"record its `{WEIGHTS}`, or a node"
        return [Problem(f"{path}/variable", "unknown-variable", message, remedy)]
    problems = []
    if not weights_change(edge):
        message = f'the weights of the connection "{edge.id}" stay as they are'
        remedy = "give it a rule by which they change, or take the recorder out"
        problems.append(Problem(path, "no-rule", message, remedy))
    if _members(recorder, MOST_SYNAPSES, path):
        message = f"{describe(recorder.members)} are no synapses to record"
        remedy = "count them from 0, or leave them out for all"
        problems.append(Problem(f"{path}/members", "members", message, remedy))
    return problems + _interval(document, recorder, path)


def _members(recorder: Recorder, size: int, path: str) -> list[Problem]:
    members = recorder.members
    if isinstance(members, dict):
        start, stop = members.get("start"), members.get("stop")
        if type(start) is int and type(stop) is int and 0 <= start < stop <= size:
            return []
        message = f"the members {start} to {stop} are no part of {size:,} members"
    elif members is None or (members and all(_member(entry, size) for entry in members)):
        return []
    else:
        wrong = next((entry for entry in members if not _member(entry, size)), None)
        message = "the list of members is empty"
        if members:
            message = f"member {wrong} does not exist; there are {size:,}, counted from 0"
    return [Problem(f"{path}/members", "members", message, "choose members that exist")]


def _member(entry: object, size: int) -> bool:
    return type(entry) is int and 0 <= entry < size


def _interval(document: Document, recorder: Recorder, path: str) -> list[Problem]:
    interval, dt = recorder.interval, document.simulation.dt
    if interval is None:
        return []
    path = f"{path}/interval"
    wrong = number_problem(interval, "interval")
    if wrong or interval <= 0:
        message = wrong or f"the interval must be more than 0 ms, it is {interval:g}"
        return [Problem(path, "interval", message, "leave it out to sample every step")]
    if not MIN_DT <= dt <= MAX_DT:
        return []
    steps = interval / dt
    if steps > MAX_STEPS:
        message = f"an interval of {interval:g} ms is longer than any run"
        return [Problem(path, "interval", message, "shorten it")]
    if abs(steps - max(1, round(steps))) > 1e-6:
        rounded = max(1, int(steps + 0.5)) * dt
        message = f"the interval of {interval:g} ms is no multiple of dt and becomes {rounded:g} ms"
        return [Problem(path, "interval-rounded", message, "choose a multiple of dt", "hint")]
    return []


def _models(document: Document) -> list[Problem]:
    problems, seen = [], Counter[str]()
    for place, data in enumerate(document.models):
        path = f"models/{place}"
        for error in lookup.own_model_problems(data):
            problems += _placed(error, path)
        name = data.get("name")
        if not isinstance(name, str):
            continue
        seen[name] += 1
        if seen[name] > 1 or lookup.is_shipped(name):
            message = f"the name {describe(name)} is taken by another model"
            problems.append(Problem(f"{path}/name", "duplicate-model", message, "choose another"))
    return problems


def _placed(error: WorkbenchError, path: str) -> list[Problem]:
    """An error of a declaration as problems with a path below ``path``, or the one they have."""
    if isinstance(error, DocumentError):
        return [
            problem if problem.path.startswith("models/") else replace(problem, path=path)
            for problem in error.problems
        ]
    if isinstance(error, EquationError):
        return [Problem(path, "equation", error.message, error.remedy)]
    return [Problem(path, error.code, str(error))]


def _identifiers(document: Document) -> list[Problem]:
    problems = []
    for kind in ("nodes", "edges", "recorders"):
        counts = Counter(item.id for item in getattr(document, kind))
        for name, count in counts.items():
            if count > 1:
                message = f"the id {describe(name)} is used {count} times"
                problem = Problem(f"{kind}/{name}", "duplicate-id", message, "give each its own")
                problems.append(problem)
    taken = dict.fromkeys(document.nodes_by_id, "node")
    for name in document.edges_by_id:
        if name in taken:
            problems.append(_shared(f"edges/{name}", name, taken[name], "connection"))
        taken.setdefault(name, "connection")
    for name in document.recorders_by_id:
        if name in taken:
            problems.append(_shared(f"recorders/{name}", name, taken[name], "recorder"))
    return problems


def _shared(path: str, name: str, first: str, second: str) -> Problem:
    message = f"the id {describe(name)} is used by a {first} and by a {second}"
    return Problem(path, "duplicate-id", message, f"rename the {second}")


def _incomplete(document: Document) -> list[Problem]:
    """Texts that must be given before a run, such as the name of a spike file."""
    problems = []
    for node in document.nodes:
        for name, parameter in lookup.parameters_of(document, node).items():
            value = node.parameters.get(name, parameter.default)
            if parameter.kind == "text" and value == "" and not parameter.optional:
                path, message = f"nodes/{node.id}/parameters/{name}", f"`{name}` is empty"
                problems.append(Problem(path, "incomplete", message, f"give {parameter.doc}"))
    return problems


def _layout(document: Document) -> list[Problem]:
    problems = []
    for part in ("positions", "colours"):
        for name in getattr(document.layout, part):
            if document.node(name) is None:
                message = f'the drawing names "{name[:64]}", which is not a node'
                problem = Problem(f"layout/{part}/{name[:64]}", "unknown-node", message, "", "hint")
                problems.append(problem)
    return problems
