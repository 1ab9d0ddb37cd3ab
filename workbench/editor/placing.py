"""Where nodes stand on the canvas when nobody has said: columns in the order of the wires."""

from __future__ import annotations

from engine.document import Document

WIDTH, HEIGHT = 184, 96  # of a node, px
COLUMN, ROW = 320, 200  # from node to node, px
GRID = 8  # px


def snap(position: tuple[float, float]) -> tuple[int, int]:
    """The nearest point of the grid."""
    return round(position[0] / GRID) * GRID, round(position[1] / GRID) * GRID


def places_of(document: Document) -> dict[str, tuple[float, float]]:
    """The upper left corner of every node: where the layout says, or a free place beside it."""
    known = document.layout.positions
    places = {
        node.id: (float(known[node.id][0]), float(known[node.id][1]))
        for node in document.nodes
        if node.id in known
    }
    missing = [node.id for node in document.nodes if node.id not in places]
    if not missing:
        return places
    top = max((y for _, y in places.values()), default=-ROW) + ROW
    columns = _columns(document)
    filled: dict[int, int] = {}
    for node_id in missing:
        column = columns[node_id]
        row = filled.get(column, 0)
        filled[column] = row + 1
        places[node_id] = (column * COLUMN, top + row * ROW)
    return places


def _columns(document: Document) -> dict[str, int]:
    """How many wires away from a source each node is; without sources, from the first node."""
    follows: dict[str, list[str]] = {node.id: [] for node in document.nodes}
    for edge in document.edges:
        if edge.source in follows and edge.target in follows:
            follows[edge.source].append(edge.target)
    first = [node.id for node in document.sources] or [node.id for node in document.nodes[:1]]
    columns = dict.fromkeys(first, 0)
    front = first
    while front:
        reached = [name for node_id in front for name in follows[node_id] if name not in columns]
        front = list(dict.fromkeys(reached))
        for name in front:
            columns[name] = 1 + min(columns[other] for other in columns if name in follows[other])
    return {node.id: columns.get(node.id, 1) for node in document.nodes}


def free_place(wanted: tuple[float, float], taken: list[tuple[float, float]]) -> tuple[int, int]:
    """``wanted``, or the nearest place down the diagonal where no node stands already."""
    x, y = snap(wanted)
    while any(abs(x - other[0]) < 20 and abs(y - other[1]) < 20 for other in taken):
        x, y = x + 24, y + 24
    return x, y
