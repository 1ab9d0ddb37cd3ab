"""Neuron declarations as JSON: strict in, plain out, every problem of a text reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from engine.equations.units import is_number
from engine.errors import DocumentError, Problem, near
from engine.models import protocol
from engine.models.declaration import NO_BOUNDS, NeuronModel, Parameter, option

MAX_TEXT, MAX_ENTRIES = 4096, 100
PARAMETER_FIELDS = ("default", "unit", "bounds", "doc", "given", "choices")

_TEXTS = ("name", "equations", "title", "group", "source", "doc", "threshold", "reset")
_TEXTS += ("hazard", "refractory", "current_unit", "membrane", "symbol")
_MAPS = ("caps", "initial", "ports", "presets", "protocols", "parameters")
_FIELDS = {field.name for field in fields(NeuronModel)} - {"variants"}


def to_json(model: NeuronModel) -> dict[str, Any]:
    """``model`` as plain data, defaults left out; ``from_json`` reads it back equal."""
    plain = NeuronModel(name=model.name, equations=model.equations)
    found: dict[str, Any] = {"name": model.name, "equations": model.equations}
    for field in sorted(_FIELDS - {"name", "equations", "parameters"}):
        value = getattr(model, field)
        if value != getattr(plain, field):
            found[field] = _plain(value)
    if model.protocols:
        found["protocols"] = {n: protocol.to_json(p) for n, p in model.protocols.items()}
    if model.parameters:
        found["parameters"] = {n: _parameter_json(p) for n, p in model.parameters.items()}
    return found


def from_json(data: object) -> NeuronModel:
    """The neuron that ``data`` declares, checked.  Raises ``DocumentError`` with all problems."""
    from engine.models.check import check_model

    reader = _Reader(data)
    model = reader.model()
    problems = reader.problems or check_model(model)
    if problems:
        raise DocumentError(problems)
    return model


def parameter_form(name: str, fields: Mapping[str, Any]) -> tuple[Parameter, list[Problem]]:
    """A parameter whose fields are given in Python, and what is wrong with their form."""
    reader = _Reader({"name": name, "equations": ""})
    found = reader.parameter(name, {field: _as_data(value) for field, value in fields.items()})
    return found, [replace(each, path=f"parameters/{name}") for each in reader.problems]


def form_problems(data: dict[str, Any]) -> list[Problem]:
    """What is wrong with the form of fields given in Python: their types, and unknown ones.

    Tuples, NumPy's numbers and protocols are taken as well as plain data."""
    reader = _Reader({"name": "", "equations": ""} | {n: _as_data(v) for n, v in data.items()})
    reader.model()
    return reader.problems


