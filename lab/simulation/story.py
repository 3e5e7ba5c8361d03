"""The shortest useful story of a broken promise: what the trace says of its tickets and of the machines they met."""

from collections.abc import Sequence

from lab.simulation.seen import Violation
from lab.simulation.timeline import Note

# What changes what a machine can do.
_TURNS = (
    "starts",
    "loses",
    "is ",
    "power cut",
    "killed",
    "wire",
    "has trouble",
    "gets an empty",
    "are healed",
    "printer",
    "paper out",
    "paper in",
)
_AROUND_S = 1_200.0
_LONGEST_VISIT_S = 4 * 3_600.0
_ID = 36  # characters of a UUID
_MOST = 60


def story(trace: Sequence[Note], violation: Violation) -> list[Note]:
    """The notes about a violation's tickets, and the turns that their machines took around those times."""
    ids = {word for word in violation.about if len(word) == _ID}
    about = [note for note in trace if _tells(note, ids or {*violation.about})]
    if not about:
        return list(trace[-_MOST:])
    began_s, ended_s = about[0].at_s, about[-1].at_s + _LONGEST_VISIT_S
    told = [note for note in trace if _tells(note, {*violation.about}) and began_s <= note.at_s <= ended_s]
    who = {note.who for note in told} | {"server", "faults"}
    turns = [note for note in trace if note.who in who and note.what.startswith(_TURNS)]
    near = [note for note in turns if any(abs(note.at_s - one.at_s) < _AROUND_S for one in told)]
    return sorted({*told, *near}, key=lambda note: note.at_s)[-_MOST:]


def _tells(note: Note, words: set[str]) -> bool:
    return note.who in words or not words.isdisjoint(note.what.replace(":", " ").split())
