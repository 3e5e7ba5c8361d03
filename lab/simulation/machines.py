"""Machines: their power, their clocks, their processes, and what a disk still has after the power was gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import greenlet

from dawr.clock import Hardware
from lab.simulation.timeline import Bell, Timeline

SAVED_EVERY_S = 3600.0  # fake-hwclock writes the time down once an hour, and at a clean end


class PowerCut(BaseException):
    """The power is gone, or the process was killed: nothing of it runs any further."""


class Crashes(Protocol):
    """Hears what must never happen: an exception that nobody foresaw."""

    def __call__(self, machine: str, defect: BaseException) -> None: ...


class Disk:
    """What a machine has stored. What was committed with `synchronous=FULL` is there after a power cut.

    Without it a commit is only in memory until the next one that happens to be written out; the database then goes
    back to that state. A kill of the process alone loses nothing that was committed.
    """

    def __init__(self, folder: Path, timeline: Timeline) -> None:
        folder.mkdir(parents=True)
        self.folder, self._timeline = folder, timeline
        self._opened: list[Any] = []
        self._durable: dict[Path, bytes] = {}
        self._since_sync = 0
        self.held = False
        self.stored_at_s: dict[int, float] = {}
        """The true time at which each event of a log was stored, by its sequence."""
        self.failing = 0.0
        """How often it fails now, as a probability."""

    def fails(self) -> bool:
        """Whether it fails at this moment."""
        return self.failing > 0 and self._timeline.happens(self.failing)

    def opened(self, database: Any) -> None:
        """Remember what has to be closed when the machine stops; anything with `close`."""
        self._opened.append(database)

    def committed(self, file: Path, image: Callable[[], bytes], *, synchronous: int) -> None:
        """A commit is over. `image` gives the database as it is now, `synchronous` is SQLite's setting."""
        if self.held:
            return
        if synchronous >= 2:
            self._durable.pop(file, None)
        elif file not in self._durable or self._timeline.happens(1 / 15):
            self._durable[file] = image()

    def hold(self, file: Path, image: bytes) -> None:
        """Nothing reaches the disk from here on until `release`: a mutant's disk."""
        self._durable[file], self.held = image, True

    def release(self, file: Path) -> None:
        """All of it is written out."""
        self._durable.pop(file, None)
        self.held = False

    def stop(self, *, power_gone: bool) -> None:
        """The machine stops."""
        for database in self._opened:
            database.close()
        self._opened.clear()
        if power_gone:
            for file, image in self._durable.items():
                for name in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
                    name.unlink(missing_ok=True)
                file.write_bytes(image)
        self._durable.clear()
        self.held = False

    def wipe(self) -> None:
        """Somebody put in an empty card."""
        for file in sorted(self.folder.iterdir()):
            file.unlink()


