"""Every edit of a document: a named pure function, document and JSON arguments to document.

Undo, the journal, the keyboard, the canvas and the inspector all go through ``apply``.
"""

from workbench.commands import connections, copies, drawing, nodes, settings  # noqa: F401  (they register)
from workbench.commands.copies import copy
from workbench.commands.registry import COMMANDS, Command, apply

__all__ = ["COMMANDS", "Command", "apply", "copy"]
