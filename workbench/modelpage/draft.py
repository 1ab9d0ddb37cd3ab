"""What stands in the editor of one's own model, and the declaration that it makes, if it makes one.

A draft is text.  It is kept as it was typed whatever is wrong with it; the document holds the last
one that was right.  What the editor does not show (caps, presets, checks ...) stays as the model
had it, as far as it still makes sense.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.equations.language import parse_equations, parse_expression
from engine.equations.tree import names
from engine.errors import DocumentError, EquationError
from engine.models.check import faults
from engine.models.declaration import NeuronModel, Parameter
from engine.models.define import with_units
from engine.models.protocol import Protocol
from engine.models.registry import synapse_models
from workbench.modelpage.lines import (
    PLAIN,
    Line,
    Mistake,
    assignments,
    initial_of,
    initial_text,
    parameters_of,
    parameters_text,
)

WRITTEN = ("equations", "threshold", "hazard", "reset", "refractory")  # as the declaration has them
TEXTS = (*WRITTEN, "parameters", "initial")
MEMBRANE = "v"  # the usual name of the membrane potential
MOST_TYPED = 20_000  # characters of one field; the language itself takes fewer
MOST_PORTS = 8  # of a model of one's own

BLANK = NeuronModel(
    name="my_neuron",
    title="My neuron",
    equations="dv/dt = (E_L - v)/tau_m + I/C : mV",
    threshold="v >= v_th",
    reset="v = v_reset",
    parameters={
        "tau_m": Parameter(20, "ms", (1, 200), "membrane time constant"),
        "C": Parameter(200, "pF", (10, 2000), "membrane capacitance"),
        "E_L": Parameter(-65, "mV", (-100, -40), "where v rests"),
        "v_th": Parameter(-50, "mV", (-80, 0), "spike threshold"),
        "v_reset": Parameter(-65, "mV", (-100, -40), "value of v after a spike"),
    },
    initial={"v": "E_L"},
    ports={"exc": "exp_current", "inh": "exp_current"},
)


@dataclass(frozen=True)
class Draft:
    """The fields of the editor; ``base`` is the model as the document has it."""

    base: NeuronModel
    name: str
    title: str
    texts: Mapping[str, str]
    crossing: bool = False
    current_unit: str = "pA"
    ports: Mapping[str, str] = field(default_factory=dict)


def draft_of(model: NeuronModel) -> Draft:
    """The editor's fields for ``model`` as it is."""
    texts = {name: getattr(model, name) for name in WRITTEN}
    texts["parameters"] = parameters_text(model.parameters)
    texts["initial"] = initial_text(model.initial)
    return Draft(
        model, model.name, model.title, texts, model.crossing, model.current_unit, model.ports
    )


def declared(draft: Draft) -> tuple[NeuronModel | None, list[Mistake]]:
    """The declaration that the draft makes, or None and what is wrong with it."""
    found: list[Mistake] = []
    parameters = parameters_of(draft.texts["parameters"], found)
    states = _states(draft.texts["equations"])
    initial = initial_of(draft.texts["initial"], set(states), found) if states else {}
    try:
        known = with_units({name: parameter for name, (parameter, _) in parameters.items()})
    except EquationError as error:
        known = {name: parameter for name, (parameter, _) in parameters.items()}
        found.append(_placed(error, "parameters", draft, _lines(parameters, initial)))
    given = {name: value for name, (value, _) in initial.items()}
    model = _model(draft, known, given, states)
    unread = _unread(draft.texts["parameters"], parameters)
    for name, error in faults(model):
        found += _mistakes(error, name, draft, _lines(parameters, initial))
    found = [each for each in _distinct(found) if each.message not in unread]
    return (None if found else model), found


def _unread(text: str, parameters: Mapping[str, object]) -> set[str]:
    """What is said of names whose own line is wrong: that line is told of already."""
    lines = [line.name for line in assignments(text, "parameters", [])]
    return {f"`{name}` is not declared" for name in lines if name not in parameters}


def _states(equations: str) -> list[str]:
    try:
        return [each.target for each in parse_equations(equations) if each.state]
    except EquationError:
        return []


def _model(
    draft: Draft,
    parameters: Mapping[str, Parameter],
    initial: Mapping[str, float | str],
    states: list[str],
) -> NeuronModel:
    base = draft.base
    membrane = next(
        (n for n in (base.membrane, MEMBRANE) if n in states), (states or [MEMBRANE])[0]
    )
    refractory = draft.texts["refractory"].strip()
    holds = tuple(state for state in base.holds if state in states) or (membrane,)
    return replace(
        base,
        name=draft.name,
        title=draft.title.strip() or draft.name,
        group="own",
        equations=draft.texts["equations"].strip("\n"),
        threshold=draft.texts["threshold"].strip(),
        hazard=draft.texts["hazard"].strip(),
        reset=draft.texts["reset"].strip(),
        refractory=refractory,
        holds=holds if refractory else (),
        crossing=draft.crossing,
        parameters=_with_given(parameters, base),
        initial={state: initial.get(state, 0) for state in states},
        current_unit=draft.current_unit,
        membrane=membrane,
        ports=dict(draft.ports),
        variants={},
        caps={s: text for s, text in base.caps.items() if s in states and _reads(text, parameters)},
        presets=_presets(base, parameters),
        protocols=_protocols(base, states),
        options=_options(base, parameters),
        checks=tuple(each for each in base.checks if _reads(each[0], parameters)),
    )


