"""Looking for damage in a SQLite file."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dawr.database import first_damage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "book.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE ticket (number INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO ticket VALUES (?, ?)", ((n, "x" * 500) for n in range(2000)))
    return file


@pytest.fixture
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as connection:
        yield connection


def overwrite(file: Path, page: int) -> None:
    with file.open("r+b") as pages:
        pages.seek((page - 1) * 4096)
        pages.write(b"\xff" * 4096)


def test_a_sound_file_has_no_damage(connection: sqlite3.Connection) -> None:
    assert first_damage(connection) is None
    assert first_damage(connection, within_s=0) is None


def test_an_overwritten_page_is_found(file: Path, connection: sqlite3.Connection) -> None:
    overwrite(file, 100)
    damage = first_damage(connection)
    assert damage
    assert "\n" not in damage


def test_a_small_file_is_checked_wholly_in_a_short_time(file: Path, connection: sqlite3.Connection) -> None:
    """Also where the newest rows are not: a file of a megabyte is through in half a second on the slowest disk."""
    overwrite(file, 100)
    assert first_damage(connection, within_s=0.5)


def test_what_is_no_database_is_found(file: Path, connection: sqlite3.Connection) -> None:
    overwrite(file, 1)
    assert first_damage(connection, within_s=0)


def test_in_no_time_the_newest_rows_are_read(file: Path, connection: sqlite3.Connection) -> None:
    overwrite(file, file.stat().st_size // 4096)
    assert first_damage(connection, within_s=0)


def test_in_no_time_the_oldest_rows_are_not_read(file: Path, connection: sqlite3.Connection) -> None:
    overwrite(file, 10)
    assert first_damage(connection, within_s=0) is None


def test_it_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "large.sqlite")) as large, large:
        large.execute("CREATE TABLE ticket (number INTEGER PRIMARY KEY, text TEXT)")
        large.execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 500000)"
            " INSERT INTO ticket SELECT n, hex(zeroblob(100)) FROM n"
        )
        began_s = time.process_time()
        assert first_damage(large, within_s=0.05) is None
        assert time.process_time() - began_s < 0.1
