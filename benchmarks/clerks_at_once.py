"""Two clerks press "next" at the same moment, a thousand times: is every ticket called, and each once?

    python benchmarks/clerks_at_once.py [--rounds 1000]

Real server, real log on this disk, two real Socket.IO connections.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.server.pages.clerks import press_at_once
from tests.server.running import RunningServer

COUNTERS = ("1", "2")
AT_ONCE = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000, help="how often both press")
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder))
        try:
            given = {
                server.post("/tickets", {"service": "birth"}).json["number"] for _ in range(rounds * len(COUNTERS))
            }
            began = time.perf_counter()
            # Over a few connections: the server hears 300 messages at once from each, and then 30 a second.
            goes = [min(AT_ONCE, rounds - done) for done in range(0, rounds, AT_ONCE)]
            called = Counter(one for go in goes for one in press_at_once(server.address, COUNTERS, go))
            took_s = time.perf_counter() - began
        finally:
            server.kill()
    twice = [number for number, times in called.items() if times > 1]
    print(
        f"{rounds} times both pressed at once: {len(given)} tickets given, {len(called)} called, {len(twice)} twice,"
        f" {len(given - called.keys())} never; {took_s / rounds * 1000:.1f} ms for both"
    )
    raise SystemExit(twice != [] or given != called.keys())


if __name__ == "__main__":
    main()
