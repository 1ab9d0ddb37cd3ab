"""A model on the page: as it is declared, as it is being written, and the neuron it is tried on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.document import Document
from engine.models.declaration import NeuronModel
from workbench.modelpage.draft import Draft, declared, draft_of
from workbench.modelpage.drive import Drive, usual_drive
from workbench.modelpage.drive_form import driven
from workbench.modelpage.lines import Mistake
from workbench.modelpage.planes import Shown, shown_after
from workbench.modelpage.specimen import (
    case_of,
    neuron,
    numbers,
    specimen_of,
    varied,
    with_preset,
)


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


def edit(trial: Trial, path: str, value: Any) -> None:
    """Put ``value`` at ``path`` of the form: the plane, the drive, a preset or the neuron.

    Raises DocumentError, or another error with a sentence, for a value that cannot be.
    """
    if path.startswith("plane/"):
        trial.plane = shown_after(trial.plane, case_of(trial.specimen, trial.drive), path, value)
    elif path.startswith("drive/"):
        trial.drive = driven(trial.drive, trial.specimen, path, value)
        if trial.drive.solver is None:
            trial.specimen = varied(trial.specimen, "solver", None)
    elif path == "preset":
        trial.specimen, trial.drive = with_preset(trial.specimen, trial.drive, str(value))
    else:
        trial.specimen = varied(trial.specimen, path, value)
        solver = neuron(trial.specimen)[0].solver
        weight = None if path.startswith("ports/") else trial.drive.weight
        trial.drive = replace(trial.drive, solver=solver, weight=weight)


def as_varied(trial: Trial) -> NeuronModel:
    """The model with what was varied as its defaults."""
    values = numbers(trial.specimen)
    parameters = {
        name: replace(each, default=values.get(name, each.default))
        for name, each in trial.model.parameters.items()
    }
    return replace(trial.model, parameters=parameters)


Checked = tuple[Draft, NeuronModel | None, list[Mistake], Document]


def checked(draft: Draft, specimen: Document) -> Generator[None, None, Checked]:
    """The declaration that ``draft`` makes, what is wrong with it, and a neuron to try it on."""
    yield
    model, mistakes = declared(draft)
    if model is not None:
        specimen = specimen_of(model, specimen)
    return draft, model, mistakes, specimen