def _with_given(parameters: Mapping[str, Parameter], base: NeuronModel) -> dict[str, Parameter]:
    """Parameters that follow from one another as they did in the model before."""
    made = dict(parameters)
    for name, parameter in parameters.items():
        before = base.parameters.get(name)
        if before is None or not _same_unit(before, parameter):
            continue
        kept = {
            other: text
            for other, text in before.given.items()
            if other in parameters and _reads(text, parameters)
        }
        made[name] = replace(parameter, given=kept)
    return made


def _protocols(base: NeuronModel, states: list[str]) -> dict[str, Protocol]:
    return {
        name: protocol
        for name, protocol in base.protocols.items()
        if all(state in states for state in protocol.initial)
    }


def _options(base: NeuronModel, parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    """Parameters whose values are words, and what was an option before without having any."""
    plain = [n for n in base.options if not base.parameters[n].choices]
    return tuple(
        name
        for name, parameter in parameters.items()
        if parameter.choices or (name in plain and _is_number(parameter))
    )


def _is_number(parameter: Parameter | None) -> bool:
    return parameter is not None and not isinstance(parameter.default, str)


def _presets(base: NeuronModel, parameters: Mapping[str, Parameter]) -> dict[str, dict[str, float]]:
    return {
        name: dict(values)
        for name, values in base.presets.items()
        if all(
            key in parameters
            and key in base.parameters
            and _same_unit(parameters[key], base.parameters[key])
            and parameters[key].bounds[0] <= value <= parameters[key].bounds[1]
            for key, value in values.items()
        )
    }


def _same_unit(one: Parameter, other: Parameter) -> bool:
    return (one.unit or PLAIN) == (other.unit or PLAIN)


def _reads(text: str, parameters: Mapping[str, Parameter]) -> bool:
    """Whether everything that an expression reads is a parameter."""
    try:
        return names(parse_expression(text)) <= parameters.keys()
    except EquationError:
        return False


def _lines(*fields: Mapping[str, tuple[object, Line]]) -> list[tuple[str, Line]]:
    """The lines of parameters and of initial values, each with the field it stands in."""
    places = zip(("parameters", "initial"), fields, strict=True)
    return [(place, line) for place, entries in places for _, line in entries.values()]


def _mistakes(
    error: EquationError | DocumentError, name: str, draft: Draft, lines: list[tuple[str, Line]]
) -> list[Mistake]:
    if isinstance(error, EquationError):
        return [_placed(error, name, draft, lines)]
    found = []
    for problem in error.problems:
        parameter = problem.path.rpartition("/")[2]
        line = next((each for place, each in lines if each.name == parameter), None)
        span = (line.at, line.at + len(line.value)) if line is not None else None
        place = "parameters" if problem.path.startswith("parameters") else _field(name)
        found.append(Mistake(place, problem.message, problem.remedy, span))
    return found


def _placed(
    error: EquationError, name: str, draft: Draft, lines: list[tuple[str, Line]]
) -> Mistake:
    """An error of the language, at the place in the field whose text it is about."""
    start, stop = error.span
    stop = max(stop, start + 1)
    for place in _nearest(name):
        text = draft.texts[place]
        # The declaration holds the text without what is around it.
        offset = text.find(error.text) if error.text else -1
        if offset >= 0 and text.strip() == error.text.strip():
            return Mistake(place, error.message, error.remedy, (start + offset, stop + offset))
    for place, line in lines:
        if error.text and line.value == error.text:
            return Mistake(place, error.message, error.remedy, (line.at + start, line.at + stop))
    return Mistake(_field(name), error.message, error.remedy)


def _nearest(name: str) -> Iterable[str]:
    """The fields, the one that was checked first."""
    return sorted(TEXTS, key=lambda each: each != name)


def _field(name: str) -> str:
    return name if name in TEXTS else "equations"


def _distinct(found: list[Mistake]) -> list[Mistake]:
    """Without what several checks say alike: each that needs a text meets what is wrong with it."""
    return list({(each.message, each.span): each for each in reversed(found)}.values())[::-1]


def drafted(draft: Draft, message: dict[str, Any]) -> Draft:
    """The draft after a message of the browser, which is not to be trusted."""
    given = message.get("texts")
    given = given if isinstance(given, dict) else {}
    texts = {name: _typed(given.get(name, draft.texts[name])) for name in TEXTS}
    ports = message.get("ports", draft.ports)
    ports = ports if isinstance(ports, dict) else {}
    known = synapse_models()
    kept = {_typed(port)[:48]: name for port, name in ports.items() if name in known}
    return replace(
        draft,
        texts=texts,
        name=_typed(message.get("name", draft.name)).strip(),
        title=_typed(message.get("title", draft.title))[:120],
        crossing=message.get("crossing", draft.crossing) is True,
        current_unit=_typed(message.get("current_unit", draft.current_unit)),
        ports=dict(list(kept.items())[:MOST_PORTS]),
    )


def _typed(value: Any) -> str:
    return value[:MOST_TYPED] if isinstance(value, str) else ""
