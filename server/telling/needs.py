"""What needs somebody now, in the words of whoever asks: the managers' page, or a program elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dawr.hall import Hall
from dawr.messages import Note
from dawr.overview import Alert, DeviceNow, Trouble, alerts
from dawr.words import Words
from server.interface.routes import Notes
from server.telling.attendance import Attendance


@dataclass(frozen=True, slots=True)
class Need:
    """What the server itself needs: `subject` as in `Alert`, a word key and its facts, of which `why` is one too."""

    subject: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    why: str | None = None
    why_facts: Mapping[str, object] = field(default_factory=dict)
    trouble: Trouble = Trouble.UNSENT

    def alert(self, words: Words) -> Alert:
        """The same for managers."""
        why = {"why": words(self.why, **self.why_facts)} if self.why else {}
        return Alert(trouble=self.trouble, subject=self.subject, sentence=words(self.key, **self.facts, **why))


class Needs:
    """Puts together what the hall, the devices and the server itself have to say."""

    def __init__(self, attendance: Attendance, kiosks_said: Callable[[], Mapping[str, Notes]]) -> None:
        self._attendance, self._kiosks_said = attendance, kiosks_said
        self._parts: list[Callable[[], Sequence[Need]]] = []

    def hear(self, part: Callable[[], Sequence[Need]]) -> None:
        """Ask this part of the server as well from now on."""
        self._parts.append(part)

    def devices(self, words: Words) -> list[DeviceNow]:
        """Every device, a kiosk with what it says of itself."""
        known = self._kiosks_said()
        return [
            one.model_copy(update={"notes": [sentence(note, words) for note in known.get(one.id, Notes()).notes]})
            if one.role == "kiosk"
            else one
            for one in self._attendance.devices()
        ]

    def own(self, words: Words) -> list[Alert]:
        """What the server itself needs."""
        return [one.alert(words) for part in self._parts for one in part()]

    def alerts(self, hall: Hall, now: datetime, words: Words) -> list[Alert]:
        """All that needs somebody."""
        return [*alerts(hall, now, self.devices(words), words), *self.own(words)]


def sentence(note: Note, words: Words) -> str:
    """What a device says of itself, as a sentence."""
    try:
        return words(note.key, **note.facts)
    except (KeyError, AssertionError):
        # A kiosk of another version: its key is better than nothing.
        return note.key
