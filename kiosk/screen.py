"""The kiosk's touch screen: touches and news come in, the visit goes on, and what has changed is painted."""

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pygame

from dawr.messages import Note
from dawr.settings.devices import TouchScreen
from dawr.words import Words
from kiosk.issue import Health, Took
from kiosk.journal import Journal
from kiosk.knowledge import Knowledge
from kiosk.measures import Measures
from kiosk.notes import Standing, notes, standing
from kiosk.pages import scene
from kiosk.painting import paint
from kiosk.scene import Scene, Target, touched
from kiosk.visit import Order, Surroundings, Visit, finish, fresh, shown, tick, touch, warning_s
from kiosk.worker import Finished, News

REFRESH_S = 1.0
TURN_S = 0.015
# A finger that trembles or rests touches twice within this time and distance.
BOUNCE_S, BOUNCE_MM = 0.3, 12.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Touched:
    """A finger, in fractions of the screen, at a monotonic time."""

    x: float
    y: float
    at_s: float


class KioskScreen:
    """The screen on a surface. `order` starts printing; `show`, once set, gets each new picture (the test bench).

    Without a journal nothing can be ordered, and `health` says why. `tell` hears what staff should know, as it changes.
    """

    def __init__(
        self,
        surface: pygame.Surface,
        settings: TouchScreen,
        knowledge: Knowledge,
        journal: Journal | None,
        order: Callable[[Order], None],
        *,
        health: Health | None = None,
        silent_for_s: Callable[[], float] = lambda: 0.0,
        replaced: bool = False,
        tell: Callable[[tuple[Note, ...]], None] = lambda _notes: None,
    ) -> None:
        self.surface, self._settings = surface, settings
        self._knowledge, self._journal, self._order = knowledge, journal, order
        self.show: Callable[[bytes, tuple[int, int]], None] | None = None
        self._silent_for_s, self._replaced, self._tell = silent_for_s, replaced, tell
        self._health = health or Health()
        self._inbox: queue.SimpleQueue[Touched | News | None] = queue.SimpleQueue()
        self._around = Surroundings()
        self._visit = fresh(self._around, time.monotonic())
        self._scene: Scene = ()
        self._drawn_from: tuple[Visit, Surroundings, int | None] | None = None
        self._refreshed_s = -REFRESH_S
        self._last_touch = Touched(0, 0, -1)
        self._last_number: str | None = None
        self._ended = False

    def tap(self, x: float, y: float) -> None:
        """Touch the screen at fractions 0..1 of it; for any thread."""
        self._inbox.put(Touched(x, y, time.monotonic()))

    def hear(self, news: News) -> None:
        """Take news from the worker; for any thread."""
        self._inbox.put(news)

    def wake(self) -> None:
        """Something that the screen shows has changed; for any thread."""
        self._refreshed_s = -REFRESH_S

    def end(self) -> None:
        """End the loop soon; for any thread and for signals."""
        self._ended = True

    def run(self) -> None:
        """Be the kiosk until the end."""
        while not self._ended:
            self.turn(TURN_S)

    def turn(self, wait_s: float) -> None:
        """One turn of the loop: what has come in, what time it is, what has changed."""
        self._take(wait_s)
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self._ended = True
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                width, height = self.surface.get_size()
                self.tap(event.pos[0] / width, event.pos[1] / height)
        now_s = time.monotonic()
        if now_s - self._refreshed_s >= REFRESH_S:
            self._refresh(now_s)
        self._visit = tick(self._visit, self._around, now_s)
        self._draw(now_s)

    def state(self) -> dict[str, Any]:
        """What the bench tells of this kiosk. `targets`: what can be touched, with the middle of it as fractions."""
        width, height = self.surface.get_size()
        middles = {
            _name(item): [
                round((item.box.x + item.box.width / 2) / width, 4),
                round((item.box.y + item.box.height / 2) / height, 4),
            ]
            for item in self._scene
            if isinstance(item, Target)
        }
        return {
            "page": shown(self._visit, self._around).value,
            "language": self._visit.language,
            "number": self._last_number,
            "fault": self._health.fault.key if self._health.fault else None,
            "up": self._knowledge.is_fresh(),
            "turned_away": self._knowledge.turned_away(),
            "code": self._around.admission.letters if self._around.admission else None,
            "not_handed_in": self._journal.not_handed_in() if self._journal else None,
            "replaced": self._replaced,
            "near_end": self._health.near_end,
            "refused": self._journal.refusals() if self._journal else None,
            "notes": [note.key for note in self._around.notes],
            "targets": middles,
        }

    def _take(self, wait_s: float) -> None:
        try:
            news = self._inbox.get(timeout=wait_s)
            while True:
                self._hear(news)
                news = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _hear(self, news: Touched | News | None) -> None:
        match news:
            case Touched():
                self._touch(news)
            case Health():
                self._health = news
                self.wake()
            case Finished(_, result):
                if isinstance(result, Took):
                    self._last_number = result.number
                self._visit = finish(self._visit, result, self._around, time.monotonic())
                self.wake()
            case BaseException():
                raise news

    def _touch(self, finger: Touched) -> None:
        width, height = self.surface.get_size()
        target = touched(self._scene, finger.x * width, finger.y * height)
        bounced = self._bounced(finger) and not (target and target.is_key)
        if target is None or bounced:
            return
        self._last_touch = finger
        self._visit, order = touch(self._visit, target.action, self._around, finger.at_s)
        if order:
            self._order(order)

    def _bounced(self, finger: Touched) -> bool:
        width, height = self.surface.get_size()
        last = self._last_touch
        measures = Measures(width, height, self._settings.inches)
        near = max(abs(finger.x - last.x) * width, abs(finger.y - last.y) * height) < measures.mm(BOUNCE_MM)
        return near and finger.at_s - last.at_s < BOUNCE_S

    def _refresh(self, now_s: float) -> None:
        self._refreshed_s = now_s
        centre, now = self._knowledge.centre, self._knowledge.now()
        said = notes(self._standing())
        if said != self._around.notes:
            self._tell(said)
        around = Surroundings(
            centre=centre,
            offers=self._knowledge.offers(self._journal),
            fault=self._health.fault,
            staff_marks=_marks(said),
            notes=said,
            clock=Words("en", centre.centre.digits).time(now.astimezone(centre.zone)) if centre and now else "",
            idle_s=self._settings.idle_s,
            strong=self._settings.theme == "contrast",
            kiosk=self._knowledge.kiosk,
            admission=self._knowledge.admission(),
        )
        if self._around.centre != around.centre:
            self._visit = fresh(around, now_s)
        self._around = around

    def _standing(self) -> Standing:
        return standing(
            self._health,
            self._knowledge,
            self._journal,
            silent_for_s=self._silent_for_s(),
            replaced=self._replaced,
        )

    def _draw(self, now_s: float) -> None:
        drawn_from = (self._visit, self._around, warning_s(self._visit, self._around, now_s))
        if drawn_from == self._drawn_from:
            return
        self._drawn_from = drawn_from
        painted = scene(self._visit, self._around, self.surface.get_size(), self._settings.inches, now_s)
        if painted == self._scene:
            return
        self._scene = painted
        paint(self.surface, painted)
        pygame.display.flip()
        if self.show:
            self.show(pygame.image.tobytes(self.surface, "RGB"), self.surface.get_size())


def _marks(said: tuple[Note, ...]) -> tuple[str, ...]:
    """A mark for each kind of note."""
    kinds = {"staff.near_end": "bills", "staff.offline": "offline", "staff.offline_since": "offline"}
    return tuple(dict.fromkeys(kinds.get(note.key, "warning") for note in said))


def _name(target: Target) -> str:
    """A target's name on the bench: `OpenCategory civil`."""
    action = target.action
    values = [str(getattr(action, name)) for name in action.__dataclass_fields__]
    return " ".join([type(action).__name__, *values])
