"""What a broadcast costs the server in each async mode: CPU, memory, and how long the caller and the boards wait.

    python benchmarks/broadcast.py [--clients 40 200] [--rounds 3]

Each broadcast is one ticket: a command over Socket.IO, stored, then the whole board sent to every websocket. The server
runs as a process of its own on one core, the clients on another. `threading` is the same server under Werkzeug.
"""

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import socketio

from tests.server.running import ALWAYS_OPEN

BROADCASTS = 60
COLUMNS = ("cpu_ms", "rss_mb", "ack_p50", "ack_p99", "last_p50", "last_p99", "rate")
SERVER_CORE, CLIENT_CORE = 0, 1
TICK_S = os.sysconf("SC_CLK_TCK")

_THREADING = """
import sys
from pathlib import Path
from dawr.settings.centre import read_centre
from server.app import create_app
from server.administration.file import SettingsFile
from werkzeug.serving import WSGIRequestHandler
WSGIRequestHandler.disable_nagle_algorithm = True
file = Path(sys.argv[1])
server = create_app(read_centre(file), SettingsFile(file), Path(sys.argv[2]), async_mode="threading", open_to_all=True)
server.start()
print("on http://127.0.0.1:" + sys.argv[3], flush=True)
server.socketio.run(server.app, port=int(sys.argv[3]), allow_unsafe_werkzeug=True)
"""


def start(mode: str, folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """The server of a mode as a process on its core, and its address."""
    config = folder / "centre.toml"
    config.write_text(ALWAYS_OPEN, "utf-8")
    data, errors = folder / "data", (folder / "errors").open("w")
    if mode == "gevent":
        words = ["-m", "server", "--config", str(config), "--data", str(data)]
        words += ["--port", "0", "--no-discovery", "--no-sign-in"]
    else:
        words = ["-c", _THREADING, str(config), str(data), "18765"]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=errors, text=True)
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return process, found[0]
    raise RuntimeError((folder / "errors").read_text())


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK_S


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    [line] = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


async def measure(address: str, pid: int, clients: int) -> dict[str, float]:
    """Issue tickets one after the other; each time wait until every client has the board."""
    arrived = asyncio.Condition()
    shown: dict[int, int] = {}

    def hear(client: int) -> Any:
        async def take(board: dict[str, Any]) -> None:
            async with arrived:
                shown[client] = board["sequence"]
                arrived.notify_all()

        return take

    boards = []
    for n in range(clients):
        board = socketio.AsyncClient(reconnection=False)
        board.on("board", hear(n))
        await connect(board, address)
        boards.append(board)
    caller = socketio.AsyncClient(reconnection=False)
    await connect(caller, address)
    acks, lasts = [], []
    before_s, began_cpu_s = time.perf_counter(), cpu_s(pid)
    for _ in range(BROADCASTS):
        began = time.perf_counter()
        answer = await caller.call("issue", {"service": "birth"}, timeout=30)
        acks.append(time.perf_counter() - began)
        sequence = answer["sequence"]
        async with arrived:
            await arrived.wait_for(lambda s=sequence: len(shown) == clients and min(shown.values()) >= s)
        lasts.append(time.perf_counter() - began)
    result = {
        "cpu_ms": (cpu_s(pid) - began_cpu_s) / BROADCASTS * 1000,
        "rate": BROADCASTS / (time.perf_counter() - before_s),
        "rss_mb": memory_mb(pid),
        "ack_p50": percentile(acks, 0.50),
        "ack_p99": percentile(acks, 0.99),
        "last_p50": percentile(lasts, 0.50),
        "last_p99": percentile(lasts, 0.99),
    }
    await asyncio.gather(*(one.disconnect() for one in [*boards, caller]))
    return result


async def connect(client: socketio.AsyncClient, address: str) -> None:
    """Connect as a board; again for a while, because Werkzeug's server says nothing when it is ready."""
    for _ in range(50):
        try:
            return await client.connect(address, auth={"role": "board"}, transports=["websocket"], wait_timeout=20)
        except socketio.exceptions.ConnectionError:
            await asyncio.sleep(0.2)
    raise RuntimeError(f"no connection to {address}")


def percentile(seconds: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))] * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, nargs="+", default=[40, 200])
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    print("clients  mode     ", *(f"{name:>8s}" for name in COLUMNS), "  (times in ms; median of the rounds)")
    for clients in chosen.clients:
        rounds: dict[str, list[dict[str, float]]] = {"gevent": [], "threading": []}
        for _ in range(chosen.rounds):
            for mode, results in rounds.items():
                with tempfile.TemporaryDirectory() as folder:
                    process, address = start(mode, Path(folder))
                    try:
                        results.append(asyncio.run(measure(address, process.pid, clients)))
                    finally:
                        process.kill()
                        process.wait()
        medians = {
            mode: {key: statistics.median(one[key] for one in results) for key in results[0]}
            for mode, results in rounds.items()
        }
        for mode, figures in medians.items():
            print(f"{clients:7d}  {mode:9s}", *(f"{figures[name]:8.1f}" for name in COLUMNS))
        ratio = medians["threading"]["cpu_ms"] / medians["gevent"]["cpu_ms"]
        print(f"{clients:7d}  threading takes {ratio:.1f} times the CPU of gevent", flush=True)


if __name__ == "__main__":
    main()
