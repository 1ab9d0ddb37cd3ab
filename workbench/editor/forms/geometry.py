"""The geometry of a node in the inspector: members that have places, a cable, a measured cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.cable import Compartments, compartments
from engine.document import Document, Node, replace
from engine.document.geometry import ends_of, form_problems, geometry_problems
from engine.document.geometry_fields import (
    CABLE,
    COLUMNS,
    FIELDS,
    FLAGS,
    KILLED,
    LAYERS,
    MORPHOLOGY,
    OTHERS,
    PERIODIC,
    ROUND,
    ROWS,
    SEALED,
    SIDES,
    SPACING,
)
from engine.document.lookup import model_of, output_of
from engine.document.spaces import extent_of, grid_shape_of, periodic_axes
from engine.document.structure import GRID, POSITIONS, SPACES
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem, WorkbenchError
from engine.geometry.space import AXES
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
_EXTENTS = ("length", *SIDES)


def geometry_rows(document: Document, node: Node, colour: str, folder: Path | None) -> list[Row]:
    """Where the members of a node are, or of what cell; nothing for a source of current."""
    if node.kind == "source" and output_of(document, node) != "spikes":
        return []
    said = (node.geometry or {}).get("kind", NEURONS)
    kind = said if isinstance(said, str) else ""  # from a script
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
    geometry, wrong = node.geometry or {}, bool(form_problems(node))
    wrong = wrong or not isinstance(node.size, int) or node.size < 1
    closes = any(periodic_axes(geometry))
    rows = [
        _switch(name, bool(geometry.get(name)), name)
        for name in FLAGS.get(kind, ())
        if geometry.get(name) or not (name == ROUND and closes)  # one or the other
    ]
    if PERIODIC in OTHERS[kind] and (closes or not geometry.get(ROUND)):
        extent = (1.0, 1.0, 0.0) if wrong else extent_of(node)
        listed = geometry.get(PERIODIC)
        said: list[str] = listed if isinstance(listed, list) else []
        rows += [
            _switch(f"{PERIODIC}/{axis}", closed, PERIODIC, axis=axis)
            for axis, closed, length in zip(AXES, periodic_axes(geometry), extent, strict=True)
            if length or axis in said
        ]
    if wrong:
        return rows
    if node.size > MOST_DRAWN:
        sentence = text("geometry.many", count=count(node.size))
        return [*rows, {"kind": "sentence", "text": sentence}]
    space = space_of(node, document.simulation.seed)
    if space is None:
        return rows
    label = text("geometry.places", name=node.title)
    drawn = dots(space.drawn(), colour, WIDE, TALL) | {"hint": text("geometry.turn")}
    whose = {"document": document.name, "node": node.id}
    return [*rows, {"kind": "drawing", **whose, "label": label, **drawn}]


def _switch(path: str, value: bool, name: str, **values: str) -> Row:
    row = {"kind": "switch", "path": f"geometry/{path}", "name": text(f"geometry.{name}", **values)}
    return row | {"value": value, "live": False, "help": help_of(text(f"help.{name}", **values))}


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
    follow = _followed(node)
    for name, field in FIELDS[kind].items():
        if geometry.get(name) is None and _matters_not(node, name):
            continue
        left_out = follow.get(name, text("inspector.none"))
        rows += quantity_rows(
            f"geometry/{name}",
            text(f"geometry.{name}"),
            None if name in follow else geometry.get(name, field.default),
            field.unit,
            default=field.default,
            bounds=field.bounds,
            changed=geometry.get(name, field.default) != field.default is not None,
            live=False,
            spread=False,
            integer=field.whole,
            placeholder=left_out if field.optional or name in follow else "",
            help=help_of(field.doc, bounds=field.bounds),
        )
    return rows


def _matters_not(node: Node, name: str) -> bool:
    """The extent of listed places that do not close, and how deep what is flat lies."""
    geometry = node.geometry or {}
    if geometry["kind"] == POSITIONS:
        return name in SIDES and not geometry.get(PERIODIC)
    return name == AXES[2] and not form_problems(node) and not extent_of(node)[2]


def _followed(node: Node) -> dict[str, str]:
    """What follows from the rest of a geometry without problems, for fields that say nothing."""
    geometry = node.geometry or {}
    if not node.is_placed or form_problems(node):
        return {}
    found: dict[str, str] = {}
    if geometry["kind"] == GRID:
        shape = zip((COLUMNS, ROWS, LAYERS), grid_shape_of(node), strict=True)
        found = {name: str(number) for name, number in shape if name != LAYERS}
    spaced, extent = geometry.get(SPACING) is not None, extent_of(node)
    sides = ("length",) if "length" in FIELDS[geometry["kind"]] else SIDES
    for side, length in zip(sides, extent, strict=False):
        if length and (spaced or FIELDS[geometry["kind"]][side].default is None):
            found[side] = f"{length:g}"
    return {name: shown for name, shown in found.items() if geometry.get(name) is None}


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
    name, _, place = rest.partition("/")
    if name in (PERIODIC, *FLAGS.get(geometry["kind"], ())):
        kept = {key: entry for key, entry in geometry.items() if key != name}
        made = _axes(node, place, bool(value)) if name == PERIODIC else bool(value)
        return {**kept, name: made} if made else kept
    if name == "end":
        ends = list(ends_of(geometry))
        ends[1 if place == "1" else 0] = str(value or SEALED)
        return geometry | {"ends": ends}
    if value is None or value == "":
        geometry.pop(name, None)
        return geometry
    field = FIELDS[geometry["kind"]].get(name)
    # A spacing and an extent say the same: the newer one counts.
    for other in _EXTENTS if name == SPACING else (SPACING,) if name in _EXTENTS else ():
        geometry.pop(other, None)
    if field is not None:
        number = quantity(value, field.unit, text(f"geometry.{name}"))
        value = int(number) if number.is_integer() else number
    return geometry | {name: value}


def _axes(node: Node, axis: str, closed: bool) -> bool | list[str]:
    """The axes that are periodic when one of them (or all: "") has become so, or has not."""
    now = dict(zip(AXES, periodic_axes(node.geometry or {}), strict=True))
    there = [name for name, length in zip(AXES, extent_of(node), strict=True) if length]
    changed = (axis,) if axis in AXES else AXES
    kept = [name for name in AXES if (closed if name in changed else now[name])]
    kept = [name for name in kept if name in there or name == axis]
    return True if set(there) <= set(kept) else kept


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
