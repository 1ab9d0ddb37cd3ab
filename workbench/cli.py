"""The command line: ``workbench serve | run | check | new | warm | bench``.

Every mistake of the user is one message on stderr and a non-zero exit; ``--debug`` shows where in
the program it was noticed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from engine.errors import DataError, DocumentError, RunStopped, WorkbenchError

if TYPE_CHECKING:
    from engine.document import Document
    from engine.runtime.result import Run

FAILED, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one line."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to read more, and exit."""
        self.exit(USAGE, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    given = parser().parse_args(arguments)
    try:
        status = given.command(given)
        sys.stdout.flush()
        return status
    except WorkbenchError as error:
        return _report(str(error), given.debug)
    except KeyboardInterrupt:
        return _report("interrupted", False, INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (as `| head` does): not worth a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except MemoryError:
        return _report("there is not enough memory; make the network smaller", given.debug)


def _report(message: str, debug: bool, status: int = FAILED) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"workbench: {message}", file=sys.stderr)
    return status


def parser() -> Parser:
    """What can be typed."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show where an error was noticed")
    whole = Parser(prog="workbench", description="Draw spiking networks, run them, watch them.")
    from engine import __version__

    whole.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, act: Callable[[Any], int], about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=about, description=about)
        added.set_defaults(command=act)
        return added

    _add_serve(command("serve", serve, "open the workbench in the browser"))
    _add_run(command("run", run, "run a document and report rates"))
    checking = command("check", check, "list all problems of a document")
    checking.add_argument("document", metavar="DOC", type=Path)
    _add_new(command("new", new, "write a starter document"))
    command("warm", warm, "compile ahead what networks and layers of shipped models need")
    _add_bench(command("bench", bench, "measure how fast this machine simulates"))
    return whole


def _add_serve(serving: argparse.ArgumentParser) -> None:
    serving.add_argument("document", metavar="DOC", type=Path, nargs="?", help="document to open")
    serving.add_argument("--port", type=int, default=5006, metavar="N")
    serving.add_argument("--address", default="127.0.0.1", metavar="A", help="where to listen")
    serving.add_argument("--no-show", action="store_true", help="do not open a browser")
    serving.add_argument("--auth", type=Path, metavar="FILE", help="names and passwords (JSON)")


def _add_run(running: argparse.ArgumentParser) -> None:
    running.add_argument("document", metavar="DOC", type=Path)
    running.add_argument("--duration", metavar="MS", help="simulated time, such as 500 or '2 s'")
    running.add_argument("--seed", type=int, metavar="N")
    running.add_argument("--device", metavar="D", help="cpu or cuda")
    running.add_argument("--precision", metavar="P", help="auto (usual), float32 or float64")
    running.add_argument("--threads", type=_threads, metavar="N", help="a number, or auto")
    running.add_argument("--out", type=Path, metavar="FILE.npz", help="save what was recorded")
    running.add_argument("--json", action="store_true", help="print one JSON object")


def _threads(given: str) -> int | str:
    """What follows --threads; what is wrong with it is said with the other problems."""
    return int(given) if given.lstrip("-").isdigit() else given


def _add_new(making: argparse.ArgumentParser) -> None:
    making.add_argument("template", metavar="TEMPLATE", nargs="?", help="none: list the templates")
    making.add_argument("-o", "--out", type=Path, metavar="FILE.json")
    making.add_argument("--force", action="store_true", help="replace an existing file")


def _add_bench(measuring: argparse.ArgumentParser) -> None:
    measuring.add_argument("names", metavar="NAME", nargs="*", help="none: all")
    measuring.add_argument("--quick", action="store_true", help="short runs, under a minute")
    measuring.add_argument("--peers", action="store_true", help="beside other simulators")
    measuring.add_argument("--json", action="store_true", help="print one JSON object")
    about = "write bench.json and page.html there"
    measuring.add_argument("--out", type=Path, metavar="FOLDER", help=about)
    measuring.add_argument("--list", action="store_true", help="list the names")


def serve(given: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    from workbench.server import serve as serve_page

    if given.document is not None and not given.document.is_file():
        raise DataError(f'"{given.document}" is not there; check the name')
    path = str(given.document) if given.document else None
    serve_page(
        path=path,
        port=given.port,
        address=given.address,
        show=not given.no_show,
        auth=str(given.auth) if given.auth else None,
    )
    return 0


def run(given: argparse.Namespace) -> int:
    """Run a document; print timings, rates and CVs."""
    from engine.document import load
    from engine.equations.units import quantity
    from engine.runtime.simulation import Simulation

    _require_writable(given.out)
    document = _with_settings(load(given.document), given)
    duration = None if given.duration is None else quantity(given.duration, "ms", "--duration")
    folder = given.document.resolve().parent
    show = _progress_line if sys.stderr.isatty() and not given.json else None
    with interruptions() as interrupted:
        with Simulation(document, progress=show, cancel=interrupted, folder=folder) as simulation:
            try:
                result = simulation.run(duration, show, interrupted)
            except RunStopped as stopped:
                if given.out and stopped.run is not None:
                    stopped.run.save(given.out)  # type: ignore[attr-defined]
                raise
        if show:
            print("\r\x1b[K", end="", file=sys.stderr)
        lost = _not_saved(result, given.out)
        print(json.dumps(result.summary()) if given.json else _table(result))
        if lost is not None:
            raise lost
        if not result.complete:
            return _report(f"interrupted after {1000 * result.bio_s:g} ms", False, INTERRUPTED)
    return 0


def _not_saved(result: Run, out: Path | None) -> DataError | None:
    """Save where that is asked for; why it failed, to be said after what was computed."""
    try:
        if out is not None:
            result.save(out)
    except DataError as error:
        return error
    return None


def _with_settings(document: Document, given: argparse.Namespace) -> Document:
    """The document with what the command line sets instead."""
    chosen = {
        name: getattr(given, name)
        for name in ("seed", "device", "threads", "precision")
        if getattr(given, name) is not None
    }
    return replace(document, simulation=replace(document.simulation, **chosen))


def _require_writable(out: Path | None) -> None:
    """Say before a long run what would fail after it."""
    if out is None:
        return
    if out.suffix.lower() == ".nwb":
        raise DataError(f'"{out}": NWB files are not available in this version; use .npz')
    if out.suffix.lower() != ".npz":
        raise DataError(f'"{out}": results are saved as .npz; change the name')
    if not out.resolve().parent.is_dir():
        raise DataError(f'"{out}": there is no such folder; make it first')
    if not os.access(out.resolve().parent, os.W_OK):
        raise DataError(f'"{out}": this folder cannot be written to; choose another')


@contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """A function that tells whether the user pressed Ctrl-C; a second Ctrl-C ends at once."""
    pressed = threading.Event()

    def handle(*_: object) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _progress_line(share: float, text: str) -> None:
    print(f"\r\x1b[K{text} {100 * share:.0f} %", end="", file=sys.stderr, flush=True)


def _table(result: Run) -> str:
    summary = result.summary()
    lines = [
        f"{summary['name']}: {summary['neurons']:,} neurons, {summary['synapses']:,} synapses",
        f"built in {summary['build_s']:.3g} s; {1000 * summary['bio_s']:g} ms simulated in "
        f"{summary['run_s']:.3g} s on {summary['device']}",
        "",
        f"{'population':<24} {'rate':>10} {'CV of ISI':>10}",
    ]
    for node, rate in summary["rates_hz"].items():
        cv = summary["cv_isi"][node]
        rate_text = "-" if rate is None else f"{rate:.2f} Hz"
        lines.append(f"{node:<24} {rate_text:>10} {'-' if cv is None else f'{cv:.2f}':>10}")
    return "\n".join(lines)


def check(given: argparse.Namespace) -> int:
    """List all problems of a document; non-zero if one of them keeps it from running here."""
    from engine.backends.registry import require_device
    from engine.document import loads
    from engine.document.files import read_bytes
    from engine.document.validate import check_text
    from engine.runtime.checked import file_problems
    from engine.runtime.estimate import estimate

    text = read_bytes(given.document)
    problems = check_text(text)
    errors = [problem for problem in problems if problem.severity == "error"]
    for problem in problems:
        if problem.severity != "error":
            print(f"hint: {problem}")
    if errors:
        raise DocumentError(errors)
    document = loads(text)
    if wrong := file_problems(document, given.document.resolve().parent):
        raise DocumentError(wrong)
    require_device(document.simulation.device)
    estimate(document).require_fits()
    print(f"{given.document}: no errors")
    return 0


def new(given: argparse.Namespace) -> int:
    """Write a copy of an example as a document of one's own."""
    from engine.document import save
    from workbench.store.files import examples, load_example

    if given.template is None:
        for example in examples():
            print(f"{example.name:<20} {example.title} ({example.neurons:,} neurons)")
        return 0
    document = load_example(given.template)
    target = given.out or Path(f"{given.template}.json")
    if target.exists() and not given.force:
        raise DataError(f'"{target}" exists already; give another name or --force')
    save(document, target)
    print(target)
    return 0


def warm(given: argparse.Namespace) -> int:
    """Compile ahead, as after installing or when a container is built."""
    from engine.backends.cache import folder
    from workbench.live.warm import compile_all

    del given
    seconds = compile_all(lambda title: print(f"ready: {title}", flush=True))
    print(f"all is compiled, after {seconds:.0f} s, in {folder()}")
    return 0


def bench(given: argparse.Namespace) -> int:
    """Measure and print."""
    from workbench.bench.report import listing, measure

    if given.list:
        print(listing())
        return 0
    return measure(given.names, given.quick, given.peers, given.json, given.out)


if __name__ == "__main__":
    sys.exit(main())
