"""What a password's hash costs, and how long a clerk's NEXT takes while somebody guesses passwords as fast as let.

    python -m benchmarks.guessing [--seconds 20] [--guessers 8]

Real server, real log on this disk. Each guesser has an address of its own and tries again at once, whatever it
hears. First NEXT is pressed in quiet, then under the guesses, within one run.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.sealing import press_ms, said
from server.access.passwords import hashed, matches
from server.access.who import Role
from tests.server.access.staff import PASSWORD, add
from tests.server.running import RunningServer

HASHES = 20
NAME = "Huda"


def hash_ms() -> list[float]:
    """How long each of some checks of a password takes, on an own core if there is one."""
    stored, times = hashed(PASSWORD), []
    for _ in range(HASHES):
        began_s = time.perf_counter()
        assert matches(stored, PASSWORD)
        times.append((time.perf_counter() - began_s) * 1000)
    return times


def guess(address: str, own_address: str, over: threading.Event, came: Counter[str]) -> None:
    """Guess until it is over."""
    to = urlsplit(address)
    line = http.client.HTTPConnection(to.hostname or "", to.port, timeout=30, source_address=(own_address, 0))
    number = 0
    while not over.is_set():
        number += 1
        body = json.dumps({"name": NAME, "secret": f"guess number {number}"})
        try:
            line.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            answer.read()
            came[str(answer.status)] += 1
        except (OSError, http.client.HTTPException):
            line.close()
            came["broken"] += 1


def presses(server: RunningServer, seconds: float) -> list[float]:
    """How long each NEXT took, one after the other, in milliseconds."""
    until_s, times = time.monotonic() + seconds, list[float]()
    while time.monotonic() < until_s:
        times.append(press_ms(server))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long quiet, and how long under the guesses")
    parser.add_argument("--guessers", type=int, default=8, help="each from an address of its own")
    asked = parser.parse_args()
    times = hash_ms()
    print(f"a password checked: median {statistics.median(times):.0f} ms, {max(times):.0f} ms at most")
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder))
        try:
            add(server, NAME, Role.ADMINISTRATOR, PASSWORD)
            server.post("/counters/1/open")
            quiet = presses(server, asked.seconds)
            over, came = threading.Event(), Counter[str]()
            guessers = [
                threading.Thread(target=guess, args=(server.address, f"127.0.2.{number}", over, came))
                for number in range(1, asked.guessers + 1)
            ]
            for one in guessers:
                one.start()
            guessed = presses(server, asked.seconds)
            over.set()
            for one in guessers:
                one.join()
        finally:
            server.kill()
    ratio = statistics.median(guessed) / statistics.median(quiet)
    print(f"NEXT in quiet, {len(quiet)} times: {said(quiet)}")
    print(f"NEXT under guesses, {len(guessed)} times: {said(guessed)}; the median {ratio:.1f} times that of quiet")
    print("guesses: " + ", ".join(f"{count} × {status}" for status, count in sorted(came.items())))


if __name__ == "__main__":
    main()
