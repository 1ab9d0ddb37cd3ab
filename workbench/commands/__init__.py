"""Every edit of a document: a named pure function, document and JSON arguments to document.

Undo, the journal, the keyboard, the canvas and the inspector all go through ``apply``.
"""

from workbench.commands import (  # noqa: F401  (they register)
    connections,
    copies,
    drawing,
    models,
    nodes,
    settings,
)
from workbench.commands.copies import copy
from workbench.commands.registry import COMMANDS, Command, apply

__all__ = ["COMMANDS", "Command", "apply", "copy"]
