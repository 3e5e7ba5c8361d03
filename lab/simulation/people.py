"""Visitors: they come, choose, take their paper, wait, and come to the counter that calls them, or do not."""

from dataclasses import dataclass
from functools import partial

from kiosk.issue import Refusal, Took
from kiosk.journal import Wish
from lab.simulation.kiosks import Kiosk
from lab.simulation.seen import Seen
from lab.simulation.timeline import Timeline

OPENS_S, LAST_VISITOR_S = 8 * 3600.0, 13.5 * 3600.0
THRONG_S = 1800.0


@dataclass
class Visit:
    """How far somebody has come: being served now at a counter, or served there to the end."""

    at_counter: str | None = None
    served_at: str | None = None


class People:
    """Everybody who is not at work."""

    def __init__(
        self, timeline: Timeline, seen: Seen, services: tuple[str, ...], classes: tuple[str | None, ...]
    ) -> None:
        self._timeline, self._seen = timeline, seen
        self._services, self._classes = services, classes
        self._visits: dict[str, Visit] = {}
        self.throngs: list[float] = []
        """When many come at once, within half an hour; seconds of the timeline."""

    def come(self, day_s: float, kiosks: list[Kiosk], visitors: int) -> None:
        """So many visitors come on a day, in throngs as they do."""
        chance = self._timeline.chance
        throngs = [day_s + chance.uniform(OPENS_S, LAST_VISITOR_S - THRONG_S) for _ in range(chance.randint(1, 4))]
        self.throngs += throngs
        for _ in range(visitors):
            at_s = chance.choice(throngs) + chance.uniform(0, THRONG_S)
            wish = Wish(
                service=chance.choice(self._services), language="ar", visitor_class=chance.choice(self._classes)
            )
            self._timeline.at(at_s, partial(self._try, wish, kiosks, 3))

    def arrives(self, id: str, counter: str) -> bool:
        """Whether the one with this ticket comes to the counter, called there; nobody comes twice."""
        visit = self._visits.setdefault(id, Visit())
        if visit.served_at is not None:
            self._seen.broken("I3", f"{id} was served at {visit.served_at} and is called at {counter} again", id)
        if visit.at_counter not in (None, counter):
            self._seen.broken("I3", f"{id} is at {visit.at_counter} and is called at {counter} too", id)
        holds_paper = any(paper.id == id and paper.at_s < paper.given_s + 60 for paper in self._seen.whole_papers())
        if not holds_paper or self._timeline.happens(0.07):
            return False
        visit.at_counter = counter
        return True

    def sent_away(self, id: str) -> None:
        """The counter let the visitor go on waiting, or somebody took an action back."""
        self._visits[id] = Visit()

    def served(self, id: str, counter: str) -> None:
        """The visit was completed, and the clerk knows."""
        self._visits[id] = Visit(served_at=counter)

    def _try(self, wish: Wish, kiosks: list[Kiosk], tries: int) -> None:
        ready = [kiosk for kiosk in kiosks if kiosk.is_ready]
        if not tries:
            return
        again_s = self._timeline.chance.uniform(5, 120)
        if not ready:
            # Behind somebody else one waits; in front of a dark screen one comes back later, or leaves.
            queues = any(kiosk.is_busy for kiosk in kiosks)
            wait_s = self._timeline.chance.uniform(0.5, 2.0) if queues else again_s
            self._timeline.after(wait_s, partial(self._try, wish, kiosks, tries - (not queues)))
            return

        def hear(said: Took | Refusal) -> None:
            if isinstance(said, Refusal):
                self._timeline.after(again_s, partial(self._try, wish, kiosks, tries - 1))

        self._timeline.chance.choice(ready).press(wish, hear)
