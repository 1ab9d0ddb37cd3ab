"""The geometry of a node in the inspector: members that have places, a cable, a measured cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.cable import Compartments, compartments
from engine.document import Document, Node, replace
from engine.document.geometry import (
    CABLE,
    COLUMNS,
    FIELDS,
    FROM_TOP,
    KILLED,
    MORPHOLOGY,
    PERIODIC,
    SEALED,
    ends_of,
    form_problems,
    geometry_problems,
)
from engine.document.lookup import model_of, output_of
from engine.document.structure import GRID, POSITIONS, RANDOM, SPACES
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem, WorkbenchError
from engine.geometry.space import columns_of
from engine.models.declaration import NeuronModel
from engine.runtime.places import space_of
from workbench.cell_drawing import dots, outline
from workbench.commands import Command
from workbench.editor.forms.rows import Row, choice, help_of, quantity_rows
from workbench.editor.graph import count
from workbench.locale import text

NEURONS = "neurons"  # no geometry: every member is by itself, and nowhere
NEW_CABLE: dict[str, Any] = {"kind": CABLE, "length": 1000, "diameter": 2}
NEW_SIZE = 51  # compartments, where there was one neuron
WIDE, TALL = 268.0, 240.0  # px of the drawing
MOST_DRAWN = 20_000  # compartments, or members


def geometry_rows(document: Document, node: Node, colour: str, folder: Path | None) -> list[Row]:
    """Where the members of a node are, or of what cell; nothing for a source of current."""
    if node.kind == "source" and output_of(document, node) != "spikes":
        return []
    kind = (node.geometry or {}).get("kind", NEURONS)
    kinds = [each for each in SPACES if each != POSITIONS or kind == POSITIONS]  # from a script
    kinds = [NEURONS, *kinds, *((CABLE, MORPHOLOGY) if may_be_cell(document, node) else ())]
    options = [{"value": each, "label": text(f"geometry.{each}")} for each in kinds]
    more = {"changed": node.geometry is not None, "live": False}
    note = help_of(text("help.geometry"))
    rows = [choice("geometry/kind", text("geometry.kind"), kind, options, help=note, **more)]
    if node.geometry is None or kind not in FIELDS:
        return rows
    rows += _number_rows(node, node.geometry, kind)
    if node.is_placed:
        return [*rows, *_place_rows(document, node, kind, colour)]
    return [*rows, *_own_rows(node, kind, folder)]


def _place_rows(document: Document, node: Node, kind: str, colour: str) -> list[Row]:
    rows: list[Row] = []
    for name in {GRID: (PERIODIC, FROM_TOP), RANDOM: (PERIODIC,)}.get(kind, ()):
        row = {"kind": "switch", "path": f"geometry/{name}", "name": text(f"geometry.{name}")}
        row |= {"value": bool((node.geometry or {}).get(name)), "live": False}
        rows.append(row | {"help": help_of(text(f"help.{name}"))})
    if form_problems(node):
        return rows
    if node.size > MOST_DRAWN:
        sentence = text("geometry.many", count=count(node.size))
        return [*rows, {"kind": "sentence", "text": sentence}]
    space = space_of(node, document.simulation.seed)
    if space is None:
        return rows
    label = text("geometry.places", name=node.title)
    drawn = dots(space.drawn(), colour, WIDE, TALL)
    return [*rows, {"kind": "drawing", "node": node.id, "label": label, **drawn}]


def may_be_cell(document: Document, node: Node) -> bool:
    """Whether the node is a cell already, or worth being one: a membrane without a reset."""
    if node.is_cell:
        return True
    model = model_of(document, node)
    if not isinstance(model, NeuronModel) or model.reset:
        return False
    return not geometry_problems(document, replace(node, geometry=NEW_CABLE, solver=None))


def _number_rows(node: Node, geometry: dict[str, Any], kind: str) -> list[Row]:
    rows: list[Row] = []
    for name, field in FIELDS[kind].items():
        left_out = str(columns_of(node.size)) if name == COLUMNS else text("inspector.none")
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
            integer=field.whole,
            placeholder=left_out if field.optional else "",
            help=help_of(field.doc, bounds=field.bounds),
        )
    return rows


def _own_rows(node: Node, kind: str, folder: Path | None) -> list[Row]:
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
            *_shown(node, folder),
        ]  # fmt: skip
    path = {
        "kind": "text",
        "path": "geometry/path",
        "name": text("geometry.path"),
        "value": str(geometry.get("path", "")),
        "live": False,
        "help": help_of(text("help.path")),
    }
    return [path, *_shown(node, folder)]


def _wrong(node: Node) -> bool:
    ends = (node.geometry or {}).get("ends")
    return isinstance(ends, list) and len(ends) != 2


def _shown(node: Node, folder: Path | None) -> list[Row]:
    """A measured cell as a drawing and in figures, or why it cannot be shown."""
    geometry = node.geometry or {}
    try:
        cell = compartments(geometry, node.size, folder)
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


def geometry_commands(node: Node, rest: str, value: Any, folder: Path | None) -> list[Command]:
    """What an edit of ``geometry/rest`` does; a morphology brings its number of compartments.

    Raises DocumentError with the sentence that stands under the field.
    """
    if node.kind == "source" and value in (CABLE, MORPHOLOGY):
        raise DocumentError(Problem("", "geometry", text("refused.path")))
    geometry = _edited(node, rest, value)
    size = node.size
    if geometry is not None and geometry.get("kind") == MORPHOLOGY:
        size = len(_cell(geometry, node.id, folder))
    elif geometry is not None and geometry.get("kind") == CABLE and size == 1:
        size = NEW_SIZE
    return [Command("set_geometry", {"node": node.id, "geometry": geometry, "size": size})]


def _edited(node: Node, rest: str, value: Any) -> dict[str, Any] | None:
    geometry = dict(node.geometry or {})
    if rest == "kind":
        if value in (None, NEURONS):
            return None
        if value in SPACES:
            kept = {name: geometry[name] for name in FIELDS[value] if name in geometry}
            return {"kind": value, **kept} if geometry.get("kind") in SPACES else {"kind": value}
        return dict(NEW_CABLE) if value == CABLE else {"kind": str(value), "path": _any_file()}
    if rest in (PERIODIC, FROM_TOP):
        kept = {name: entry for name, entry in geometry.items() if name != rest}
        return {**kept, rest: True} if value else kept
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


def _cell(geometry: dict[str, Any], node: str, folder: Path | None) -> Compartments:
    try:
        return compartments(geometry, folder=folder)
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
