"""Looking for damage in a SQLite file."""

import sqlite3
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


def test_a_sound_file_has_none(connection: sqlite3.Connection) -> None:
    assert first_damage(connection, within_s=10) is None


def test_an_overwritten_page_is_found(file: Path, connection: sqlite3.Connection) -> None:
    with file.open("r+b") as pages:
        pages.seek(100 * 4096)
        pages.write(b"\xff" * 4096)
    damage = first_damage(connection, within_s=10)
    assert damage
    assert "\n" not in damage


def test_it_takes_no_longer_than_it_may_and_leaves_the_connection_usable(connection: sqlite3.Connection) -> None:
    assert first_damage(connection, within_s=-1) is None
    assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (2000,)
