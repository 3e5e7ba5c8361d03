"""The history of the settings where the power goes between two of its steps."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dawr.clock import Trust
from server.administration.file import SettingsFile, digest_of
from server.administration.history import History, Intent, Version
from server.keeping.log import Log
from tests.server.running import ALWAYS_OPEN

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DEARER = ALWAYS_OPEN.replace("usual_minutes = 6", "usual_minutes = 6\nfee = 900")
OTHER = ALWAYS_OPEN.replace("usual_minutes = 6", "usual_minutes = 7")
INTENT = Intent(kind="changed", address="10.0.0.7", after=digest_of(DEARER))


class Centre:
    """A file and its history as a server's start finds them."""

    def __init__(self, folder: Path) -> None:
        Log(folder / "data").close()
        self.file = SettingsFile(folder / "centre.toml")
        self.file.path.write_text(ALWAYS_OPEN, "utf-8")
        self.history = History(folder / "data" / "hall.sqlite")
        self.start()

    def start(self) -> int:
        return self.history.settle(self.file.text(), NOW, Trust.NTP)

    def told(self) -> list[tuple[str, str | None]]:
        return [(one.kind, one.address) for one in self.versions()]

    def versions(self) -> list[Version]:
        return self.history.versions(None, 100)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def test_a_change_that_was_intended_and_not_written_leaves_no_record(centre: Centre) -> None:
    centre.history.intend(DEARER, INTENT)
    assert centre.start() == 1
    assert centre.told() == [("found", None)]


def test_a_change_that_was_written_and_not_recorded_is_recorded_by_the_next_start(centre: Centre) -> None:
    centre.history.intend(DEARER, INTENT)
    centre.file.replace(DEARER)
    assert centre.start() == 2
    assert centre.told() == [("changed", "10.0.0.7"), ("found", None)]
    assert [one.key for one in centre.versions()[0].changes] == ["service[birth].fee"]
    assert centre.start() == 2


def test_an_intention_is_not_taken_for_what_a_hand_wrote_after_it(centre: Centre) -> None:
    centre.history.intend(DEARER, INTENT)
    centre.file.replace(OTHER)
    centre.start()
    assert centre.told() == [("by_hand", None), ("found", None)]


def test_an_old_intention_is_forgotten(centre: Centre) -> None:
    centre.history.intend(DEARER, INTENT)
    centre.start()
    centre.file.replace(DEARER)
    centre.start()
    assert centre.told() == [("by_hand", None), ("found", None)]


def test_a_hand_that_leaves_no_toml_is_on_record_too(centre: Centre) -> None:
    centre.file.replace("[centre\n")
    centre.start()
    centre.file.replace(ALWAYS_OPEN)
    centre.start()
    assert centre.told() == [("by_hand", None), ("by_hand", None), ("found", None)]


def test_every_text_can_be_had_again(centre: Centre) -> None:
    for text in (DEARER, OTHER, ALWAYS_OPEN):
        centre.file.replace(text)
        centre.start()
    assert [centre.history.text_before(version) for version in (2, 3, 4)] == [ALWAYS_OPEN, DEARER, OTHER]


def test_a_replaced_file_keeps_its_rights(centre: Centre) -> None:
    centre.file.path.chmod(0o640)
    centre.file.replace(DEARER)
    assert centre.file.path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in centre.file.path.parent.glob("*centre*")] == ["centre.toml"]
