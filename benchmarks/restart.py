"""How long a server that was killed takes to be back, with very many old tickets and half a day of today's.

    python benchmarks/restart.py --data DIR [--today 1000]

DIR as benchmarks/old_tickets.py made it. Back means: a ticket asked for over HTTP is answered, so it is stored.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from dawr.ids import new_id
from tests.server.running import RunningServer

RESTARTS = 7


def seconds_to_be_back(server: RunningServer) -> tuple[float, float, float]:
    """Kill it while it works; how long until it listens again, until it has stored something, and its CPU time."""
    server.kill()
    began_s = time.monotonic()
    server.start()
    listens_s = time.monotonic() - began_s
    assert server.post("/tickets", {"service": "deed"}, Idempotency_Key=new_id()).status == 201
    stored_s = time.monotonic() - began_s
    ticks = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return listens_s, stored_s, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder that has the log in a folder called data.")
    parser.add_argument("--today", type=int, default=1000)
    arguments = parser.parse_args()
    server = RunningServer(arguments.data.parent) if arguments.data.name == "data" else None
    if server is None:
        parser.error("the folder of the log has to be called data")
    try:
        for _ in range(arguments.today):
            server.post("/tickets", {"service": "deed"})
        took = [seconds_to_be_back(server) for _ in range(RESTARTS)]
    finally:
        server.kill()
    listens, answers, works = zip(*took, strict=True)
    size = (arguments.data / "hall.sqlite").stat().st_size
    print(f"log of {size / 1e9:.2f} GB, {arguments.today} tickets today, {RESTARTS} restarts after kill -9")
    for what, seconds in (("listens", listens), ("has stored a ticket", answers)):
        print(f"  {what} after {statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (longest)")
    print(f"  of that it computes {statistics.median(works):.2f} s")


if __name__ == "__main__":
    main()
