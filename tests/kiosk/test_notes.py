"""What staff are told of a kiosk: a sentence for each thing that somebody should see to."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dawr.language import LANGUAGES
from dawr.messages import Note
from dawr.settings.centre import Centre
from dawr.words import Words
from kiosk.issue import Health, Refusal, Took
from kiosk.journal import Copy, Wish
from kiosk.notes import Standing, notes, standing
from kiosk.transport import Cause
from tests.kiosk.working import SUNDAY, working_kiosk

FAULTS = [f"printer.{cause}" for cause in Cause]
FAULTS += [f"kiosk.{key}" for key in ("no_settings", "disk_full", "cannot_store", "journal_lost", "too_many")]
FAULTS += ["problem.wrong_machine"]


def well(centre: Centre, **changes: object) -> Standing:
    return replace(Standing(Health(), SUNDAY, centre.zone), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", FAULTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_tells_staff_what_to_do(centre: Centre, key: str, language: str) -> None:
    [note] = notes(well(centre, health=Health(Refusal(key))))
    words = Words(language)
    assert words(note.key, **note.facts) != words(key), "visitors are told something else"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_at_once_is_said_the_fault_first(centre: Centre, language: str) -> None:
    everything = well(
        centre,
        health=Health(Refusal("kiosk.no_numbers", {"kiosk": "kiosk-9"}), near_end=True),
        now=None,
        silent_for_s=3600,
        not_handed_in=12,
        refused=2,
        in_doubt=("A012", "A015"),
        stuck=("3",),
        replaced=True,
    )
    said = [Words(language)(note.key, **note.facts) for note in notes(everything)]
    assert len(said) == len(set(said)) == 8
    for place, fact in enumerate(("kiosk-9", "3", "A015", "2", "12")):
        assert fact in said[place]


def test_a_kiosk_that_is_well_has_nothing_to_say(centre: Centre) -> None:
    assert notes(well(centre, silent_for_s=59)) == ()


def test_a_server_that_is_not_there_has_not_turned_the_kiosk_away(centre: Centre) -> None:
    assert notes(well(centre, turned_away="Connection error")) == ()
    [note] = notes(well(centre, turned_away="other_log"))
    assert note == Note(key="staff.turned_away", facts={"code": "other_log"})


@pytest.mark.parametrize("code", ["foreign_server", "plain_server", "not_paired"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_server_that_the_kiosk_does_not_believe_is_noted(centre: Centre, code: str, language: str) -> None:
    [note] = notes(well(centre, turned_away=code))
    assert note == Note(key=f"staff.{code}")
    assert Words(language)(note.key)


def test_since_when_the_server_is_silent_is_told_by_the_centres_clock(centre: Centre) -> None:
    [note] = notes(well(centre, silent_for_s=600, not_handed_in=4))
    assert note == Note(key="staff.offline_since", facts={"count": "4", "time": "08:50"})


@pytest.mark.parametrize("at", [SUNDAY, None])
def test_a_slip_in_doubt_is_told_until_a_copy_surely_came_out(tmp_path: Path, at: datetime | None) -> None:
    wish = Wish(service="individual-record", language="ar")
    with working_kiosk(tmp_path, at=at) as kiosk:

        def in_doubt() -> list[str]:
            said = notes(standing(Health(), kiosk.knowledge, kiosk.journal, silent_for_s=0))
            return [note.facts["numbers"] for note in said if note.key == "staff.in_doubt"]

        assert isinstance(kiosk.issuing.take(wish), Took) and in_doubt() == []
        kiosk.printer.fault_after = (6000, "paper_out")
        took = kiosk.issuing.take(wish)
        assert isinstance(took, Took) and took.in_doubt and in_doubt() == [took.number]
        assert kiosk.issuing.print_copy(Copy.of(kiosk.journal.given(took.ticket))) == "failed"
        assert in_doubt() == [took.number]
        kiosk.printer.paper_out = False
        assert kiosk.issuing.print_copy(Copy.of(kiosk.journal.given(took.ticket))) == "printed"
        assert in_doubt() == []
