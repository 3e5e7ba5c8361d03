from datetime import timedelta
from pathlib import Path

from dawr.settings.centre import read_centre
from display import last_known
from display.knowledge import Knowledge
from tests.display.boards import NOW, board, call, centre
from tests.house.source import ROOT


def heard(knowledge: Knowledge, *calls: int, now_s: float = 0.0, epoch: str = "one") -> list[int]:
    new = board(*(call(sequence) for sequence in calls), epoch=epoch)
    return [one.call for one in knowledge.hear_board(new, now_s)]


def test_a_call_is_announced_once() -> None:
    knowledge = Knowledge()
    assert heard(knowledge, 5) == [5]
    assert heard(knowledge, 5) == []


def test_calls_that_came_together_are_announced_in_their_order() -> None:
    knowledge = Knowledge()
    heard(knowledge)
    assert heard(knowledge, 9, 8, 7) == [7, 8, 9]


def test_a_recall_is_announced_again() -> None:
    knowledge = Knowledge()
    heard(knowledge, 5, 4)
    assert heard(knowledge, 6, 5) == [6]


def test_at_first_contact_calls_older_than_half_a_minute_are_not_announced() -> None:
    knowledge = Knowledge()
    old, young = call(5, at=NOW - timedelta(seconds=31)), call(6, "C001", at=NOW - timedelta(seconds=29))
    assert [one.call for one in knowledge.hear_board(board(young, old), 0)] == [6]
    assert [one.call for one in knowledge.hear_board(board(young, old), 1)] == []


def test_what_was_called_while_the_server_was_away_is_old_as_well() -> None:
    knowledge = Knowledge()
    heard(knowledge, 5)
    knowledge.lose_server()
    missed = call(6, at=NOW - timedelta(minutes=5))
    assert knowledge.hear_board(board(missed, call(5)), 300) == []


def test_a_call_counts_as_new_by_the_servers_clock_alone() -> None:
    knowledge = Knowledge()
    heard(knowledge)
    slow = call(6, at=NOW - timedelta(minutes=5))
    assert [one.call for one in knowledge.hear_board(board(slow), 1)] == [6]


def test_another_log_starts_anew() -> None:
    knowledge = Knowledge()
    heard(knowledge, 500)
    assert heard(knowledge, 3, epoch="two") == [3]


def test_a_remembered_board_is_shown_but_not_announced() -> None:
    knowledge = Knowledge()
    knowledge.remember(centre(), board(call(5)))
    assert knowledge.restored and knowledge.board is not None
    assert heard(knowledge, 6, 5) == [6]
    assert not knowledge.restored


def test_only_calls_on_the_board_are_kept_in_mind() -> None:
    knowledge = Knowledge()
    for sequence in range(1, 100):
        heard(knowledge, sequence, now_s=float(sequence))
    assert knowledge.called_s == {99: 99.0}


def test_the_memory_gives_back_what_was_kept(tmp_path: Path) -> None:
    known = read_centre(ROOT / "config" / "tartous-main" / "centre.toml"), board(call(5))
    last_known.keep(tmp_path, *known)
    assert last_known.recall(tmp_path, None) == known
    assert last_known.recall(tmp_path, NOW + timedelta(hours=11)) == known
    assert last_known.recall(tmp_path, NOW + timedelta(hours=13)) == (known[0], None)


def test_a_memory_that_cannot_be_written_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    last_known.keep(tmp_path / "file", None, board())
    assert last_known.recall(tmp_path / "other", None) == (None, None)
