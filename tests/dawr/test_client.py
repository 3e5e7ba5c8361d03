import gc
import queue
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dawr.client import Client, Find, server_ahead
from dawr.errors import BadMessage, Refused, ServerUnreachable
from tests.peer import Peer, until

AUTH = {"role": "counter", "id": "box-3", "counter": "3"}
CALL_NEXT = {"counter": "3"}


def at(*addresses: str) -> Find:
    async def find() -> AsyncGenerator[str]:
        for address in addresses:
            yield address

    return find


@contextmanager
def connected(peer: Peer, **on: Callable[[Any], None]) -> Iterator[Client]:
    client = Client(at(peer.address), AUTH, on)
    client.start()
    try:
        until(lambda: client.is_up)
        yield client
    finally:
        client.stop()


def test_views_reach_their_callbacks_in_order_after_the_connection_is_announced(peer: Peer) -> None:
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
    peer.emit(hello={"epoch": "e1"}, board={"sequence": 0})
    client = Client(
        at(peer.address),
        AUTH,
        {"hello": heard.put, "board": lambda board: heard.put(board["sequence"])},
        on_up=lambda: heard.put("up"),
        on_found=lambda address: heard.put(address),
    )
    client.start()
    until(lambda: client.is_up)
    for sequence in range(1, 20):
        peer.emit(board={"sequence": sequence})

    said = [heard.get(timeout=5) for _ in range(23)]
    client.stop()

    assert said == [peer.address, "up", {"epoch": "e1"}, *range(20)]
    [says] = peer.auths()
    assert says.items() >= AUTH.items()


def test_a_command_is_answered(peer: Peer) -> None:
    with connected(peer) as client:
        assert client.call("call-next", CALL_NEXT, deadline_s=5) == {"ok": True, "sequence": 1}

    (command,) = peer.got()
    assert (command["event"], command["counter"], len(command["command_id"])) == ("call-next", "3", 36)


def test_a_refusal_carries_the_servers_problem(peer: Peer) -> None:
    problem = {"code": "counter_not_open", "status": 409, "detail": "counter 3 is closed"}
    peer.behave(refuse=problem)

    with connected(peer) as client, pytest.raises(Refused, match="counter 3 is closed") as refused:
        client.call("recall", CALL_NEXT, deadline_s=5)

    assert (refused.value.code, refused.value.problem) == ("counter_not_open", problem)


def test_an_answer_that_is_none_of_ours_is_said_to_be_so(peer: Peer) -> None:
    peer.memory.write_text('{"c-1": "hm"}')
    peer.kill()
    peer.start()

    with connected(peer) as client, pytest.raises(BadMessage):
        client.call("recall", {"command_id": "c-1", **CALL_NEXT}, deadline_s=5)


def test_a_lost_answer_is_asked_for_again_with_the_same_id(peer: Peer) -> None:
    with connected(peer) as client:
        peer.behave(lose_answer=True)
        answer = client.call("call-next", CALL_NEXT, deadline_s=8)

    first, second = peer.got()
    assert first["command_id"] == second["command_id"]
    assert answer == {"ok": True, "sequence": 1}


def test_a_server_that_dies_before_it_answers_gets_the_same_command_when_it_is_back(peer: Peer) -> None:
    fell: list[float] = []
    client = Client(at(peer.address), AUTH, {}, on_down=lambda: fell.append(time.monotonic()))
    client.start()
    until(lambda: client.is_up)
    peer.behave(die_before_answer=True)
    answers: list[Any] = []
    pressing = threading.Thread(target=lambda: answers.append(client.call("call-next", CALL_NEXT, 20)))
    pressing.start()
    until(lambda: fell)
    peer.kill()
    peer.start()
    pressing.join(20)
    client.stop()

    assert answers == [{"ok": True, "sequence": 1}]
    assert len(peer.got()) == 1
    assert peer.got()[0]["command_id"] in peer.memory.read_text()


def test_a_command_that_was_never_sent_says_so() -> None:
    client = Client(at("http://127.0.0.1:9"), AUTH, {})
    client.start()
    with pytest.raises(ServerUnreachable) as unreachable:
        client.call("call-next", CALL_NEXT, deadline_s=0.3)
    client.stop()

    assert not unreachable.value.maybe_taken


def test_a_call_in_the_instant_of_the_start_is_a_call_like_any_other() -> None:
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(30):
            client = Client(at(), AUTH, {})
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(call_until_it_runs, client)
                client.start()
                assert asked.result(10) == "no answer to call-next in 0.01 s"
            client.stop()
    finally:
        sys.setswitchinterval(interval_s)


def call_until_it_runs(client: Client) -> str:
    while True:
        with pytest.raises(ServerUnreachable) as unreachable:
            client.call("call-next", CALL_NEXT, deadline_s=0.01)
        if "not running" not in str(unreachable.value):
            return str(unreachable.value)


def test_a_command_that_was_sent_without_an_answer_says_so(peer: Peer) -> None:
    with connected(peer) as client:
        peer.behave(lose_answer=True)
        with pytest.raises(ServerUnreachable) as unreachable:
            client.call("call-next", CALL_NEXT, deadline_s=0.5)

    assert unreachable.value.maybe_taken


