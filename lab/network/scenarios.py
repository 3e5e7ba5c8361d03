"""What can happen to a hall's network, one function each: it breaks something, lets people go on, and mends it.

Each gets a hall in which all agree and leaves one. What it notes is a row of the table in docs/reliability.md.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.network.evidence import broken_promises
from lab.network.hall import AGREE_S, Lab
from lab.network.machines import KioskMachine, Machine, wait_until

NOTICE_S, RECOVER_S = 10.0, 5.0
"""Screens say within 10 s what is stale; all agree within 5 s of the cure."""


@dataclass
class Row:
    """What a fault came to: seconds until every screen it concerns said so, seconds from its cure until all agreed.

    None where there was nothing to notice or nothing to cure. `saw`: what people saw meanwhile.
    """

    name: str
    fault: str
    noticed_s: float | None = None
    recovered_s: float | None = None
    saw: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault in words, and the function that plays it."""

    fault: str
    play: Callable[[Lab, "Stage"], None]
    recover_s: float = RECOVER_S
    """Seconds until all agree again that are allowed."""


class Stage:
    """What a scenario notes while it plays; pictures go into `out`, if there is one."""

    def __init__(self, lab: Lab, row: Row, out: Path | None) -> None:
        self._lab, self.row, self._out = lab, row, out

    def notice(self, what: str, *facts: Callable[[], bool]) -> None:
        """Wait until the screens say what is wrong."""
        self.row.noticed_s = wait_until(lambda: all(fact() for fact in facts), 2 * NOTICE_S, what)
        self.row.saw.append(what)

    def see(self, what: str, *machines: Machine) -> None:
        """Note what people see, with pictures of these machines' screens."""
        self.row.saw.append(what)
        for machine in machines if self._out else ():
            assert self._out
            (self._out / f"{self.row.name}-{machine.name}.png").write_bytes(machine.picture())

    def tickets(self, *kiosks: KioskMachine) -> None:
        """Let a visitor take a ticket at each."""
        numbers = [kiosk.take_ticket() for kiosk in kiosks]
        self.row.saw.append(f"kiosks gave {', '.join(numbers)}")

    @contextmanager
    def cure(self) -> Iterator[None]:
        """What mends the fault happens inside; from its end on until all agree is the time to recover."""
        yield
        self.row.recovered_s = self._lab.until_all_agree(AGREE_S)


def play(lab: Lab, name: str, out: Path | None = None, slack: float = 1.0) -> Row:
    """Play a scenario, mend everything, and look whether the promises were kept.

    `slack`: how many times the promised seconds are allowed, on a machine that is busy with other things.
    """
    scenario = SCENARIOS[name]
    row = Row(name, scenario.fault)
    try:
        scenario.play(lab, Stage(lab, row, out))
    except OSError as problem:
        row.broken.append(str(problem))
    try:
        lab.repair()
        row.broken += broken_promises(lab.slips, lab.server.events())
    except OSError as problem:
        row.broken.append(str(problem))
    if row.noticed_s is not None and row.noticed_s > slack * NOTICE_S:
        row.broken.append(f"it was noticed after {row.noticed_s:.1f} s")
    if row.recovered_s is not None and row.recovered_s > slack * scenario.recover_s:
        row.broken.append(f"all agreed only {row.recovered_s:.1f} s after the cure")
    return row


# --- Cables ----------------------------------------------------------------------------------------------------------


def _server_cut_off(lab: Lab, stage: Stage) -> None:
    lab.cut(lab.server)
    stage.notice("board, kiosks and box say that the server is gone", *_all_say_gone(lab))
    stage.tickets(*lab.kiosks)
    lab.counter.press("next")
    stage.see("the press is refused by the lamp", lab.board, lab.kiosks[0])
    wait_until(lambda: lab.counter.state["last"] == "no_connection", 5, "the lamp refuses the press")
    with stage.cure():
        lab.heal()
    lab.call_next()


def _short_cut(lab: Lab, stage: Stage) -> None:
    """Too short to be noticed: the same connections go on."""
    lab.cut(lab.server)
    stage.tickets(*lab.kiosks)
    time.sleep(4)
    with stage.cure():
        lab.heal()


def _one_way_cut(lab: Lab, stage: Stage) -> None:
    kiosk = lab.kiosks[0]
    lab.cut_one_way(kiosk)
    stage.notice("the kiosk shows no waiting times any more", lambda: not kiosk.state["up"])
    stage.tickets(*lab.kiosks)
    stage.see("board and other kiosk go on", kiosk)
    with stage.cure():
        lab.heal()


