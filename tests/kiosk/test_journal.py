"""The journal: a number is given once, whatever the power, the clock and the disk do."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dawr.clock import Moment, Trust
from dawr.errors import StorageFailed, WrongMachine
from dawr.numbers import NumberRange
from dawr.settings.centre import Centre, read_centre
from kiosk.journal import Fate, Given, Journal, Wish, connect

ROOT = Path(__file__).resolve().parents[2]
PART = NumberRange(1, 500)
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NIGHT = timedelta(hours=22)


@pytest.fixture(scope="module")
def centre() -> Centre:
    return read_centre(ROOT / "config" / "small-town" / "centre.toml")


def moment(
    at: datetime = SUNDAY, *, boot: str = "boot 1", up: timedelta | None = None, trust: Trust = Trust.NTP
) -> Moment:
    """An instant of a machine that was switched on at 05:00 UTC on that Sunday, unless `up` says otherwise."""
    since = up if up is not None else at - SUNDAY.replace(hour=5)
    return Moment(boot, since.total_seconds(), at, trust)


class Book:
    """A journal with a centre, giving tickets of one service."""

    def __init__(self, file: Path, centre: Centre) -> None:
        self.file, self.centre = file, centre
        self.journal = Journal(file, "kiosk-1")

    def give(self, now: Moment, service: int = 0, known: dict[str, int] | None = None) -> Given:
        wish = Wish(service=self.centre.services[service].id, language="ar")
        return self.journal.give(wish, self.centre, PART, now, known)

    def again(self) -> "Book":
        self.journal.close()
        return Book(self.file, self.centre)


@pytest.fixture
def book(tmp_path: Path, centre: Centre) -> Book:
    return Book(tmp_path / "journal.sqlite", centre)


def test_numbers_of_a_line_follow_one_another(book: Book) -> None:
    assert [book.give(moment()).number[1:] for _ in range(3)] == ["001", "002", "003"]


def test_each_line_counts_for_itself(book: Book, centre: Centre) -> None:
    other = next(n for n, one in enumerate(centre.services) if one.line != centre.services[0].line)
    book.give(moment())
    assert book.give(moment(), service=other).number.endswith("001")


def test_past_the_end_of_its_part_comes_the_next_thousand(book: Book) -> None:
    wish = Wish(service=book.centre.services[0].id, language="ar")
    numbers = [book.journal.give(wish, book.centre, NumberRange(501, 502), moment()).number[1:] for _ in range(3)]
    assert numbers == ["501", "502", "1501"]


def test_numbers_go_on_after_the_kiosk_starts_anew(book: Book) -> None:
    book.give(moment())
    assert book.again().give(moment()).number.endswith("002")


def test_a_new_day_begins_with_one_when_the_clock_is_trusted(book: Book) -> None:
    book.give(moment())
    tomorrow = book.give(moment(SUNDAY + timedelta(days=1)))
    assert (tomorrow.number[1:], tomorrow.day) == ("001", date(2026, 11, 23))


def test_the_day_begins_at_the_centres_hour_and_not_at_midnight(book: Book) -> None:
    book.give(moment())
    after_midnight = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 02:30 in Damascus
    assert book.give(moment(after_midnight)).number.endswith("002")


def test_numbers_go_on_while_nobody_vouches_for_the_clock(book: Book) -> None:
    book.give(moment())
    given = book.give(moment(SUNDAY + timedelta(days=9), trust=Trust.NONE))
    assert (given.number[1:], given.day) == ("002", date(2026, 11, 22))


def test_numbers_of_a_boot_without_time_count_as_todays_if_that_boot_can_have_been_today(book: Book) -> None:
    book.give(moment(datetime(1970, 1, 1, tzinfo=UTC), boot="lost", up=timedelta(minutes=5), trust=Trust.NONE))
    monday_noon = moment(SUNDAY + timedelta(days=1, hours=4), boot="next", up=timedelta(hours=2))
    assert book.give(monday_noon).number.endswith("002")


def test_numbers_of_a_boot_without_time_are_old_if_this_boot_began_before_today(book: Book) -> None:
    book.give(moment(datetime(1970, 1, 1, tzinfo=UTC), boot="lost", up=timedelta(minutes=5), trust=Trust.NONE))
    monday_noon = moment(SUNDAY + timedelta(days=1, hours=4), boot="next", up=timedelta(hours=30))
    assert book.give(monday_noon).number.endswith("001")


def test_a_clock_that_was_found_later_dates_the_earlier_numbers_of_its_boot(book: Book) -> None:
    in_the_dark = moment(datetime(1970, 1, 1, tzinfo=UTC), boot="one", up=timedelta(minutes=5), trust=Trust.NONE)
    book.give(in_the_dark)
    book.journal.note_start(moment(SUNDAY, boot="one", up=timedelta(minutes=50), trust=Trust.SERVER))
    monday = moment(SUNDAY + timedelta(days=1), boot="two", up=timedelta(minutes=1))
    assert book.give(monday).number.endswith("001")


def test_a_wall_clock_that_was_wrong_when_a_number_was_given_does_not_make_it_old(book: Book) -> None:
    book.give(moment(datetime(2020, 1, 1, tzinfo=UTC), up=timedelta(hours=1), trust=Trust.NONE))
    assert book.give(moment(SUNDAY, up=timedelta(hours=2))).number.endswith("002")


def test_numbers_go_on_above_what_the_server_knows_to_be_used(book: Book) -> None:
    line = book.centre.services[0].line
    assert book.give(moment(), known={line: 7}).number.endswith("008")
    assert book.give(moment(), known={line: 3}).number.endswith("009")


def test_what_was_being_printed_when_the_power_went_is_in_doubt(book: Book) -> None:
    lost, printed = book.give(moment()), book.give(moment())
    book.journal.settle(printed.id, Fate.PRINTED)
    after = book.again().journal
    assert after.interrupted == 1
    assert [(one.id, one.fate) for one in after.untold(9)] == [(lost.id, Fate.IN_DOUBT), (printed.id, Fate.PRINTED)]


def test_a_number_that_surely_did_not_print_is_skipped_and_not_handed_in(book: Book) -> None:
    failed = book.give(moment())
    book.journal.settle(failed.id, Fate.FAILED)
    assert book.give(moment()).number.endswith("002")
    assert book.journal.untold(9) == []
    assert [one.fate for one in book.journal.of_day(date(2026, 11, 22))] == [Fate.FAILED, Fate.ISSUED]


def test_all_that_was_known_of_a_ticket_is_read_back(book: Book) -> None:
    wish = Wish(service=book.centre.services[0].id, language="en", visitor_class="elderly", reference="77/2026")
    given = book.journal.give(wish, book.centre, PART, moment())
    assert book.journal.of_day(given.day) == [given]


def test_a_copied_card_gives_no_numbers(book: Book) -> None:
    book.journal.close()
    with pytest.raises(WrongMachine):
        Journal(book.file, "kiosk-1 on another board")


def test_every_connection_waits_for_the_disk(tmp_path: Path) -> None:
    database = connect(tmp_path / "journal.sqlite")
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_disk_that_takes_nothing_gives_no_number(book: Book) -> None:
    other = sqlite3.connect(book.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    book.journal._database.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(StorageFailed):
        book.give(moment())
    other.execute("ROLLBACK")
    assert book.give(moment()).number.endswith("001")


GIVE_FOR_EVER = """
import sys
from pathlib import Path
from dawr.clock import Clock
from dawr.settings.centre import read_centre
from kiosk.journal import Fate, Journal, Wish
from dawr.numbers import NumberRange

