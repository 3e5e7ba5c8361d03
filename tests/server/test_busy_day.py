"""A made-up busy day: repeatable, plausible, and through the real log."""

from collections import Counter as Tally
from datetime import date, timedelta
from pathlib import Path

import pytest

from dawr.errors import NothingToDo
from dawr.hours import business_day
from dawr.messages import CallTicket, HandIn, IssueTicket, MarkNoShow, Park, Recall, TakeBreak, Transfer
from dawr.settings.centre import Centre, read_centre
from server.keeping.log import Log
from server.practice.busy_day import MOST_A_MINUTE, Move, busy_day
from server.practice.play_day import play
from server.reports.waiting import waiting

CONFIG = Path(__file__).resolve().parents[2] / "config"
DAY = date(2026, 11, 19)
TARTOUS = read_centre(CONFIG / "tartous-main" / "centre.toml")
TICKETS = 500


@pytest.fixture(scope="module")
def moves() -> list[Move]:
    return busy_day(TARTOUS, DAY, TICKETS, seed=1)


def test_the_same_seed_plays_the_same_day(moves: list[Move]) -> None:
    assert busy_day(TARTOUS, DAY, TICKETS, seed=1) == moves


def test_another_seed_plays_another_day(moves: list[Move]) -> None:
    assert busy_day(TARTOUS, DAY, TICKETS, seed=2) != moves


def test_times_never_go_back_and_stay_on_the_day(moves: list[Move]) -> None:
    assert [move.at for move in moves] == sorted(move.at for move in moves)
    assert {business_day(TARTOUS, move.at) for move in moves} == {DAY}


def test_all_that_happens_in_a_hall_happens(moves: list[Move]) -> None:
    kinds = {type(move.command) for move in moves}
    assert kinds >= {HandIn, IssueTicket, Recall, MarkNoShow, Park, CallTicket, Transfer, TakeBreak}


def test_never_more_than_ten_come_in_a_minute(moves: list[Move]) -> None:
    came = [move.at for move in moves if isinstance(move.command, HandIn | IssueTicket)]
    minutes = Tally((at - moves[0].at) // timedelta(minutes=1) for at in came)
    # A kiosk hands in a moment after the touch, so that one can slip into the next minute.
    assert max(minutes.values()) <= MOST_A_MINUTE + 1


def test_most_come_in_the_morning(moves: list[Move]) -> None:
    came = [move.at for move in moves if isinstance(move.command, HandIn | IssueTicket)]
    assert sum(at.astimezone(TARTOUS.zone).hour < 12 for at in came) > 0.6 * TICKETS


@pytest.mark.parametrize("name", sorted(file.parent.name for file in CONFIG.glob("*/centre.toml")))
@pytest.mark.parametrize("seed", [1, 2])
def test_every_ticket_of_every_example_is_accounted_for(name: str, seed: int, tmp_path: Path) -> None:
    centre = read_centre(CONFIG / name / "centre.toml")
    log = played(centre, tmp_path, busy_day(centre, DAY, 100, seed))
    with log.reading() as database:
        report = waiting(database, centre, DAY, DAY, "line").total
        numbers = [number for (number,) in database.execute("SELECT number FROM ticket")]
    log.close()
    assert report.visits == report.completed + report.no_shows + report.left == 100
    assert len(set(numbers)) == 100


def test_the_log_of_a_busy_day_is_what_its_people_did(moves: list[Move], tmp_path: Path) -> None:
    heard: list[int] = []
    log = Log(tmp_path)
    play(TARTOUS, log, moves, heard.append)
    with log.reading() as database:
        report = waiting(database, TARTOUS, DAY, DAY, "line").total
        times = [at for (at,) in database.execute("SELECT at FROM event ORDER BY sequence")]
    log.close()
    assert sum(heard) == len(moves)
    assert report.visits == report.completed + report.no_shows + report.left == TICKETS
    assert report.mean_wait_s is not None and 5 * 60 < report.mean_wait_s < 60 * 60
    assert times == sorted(times)


def test_a_day_before_the_end_of_the_log_cannot_be_played(tmp_path: Path) -> None:
    log = played(TARTOUS, tmp_path, busy_day(TARTOUS, DAY, 5, seed=1))
    with pytest.raises(NothingToDo, match="another folder"):
        play(TARTOUS, log, busy_day(TARTOUS, DAY - timedelta(days=1), 5, seed=1))
    log.close()


def played(centre: Centre, folder: Path, moves: list[Move]) -> Log:
    log = Log(folder)
    play(centre, log, moves)
    return log
