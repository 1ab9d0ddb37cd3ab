"""The page on which a task of learning is run and watched, as a part of the frame.

What is learnt goes on while the page is closed, until it is done, stopped, or the session ends.  A
session learns one task at a time; each task keeps its numbers and what it drew last.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import panel as pn
import param

from engine.errors import WorkbenchError
from workbench import gallery
from workbench.chrome import Part, guarded, source
from workbench.editor.inspector import sentence
from workbench.locale import counted, text
from workbench.studio import task as tasks
from workbench.studio.form import edited, sections
from workbench.studio.runs import ENDS, Event, Line, Run, line
from workbench.studio.task import Task
from workbench.studio.values import defaults, missing
from workbench.svg import ON_A_PAGE as SVG

ACTIVE = ("waiting", "starting", "learning", "stopping")


@dataclass
class Course:
    """A task as this session has it: numbers to learn it with, and the last run."""

    task: Task
    values: dict[str, float]
    state: str = "fresh"  # one of `ACTIVE`, or how the last run ended (`ENDS`)
    run: Run | None = None  # the last one
    share: float = 0.0
    words: str = ""  # what it does now
    why: str = ""  # the line has stopped it
    result: str = ""  # the sentence that it ended with
    drawing: str = ""  # SVG
    began: float = 0.0  # on the monotonic clock
    took: float = 0.0  # s, of a run that has ended

    @property
    def is_active(self) -> bool:
        """Whether it waits, learns, or is about to end."""
        return self.state in ACTIVE

    @property
    def elapsed(self) -> float:
        """Seconds since it began to learn, or that the last run took."""
        if self.is_active and self.began:
            return time.monotonic() - self.began
        return self.took


@dataclass
class _Shown:
    courses: dict[str, Course] = field(default_factory=dict)
    name: str = ""
    answered: int = 0  # number of the last edit


class Studio(Part):
    """One task at a time; ``show`` opens the page, ``hide`` closes it."""

    form = param.Dict(default={}, doc="Rows of the numbers of the task.")
    course = param.Dict(default={}, doc="How far learning is, and how it ended.")

    _esm = source("dom.js", "slider.js", "rows.js", "form.js", "studio/page.js")
    _look = f"{source('base.css', 'inspector.css', 'studio/page.css')}\n{SVG}"
    _text = ("studio", "tip", "inspector")

    def __init__(self, session: Any, **params: Any) -> None:
        super().__init__(session, content={"open": False}, **params)
        self._document = pn.state.curdoc
        self._line: Line | None = None
        self._shown = _Shown()
        self.handlers = {
            "close": lambda _: self.hide(),
            "open": lambda _: self.show(),
            "show": lambda message: self.show(str(message.get("name"))),
            "edit": self._edit,
            "gesture": lambda _: None,
            "act": self._act,
            "seen": self._seen,
        }

    # What opens and closes the page

    @property
    def is_open(self) -> bool:
        """Whether the page is in front of the canvas."""
        return bool(self.content.get("open"))

    def show(self, name: str = "") -> None:
        """Open at the task ``name``, or at the one that learns, else where the page was last."""
        known = tasks.all_tasks()
        active = self._active()
        at = active.task.name if active is not None else self._shown.name
        self._shown.name = name if name in known else at or next(iter(known))
        course = self._course
        task = course.task
        drawn, _ = gallery.plot(task.name)
        script = f"examples/{gallery.SCRIPTS}/{task.name}.py"
        self.content = {
            "open": True,
            "key": task.name,
            "tasks": [{"name": each.name, "title": each.title} for each in known.values()],
            "title": task.title,
            "doc": task.doc,
            "source": task.source,
            "plot": drawn,
            "plot_note": text("studio.finished", script=script) if drawn else "",
        }
        self._show_form()
        self._show_course()
        if course.drawing:
            self._send_drawing(course)

    def hide(self) -> None:
        """Back to the canvas; what is being learnt goes on."""
        self.content = {"open": False}

    def close(self) -> None:
        """The session ends, and with it what it learns."""
        active = self._active()
        if active is not None and active.run is not None:
            self._desk.drop(active.run)

    @property
    def _desk(self) -> Line:
        if self._line is None:
            self._line = line()
        return self._line

    @property
    def _course(self) -> Course:
        return self._course_of(self._shown.name)

    def _course_of(self, name: str) -> Course:
        courses = self._shown.courses
        if name not in courses:
            task = tasks.get(name)
            courses[name] = Course(task, defaults(task))
        return courses[name]

    def _active(self) -> Course | None:
        return next((each for each in self._shown.courses.values() if each.is_active), None)

    # What is shown

    def _show_form(self) -> None:
        course = self._course
        self.form = {
            "key": course.task.name,
            "sections": sections(course.task, course.values),
            "varied": course.values != defaults(course.task),
            "answered": self._shown.answered,
        }

    def _show_course(self) -> None:
        """How it stands with the task that is shown, and with another that learns meanwhile."""
        course, active = self._course, self._active()
        self.course = {
            "key": course.task.name,
            "state": course.state,
            "share": course.share,
            "words": self._words(course),
            "result": course.result,
            "elapsed": course.elapsed,
            "note": self._note(course, active),
            "missing": missing(course.task),
            "other": "" if active in (None, course) else active.task.name,
            "learning": self._told(active) if active is not None else "",
        }

    def _told(self, active: Course) -> str:
        """What the status line says of learning, whatever page is shown."""
        key = "status.learning.waits" if active.state == "waiting" else "status.learning"
        return text(key, title=active.task.title, percent=int(100 * active.share))

    def _words(self, course: Course) -> str:
        before = None
        if course.state == "waiting" and course.run is not None:
            before = self._desk.before(course.run)
        if before is None:
            return course.words
        return counted("studio.waiting", before, str(before)) if before else text("studio.next")

    def _note(self, course: Course, active: Course | None) -> str:
        """What a person should know before pressing a button."""
        if active is not None and active is not course:
            return text("studio.other", title=active.task.title)
        run = course.run
        if course.is_active and run is not None and run.values != course.values:
            return text("studio.later")
        return ""

    def _send_drawing(self, course: Course) -> None:
        self.send(drawing=course.drawing, key=course.task.name)

    # What a person does

    def _edit(self, message: dict[str, Any]) -> None:
        path, number = str(message.get("path")), message.get("number")
        if message.get("form") != self._shown.name or not self.is_open:
            return
        if isinstance(number, int):
            self._shown.answered = number
        course = self._course
        try:
            course.values = edited(course.task, course.values, path, message.get("value"))
        except WorkbenchError as error:
            self.send(path=path, error=sentence(error), number=number)
            return
        self.send(path=path, error=None, number=number)
        self._show_form()
        self._show_course()

    def _act(self, message: dict[str, Any]) -> None:
        actions = {
            "learn": self._learn,
            "stop": self._stop,
            "end": self._end_now,
            "reset": self._reset,
        }
        action = actions.get(str(message.get("action")))
        if action is not None and self.is_open:
            action()

    def _learn(self) -> None:
        course = self._course
        if self._active() is not None or missing(course.task):
            self._show_course()
            return
        course.run = Run(course.task.name, course.values, self._heard)
        course.state, course.share, course.words, course.result = "waiting", 0.0, "", ""
        course.why = ""
        course.began = course.took = 0.0
        self._desk.join(course.run)
        self._show_course()

    def _stop(self) -> None:
        course = self._course
        if course.run is None or not course.is_active or course.state == "stopping":
            return
        course.state = "stopping"
        self._show_course()
        self._desk.stop(course.run)

    def _end_now(self) -> None:
        """Whoever has stopped it need not wait for its last words."""
        course = self._course
        if course.run is not None and course.state == "stopping":
            course.run.end()

    def _reset(self) -> None:
        self._course.values = defaults(self._course.task)
        self._show_form()
        self._show_course()

    def _seen(self, _: Any) -> None:
        active = self._active()
        if active is not None and active.run is not None:
            active.run.seen()

    # What is heard of a run

    def _heard(self, run: Run, event: Event) -> None:
        """On any thread: it goes on to the page's own."""
        if self._document is None:
            self._take(run, event)
        elif self._document.session_context is not None:  # the page may have been closed
            self._document.add_next_tick_callback(
                lambda: guarded(self.session, self._take, run, event)
            )

    def _take(self, run: Run, event: Event) -> None:
        course = self._course_of(run.task)
        if course.run is not run:
            return
        if event.kind == "drawing":
            course.drawing = event.text
            if self._is_shown(course):
                self._send_drawing(course)
            return
        if event.kind == "begun" and course.state == "waiting":
            course.state, course.began = "starting", time.monotonic()
        elif event.kind == "progress":
            if course.state == "starting":
                course.state = "learning"
            course.share, course.words = event.share, event.text
        elif event.kind == "stopping":
            course.state, course.why = "stopping", event.text
        elif event.kind in ENDS:
            self._finish(course, event)
        if self._shown.name:
            self._show_course()

    def _finish(self, course: Course, event: Event) -> None:
        stopped = course.state == "stopping" or event.kind == "stopped"
        course.took = time.monotonic() - course.began if course.began else 0.0
        course.state = "stopped" if stopped and event.kind == "done" else event.kind
        left = event.kind == "stopped" and not course.began
        course.result = event.text or text("studio.left" if left else f"studio.{event.kind}")
        course.result = ". ".join(filter(None, (course.result, course.why)))
        if event.kind == "done" and not stopped:
            course.share = 1.0
        if not self._is_shown(course):
            severity = "info" if event.kind in ("done", "stopped") else "error"
            self.session.say(f"{course.task.title}: {course.result}", severity)

    def _is_shown(self, course: Course) -> bool:
        return self.is_open and course.task.name == self._shown.name
