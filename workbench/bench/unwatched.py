"""A live run that nobody watches: what the page's run is compared with.

``python -m workbench.bench.unwatched EXAMPLE`` prints "ready", then runs for as many seconds as
each line on stdin says and prints one JSON object: simulated ms, seconds, processor seconds.
"""

from __future__ import annotations

import json
import sys
import time

from workbench.live.run import LiveRun
from workbench.session import Session

LOOK = 0.002  # s between looks at a run that is being built


def main() -> None:
    """Serve runs until stdin ends."""
    session = Session()
    session.open_example(sys.argv[1])
    run = LiveRun(session, speed=0.0)
    run.run()
    while run.state != "running":
        time.sleep(LOOK)
        run.publish()
    run.pause()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(measured(run, float(line))), flush=True)
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


if __name__ == "__main__":
    main()
