"""The keys for what visitors typed: one for each business day, destroyed when it is over."""

import os
from datetime import date, timedelta
from pathlib import Path

from dawr.references import References

TYPED = "0999123456"
TODAY = date(2026, 11, 22)


def test_when_the_day_is_over_its_key_is_destroyed_and_nothing_can_be_read(tmp_path: Path) -> None:
    references = References(tmp_path / "keys")
    hidden = references.hide(TODAY, "t-1", TYPED)
    references.forget_before(TODAY)
    assert references.shown("t-1", hidden) == TYPED
    again = os.open(tmp_path / "keys" / f"{TODAY}.key", os.O_RDONLY)
    references.forget_before(TODAY + timedelta(days=1))
    assert references.shown("t-1", hidden) is None
    assert References(tmp_path / "keys").shown("t-1", hidden) is None
    assert os.read(again, 64) == bytes(32), "what the file was is written over"
    os.close(again)


def test_a_power_cut_leaves_no_half_of_a_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / f"{TODAY}.new").write_bytes(b"half")
    references = References(keys)
    assert references.shown("t-1", references.hide(TODAY, "t-1", TYPED)) == TYPED
    (keys / f"{TODAY}.new").write_bytes(b"half")
    references.forget_before(TODAY + timedelta(days=1))
    assert list(keys.iterdir()) == []


def test_what_one_visitor_typed_is_not_shown_as_anothers(tmp_path: Path) -> None:
    references = References(tmp_path / "keys")
    hidden = references.hide(TODAY, "t-1", TYPED)
    assert [references.shown(*asked) for asked in (("t-1", hidden), ("t-2", hidden), ("t-1", hidden[:-4]))] == [
        TYPED,
        None,
        None,
    ]
    assert references.hide(TODAY, "t-1", TYPED) != hidden