def _cable_out(lab: Lab, stage: Stage) -> None:
    lab.cable_out(lab.board)
    lab.cable_out(lab.kiosks[1])
    stage.notice(
        "the board says that it is stale", lambda: bool(lab.board.state["stale"]), lambda: not lab.kiosks[1].state["up"]
    )
    stage.tickets(*lab.kiosks)
    stage.see("the calls go on at the box", lab.board)
    with stage.cure():
        lab.heal()
    lab.call_next()


# --- Bad lines -------------------------------------------------------------------------------------------------------


def _loss(lab: Lab, stage: Stage) -> None:
    lab.lose(lab.server, 0.3)
    for _ in range(2):
        stage.tickets(*lab.kiosks)
        lab.call_next(AGREE_S)
    stage.see("numbers and calls come a little later", lab.board)
    with stage.cure():
        lab.heal()


def _delay(lab: Lab, stage: Stage) -> None:
    lab.delay(lab.server, 0.1, 0.2)
    for _ in range(2):
        stage.tickets(*lab.kiosks)
        lab.call_next(AGREE_S)
    stage.see("numbers and calls come a little later")
    with stage.cure():
        lab.heal()


def _duplicates(lab: Lab, stage: Stage) -> None:
    lab.double(lab.server, 0.5)
    for _ in range(2):
        stage.tickets(*lab.kiosks)
        lab.call_next()
    stage.see("nothing")
    with stage.cure():
        lab.heal()


# --- Servers ---------------------------------------------------------------------------------------------------------


def _server_moves(lab: Lab, stage: Stage) -> None:
    """There is no cure but the devices' own: they notice, search, and find it at its new address."""
    lab.change_address(lab.server)
    began_s = time.monotonic()
    stage.tickets(*lab.kiosks)
    lab.until_all_agree(AGREE_S)
    stage.row.recovered_s = time.monotonic() - began_s
    stage.see("all found it at its new address")


def _server_killed(lab: Lab, stage: Stage) -> None:
    lab.server.kill()
    stage.notice("kiosks and box say that the server is gone", *_devices_say_gone(lab))
    stage.tickets(*lab.kiosks)
    with stage.cure():
        lab.server.start()
        wait_until(lab.server.answers, AGREE_S, "the server answers")
    lab.call_next()


def _server_ends(lab: Lab, stage: Stage) -> None:
    """In good order: its advertisement is taken back, and whoever looks for it does not find a ghost."""
    lab.server.stop()
    stage.notice("kiosks and box say that the server is gone", *_devices_say_gone(lab))
    if "skipped" in lab.server.log:
        stage.row.broken.append("the advertisement was not taken back")
    with stage.cure():
        lab.server.start()
        wait_until(lab.server.answers, AGREE_S, "the server answers")


def _two_servers(lab: Lab, stage: Stage) -> None:
    rival = lab.add_server("rival")
    try:
        _live_with(lab, stage, rival)
    finally:
        lab.remove(rival)


def _live_with(lab: Lab, stage: Stage, rival: Machine) -> None:
    rival.start()
    wait_until(rival.answers, AGREE_S, "the rival answers")
    both = (lab.server, rival)
    stage.notice("both servers say so to their managers", *[_knows_a_rival(server) for server in both])
    lab.kiosks[1].stop()
    lab.kiosks[1].start()
    wait_until(lab.kiosks[1].answers, AGREE_S, "the kiosk is there again")
    lab.until_all_agree()
    lab.server.kill()
    kiosk = lab.kiosks[0]
    wait_until(lambda: kiosk.state["turned_away"] == "other_log", AGREE_S, "the kiosk is turned away by the rival")
    stage.tickets(*lab.kiosks)
    wait_until(lambda: bool(lab.board.state["stale"]), NOTICE_S, "the board is stale")
    stage.see("the board and a mark on the kiosks tell staff; no device goes over to the other log", kiosk, lab.board)
    with stage.cure():
        lab.server.start()
        wait_until(lab.server.answers, AGREE_S, "the server answers")
    told = [entry["name"] for entry in rival.get("/api/v1/log", 8080)["events"]]
    if told != ["DayStarted"]:
        stage.row.broken.append(f"the other log got {told}")


