"""The real processes of the soaked hall: started, killed without warning, started again, and measured."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.processes import answers, dies_with
from lab.soak.judge import Sample

ROOT = Path(__file__).resolve().parents[2]
NO_HARDWARE = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
_KIB = 1024


@dataclass
class Part:
    """`python -m COMMAND`, which says at `address` that it is ready; its log and data are in `folder`."""

    name: str
    command: Sequence[str]
    address: str
    folder: Path
    lives: list[list[Sample]] = field(default_factory=list)
    """The samples of each life."""
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What it has said, in all its lives."""
        return self.folder / "log"

    def start(self) -> None:
        """Begin a life. From the main thread: when that ends, the kernel ends the process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lives.append([])
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *self.command],
                cwd=ROOT,
                env={**os.environ, **NO_HARDWARE},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with(os.getpid()),
            )

    def kill(self) -> None:
        """End it without warning, as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def is_ready(self) -> bool:
        """Whether it answers, and is connected. RuntimeError when it has ended by itself."""
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended: {self.log.read_text('utf-8')[-2000:]}")
        return answers(self.address)

    def sample(self, tickets: int) -> None:
        """Measure it now; `tickets` of the day are given."""
        assert self._process
        self.lives[-1].append(measured(self._process.pid, tickets, self.folder))


def measured(pid: int, tickets: int, folder: Path) -> Sample:
    """A process as it is now; `folder` holds its databases, if it has any."""
    of_process = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (of_process / "status").read_text().splitlines())
    return Sample(
        tickets=tickets,
        rss_bytes=int(status["VmRSS"].split()[0]) * _KIB,
        descriptors=len(list((of_process / "fd").iterdir())),
        threads=int(status["Threads"]),
        wal_bytes=sum(file.stat().st_size for file in folder.rglob("*-wal")),
    )