class _Reader:
    """Reads the fields one by one; what is wrong is noted and read as if it were left out."""

    def __init__(self, data: object) -> None:
        self.problems: list[Problem] = []
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        self.name = self.data.get("name") if isinstance(self.data.get("name"), str) else "?"
        if not isinstance(data, dict):
            self.note("", "a model is an object with a name and equations")
        for key in self.data:
            if key not in _FIELDS:
                message = f"`{str(key)[:40]}` is not a field of a model"
                self.note("", message, near(key, _FIELDS) or "remove it")

    def model(self) -> NeuronModel:
        found: dict[str, Any] = {}
        for field in _TEXTS:
            found[field] = self.text(field)
        for field in _MAPS:
            found[field] = self.mapping(field)
        found["caps"] = self.texts("caps", found["caps"])
        found["ports"] = self.texts("ports", found["ports"])
        found["initial"] = self.values("initial", found["initial"])
        found["presets"] = {
            str(name): self.numbers(f"presets/{name}", values)
            for name, values in found["presets"].items()
        }
        found["protocols"] = {
            str(name): self.protocol(str(name), value) for name, value in found["protocols"].items()
        }
        found["parameters"] = {
            str(name): self.parameter(str(name), value)
            for name, value in found["parameters"].items()
        }
        found["holds"] = self.names("holds")
        found["options"] = self.names("options")
        found["synonyms"] = self.names("synonyms")
        found["checks"] = self.checks()
        found["crossing"] = self.flag("crossing")
        found["solver"] = self.text("solver") if self.data.get("solver") is not None else None
        plain = {key: value for key, value in found.items() if key in self.data}
        for field in ("name", "equations"):
            if field not in self.data and isinstance(self.data, dict):
                self.note(field, f"`{field}` is missing")
        return NeuronModel(**{"name": self.name, "equations": "", **plain})

    def note(self, where: str, message: str, remedy: str = "") -> None:
        path = "/".join(filter(None, ["models", str(self.name)[:48], where]))
        self.problems.append(Problem(path, "model", message, remedy))

    def text(self, field: str) -> str:
        value = self.data.get(field, "")
        if isinstance(value, str) and len(value) <= MAX_TEXT:
            return value
        self.note(field, f"`{field}` must be a text of at most {MAX_TEXT:,} characters")
        return ""

    def flag(self, field: str) -> bool:
        value = self.data.get(field, False)
        if not isinstance(value, bool):
            self.note(field, f"`{field}` must be true or false")
        return value is True

    def mapping(self, field: str) -> dict[str, Any]:
        value = self.data.get(field, {})
        if isinstance(value, dict) and len(value) <= MAX_ENTRIES:
            return value
        self.note(field, f"`{field}` must be an object of at most {MAX_ENTRIES} entries")
        return {}

    def names(self, field: str) -> tuple[str, ...]:
        value = self.data.get(field, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value[:MAX_ENTRIES])
        self.note(field, f"`{field}` must be a list of names")
        return ()

    def checks(self) -> tuple[tuple[str, str], ...]:
        value = self.data.get("checks", [])
        good = isinstance(value, list) and len(value) <= MAX_ENTRIES
        if good and all(
            isinstance(item, (list, tuple)) and len(item) == 2 and all(map(_is_text, item))
            for item in value
        ):
            return tuple((str(condition), str(message)) for condition, message in value)
        self.note("checks", "`checks` must be a list of [condition, message]")
        return ()

    def texts(self, field: str, values: dict[str, Any]) -> dict[str, str]:
        wrong = [key for key, value in values.items() if not _is_text(value)]
        for key in wrong:
            self.note(f"{field}/{str(key)[:40]}", "it must be a text")
        return {str(key): value for key, value in values.items() if key not in wrong}

    def values(self, field: str, values: dict[str, Any]) -> dict[str, float | str]:
        wrong = [k for k, v in values.items() if not _is_text(v) and not is_number(v)]
        for key in wrong:
            self.note(f"{field}/{str(key)[:40]}", "it must be a number or an expression")
        return {str(key): value for key, value in values.items() if key not in wrong}

    def numbers(self, where: str, values: Any) -> dict[str, float]:
        if isinstance(values, dict) and all(is_number(value) for value in values.values()):
            return {str(key): value for key, value in values.items()}
        self.note(where[:60], "it must be an object of numbers")
        return {}

    def protocol(self, name: str, data: Any) -> protocol.Protocol:
        try:
            return protocol.from_json(data)
        except ValueError as error:
            self.note(f"protocols/{name[:40]}", str(error))
            return protocol.Protocol()

    def parameter(self, name: str, data: Any) -> Parameter:
        where = f"parameters/{name[:40]}"
        if is_number(data):
            return Parameter(data)
        if not isinstance(data, dict):
            self.note(where, "it must be a number or an object with default and unit")
            return Parameter()
        for key in data:
            if key not in PARAMETER_FIELDS:
                message = f"`{str(key)[:40]}` is not a field of a parameter"
                self.note(where, message, f"it has {', '.join(PARAMETER_FIELDS)}")
        default, given = data.get("default", 0.0), data.get("given", {})
        if not is_number(default) and not _is_text(default):
            self.note(where, "`default` must be a number or an expression")
            default = 0.0
        for key in ("unit", "doc"):
            if not _is_text(data.get(key, "")):
                self.note(where, f"`{key}` must be a text")
        if not isinstance(given, dict) or len(given) > MAX_ENTRIES:
            self.note(where, "`given` must be an object of expressions")
            given = {}
        given = self.texts(where, given)
        choices = self.choices(where, data.get("choices", []))
        usual = option(0, *choices) if choices else Parameter()
        unit, doc = (str(data.get(key) or getattr(usual, key)) for key in ("unit", "doc"))
        bounds = self.bounds(where, data, usual.bounds)
        return Parameter(default, unit, bounds, doc, given, choices=choices)

    def choices(self, where: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and len(value) <= MAX_ENTRIES and all(map(_is_text, value)):
            return tuple(value)
        self.note(where, "`choices` must be a list of texts")
        return ()

    def bounds(
        self, where: str, data: dict[str, Any], usual: tuple[float, float]
    ) -> tuple[float, float]:
        value = data.get("bounds")
        if value is None:
            return usual
        pair = isinstance(value, (list, tuple)) and len(value) == 2 and all(map(is_number, value))
        if pair and value[0] <= value[1]:
            return value[0], value[1]
        self.note(where, "`bounds` must be two numbers, the lower first", "such as [0, 100]")
        return usual


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _as_data(value: Any) -> Any:
    if isinstance(value, protocol.Protocol):
        return protocol.to_json(value)
    if hasattr(value, "tolist") and not isinstance(value, type):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _as_data(item) for key, item in value.items()}
    return [_as_data(item) for item in value] if isinstance(value, tuple) else value


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"default": parameter.default, "unit": parameter.unit}
    if parameter.bounds != NO_BOUNDS:
        found["bounds"] = list(parameter.bounds)
    if parameter.doc:
        found["doc"] = parameter.doc
    if parameter.given:
        found["given"] = dict(parameter.given)
    if parameter.choices:
        found["choices"] = list(parameter.choices)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return value
