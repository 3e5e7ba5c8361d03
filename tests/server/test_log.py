"""The log: what it stores stays, what it cannot read it says."""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dawr.errors import LogDamaged
from dawr.messages import DayStarted, Event, ServiceOffered
from server.keeping.log import BALLAST_BYTES, Answer, Log, read

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
DAY = DayStarted(at=AT, day=SUNDAY)
OFFERED = ServiceOffered(at=AT, service="birth")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def store(log: Log, command: str, *events: Event) -> None:
    with log.transaction():
        log.append(command, SUNDAY, events)


def damage(log: Log, sql: str) -> None:
    log.close()
    connection = sqlite3.connect(log.file)
    with connection:
        connection.execute(sql)
    connection.close()
    log.open()


def test_every_commit_is_flushed_to_the_disk(log: Log) -> None:
    pragmas = [log._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


def test_events_come_back_as_they_were_stored_command_by_command(log: Log) -> None:
    store(log, "c1", DAY)
    store(log, "c2", OFFERED, OFFERED)
    assert list(log.today()) == [[(1, DAY)], [(2, OFFERED), (3, OFFERED)]]


def test_today_begins_with_the_last_day_that_started(log: Log) -> None:
    monday = DayStarted(at=AT, day=MONDAY)
    store(log, "c1", DAY, OFFERED)
    store(log, "c2", OFFERED, monday)
    assert list(log.today()) == [[(4, monday)]]


def test_a_transaction_that_fails_leaves_no_event_and_no_gap(log: Log) -> None:
    store(log, "c1", DAY)
    with pytest.raises(RuntimeError), log.transaction():
        log.append("c2", SUNDAY, [OFFERED])
        raise RuntimeError
    store(log, "c3", OFFERED)
    assert [group[0][0] for group in log.today()] == [1, 2]


def test_a_part_that_fails_leaves_the_rest_of_the_transaction(log: Log) -> None:
    with log.transaction():
        log.append("c1", SUNDAY, [DAY])
        with pytest.raises(RuntimeError), log.part():
            log.append("c2", SUNDAY, [OFFERED])
            raise RuntimeError
        log.append("c3", SUNDAY, [OFFERED])
    with log.reading() as connection:
        assert [(one.sequence, one.command) for one in read(connection, 0, 10)] == [(1, "c1"), (2, "c3")]


def test_a_missing_event_is_named(log: Log) -> None:
    store(log, "c1", DAY, OFFERED, OFFERED)
    damage(log, "DELETE FROM event WHERE sequence = 2")
    with pytest.raises(LogDamaged, match="from 1 to 3"):
        list(log.today())


@pytest.mark.parametrize(
    "change", ["body = '{'", "body = '{}'", "name = 'SomethingElse'", """body = '{"at": "yesterday"}'"""]
)
def test_an_event_that_cannot_be_read_is_named(log: Log, change: str) -> None:
    store(log, "c1", DAY, OFFERED)
    damage(log, f"UPDATE event SET {change} WHERE sequence = 2")
    with pytest.raises(LogDamaged, match="event 2 of the log"):
        list(log.today())


def test_the_log_keeps_its_epoch_and_another_log_has_another(tmp_path: Path) -> None:
    epochs = []
    for folder in ("one", "one", "two"):
        log = Log(tmp_path / folder)
        epochs.append(log.epoch)
        log.close()
    assert epochs[0] == epochs[1] != epochs[2]


def test_an_answer_comes_back_as_it_was_stored(log: Log) -> None:
    answer = Answer("f" * 32, {"answer": {"number": "A001", "name": "بيان"}})
    with log.transaction():
        log.keep_answer("c1", "issue", AT, answer)
    assert log.answer("c1") == answer
    assert log.answer("c2") is None


def test_a_reader_cannot_write(log: Log) -> None:
    with log.reading() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM event")


def test_a_reader_sees_only_what_is_committed(log: Log) -> None:
    with log.transaction(), log.reading() as connection:
        log.append("c1", SUNDAY, [DAY])
        assert list(read(connection, 0, 10)) == []


def test_the_ballast_takes_real_room_and_is_given_up_once(log: Log) -> None:
    assert log.ballast.stat().st_blocks * 512 >= BALLAST_BYTES
    assert [log.give_up_ballast(), log.give_up_ballast(), log.ballast.exists()] == [True, False, False]


def test_a_closed_log_is_one_file(log: Log) -> None:
    store(log, "c1", DAY)
    log.close()
    left = {file.name for file in log.file.parent.iterdir() if file.name != "ballast"}
    assert left == {"hall.sqlite"}