centre = read_centre(Path(sys.argv[2]))
journal = Journal(Path(sys.argv[1]), "kiosk-1")
clock = Clock()
wish = Wish(service=centre.services[0].id, language="ar")
while True:
    given = journal.give(wish, centre, NumberRange(1, 500), clock.now())
    print(given.number, flush=True)  # the slip: whoever reads this holds the number
    journal.settle(given.id, Fate.PRINTED)
"""


def test_a_kiosk_killed_at_any_step_never_gives_a_number_twice(tmp_path: Path, centre: Centre) -> None:
    file, slips = tmp_path / "journal.sqlite", []
    for cut in range(12):
        run = subprocess.Popen(
            [sys.executable, "-c", GIVE_FOR_EVER, file, ROOT / "config" / "small-town" / "centre.toml"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert run.stdout is not None
        slips += [run.stdout.readline().strip() for _ in range(3 + cut % 4)]
        os.kill(run.pid, signal.SIGKILL)
        slips += run.stdout.read().split()
        run.wait()
    journal = Journal(file, "kiosk-1")
    written = [given.number for given in journal.untold(100_000)]
    assert len(slips) == len(set(slips)) > 36
    assert len(written) == len(set(written))
    assert set(slips) <= set(written)


# --- Another log ---------------------------------------------------------------------------------------------------


def told(book: Book, at: datetime) -> str:
    """Give a ticket that is then known to the server; its number."""
    given = book.give(moment(at))
    book.journal.settle(given.id, Fate.PRINTED)
    book.journal.told([given.id])
    return given.number


def test_a_server_with_another_log_is_told_again_of_two_weeks(book: Book) -> None:
    book.journal.follow("log 1")
    told(book, SUNDAY)
    kept = [told(book, SUNDAY + timedelta(days=days)) for days in (1, 14)]
    book.journal.follow("log 2")
    assert [ticket.number for ticket in book.journal.untold(10)] == kept


def test_a_server_with_the_same_log_or_the_first_one_is_told_nothing_again(book: Book) -> None:
    told(book, SUNDAY)
    book.journal.follow("log 1")
    book.journal.follow("log 1")
    assert book.again().journal.untold(10) == []


# --- A disk that fails ---------------------------------------------------------------------------------------------


def fill_up(book: Book) -> None:
    """Let the journal take no page more, as a full disk does."""
    database = book.journal._database
    [[pages]] = database.execute("PRAGMA page_count").fetchall()
    database.execute(f"PRAGMA max_page_count = {pages}")


def give_until_full(book: Book) -> list[str]:
    """The numbers that still could be stored."""
    numbers = []
    with pytest.raises(StorageFailed):
        while True:
            numbers.append(book.give(moment()).number)
    return numbers


def test_a_number_whose_storing_failed_is_burnt_and_the_journal_goes_on(book: Book) -> None:
    fill_up(book)
    numbers = give_until_full(book)
    following = book.give(moment())
    assert following.number == f"A{len(numbers) + 2:03}"
    burnt = book.journal.of_day(SUNDAY.date())[-2]
    assert (burnt.number, burnt.fate) == (f"A{len(numbers) + 1:03}", Fate.FAILED)


def test_a_burnt_number_is_not_handed_in(book: Book) -> None:
    fill_up(book)
    numbers = give_until_full(book)
    book.journal.settle(book.give(moment()).id, Fate.PRINTED)
    assert [ticket.number for ticket in book.journal.untold(1000)] == [f"A{len(numbers) + 2:03}"]


def test_what_cannot_be_read_is_said_as_what_cannot_be_written(book: Book) -> None:
    book.journal.close()
    with pytest.raises(StorageFailed):
        book.journal.untold(1)
    assert book.journal.untold(1) == [], "it was opened anew"


def test_a_damaged_journal_gives_no_numbers(tmp_path: Path, book: Book) -> None:
    for _ in range(60):
        book.give(moment())
    book.journal.close()
    with (tmp_path / "journal.sqlite").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageFailed, match="damaged"):
        Journal(tmp_path / "journal.sqlite", "kiosk-1")


# --- What visitors typed --------------------------------------------------------------------------------------------

TYPED = "0999123456"


def type_in(book: Book, at: datetime = SUNDAY) -> Given:
    wish = Wish(service=book.centre.services[0].id, language="en", reference=TYPED)
    return book.journal.give(wish, book.centre, PART, moment(at))


def hidden(book: Book) -> list[bytes]:
    """What is stored instead of what was typed, of every ticket that has any."""
    with closing(sqlite3.connect(book.file)) as database:
        rows = database.execute("SELECT reference FROM ticket WHERE reference IS NOT NULL").fetchall()
    return [str(stored).encode() for (stored,) in rows]


def on_disk(book: Book) -> bytes:
    """Every byte of the database and of what SQLite has beside it."""
    return b"".join(file.read_bytes() for file in sorted(book.file.parent.glob(f"{book.file.name}*")))


def test_what_a_visitor_typed_is_never_on_the_disk_as_it_was_typed(book: Book) -> None:
    given = type_in(book)
    assert given.id.encode() in on_disk(book)
    assert TYPED.encode() not in on_disk(book)
    assert book.again().journal.given(given.id).wish.reference == TYPED, "after a start it can be handed in"


def test_as_soon_as_the_server_has_a_ticket_nothing_is_left_of_what_was_typed(book: Book) -> None:
    told, untold = type_in(book), type_in(book)
    [of_told, of_untold] = hidden(book)
    for one in (told, untold):
        book.journal.settle(one.id, Fate.PRINTED)
    assert of_told in on_disk(book)
    book.journal.told([told.id])
    assert of_told not in on_disk(book)
    assert of_untold in on_disk(book)
    assert [one.wish.reference for one in book.journal.of_day(told.day)] == [None, TYPED]


def test_nothing_is_left_of_what_was_typed_for_a_slip_that_surely_did_not_print(book: Book) -> None:
    failed = type_in(book)
    [stored] = hidden(book)
    book.journal.settle(failed.id, Fate.FAILED)
    assert stored not in on_disk(book)


def test_a_kill_between_the_servers_answer_and_the_emptied_wal_leaves_nothing_after_the_next_start(book: Book) -> None:
    given = type_in(book)
    [stored] = hidden(book)
    killed = book.file.parent / "killed"
    killed.mkdir()
    with closing(sqlite3.connect(book.file, isolation_level=None)) as database:
        database.execute("UPDATE ticket SET handed_in = 1 WHERE id = ?", (given.id,))
        for part in ("", "-wal"):
            name = f"{book.file.name}{part}"
            (killed / name).write_bytes((book.file.parent / name).read_bytes())
    after = Book(killed / book.file.name, book.centre)
    assert given.id.encode() in on_disk(after)
    assert stored not in on_disk(after)


def test_when_the_day_is_over_nobody_can_read_what_was_typed_though_no_server_was_there(book: Book) -> None:
    given = type_in(book)
    [key] = (book.file.parent / "keys").iterdir()
    before = os.open(key, os.O_RDONLY)
    book.give(moment(SUNDAY + timedelta(days=1)))
    assert book.journal.given(given.id).wish.reference is None
    assert hidden(book) == []
    assert not key.exists()
    assert set(os.read(before, 64)) == {0}
    os.close(before)


def test_a_key_that_cannot_be_kept_gives_no_number(book: Book) -> None:
    (book.file.parent / "keys").write_text("in the way")
    with pytest.raises(StorageFailed):
        type_in(book)
    assert book.give(moment()).number.endswith("001")
