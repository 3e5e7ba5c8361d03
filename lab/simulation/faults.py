"""What goes wrong in a centre, and when. Each seed has its own mixture, so that rare pairs of faults meet too."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.simulation.machines import Machine
from lab.simulation.people import THRONG_S
from lab.simulation.timeline import DAY_S

if TYPE_CHECKING:
    from lab.simulation.hall import SimulatedHall

OPENS_S, CLOSES_S = 7.2 * 3600, 15 * 3600
NIGHT_S, MORNING_S = 19.5 * 3600, 7.0 * 3600


class Faults:
    """The bad luck of one simulation."""

    def __init__(self, hall: "SimulatedHall", days: int) -> None:
        self._hall, self._timeline, self._chance = hall, hall.timeline, hall.timeline.chance
        kinds = sorted(_KINDS)
        self._kinds = self._chance.sample(kinds, self._chance.randint(1, len(kinds)))
        self._most = self._chance.choice((0, 3, 8, 16))
        hall.server.machine.cut_chance = self._chance.choice((0.0, 0.0005, 0.002))
        for kiosk in hall.kiosks:
            kiosk.machine.cut_chance = self._chance.choice((0.0, 0.002, 0.01))
        for counter in hall.counters:
            counter.machine.cut_chance = self._chance.choice((0.0, 0.0, 0.005))
        for line in hall.network.lines:
            line.wire.late = self._chance.choice((0.0, 0.02, 0.2))
            line.wire.twice = self._chance.choice((0.0, 0.01, 0.1))
        for day in range(days):
            for _ in range(self._chance.randint(0, self._most)):
                self._timeline.at(self._when(day), self._strike(self._chance.choice(self._kinds)))
            if day + 1 < days:
                self._timeline.at(day * DAY_S + NIGHT_S, self._night)
        self._timeline.at((days - 1) * DAY_S + CLOSES_S, self.heal)

    def heal(self) -> None:
        """Nothing goes wrong any more, and what is broken is repaired."""
        hall = self._hall
        self._timeline.note("faults", "are healed")
        for machine in hall.machines:
            machine.cut_chance = 0.0
            if machine.disk:
                machine.disk.failing = 0.0
            machine.start()
        for line in hall.network.lines:
            line.wire.late = line.wire.twice = 0.0
            hall.network.heal(line)
        for kiosk in hall.kiosks:
            kiosk.printer.proves = True
            kiosk.printer.set_power(True)
            kiosk.printer.set_paper(True)

    def _when(self, day: int) -> float:
        """Most often when there are many people: at other times little depends on it."""
        throngs = [at_s for at_s in self._hall.people.throngs if at_s // DAY_S == day]
        if self._timeline.happens(0.3):
            return day * DAY_S + self._chance.uniform(OPENS_S, CLOSES_S)
        return self._chance.choice(throngs) + self._chance.uniform(-THRONG_S / 4, THRONG_S)

    def _strike(self, kind: str) -> Callable[[], None]:
        return lambda: _KINDS[kind](self)

    def _night(self) -> None:
        """People go home: they shut down, pull a plug, or leave everything on."""
        hall, chance = self._hall, self._chance
        how = chance.choice(("off", "off", "off", "plug", "on"))
        if how == "on":
            return
        for machine in hall.machines:
            late_s = chance.choice((0.0, 0.0, 3_600.0, 14_400.0)) + chance.uniform(0, 60)
            off_s = DAY_S - NIGHT_S + MORNING_S + late_s
            self._timeline.after(chance.uniform(0, 90), self._off(machine.name, off_s, clean=how == "off"))

    def _off(self, name: str, off_s: float, *, clean: bool) -> Callable[[], None]:
        machine = next(one for one in self._hall.machines if one.name == name)
        return lambda: machine.stop(off_s, why="is shut down" if clean else "is unplugged", clean=clean)

    def _away_s(self) -> float:
        return self._chance.choice((1.0, 20.0, 60.0, 600.0, 3_600.0)) * self._chance.uniform(0.5, 2)

    # --- The kinds ------------------------------------------------------------------------------------------------

    def _kiosk_cut(self) -> None:
        self._chance.choice(self._hall.kiosks).machine.stop(self._away_s(), why="loses power")

    def _kiosk_killed(self) -> None:
        self._chance.choice(self._hall.kiosks).machine.stop(2.0, why="is killed", power_gone=False)

    def _kiosk_flaps(self) -> None:
        machine = self._chance.choice(self._hall.kiosks).machine
        for turn in range(5):
            self._timeline.after(
                turn * self._chance.uniform(5, 40), lambda: machine.stop(self._chance.uniform(1, 4), why="loses power")
            )

    def _server_cut(self) -> None:
        self._hall.server.machine.stop(self._away_s(), why="loses power")

    def _server_killed(self) -> None:
        self._hall.server.machine.stop(2.0, why="is killed", power_gone=False)

    def _counter_cut(self) -> None:
        self._chance.choice(self._hall.counters).machine.stop(self._away_s(), why="loses power")

    def _all_cut(self) -> None:
        away_s = self._away_s()
        for machine in self._hall.machines:
            machine.stop(away_s + self._chance.uniform(0, 90), why="loses power with all others")
        for kiosk in self._hall.kiosks:
            kiosk.printer.set_power(False)
            self._timeline.after(away_s, lambda printer=kiosk.printer: printer.set_power(True))  # type: ignore[misc]

    def _wire_cut(self) -> None:
        line = self._chance.choice(self._hall.network.lines)
        up, down = self._chance.choice(((True, True), (True, False), (False, True)))
        self._hall.network.block(line, up=up, down=down)
        self._timeline.after(self._chance.choice((3, 15, 300, 3_000, 60_000)), lambda: self._hall.network.heal(line))

    def _switch_off(self) -> None:
        away_s = self._away_s()
        for line in self._hall.network.lines:
            self._hall.network.block(line, up=True, down=True)
            self._timeline.after(away_s, lambda line=line: self._hall.network.heal(line))  # type: ignore[misc]

    def _paper_out(self) -> None:
        printer = self._chance.choice(self._hall.kiosks).printer
        printer.set_paper(False)
        self._timeline.after(self._away_s(), lambda: printer.set_paper(True))

    def _printer_unplugged(self) -> None:
        printer = self._chance.choice(self._hall.kiosks).printer
        printer.set_power(False)
        self._timeline.after(self._away_s(), lambda: printer.set_power(True))

    def _printer_silent(self) -> None:
        printer = self._chance.choice(self._hall.kiosks).printer
        printer.proves = False
        self._timeline.after(self._away_s(), lambda: setattr(printer, "proves", True))

    def _journal_fails(self) -> None:
        self._disk_fails(self._chance.choice(self._hall.kiosks).machine)

    def _log_fails(self) -> None:
        self._disk_fails(self._hall.server.machine)

    def _disk_fails(self, machine: Machine) -> None:
        disk = machine.disk
        assert disk is not None
        disk.failing = self._chance.choice((0.1, 0.3, 1.0))
        self._timeline.note(machine.name, "has trouble with its disk")
        self._timeline.after(self._chance.uniform(5, 1_800), lambda: setattr(disk, "failing", 0.0))

    def _empty_card(self) -> None:
        kiosk = self._chance.choice(self._hall.kiosks)
        kiosk.machine.stop(300.0, why="loses power")
        self._timeline.after(100.0, kiosk.lose_journal)


_KINDS: dict[str, Callable[[Faults], None]] = {
    "all cut": Faults._all_cut,
    "counter cut": Faults._counter_cut,
    "empty card": Faults._empty_card,
    "journal fails": Faults._journal_fails,
    "kiosk cut": Faults._kiosk_cut,
    "kiosk flaps": Faults._kiosk_flaps,
    "kiosk killed": Faults._kiosk_killed,
    "log fails": Faults._log_fails,
    "paper out": Faults._paper_out,
    "printer silent": Faults._printer_silent,
    "printer unplugged": Faults._printer_unplugged,
    "server cut": Faults._server_cut,
    "server killed": Faults._server_killed,
    "switch off": Faults._switch_off,
    "wire cut": Faults._wire_cut,
}
