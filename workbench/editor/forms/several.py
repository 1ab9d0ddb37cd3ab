"""The form of several things at once: the rows that all of them have."""

from __future__ import annotations

from typing import Any

from workbench.editor.forms.rows import Form, Row, section, without_empty
from workbench.locale import text

SHARED_KINDS = ("quantity", "choice", "switch")


def common_form(key: str, forms: list[Form], title: str) -> Form:
    """The rows that every one of ``forms`` has; where values differ the field says so."""
    first = forms[0]
    sections = []
    for part in first["sections"]:
        rows = [row for row in part["rows"] if row["kind"] in SHARED_KINDS]
        shared = [_merged(row, [_same_row(form, row) for form in forms[1:]]) for row in rows]
        sections.append(section(part["title"], [row for row in shared if row is not None]))
    return {
        "key": key,
        "title": {"text": title},
        "chips": [{"text": note} for note in _titles(forms)],
        "actions": first.get("actions", []),
        "sections": without_empty(sections),
    }


def _titles(forms: list[Form]) -> list[str]:
    names = [form["title"]["text"] for form in forms]
    more = len(names) - 6
    return names[:6] + ([text("inspector.more", count=more)] if more > 0 else [])


def _same_row(form: Form, wanted: Row) -> Row | None:
    same = ("kind", "path", "unit", "name")
    for part in form["sections"]:
        for row in part["rows"]:
            if all(row.get(name) == wanted.get(name) for name in same):
                return row
    return None


def _merged(row: Row, others: list[Row | None]) -> Row | None:
    if any(other is None for other in others):
        return None
    rows = [row, *(other for other in others if other is not None)]
    merged = dict(row)
    merged["changed"] = any(each.get("changed") for each in rows)
    if all(_shown(each) == _shown(row) for each in rows):
        return merged
    mixed: dict[str, Any] = {"value": None}
    if row["kind"] == "quantity":
        mixed |= {"text": "", "placeholder": text("inspector.mixed")}
    elif row["kind"] == "choice":
        blank = {"value": "", "label": text("inspector.mixed")}
        mixed |= {"value": "", "options": [blank, *row["options"]]}
    return merged | mixed


def _shown(row: Row) -> tuple[Any, Any]:
    return row.get("value"), row.get("text")
