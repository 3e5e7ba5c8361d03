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
_MOST = 60


def story(trace: Sequence[Note], violation: Violation) -> list[Note]:
    """The notes about a violation's tickets, and the turns that their machines took around those times."""
    told = [note for note in trace if any(word in note.what.split() or word == note.who for word in violation.about)]
    if not told:
        return list(trace[-_MOST:])
    who = {note.who for note in told} | {"server", "faults"}
    times = [note.at_s for note in told]
    around = [
        note
        for note in trace
        if note.who in who and note.what.startswith(_TURNS) and any(abs(note.at_s - at_s) < _AROUND_S for at_s in times)
    ]
    return sorted({*told, *around}, key=lambda note: note.at_s)[-_MOST:]
