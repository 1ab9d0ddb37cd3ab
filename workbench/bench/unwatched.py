"""A live run that nobody watches: what the page's run is compared with.

``python -m workbench.bench.unwatched EXAMPLE`` (or the file of a document) prints "ready", then
answers each line on stdin with one JSON object: simulated ms, seconds, processor seconds.  A line
is a number of seconds; a view of learning after it, such as "2 matrix", has frames made meanwhile
as for a page, by another thread, which go nowhere.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from engine.document import load
from workbench.live.frames import RATE
from workbench.live.requests import learning_view_of, view_of
from workbench.live.run import LiveRun
from workbench.live.tiles import FrameMaker
from workbench.session import Session
from workbench.store.files import load_example

LOOK = 0.002  # s between looks at a run that is being built
SIDES = {"columns": 240, "rows": 230}  # pixels, of a page 1,440 wide
VIEW = {"id": 1, "window": 500, "raster": {**SIDES, "gap": 6}, "traces": SIDES, "rates": SIDES}


def main() -> None:
    """Serve runs until stdin ends."""
    name = sys.argv[1]
    session = Session(load(name) if name.endswith(".json") else load_example(name))
    run = LiveRun(session, speed=0.0)
    run.run()
    while run.state != "running":
        time.sleep(LOOK)
        run.publish()
    run.pause()
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, *kind = line.split()
        frames = _Frames(session, run, kind[0]) if kind else None
        print(json.dumps(measured(run, float(seconds))), flush=True)
        if frames is not None:
            frames.close()
    run.close()


def measured(run: LiveRun, seconds: float) -> dict[str, float]:
    """Run for about ``seconds``."""
    recording = run.recording
    assert recording is not None
    run.run()
    wall, cpu, time_ms = time.perf_counter(), time.process_time(), recording.time
    time.sleep(seconds)
    found = {
        "ms": recording.time - time_ms,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }
    run.pause()
    return found


class _Frames:
    """Makes as many frames a second as a page is sent at most, until it is closed."""

    def __init__(self, session: Session, run: LiveRun, kind: str) -> None:
        self._run, self._maker = run, FrameMaker(session, run)
        self._maker.view = view_of(VIEW)
        self._maker.learning = learning_view_of({"kind": kind, **SIDES})
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._make, daemon=True)
        self._thread.start()

    def _make(self) -> None:
        while not self._closing.wait(1.0 / RATE):
            self._maker.make()

    def close(self) -> None:
        """Make no more, and look at nothing."""
        self._closing.set()
        self._thread.join()
        recording = self._run.recording
        if recording is not None and recording.learning is not None:
            recording.learning.wish = None


if __name__ == "__main__":
    main()
