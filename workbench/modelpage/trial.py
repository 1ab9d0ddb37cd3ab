"""A model on the page: as it is declared, as it is being written, and the neuron it is tried on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from engine.document import Document
from engine.models.declaration import NeuronModel
from workbench.modelpage.draft import Draft, declared, draft_of
from workbench.modelpage.drive import Drive, usual_drive
from workbench.modelpage.lines import Mistake
from workbench.modelpage.planes import Shown
from workbench.modelpage.specimen import specimen_of


@dataclass
class Trial:
    """``model`` is the last version that was right; ``draft`` is what stands in the editor."""

    model: NeuronModel
    draft: Draft
    specimen: Document
    drive: Drive
    mistakes: list[Mistake] = field(default_factory=list)
    plane: Shown = field(default_factory=Shown)


def trial_of(model: NeuronModel) -> Trial:
    """A model as it is, nothing varied."""
    return Trial(model, draft_of(model), specimen_of(model), usual_drive(model))


Checked = tuple[Draft, NeuronModel | None, list[Mistake], Document]


def checked(draft: Draft, specimen: Document) -> Generator[None, None, Checked]:
    """The declaration that ``draft`` makes, what is wrong with it, and a neuron to try it on."""
    yield
    model, mistakes = declared(draft)
    if model is not None:
        specimen = specimen_of(model, specimen)
    return draft, model, mistakes, specimen