def test_a_killed_server_is_noticed_at_once_and_found_again(peer: Peer) -> None:
    turns: queue.SimpleQueue[str] = queue.SimpleQueue()
    client = Client(at(peer.address), AUTH, {}, on_up=lambda: turns.put("up"), on_down=lambda: turns.put("down"))
    client.start()
    assert turns.get(timeout=5) == "up"
    peer.kill()
    assert turns.get(timeout=1) == "down"
    assert not client.is_up
    peer.start()
    assert turns.get(timeout=5) == "up"
    client.stop()
    assert turns.get(timeout=1) == "down"


def test_a_device_that_comes_again_is_known_by_its_run_and_says_which_log_it_follows(peer: Peer) -> None:
    followed = [""]
    client = Client(at(peer.address), AUTH, {}, log=lambda: followed[0])
    client.start()
    until(lambda: client.is_up)
    followed[0] = "e1"
    peer.kill()
    peer.start()
    until(lambda: client.is_up and peer.auths())
    client.stop()
    [says] = peer.auths()
    assert says == {**AUTH, "run": says["run"], "log": "e1"}
    other = Client(at(peer.address), AUTH, {})
    other.start()
    until(lambda: len(peer.auths()) == 2)
    other.stop()
    assert peer.auths()[1] == {**AUTH, "run": peer.auths()[1]["run"]}
    assert peer.auths()[1]["run"] != says["run"]


def test_a_frozen_server_is_noticed_within_two_heartbeats(peer: Peer) -> None:
    with connected(peer) as client:
        assert client.silent_for_s() < 6
        peer.freeze()
        frozen_at = time.monotonic()
        until(lambda: not client.is_up, deadline_s=13)
        assert time.monotonic() - frozen_at < 11
        # That the client has given up is no word of the server.
        time.sleep(0.5)
        assert client.silent_for_s() > 8
    peer.kill()
    peer.start()


def test_the_silence_of_the_server_ends_with_anything_that_it_says(peer: Peer) -> None:
    with connected(peer) as client:
        until(lambda: client.silent_for_s() > 0.5)
        peer.emit(board={})
        until(lambda: client.silent_for_s() < 0.2, deadline_s=2)


def test_the_next_address_is_tried_when_one_does_not_answer(peer: Peer) -> None:
    client = Client(at("http://127.0.0.1:9", peer.address), AUTH, {})
    client.start()
    until(lambda: client.is_up, deadline_s=3)
    client.stop()


def test_many_failed_attempts_do_not_cost_the_hearing(peer: Peer) -> None:
    """Engine.IO closes the session of a client that is forgotten; the next one must not have used the same."""
    dead = [f"http://127.0.0.1:{port}" for port in range(1, 40)]
    client = Client(at(*dead, peer.address), AUTH, {})
    client.start()
    until(lambda: client.is_up, deadline_s=10)
    gc.collect()
    time.sleep(6)  # one heartbeat
    assert client.silent_for_s() < 5.5
    client.stop()


def test_a_server_that_turns_us_away_is_heard_and_asked_again(peer: Peer) -> None:
    peer.behave(turn_away="unknown counter")
    client = Client(at(peer.address), AUTH, {})
    client.start()
    until(lambda: client.turned_away)
    assert not client.is_up
    assert "unknown counter" in str(client.turned_away_for())
    peer.behave()
    until(lambda: client.is_up)
    assert client.turned_away_for() is None
    client.stop()


def test_a_view_that_cannot_be_shown_does_not_cost_the_connection(peer: Peer) -> None:
    shown: list[int] = []
    with connected(peer, board=lambda board: shown.append(1 // board["sequence"])) as client:
        peer.emit(board={"sequence": 0})
        peer.emit(board={"sequence": 1})
        until(lambda: shown)
        assert client.is_up


def test_a_call_from_a_callback_is_refused_since_it_would_wait_for_itself(peer: Peer) -> None:
    said: list[str] = []

    def press(_board: Any) -> None:
        try:
            client.call("call-next", CALL_NEXT, 1)
        except RuntimeError as problem:
            said.append(str(problem))

    peer.emit(board={})
    client = Client(at(peer.address), AUTH, {"board": press})
    client.start()
    until(lambda: said)
    client.stop()


def test_a_stopped_client_ends_its_thread_and_every_call(peer: Peer) -> None:
    threads_before = threading.active_count()
    with connected(peer) as client:
        peer.behave(lose_answer=True)
        ended: list[BaseException] = []

        def press() -> None:
            try:
                client.call("call-next", CALL_NEXT, deadline_s=30)
            except ServerUnreachable as problem:
                ended.append(problem)

        pressing = threading.Thread(target=press)
        pressing.start()
        until(peer.got)
        client.stop()
        pressing.join(2)

    assert ended
    assert threading.active_count() == threads_before
    with pytest.raises(ServerUnreachable):
        client.call("call-next", CALL_NEXT, deadline_s=1)


def test_the_servers_clock_is_told_as_a_difference_to_ones_own() -> None:
    own = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    assert server_ahead({"now": "2026-11-22T08:31:07Z"}, own) == timedelta(minutes=31, seconds=7)
