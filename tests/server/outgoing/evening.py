"""A hall in the evening, when the reports of its day are due."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from dawr.messages import CallNext, Complete, IssueTicket, Serve
from dawr.text import without_isolates
from dawr.words import Words
from server.outgoing.daily import Daily, Way
from server.outgoing.days import Days
from tests.halls import small_centre
from tests.peer import until
from tests.server.live_writer import LiveWriter

CENTRE = small_centre()
SUNDAY = date(2026, 11, 22)


def at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CENTRE.zone).astimezone(UTC)


class Evening:
    """A hall on a real log, and the sender of its days; the time is the test's. `ways` are as `Daily` takes them."""

    def __init__(self, live: LiveWriter, ways: Callable[["Evening"], list[Way]], language: str = "en") -> None:
        self.live, self.ways, self.language = live, ways, language
        self.now_s, self.vouched = 1000.0, True
        self.sent: list[tuple[str, str]] = []
        self.start()

    def start(self) -> None:
        """Start the sender, again too: it knows what it keeps."""
        self.days = Days(self.live.log, CENTRE, lambda work: work())
        self.words = Words(self.language)
        self.daily = Daily(
            self.ways(self),
            lambda: self.live.writer.hall,
            lambda: self.live.now,
            lambda: self.vouched,
            self.days.had_visits,
            self.live.folder,
            lambda: self.now_s,
        )

    def record(self, what: str, to: str) -> None:
        self.sent.append((what, to))

    def look(self, now: datetime | None = None, for_s: float = 5) -> None:
        self.live.now = now or self.live.now
        for _ in range(round(for_s / 5)):
            self.now_s += 5
            self.daily.look()

    def visit(self, service: str = "birth", counter: str = "1") -> None:
        """Somebody comes, waits two minutes and is served for five."""
        self.live.do(IssueTicket(service=service, language="ar"))
        self.live.do(CallNext(counter=counter), after_s=120)
        self.live.do(Serve(counter=counter), after_s=10)
        self.live.do(Complete(counter=counter), after_s=300)

    def new_day(self, now: datetime) -> None:
        """The business day begins by itself."""
        self.live.now = now
        self.live.writer.start_day_if_due()
        until(lambda: self.live.writer.hall.day == now.astimezone(CENTRE.zone).date())

    def alerts(self) -> list[str]:
        """What managers read, in English."""
        return [without_isolates(one.alert(Words("en")).sentence) for one in self.daily.unsent()]
