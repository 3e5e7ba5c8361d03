"""A small centre in one process: the real journal of a kiosk and the real log of a server, at work in one folder.

What a person or a device gets to know is said, one JSON object a line, at the moment at which they know it; whatever
was said is promised. `python -m lab.power.small_hall FOLDER` says it on standard output.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from dawr.clock import Moment, Trust
from dawr.errors import DawrError, StorageFailed
from dawr.ids import new_id
from dawr.messages import CallNext, Command, HandIn, IssueTicket, Serve
from dawr.settings.centre import Centre, read_centre
from kiosk.identity import owner
from kiosk.journal import Fate, Wish
from kiosk.opening import RESERVE, open_journal
from server.keeping.log import Log
from server.keeping.writer import Writer

KIOSK = "kiosk-1"
CENTRE = Path(__file__).parents[2] / "config" / "small-town" / "centre.toml"
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
"""09:00 in Damascus, on a working day."""
SERVICES = ("individual-record", "home-rental", "water-bill")
"""One of each line."""

Fact = dict[str, Any]


class SmallHall:
    """The centre's parts. Opening it is what happens after a power cut; `say` takes each fact as it becomes known;
    `adopts` opens what another machine wrote."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[Fact], None],
        centre: Centre | None = None,
        begins: datetime = SUNDAY,
        *,
        adopts: bool = False,
    ) -> None:
        self.centre = centre or read_centre(CENTRE)
        self._say, self._begins = say, begins
        self._boot, self._ticks = new_id(), count()
        self.journal = open_journal(folder, owner(KIOSK), folder / RESERVE, adopts=adopts).journal
        self.log = Log(folder)
        self.writer = Writer(self.centre, self.log, lambda: self.now().wall)

    def close(self) -> None:
        """Let go of both files."""
        self.journal.close()
        self.log.close()

    def now(self) -> Moment:
        """An instant of this boot, a little later each time."""
        since_s = next(self._ticks) * 0.01
        return Moment(self._boot, 100 + since_s, self._begins + timedelta(seconds=since_s), Trust.NTP)

    def work(self, rounds: int | None = None) -> None:
        """Kiosk, reception and both counters at the same time, so many rounds each (None: without end)."""
        people = [self.kiosk, self.reception, self.counter("1"), self.counter("2")]
        threads = [Thread(target=_rounds, args=(act, rounds)) for act in people]
        writer = Thread(target=self.writer.run)
        for thread in (writer, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        self.writer.stop()
        writer.join()

    def kiosk(self, turn: int) -> None:
        """Give a number, print it, write down that it came out; hand in what the server does not know, at times."""
        # What could not be stored is not printed, and the next visitor comes.
        with suppress(StorageFailed):
            self.give(SERVICES[turn % len(SERVICES)])
            if turn % 3 == 2:
                self.hand_in()

    def give(self, service: str) -> str:
        """The kiosk's whole path of a ticket, without a real printer. Gives the number."""
        wish = Wish(service=service, language="ar")
        given = self.journal.give(wish, self.centre, self.centre.ranges[KIOSK], self.now())
        self._say({"paper": given.number, "ticket": given.id})
        self.journal.settle(given.id, Fate.PRINTED)
        return given.number

    def hand_in(self, do: Callable[[Command], Fact] | None = None) -> bool:
        """Tell the server of tickets that it does not know, at most 50. `do` has it done. Whether there were any."""
        tickets = self.journal.untold(50)
        if tickets:
            printed = tuple(ticket.printed() for ticket in tickets)
            answer = (do or self.do)(HandIn(issuer=KIOSK, sent=self.now(), tickets=printed))
            if "refused" not in answer:
                self.journal.told([ticket.id for ticket in tickets])
        return bool(tickets)

    def reception(self, turn: int) -> None:
        """A ticket from the server's own numbers."""
        self.do(IssueTicket(service=SERVICES[turn % len(SERVICES)], language="ar"))

    def counter(self, counter: str) -> Callable[[int], None]:
        """A clerk who calls, and serves."""

        def turn(turn: int) -> None:
            self.do((Serve if turn % 2 else CallNext)(counter=counter))

        return turn

    def do(self, command: Command) -> Fact:
        """Have a command done, and say what was answered. A refusal is an answer as well, a doubt is none."""
        id = new_id()
        waiting = self.writer.submit(command, id)
        try:
            answer = waiting.result()
        except StorageFailed as doubt:
            return {"refused": doubt.code}
        except DawrError as refusal:
            answer = {"refused": refusal.code}
        self._say({"command": id, "name": command.NAME, "answer": answer})
        return answer

    def do_alone(self, command: Command) -> Fact:
        """The same while nobody works."""
        waiting = self.writer.submit(command)
        self.writer.run_until_idle()
        return waiting.result()


def facts(said: list[str]) -> Iterator[Fact]:
    """The facts in what was said; a line that was cut off was said to nobody."""
    for line in "".join(said).splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _rounds(act: Callable[[int], None], rounds: int | None) -> None:
    for turn in count() if rounds is None else range(rounds):
        act(turn)


def _say_on_stdout(fact: Fact) -> None:
    os.write(sys.stdout.fileno(), f"{json.dumps(fact)}\n".encode())


def main() -> None:
    """Work for some rounds in a folder, then end as a power cut ends it: nothing is closed."""
    SmallHall(Path(sys.argv[1]), _say_on_stdout).work(int(sys.argv[2]))
    os._exit(0)


if __name__ == "__main__":
    main()
