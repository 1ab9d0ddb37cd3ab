"""The geometry of a population in the inspector: separate neurons, a cable, or a measured cell."""

from __future__ import annotations

from typing import Any

from engine.cable import Compartments, compartments
from engine.document import Document, Node, replace
from engine.document.geometry import (
    CABLE,
    FIELDS,
    KILLED,
    MORPHOLOGY,
    SEALED,
    ends_of,
    geometry_problems,
)
from engine.document.lookup import model_of
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem, WorkbenchError
from engine.models.declaration import NeuronModel
from workbench.cell_drawing import outline
from workbench.commands import Command
from workbench.editor.forms.rows import Row, choice, help_of, quantity_rows
from workbench.editor.graph import count
from workbench.locale import text
from workbench.store.files import project_folder

NEURONS = "neurons"  # no geometry: every member is a neuron by itself
NEW_CABLE: dict[str, Any] = {"kind": CABLE, "length": 1000, "diameter": 2}
NEW_SIZE = 51  # compartments, where there was one neuron
WIDE, TALL = 268.0, 240.0  # px of the drawing
MOST_DRAWN = 20_000  # compartments


def geometry_rows(document: Document, node: Node) -> list[Row]:
    """What the members of a population are; nothing for a model that is no membrane."""
    if not _fits(document, node):
        return []
    kind = (node.geometry or {}).get("kind", NEURONS)
    options = [
        {"value": each, "label": text(f"geometry.{each}")} for each in (NEURONS, CABLE, MORPHOLOGY)
    ]
    more = {"changed": node.geometry is not None, "live": False}
    note = help_of(text("help.geometry"))
    rows = [choice("geometry/kind", text("geometry.kind"), kind, options, help=note, **more)]
    if node.geometry is None or kind not in FIELDS:
        return rows
    return [*rows, *_number_rows(node.geometry, kind), *_own_rows(node, kind)]


def _fits(document: Document, node: Node) -> bool:
    """Whether the node has a geometry already, or is worth one: a membrane without a reset."""
    if node.geometry is not None:
        return True
    model = model_of(document, node)
    if not isinstance(model, NeuronModel) or model.reset:
        return False
    return not geometry_problems(document, replace(node, geometry=NEW_CABLE, solver=None))


def _number_rows(geometry: dict[str, Any], kind: str) -> list[Row]:
    rows: list[Row] = []
    for name, field in FIELDS[kind].items():
        rows += quantity_rows(
            f"geometry/{name}",
            text(f"geometry.{name}"),
            geometry.get(name, field.default),
            field.unit,
            default=field.default,
            bounds=field.bounds,
            changed=geometry.get(name, field.default) != field.default is not None,
            live=False,
            spread=False,
            placeholder=text("inspector.none") if field.optional else "",
            help=help_of(field.doc, bounds=field.bounds),
        )
    return rows


def _own_rows(node: Node, kind: str) -> list[Row]:
    geometry = node.geometry or {}
    if kind == CABLE:
        options = [{"value": end, "label": text(f"geometry.{end}")} for end in (SEALED, KILLED)]
        ends = ends_of(geometry) if not _wrong(node) else (SEALED, SEALED)
        note = help_of(text("help.ends"))
        return [
            *(
                choice(f"geometry/end/{place}", text(f"geometry.end.{place}"), end, options,
                       live=False, help=note)
                for place, end in enumerate(ends)
            ),
            *_shown(node),
        ]  # fmt: skip
    path = {
        "kind": "text",
        "path": "geometry/path",
        "name": text("geometry.path"),
        "value": str(geometry.get("path", "")),
        "live": False,
        "help": help_of(text("help.path")),
    }
    return [path, *_shown(node)]


def _wrong(node: Node) -> bool:
    ends = (node.geometry or {}).get("ends")
    return isinstance(ends, list) and len(ends) != 2


def _shown(node: Node) -> list[Row]:
    """A measured cell as a drawing and in figures, or why it cannot be shown."""
    geometry = node.geometry or {}
    try:
        cell = compartments(geometry, node.size, project_folder())
    except WorkbenchError as error:
        return [{"kind": "sentence", "text": str(error)}]
    if len(cell) > MOST_DRAWN:
        return [{"kind": "sentence", "text": text("geometry.large", count=count(len(cell)))}]
    words = text(
        "geometry.figures",
        count=count(len(cell)),
        area=count(round(float(cell.area.sum()))),
        reach=count(round(float(cell.distance.max()))),
    )
    drawn = outline(cell.position, cell.parent, cell.radius, WIDE, TALL)
    label = text("geometry.drawing", name=str(geometry.get("path", node.title)))
    picture = {"kind": "drawing", "node": node.id, "label": label, **drawn}
    return [picture, {"kind": "sentence", "text": words}]


def geometry_commands(node: Node, rest: str, value: Any) -> list[Command]:
    """What an edit of ``geometry/rest`` does; a morphology brings its number of compartments.

    Raises DocumentError with the sentence that stands under the field.
    """
    geometry = _edited(node, rest, value)
    size = node.size
    if geometry is not None and geometry.get("kind") == MORPHOLOGY:
        size = len(_cell(geometry, node.id))
    elif geometry is not None and size == 1:
        size = NEW_SIZE
    return [Command("set_geometry", {"node": node.id, "geometry": geometry, "size": size})]


def _edited(node: Node, rest: str, value: Any) -> dict[str, Any] | None:
    geometry = dict(node.geometry or {})
    if rest == "kind":
        if value in (None, NEURONS):
            return None
        return dict(NEW_CABLE) if value == CABLE else {"kind": str(value), "path": _any_file()}
    name, _, place = rest.partition("/")
    if name == "end":
        ends = list(ends_of(geometry))
        ends[1 if place == "1" else 0] = str(value or SEALED)
        return geometry | {"ends": ends}
    if value is None or value == "":
        geometry.pop(name, None)
        return geometry
    field = FIELDS[geometry["kind"]].get(name)
    if field is not None:
        number = quantity(value, field.unit, text(f"geometry.{name}"))
        value = int(number) if number.is_integer() else number
    return geometry | {name: value}


def _cell(geometry: dict[str, Any], node: str) -> Compartments:
    try:
        return compartments(geometry, folder=project_folder())
    except DocumentError:
        raise
    except WorkbenchError as error:
        problem = Problem(f"nodes/{node}/geometry", "morphology", str(error))
        raise DocumentError(problem) from error


def _any_file() -> str:
    """A measured cell to begin with: the first that the data folder has."""
    from engine.runtime.cables import SUFFIXES
    from engine.runtime.data_files import first

    return first(SUFFIXES) or "cell.swc"


def is_measured(node: Node) -> bool:
    """Whether the number of members follows from a file."""
    return (node.geometry or {}).get("kind") == MORPHOLOGY
