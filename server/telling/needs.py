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
class Unsent:
    """What the server could not send: `subject` as in `Alert`, a word key and its facts, of which `why` is one too."""

    subject: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    why: str | None = None
    why_facts: Mapping[str, object] = field(default_factory=dict)

    def alert(self, words: Words) -> Alert:
        """The same for managers."""
        why = {"why": words(self.why, **self.why_facts)} if self.why else {}
        return Alert(trouble=Trouble.UNSENT, subject=self.subject, sentence=words(self.key, **self.facts, **why))


class Needs:
    """Puts together what the hall, the devices and the server itself have to say."""

    def __init__(self, attendance: Attendance, kiosks_said: Callable[[], Mapping[str, Notes]]) -> None:
        self._attendance, self._kiosks_said = attendance, kiosks_said
        self._senders: list[Callable[[], Sequence[Unsent]]] = []

    def hear(self, sender: Callable[[], Sequence[Unsent]]) -> None:
        """Ask this sender as well from now on."""
        self._senders.append(sender)

    def devices(self, words: Words) -> list[DeviceNow]:
        """Every device, a kiosk with what it says of itself."""
        known = self._kiosks_said()
        return [
            one.model_copy(update={"notes": [sentence(note, words) for note in known.get(one.id, Notes()).notes]})
            if one.role == "kiosk"
            else one
            for one in self._attendance.devices()
        ]

    def unsent(self, words: Words) -> list[Alert]:
        """What the server could not send."""
        return [one.alert(words) for sender in self._senders for one in sender()]

    def alerts(self, hall: Hall, now: datetime, words: Words) -> list[Alert]:
        """All that needs somebody."""
        return [*alerts(hall, now, self.devices(words), words), *self.unsent(words)]


def sentence(note: Note, words: Words) -> str:
    """What a device says of itself, as a sentence."""
    try:
        return words(note.key, **note.facts)
    except (KeyError, AssertionError):
        # A kiosk of another version: its key is better than nothing.
        return note.key