def _fresh_among_two(lab: Lab, stage: Stage) -> None:
    """A device that never met a server takes none of two, since it cannot know which is right."""
    rival, board = lab.add_server("rival-2"), lab.add_board("new-board")
    try:
        rival.start()
        wait_until(_knows_a_rival(rival), AGREE_S, "both servers are advertised")
        board.start()
        wait_until(lambda: "two servers advertise" in board.log, AGREE_S, "the new board says that there are two")
        if board.state["sequence"] is not None:
            stage.row.broken.append("the new board took one of two servers")
        stage.see("the new board waits and says so in its journal", board)
        rival.stop()
        stage.row.recovered_s = wait_until(lambda: bool(board.state["sequence"]), AGREE_S, "the new board has a board")
    finally:
        lab.remove(rival)
        lab.remove(board)


# --- Kiosks ----------------------------------------------------------------------------------------------------------


def _start_into_partition(lab: Lab, stage: Stage) -> None:
    """New devices that know no address; zeroconf itself stops asking after 14 s."""
    kiosk = lab.kiosks[1]
    for machine in (kiosk, lab.board):
        machine.stop()
        for file in ("server.txt", "log.txt"):
            (machine.folder / "data" / file).unlink(missing_ok=True)
        lab.cut(machine)
        machine.start()
    for machine in (kiosk, lab.board):
        wait_until(machine.answers, AGREE_S, f"{machine.name} answers")
    stage.tickets(kiosk)
    stage.see("the kiosk gives tickets without times", kiosk, lab.board)
    time.sleep(20)
    with stage.cure():
        lab.heal()


def _kiosk_alone(lab: Lab, stage: Stage) -> None:
    kiosk = lab.kiosks[0]
    kiosk.kill()
    lab.cable_out(kiosk)
    kiosk.start()
    wait_until(kiosk.answers, AGREE_S, "the kiosk answers")
    stage.tickets(kiosk, kiosk)
    stage.see("slips without a time", kiosk)
    with stage.cure():
        lab.heal()


def _same_name(lab: Lab, stage: Stage) -> None:
    second = lab.add_kiosk("second", id="kiosk-1")
    try:
        second.start()
        wait_until(second.answers, AGREE_S, "the second kiosk answers")
        stage.notice(
            "the second kiosk says that there is another of its name",
            lambda: second.state["fault"] == "problem.device_twice",
        )
        stage.see("the first goes on", second)
        stage.tickets(*lab.kiosks)
        if second.printer.slips:
            stage.row.broken.append("the second kiosk gave a number")
    finally:
        lab.remove(second)


def _all_say_gone(lab: Lab) -> list[Callable[[], bool]]:
    return [lambda: bool(lab.board.state["stale"]), *_devices_say_gone(lab)]


def _devices_say_gone(lab: Lab) -> list[Callable[[], bool]]:
    return [
        lambda: lab.counter.state["mode"] == "no_connection",
        *(lambda kiosk=kiosk: not kiosk.state["up"] for kiosk in lab.kiosks),
    ]


def _knows_a_rival(server: Machine) -> Callable[[], bool]:
    return lambda: bool(server.state["rivals"])


SCENARIOS: dict[str, Scenario] = {
    "cut": Scenario("the server is cut off, both ways", _server_cut_off),
    "short-cut": Scenario("the server is cut off for 4 s", _short_cut),
    "one-way": Scenario("a kiosk hears nothing any more, but is heard", _one_way_cut),
    "cable-out": Scenario("the cables of the board and of a kiosk are pulled", _cable_out),
    "loss": Scenario("30 % of all frames are lost, each way", _loss),
    "delay": Scenario("every frame is 0.1 to 0.3 s late, each way, and out of order", _delay),
    "duplicates": Scenario("half of all frames come twice", _duplicates),
    "server-moves": Scenario("the server gets another address", _server_moves, NOTICE_S + RECOVER_S),
    "server-killed": Scenario("the server is killed and started again", _server_killed),
    "server-ends": Scenario("the server is ended and started again", _server_ends),
    "two-servers": Scenario("a second server of the same centre by mistake, then the first dies", _two_servers),
    "fresh-among-two": Scenario("a new board where two servers are", _fresh_among_two),
    "partition-at-start": Scenario("a new kiosk and a board start cut off for 20 s", _start_into_partition),
    "kiosk-alone": Scenario("a kiosk is killed and started with its cable pulled", _kiosk_alone),
    "same-name": Scenario("a second kiosk with the id of the first", _same_name),
}
"""Every scenario by its name."""
