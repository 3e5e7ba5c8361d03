"""What the seals of the days cost: a clerk's NEXT while years are being sealed and afterwards, and verifying them all.

    python -m benchmarks.sealing [--tickets 1000000]

Real server, real log on this disk. A centre that has never sealed does so once; after that it is one day a day.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.old_tickets import make
from tests.server.running import RunningServer

PAUSE_S = 0.02


def press_ms(server: RunningServer) -> float:
    """How long a NEXT takes, with somebody there to be called."""
    server.post("/tickets", {"service": "birth"})
    began_s = time.perf_counter()
    assert server.post("/counters/1/call-next").status == 200
    took_s = time.perf_counter() - began_s
    time.sleep(PAUSE_S)
    return took_s * 1000


def said(presses: list[float]) -> str:
    """Median and 99th percentile in milliseconds."""
    return f"median {statistics.median(presses):.1f} ms, p99 {statistics.quantiles(presses, n=100)[98]:.1f} ms"


def sealed(server: RunningServer) -> int:
    """How many entries the audit log has."""
    return int(server.get("/audit").json["head"].partition("-")[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    tickets: int = parser.parse_args().tickets
    with tempfile.TemporaryDirectory() as folder:
        events = make(Path(folder) / "data", tickets, date.today() - timedelta(days=1))
        days = tickets // 1000
        server = RunningServer(Path(folder))
        try:
            server.post("/counters/1/open")
            began_s, during = time.monotonic(), [press_ms(server)]
            while sealed(server) < days:
                during += [press_ms(server) for _ in range(20)]
            took_s = time.monotonic() - began_s
            quiet = [press_ms(server) for _ in during]
        finally:
            server.kill()
        print(f"{events} events of {days} days sealed in {took_s:.0f} s; NEXT meanwhile: {said(during)}")
        print(f"afterwards, {len(quiet)} times: {said(quiet)}")
        began_s = time.monotonic()
        command = [sys.executable, "-m", "server.audit.command", "verify", str(server.data)]
        assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        print(f"verified in {time.monotonic() - began_s:.1f} s")


if __name__ == "__main__":
    main()
