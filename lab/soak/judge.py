"""Whether a process has grown: its samples at equal states, held against what is allowed. Pure.

A process that is killed begins anew, so that each of its lives is judged for itself, after a warm-up of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_GROWTH = 0.05
LEAST_SAMPLES = 3
MOST_WAL_BYTES = 16 * 1024 * 1024
"""As `server.keeping.log` and `kiosk.journal` limit it."""
LINES_A_START = 25


@dataclass(frozen=True, slots=True)
class Sample:
    """A process at a quiet moment: `tickets` of the day given, memory in bytes, open files, threads."""

    tickets: int
    rss_bytes: int
    descriptors: int
    threads: int
    wal_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a process, from its warm sample to its last.

    `growth` is the share by which it grew beyond what it has to keep of each ticket.
    """

    part: str
    samples: tuple[Sample, ...]
    growth: float

    @property
    def warm(self) -> Sample:
        """The first sample after the warm-up."""
        return self.samples[0]

    @property
    def end(self) -> Sample:
        """The last one."""
        return self.samples[-1]

    def wrongs(self) -> Iterator[str]:
        """What is not allowed, a sentence each."""
        if self.growth > MOST_GROWTH:
            yield f"{self.part} grew by {self.growth:.1%}"
        if rises([one.descriptors for one in self.samples]):
            yield f"{self.part} leaks descriptors: {self.warm.descriptors} became {self.end.descriptors}"
        if rises([one.threads for one in self.samples]):
            yield f"{self.part} leaks threads: {self.warm.threads} became {self.end.threads}"
        if (wal := max(one.wal_bytes for one in self.samples)) > MOST_WAL_BYTES:
            yield f"{self.part} has a WAL of {wal} bytes"


def life(part: str, samples: Sequence[Sample], warm_up: int, bytes_a_ticket: float = 0.0) -> Life | None:
    """One life judged after a warm-up of so many tickets; None if it was too short to judge.

    `bytes_a_ticket`: what the process has to keep of each ticket of the day, which is no leak.
    """
    warmed = tuple(one for one in samples if one.tickets >= samples[0].tickets + warm_up)
    if len(warmed) < LEAST_SAMPLES:
        return None
    warm, end = warmed[0], warmed[-1]
    kept = bytes_a_ticket * (end.tickets - warm.tickets)
    return Life(part, warmed, (end.rss_bytes - kept) / warm.rss_bytes - 1)


def rises(counts: Sequence[int]) -> bool:
    """Whether the later half lies wholly above the earlier half: what only goes up and down does not."""
    half = len(counts) // 2
    return min(counts[half:]) > max(counts[:half])


def chatter(part: str, lines: int, tickets: int, starts: int, lines_a_ticket: float) -> Iterator[str]:
    """What is wrong with the length of a log: `starts` are those of the process and of its server."""
    if lines > lines_a_ticket * tickets + LINES_A_START * starts:
        yield f"{part} has logged {lines} lines about {tickets} tickets and {starts} starts"