class Machine:
    """A machine with a plug. `boot` is what it does when it starts; it starts processes and opens what it needs."""

    def __init__(
        self,
        name: str,
        timeline: Timeline,
        crashed: Crashes,
        folder: Path | None = None,
        *,
        keeps_time: bool = True,
        cut_chance: float = 0.0,
    ) -> None:
        self.name, self.timeline, self._crashed = name, timeline, crashed
        self.disk = Disk(folder, timeline) if folder else None
        self.keeps_time, self.cut_chance = keeps_time, cut_chance
        self.boot: Callable[[], None] = lambda: None
        self.on_power: list[Callable[[bool], None]] = []
        self.up = False
        self.cuts = 0
        self.starts = 0
        self.boots: list[float] = []
        """When the power came, each time."""
        self._booted_s = 0.0
        self._saved_s = 0.0
        self._wrong_by_s = 0.0
        self._right_at_s = 0.0
        self._processes: list[greenlet.greenlet] = []

    # --- Power ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Power on, if it is off."""
        if self.up:
            return
        self.boots.append(self.timeline.now_s)
        self._booted_s = self.timeline.now_s
        self._set_clock()
        self._restart()

    def stop(self, off_s: float | None, *, why: str, power_gone: bool = True, clean: bool = False) -> None:
        """Stop at once, and start again after so many seconds (None: not by itself)."""
        if not self.up:
            return
        self.timeline.note(self.name, why)
        self.cuts += not clean
        self.up = False
        self._saved_s = self._wall_s() if clean else self._wall_s() - (self._wall_s() % SAVED_EVERY_S)
        started = self.starts
        self.timeline.after(0, lambda: self._end(started, power_gone))
        if off_s is not None:
            self.timeline.after(max(off_s, 0.01), self.start if power_gone else self._restart)
        for hear in self.on_power:
            hear(power_gone)

    def step(self, what: str) -> None:
        """Between two effects: the power may go exactly here."""
        if self.cut_chance and self.timeline.chance.random() < self.cut_chance:
            power_gone = self.timeline.happens(0.7)
            away_s = self.timeline.chance.choice((2, 20, 60, 600)) * self.timeline.chance.uniform(0.5, 1.5)
            kind = "power cut" if power_gone else "killed"
            self.stop(away_s if power_gone else 2.0, why=f"{kind} {what}", power_gone=power_gone)
            raise PowerCut

    def run(self, work: Callable[[], None]) -> None:
        """Do something short on this machine, that never waits."""
        if not self.up:
            return
        try:
            work()
        except PowerCut:
            pass
        except Exception as defect:
            self._crashed(self.name, defect)

    def process(self, body: Callable[[], None]) -> None:
        """Start a process, which may wait."""
        started = self.starts

        def guarded() -> None:
            try:
                if self.up and started == self.starts:
                    body()
            except PowerCut:
                pass
            except Exception as defect:
                self._crashed(self.name, defect)

        process = greenlet.greenlet(guarded, parent=self.timeline.hub)
        self._processes.append(process)
        self.timeline.after(0, lambda: None if process.dead else process.switch())

    def bell(self) -> "MachineBell":
        """A bell for this machine's processes."""
        return MachineBell(self)

    def _restart(self) -> None:
        if self.up:
            return
        self.up = True
        self.starts += 1
        self.timeline.note(self.name, "starts")
        self.run(self.boot)
        for hear in self.on_power:
            hear(False)

    def _end(self, started: int, power_gone: bool) -> None:
        """On the timeline itself: every process stops where it is."""
        assert started == self.starts and not self.timeline.in_process
        processes, self._processes = self._processes, []
        for process in processes:
            if process and not process.dead:
                process.throw(PowerCut)
        if self.disk:
            self.disk.stop(power_gone=power_gone)

    # --- Clocks ---------------------------------------------------------------------------------------------------

    @property
    def boot_id(self) -> str:
        """Another one after each power cut, the same after a kill."""
        return f"{self.name}/{len(self.boots)}"

    def boottime_s(self) -> float:
        """Seconds since the power came."""
        return self.timeline.now_s - self._booted_s

    def wall(self) -> datetime:
        """What its wall clock says, aware UTC."""
        return self.timeline.now + timedelta(seconds=self._wall_s() - self.timeline.now_s)

    def is_synchronised(self) -> bool:
        """Whether NTP has set the wall clock since the start."""
        return self.keeps_time or self.timeline.now_s >= self._right_at_s

    def hardware(self) -> Hardware:
        """What this machine has to tell the time by."""
        return Hardware(self.boot_id, self.boottime_s, self.wall, self.is_synchronised)

    def _wall_s(self) -> float:
        return self.timeline.now_s + (0.0 if self.is_synchronised() else self._wrong_by_s)

    def _set_clock(self) -> None:
        """A Pi goes on with the time that it wrote down last, until NTP answers; now and then with any time at all."""
        chance = self.timeline.chance
        self._right_at_s = self.timeline.now_s + chance.choice((30.0, 1_800.0, 14_400.0, 1e9, 1e9, 1e9))
        self._wrong_by_s = self._saved_s - self.timeline.now_s
        if not self.keeps_time and chance.random() < 0.1:
            self._wrong_by_s = chance.choice((-400.0, -1.0, 1.0, 400.0)) * 86_400


class MachineBell(Bell):
    """A bell whose waiter ends when its machine does."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine.timeline)
        self._machine, self._incarnation = machine, machine.starts

    def wait(self, timeout_s: float | None = None) -> Any:
        """As `Bell.wait`; `PowerCut` when the machine stopped meanwhile."""
        value = super().wait(timeout_s)
        self._check()
        return value

    def sleep(self, seconds: float) -> None:
        """As `Bell.sleep`; `PowerCut` when the machine stopped meanwhile."""
        super().sleep(seconds)
        self._check()

    def _check(self) -> None:
        if not self._machine.up or self._incarnation != self._machine.starts:
            raise PowerCut
