"""The model page as a part of the frame: what is shown, what a person does there, what it means.

Shipped models can be varied and tried; a copy in the document can be written.  What is typed is
checked, computed and drawn on the compute threads; the newest answer of each kind counts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import panel as pn
import param

from engine.document import Document
from engine.document.lookup import own_models
from engine.errors import WorkbenchError
from engine.models import registry
from engine.models.declaration import NeuronModel, to_json
from workbench.chrome import Part, guarded, source
from workbench.commands.models import free_name
from workbench.editor.forms.mathematics import mathematics
from workbench.editor.inspector import sentence
from workbench.live import compute
from workbench.locale import text
from workbench.modelpage import drawings
from workbench.modelpage.draft import BLANK, declared, drafted
from workbench.modelpage.drive import Case, Drive, rousing_drive, with_protocol
from workbench.modelpage.drive_form import drive_rows
from workbench.modelpage.newest import Newest
from workbench.modelpage.planes import plane
from workbench.modelpage.sheet import catalogue, marked, sheet
from workbench.modelpage.specimen import (
    case_of,
    neuron,
    numbers,
    parameter_sections,
    specimen_of,
    taken_from,
)
from workbench.modelpage.trial import Trial, as_varied, checked, edit, trial_of
from workbench.theme import POPULATIONS

FIRST = "lif"  # shown where nothing says which
KINDS = ("seek", "trace", "plane", "curve")
DELAYS = {"check": 0.1, "plane": 0.1, "curve": 0.3}  # s: not at every step of a drag
MOST_NAME = 40  # letters of a copy's name; there is room for a number behind it

Place = Callable[..., bool]


class ModelPage(Part):
    """One model at a time, chosen from a list; ``show`` opens the page, ``hide`` closes it."""

    listing = param.Dict(default={}, doc="The models to choose from, by group.")
    form = param.Dict(default={}, doc="Rows of parameters and of the drive.")
    checked = param.Dict(default={}, doc="Mathematics of what is typed, and what is wrong with it.")

    _esm = source(
        "dom.js",
        "icons.js",
        "catalogue.js",
        "slider.js",
        "../live/projection.js",
        "../live/places.js",
        "placed.js",
        "rows.js",
        "form.js",
        "../live/axis.js",
        "model/plots.js",
        "model/editor.js",
        "model/page.js",
    )
    _look = source("base.css", "catalogue.css", "inspector.css", "model/page.css")
    _text = ("model", "equation", "tip", "inspector", "palette")

    def __init__(self, session: Any, place: Place, **params: Any) -> None:
        """``place(model, node)`` puts a population like ``node`` on the canvas."""
        super().__init__(session, content={"open": False}, **params)
        self._place = place
        self._document = pn.state.curdoc
        self._work = Newest(compute.builders(), KINDS, self._delivered)
        # Apart: what is typed is read in milliseconds, and must not wait for a compiler.
        self._reading = Newest(compute.pool(), ("check",), self._delivered)
        self._trials: dict[str, Trial] = {}
        self._name = ""
        self._answered = 0
        self._committing = False
        self.handlers = {
            "close": lambda _: self.hide(),
            "show": lambda message: self.show(str(message.get("name"))),
            "edit": self._edit,
            "gesture": lambda _: None,
            "draft": self._drafted,
            "act": self._act,
        }
        session.param.watch(self._document_changed, ["document"])
        session.param.watch(self._document_opened, ["opened"])

    # What opens and closes the page

    @property
    def is_open(self) -> bool:
        """Whether the page is in front of the canvas."""
        return bool(self.content.get("open"))

    def show(self, name: str = "", node: str = "") -> None:
        """Open at the model ``name``; with ``node`` as that population has its parameters."""
        document = self.session.document
        found = document.node(node) if node else None
        name = found.model if found is not None else name or self._name or FIRST
        model = self._find(name)
        if model is None:
            name = FIRST
            model = registry.neuron_models()[name]
        if name not in self._trials:
            self._trials[name] = trial_of(model)
        if found is not None and found.model == name:
            trial = self._trials[name]
            trial.specimen = taken_from(trial.model, found)
        self._name = name
        self.listing = {"groups": catalogue(document)}
        self._show_trial()

    def show_selected(self) -> None:
        """Open at the model of the population that is selected, else where the page was last."""
        chosen = [self.session.document.node(name) for name in self.session.selection]
        node = next((each.id for each in chosen if each and each.kind == "population"), "")
        self.show(node=node)

    def hide(self) -> None:
        """Back to the canvas; what is wrong in the editor waits there as it is."""
        self._forget()
        self.content, self.form, self.checked = {"open": False}, {}, {}

    def close(self) -> None:
        """The session ends."""
        self._work.close()
        self._reading.close()

    def _forget(self) -> None:
        self._work.forget()
        self._reading.forget()

    # What is shown

    @property
    def _trial(self) -> Trial:
        return self._trials[self._name]

    def _find(self, name: str) -> NeuronModel | None:
        return registry.neuron_models().get(name) or own_models(self.session.document).get(name)

    def _is_own(self, name: str) -> bool:
        return name in own_models(self.session.document)

    def _show_trial(self) -> None:
        trial = self._trial
        self._forget()
        shown = sheet(trial.model, trial.draft, self._is_own(self._name))
        self.content = shown | {"open": True, "key": self._name, "colours": list(POPULATIONS)}
        self._show_checked()
        self._show_form()
        self._compute()

    def _show_checked(self) -> None:
        trial = self._trial
        self.checked = {
            "key": self._name,
            "mathematics": mathematics(trial.model, numbers(trial.specimen)),
            "mistakes": marked(trial.mistakes, trial.draft.texts),
        }

    def _show_form(self) -> None:
        trial = self._trial
        node, _ = neuron(trial.specimen)
        self.form = {
            "key": self._name,
            "sections": parameter_sections(trial.specimen, trial.drive),
            "drive": drive_rows(trial.specimen, trial.drive),
            "note": trial.drive.protocol.note if trial.drive.protocol is not None else "",
            "varied": bool(node.parameters or node.initial or node.solver),
            "answered": self._answered,
        }

    # What a person does

    def _edit(self, message: dict[str, Any]) -> None:
        """A slider, a field, a preset, the drive: something that is tried, not kept."""
        path, number = str(message.get("path")), message.get("number")
        if message.get("form") != self._name or not self.is_open:
            return
        if isinstance(number, int):
            self._answered = number
        trial, value = self._trial, message.get("value")
        try:
            edit(trial, path, value)
        except WorkbenchError as error:
            self.send(path=path, error=sentence(error), number=number)
            return
        self.send(path=path, error=None, number=number)
        if path.startswith("plane/"):
            self._work.ask("plane", plane(case_of(trial.specimen, trial.drive), trial.plane))
            return
        self._show_form()
        if trial.model.options:
            self._show_checked()  # the mathematics says which option is chosen
        self._compute()

    def _drafted(self, message: dict[str, Any]) -> None:
        """What stands in the editor now; with ``commit`` it goes into the document if it can."""
        if message.get("form") != self._name or not self._is_own(self._name):
            return
        trial = self._trial
        trial.draft = drafted(trial.draft, message)
        self._reading.ask("check", checked(trial.draft, trial.specimen), DELAYS["check"])
        if message.get("commit"):
            self._commit()

    def _commit(self) -> bool:
        """Put the draft into the document; False, with the reason shown, where that cannot be."""
        trial, name = self._trial, self._name
        model, mistakes = declared(trial.draft)
        if model is None:
            trial.mistakes = mistakes
            self._show_checked()
            return False
        if model != trial.draft.base:
            self._committing = True
            try:
                refusal = self.session.attempt("set_model", name=name, declaration=to_json(model))
            finally:
                self._committing = False
            self.send(refused=refusal)
            if refusal:
                return False
        self._take(model, specimen_of(model, trial.specimen))
        trial.draft = replace(trial.draft, base=model, name=model.name)
        if model.name != name:
            self._trials[model.name] = self._trials.pop(name)
            self._name = model.name
            self._show_trial()
        return True

    def _take(self, model: NeuronModel, specimen: Document) -> None:
        """What is written is right: try it, unless it is what has been tried."""
        trial = self._trial
        trial.mistakes = []
        if model != trial.model:
            trial.model, trial.specimen = model, specimen
            self._show_form()
            self._compute()
        self._show_checked()

    def _act(self, message: dict[str, Any]) -> None:
        actions = {
            "copy": self._copy,
            "new": self._new,
            "remove": self._remove,
            "keep": self._keep,
            "reset": self._reset,
            "place": self._put_on_canvas,
        }
        action = actions.get(str(message.get("action")))
        if action is not None and self.is_open:
            action()

    def _copy(self) -> None:
        """The model as one of the document's own, with what was varied of it still varied."""
        trial, document = self._trial, self.session.document
        own = self._is_own(self._name)
        name = free_name(document, self._name if own else f"my_{self._name}"[:MOST_NAME])
        title = text("model.copy_of" if own else "model.copied", title=trial.model.title)
        model = replace(trial.model, name=name, title=title, group="own", variants={})
        self._add(model, trial.specimen, trial)

    def _new(self) -> None:
        """A model to begin with, in the document."""
        self._add(replace(BLANK, name=free_name(self.session.document, BLANK.name)), None, None)

    def _add(self, model: NeuronModel, before: Document | None, trial: Trial | None) -> None:
        if not self.session.do("add_model", declaration=to_json(model)):
            return
        made = trial_of(own_models(self.session.document)[model.name])
        if before is not None and trial is not None:
            made.specimen, made.drive = specimen_of(made.model, before), trial.drive
        self._trials[model.name] = made
        self.show(model.name)
        self.send(focus="equations")

    def _remove(self) -> None:
        name = self._name
        if self._is_own(name) and self.session.do("remove_model", name=name):
            self._trials.pop(name, None)  # the page has gone on to another model by itself

    def _keep(self) -> None:
        """What was varied becomes the model's defaults."""
        trial = self._trial
        if not self._is_own(self._name) or trial.mistakes:
            return
        kept = to_json(as_varied(trial))
        if self.session.do("set_model", name=self._name, declaration=kept):
            self._reset()

    def _reset(self) -> None:
        trial = self._trial
        trial.specimen = specimen_of(trial.model)
        trial.drive = with_protocol(trial.drive, None)
        self._show_form()
        self._compute()

    def _put_on_canvas(self) -> None:
        if self._is_own(self._name) and not self._commit():
            self.session.say(text("model.unfinished"), "error")
            return
        node, _ = neuron(self._trial.specimen)
        if self._place(self._name, node):
            self.hide()

    # What is computed

    def _compute(self) -> None:
        trial = self._trial
        case = case_of(trial.specimen, trial.drive)
        self.send(busy=True)
        if trial.drive.open:
            self._work.ask("seek", self._sought(case))
            return
        self._work.forget("seek")
        self._work.ask("trace", self._traced(case))
        self._work.ask("plane", plane(case, trial.plane), DELAYS["plane"])
        self._work.ask("curve", drawings.curve(case), DELAYS["curve"])

    def _sought(self, case: Case) -> Generator[None, None, Drive]:
        """The drive with the current or the weight that nobody has chosen."""
        if not drawings.is_compiled(case):
            self._post(lambda: self.send(compiling=True))
            yield
        return (yield from rousing_drive(case, drawings.threshold_value(case)))

    def _traced(self, case: Case) -> Generator[None, None, drawings.Drawing]:
        """The trace; that equations are compiled first is said where it is so."""
        if not drawings.is_compiled(case):
            self._post(lambda: self.send(compiling=True))
            yield
        return (yield from drawings.trace(case))

    def _delivered(self, kind: str, result: Any) -> None:
        """On a compute thread: what was computed goes on to the page's thread."""
        name = self._name
        self._post(lambda: self._answer(name, kind, result))

    def _post(self, call: Callable[[], None]) -> None:
        if self._document is None:
            call()
        elif self._document.session_context is not None:  # the page may have been closed
            self._document.add_next_tick_callback(lambda: guarded(self.session, call))

    def _answer(self, name: str, kind: str, result: Any) -> None:
        if name != self._name or not self.is_open:
            return
        if kind == "check":
            self._take_check(result)
        elif kind == "seek" and isinstance(result, Drive):
            self._take_sought(result)
        elif result is None or isinstance(result, WorkbenchError):
            words = text("error.bug") if result is None else sentence(result)
            self.send(drawn="trace" if kind == "seek" else kind, error=words)
        else:
            self.send(drawn=kind, data=result)

    def _take_sought(self, found: Drive) -> None:
        """What was open about the drive, if it still is: it may have been changed meanwhile."""
        drive = self._trial.drive
        if not drive.open or drive.by_spikes != found.by_spikes:
            return
        made = {"weight": found.weight} if drive.by_spikes else {"current": found.current}
        self._trial.drive = replace(drive, **made)
        self._show_form()
        self._compute()

    def _take_check(self, result: Any) -> None:
        trial = self._trial
        if not isinstance(result, tuple) or result[0] is not trial.draft:
            return  # of what has been typed over since
        _, model, mistakes, specimen = result
        if model is not None:
            self._take(model, specimen)
        else:
            trial.mistakes = mistakes
            self._show_checked()

    # What happens to the document elsewhere

    def _document_changed(self, event: Any) -> None:
        if event.old.models == event.new.models:
            return
        known = own_models(event.new)
        for name in [name for name, trial in self._trials.items() if trial.model.group == "own"]:
            model = known.get(name)
            if self._committing:
                continue
            if model is None:
                del self._trials[name]
            elif model != self._trials[name].draft.base:
                trial = self._trials[name]
                self._trials[name] = replace(
                    trial_of(model), drive=trial.drive, specimen=specimen_of(model, trial.specimen)
                )
        if not self.is_open:
            return
        self.listing = {"groups": catalogue(event.new)}
        if not self._committing:
            self.show(self._name if self._find(self._name) else next(iter(known), FIRST))

    def _document_opened(self, _: Any) -> None:
        self._trials.clear()
        self._name = ""
        if self.is_open:
            self.hide()
