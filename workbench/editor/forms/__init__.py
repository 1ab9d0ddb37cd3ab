"""What the inspector shows: pure functions from the document to a form of plain data.

A form is ``{"key", "title", "chips", "actions", "sections": [{"title", "rows": [...]}]}``; the rows
are made in ``rows.py`` and drawn by ``frontend/chrome/rows.js``.  Every row that can be edited has
a ``path``; what an edit of a path does stands in ``edits.py``.
"""

from workbench.editor.forms.choose import form_of

__all__ = ["form_of"]
