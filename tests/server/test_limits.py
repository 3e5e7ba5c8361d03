"""How much anybody may ask for, on a clock of the test's choosing; slow and endless senders over real sockets."""

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, cast
from urllib.parse import urlsplit

import gevent
import gevent.socket
import pytest
import simple_websocket
from gevent.event import Event
from werkzeug.test import EnvironBuilder

from server.door import limits
from server.door.door import Door
from server.door.limits import CROWDED, FEW, MOST, MOST_OF_ONE, Buckets, Crowd, Overflow, whose
from server.door.lines import FairSocket
from server.door.listener import MOST_BODY, Listener, Patience
from server.door.names import OwnNames
from server.interface.routes import LARGE_BYTES
from tests.peer import until
from tests.server.running import RunningServer, always_open

# --- Buckets ------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_takes_so_much_at_once_and_then_as_much_as_it_leaks() -> None:
    clock = Clock()
    buckets = Buckets(a_second=2, at_once=10, now_s=clock)
    assert [buckets.take("a") for _ in range(10)] == [0.0] * 10
    with pytest.raises(Overflow) as refused:
        buckets.take("a")
    assert refused.value.wait_s == pytest.approx(0.5)
    assert refused.value.whole_s == 1
    clock.now_s += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("b") == 0.0, "another one has a bucket of its own"


def test_what_runs_over_waits_its_turn_as_long_as_there_is_patience() -> None:
    buckets = Buckets(a_second=8, at_once=1, patience_s=0.375, now_s=Clock())
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.125, 0.25, 0.375]
    with pytest.raises(Overflow):
        buckets.take("a")


def test_a_refusal_is_not_counted_so_that_patience_pays() -> None:
    clock = Clock()
    buckets = Buckets(a_second=1, at_once=1, now_s=clock)
    buckets.take("a")
    for _ in range(100):
        with pytest.raises(Overflow):
            buckets.take("a")
    clock.now_s += 1
    assert buckets.take("a") == 0.0


def test_the_memory_of_buckets_is_bounded() -> None:
    buckets = Buckets(a_second=1, at_once=1, most_keys=100)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets._empty_at) == 100


def test_an_address_is_a_host_whatever_it_is_written_like() -> None:
    assert whose("2001:db8::1") == whose("2001:db8:0:0:ffff::9") != whose("2001:db8:0:1::1")
    assert whose("::ffff:192.0.2.7") == whose("192.0.2.7") == "192.0.2.7"
    assert whose("") == ""


def test_forty_phones_behind_one_address_never_wait() -> None:
    clock, requests = Clock(), limits.requests()
    requests._now_s = clock
    for _ in range(600):
        assert [requests.take("wifi") for _ in range(40)] == [0.0] * 40
        clock.now_s += 5


def test_sixty_screens_that_come_back_at_once_are_all_served_soon() -> None:
    """Each loads its page with six connections and opens its line: nobody is refused, and all are there within 4 s."""
    clock, requests = Clock(), limits.requests()
    requests._now_s = clock
    waits = [requests.take("hall") for _ in range(60 * 6)]
    assert max(waits) < 4


# --- Who is connected ---------------------------------------------------------------------------------------------


def test_an_address_gets_no_more_than_its_share() -> None:
    crowd = Crowd()
    assert [crowd.let_in("a") for _ in range(MOST_OF_ONE + 1)] == [True] * MOST_OF_ONE + [False]
    assert crowd.let_in("b")
    crowd.leave("a")
    assert crowd.let_in("a")


def test_in_a_crowd_those_who_have_none_find_room() -> None:
    crowd = Crowd()
    for one in ("a", "b"):
        for _ in range(CROWDED // 2):
            assert crowd.let_in(one)
    assert not crowd.let_in("a")
    assert [crowd.let_in("c") for _ in range(FEW + 1)] == [True] * FEW + [False]


def test_there_is_an_end_to_it() -> None:
    crowd = Crowd()
    assert sum(crowd.let_in(str(number)) for number in range(2 * MOST)) == MOST


def test_behind_a_proxy_all_come_from_one_address() -> None:
    crowd = Crowd(of_one=False)
    assert sum(crowd.let_in("") for _ in range(2 * MOST)) == MOST


def test_behind_a_proxy_some_addresses_with_many_connections_leave_room_for_others() -> None:
    went_in: list[str] = []
    over = Event()

    def stays(environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        went_in.append(environ["REMOTE_ADDR"])
        over.wait()
        return []

    door = Door(stays, always_open(), OwnNames(), gevent.sleep)
    said: list[str] = []

    def asks(address: str) -> None:
        environ = EnvironBuilder("/socket.io/", "http://localhost", environ_base={"REMOTE_ADDR": address}).get_environ()
        door(environ, lambda status, _headers, *_: said.append(status))

    crowd = [gevent.spawn(asks, f"10.0.0.{n % 8}") for n in range(8 * 100)]
    gevent.get_hub().loop.update_now()  # a loop that stood still since another test counts the time from there
    gevent.joinall(crowd, timeout=30, count=len(crowd) - CROWDED)
    assert len(went_in) == CROWDED
    clerk = gevent.spawn(asks, "10.1.0.1")
    gevent.sleep(0)
    assert went_in[-1] == "10.1.0.1"
    assert {status[:3] for status in said} == {"429"}
    over.set()
    gevent.joinall([*crowd, clerk], timeout=10)
    assert door._crowd._there.total() == 0


# --- Slow and endless senders -------------------------------------------------------------------------------------

QUICK = Patience(idle_s=1.0, head_s=0.5, body_s=0.5, send_s=0.5)


def _app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/read":
        try:
            environ["wsgi.input"].read()
        except OSError:
            start_response("400 Bad Request", [])
            return [b"slow"]
    start_response("200 OK", [])
    return [b"x" * (64 * 1024 * 1024 if environ["PATH_INFO"] == "/large" else 2)]


@pytest.fixture
def quick() -> Iterator[int]:
    """The port of a listener with little patience."""
    ready, ports = threading.Event(), []

    def serve() -> None:
        listener = Listener(("127.0.0.1", 0), _app, log=None, error_log=None, crowd=Crowd(), patience=QUICK)
        listener.start()
        ports.append(listener.server_port)
        over = gevent.get_hub().loop.async_()
        over.start(listener.stop)
        stops.append(over.send)
        ready.set()
        listener.serve_forever()

    stops: list[Callable[[], None]] = []
    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    yield ports[0]
    stops[0]()
    thread.join(10)


def connected(port: int) -> closing[socket.socket]:
    return closing(socket.create_connection(("127.0.0.1", port), timeout=20))


def all_of(sock: socket.socket) -> bytes:
    """Everything until the other side closes."""
    said = b""
    try:
        while data := sock.recv(65536):
            said += data
    except ConnectionResetError:
        pass
    return said


def drip(sock: socket.socket, text: bytes) -> int:
    """Send it byte by byte, until the other side has had enough; gives how many bytes it bore."""
    for sent in range(len(text)):
        try:
            sock.sendall(text[sent : sent + 1])
        except OSError:
            return sent
        time.sleep(0.05)
    return len(text)


def test_who_asks_nothing_is_let_go(quick: int) -> None:
    with connected(quick) as sock:
        assert all_of(sock) == b""


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_that_never_ends_is_not_waited_for(quick: int, begin: bytes) -> None:
    with connected(quick) as sock:
        sock.sendall(begin)
        assert drip(sock, b"a" * 900) < 100


@pytest.mark.parametrize("path", ["/read", "/unread"])
@pytest.mark.parametrize("form", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_a_body_that_never_ends_is_not_waited_for(quick: int, path: str, form: str) -> None:
    with connected(quick) as sock:
        sock.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{form}\r\n\r\n".encode())
        sock.sendall(b"3e8\r\n" if "chunked" in form else b"")
        assert drip(sock, b"a" * 900) < 100


def test_a_body_that_nobody_wants_is_not_read_to_its_end(quick: int) -> None:
    with connected(quick) as sock:
        sock.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n")
        sent = 0
        with pytest.raises(OSError):
            while sent < 1000 * MOST_BODY:
                sent += sock.send(b"a" * 65536)
        assert sent < 20 * MOST_BODY, "what the kernel keeps in between counts as well"


def test_an_answer_that_nobody_reads_is_not_waited_for(quick: int) -> None:
    with connected(quick) as sock:
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        assert len(all_of(sock)) < 64 * 1024 * 1024


def test_who_goes_on_asking_is_served_on_one_connection(quick: int) -> None:
    with connected(quick) as sock:
        for _ in range(20):
            sock.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
            said = b""
            while not said.endswith(b"xx"):
                said += sock.recv(65536)
            assert said.startswith(b"HTTP/1.1 200 OK")


def test_a_line_that_does_not_read_ends() -> None:
    near, far = gevent.socket.socketpair()
    with closing(near), closing(far):
        line = FairSocket(near, lambda: 0, lambda _sent: 0.0, send_s=0.2)
        with pytest.raises(BrokenPipeError):
            for _ in range(1000):
                line.send(b"a" * 65536)
        assert line.recv(10) == b"", "and whoever waits to hear from it is told"


def test_two_who_send_at_once_over_a_line_do_not_mix() -> None:
    near, far = gevent.socket.socketpair()
    with closing(near), closing(far):
        line = FairSocket(near, lambda: 0, lambda _sent: 0.0)
        packets = [bytes([letter]) * 300_000 for letter in b"abcd"]
        for packet in packets:
            gevent.spawn(line.send, packet)
        received = b""
        while len(received) < 1_200_000:
            received += far.recv(10_000)
        assert sorted(received[start : start + 300_000] for start in range(0, 1_200_000, 300_000)) == packets


# --- A real server ------------------------------------------------------------------------------------------------


def live(server: RunningServer) -> simple_websocket.Client:
    """A connection as a page opens it."""
    line = simple_websocket.Client(server.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket")
    line.send('40{"role": "page"}')
    return line


def told(line: simple_websocket.Client, event: str) -> Any:
    """What an event says, when it comes."""
    while True:
        packet = line.receive(timeout=10)
        assert packet is not None, f"no {event} came"
        if packet.startswith("42"):
            name, *said = json.loads(packet[2:])
            if name == event:
                return said[0]


def ended(line: simple_websocket.Client) -> bool:
    """Whether the server ends it, though it answers every heartbeat."""
    until_s = time.monotonic() + 8
    try:
        while time.monotonic() < until_s:
            if line.receive(timeout=1) == "2":
                line.send("3")
    except (OSError, simple_websocket.ConnectionClosed):
        return True
    return False


def test_who_sends_too_much_over_a_line_is_told_once_and_disconnected(hall_server: RunningServer) -> None:
    line = live(hall_server)
    assert told(line, "hello")
    for number in range(400):
        line.send(f'42{number}["nonsense"]')
    assert told(line, "sent-away")["code"] == "too_many_messages"
    assert ended(line)
    assert "Traceback" not in (hall_server.folder / "server.err").read_text()


def test_a_hundred_messages_at_once_are_heard(hall_server: RunningServer) -> None:
    line = live(hall_server)
    for number in range(100):
        line.send(f'42{number}["call-next", {{"counter": "nowhere"}}]')
    answered = set()
    while len(answered) < 100:
        packet = line.receive(timeout=10)
        assert packet is not None
        if packet.startswith("43"):
            answered.add(packet[2 : packet.index("[")])
    line.close()


def test_an_address_with_many_lines_is_heard_no_more_often_for_it(hall_server: RunningServer) -> None:
    port, began_s = urlsplit(hall_server.address).port or 0, time.monotonic()
    socks = [socket.create_connection(("127.0.0.1", port), 20, ("127.0.0.88", 0)) for _ in range(5)]
    try:
        for sock in socks:
            upgraded(sock)
            sock.sendall(_frame('40{"role": "page"}'))
            for number in range(250):
                sock.sendall(_frame(f'42{number}["nonsense"]'))
        for sock in socks:
            said = b""
            while b"43249[" not in said:
                said = said[-10:] + sock.recv(65536)
        assert time.monotonic() - began_s > 2, "1255 messages, of which 1000 are heard at once"
    finally:
        for sock in socks:
            sock.close()


def _frame(text: str) -> bytes:
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode()


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", "9", "x", "4", "bAAAA", b"\x00", "4" + "[" * 100_000),
        *("40", "42", "42{}", "42[]", "42[5]", "43", "44", "451-[]", "4299999999999999999999[]", "42" + "[" * 100_000),
        *('42["connect", {}]', '42["disconnect"]', '42["*", "somebody else"]'),
    ],
)
def test_nonsense_over_a_line_ends_it(hall_server: RunningServer, nonsense: str | bytes) -> None:
    line = live(hall_server)
    assert told(line, "hello")
    line.send(nonsense)
    assert ended(line)
    assert "Traceback" not in (hall_server.folder / "server.err").read_text()


def upgraded(sock: socket.socket) -> None:
    """Make it a live connection."""
    sock.sendall(
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b" 101 " in sock.recv(4096)


def test_nothing_small_unpacks_to_something_large(hall_server: RunningServer) -> None:
    """What is limited is what comes in; packed, 500 bytes could be 500,000 to read and to understand."""
    line = HTTPConnection(urlsplit(hall_server.address).netloc, timeout=10)
    offers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions": "permessage-deflate",
    }
    line.request("GET", "/socket.io/?EIO=4&transport=websocket", headers=offers)
    answer = line.getresponse()
    line.close()
    assert (answer.status, answer.headers["Sec-WebSocket-Extensions"]) == (101, None)


def test_what_follows_a_live_connection_is_no_request(hall_server: RunningServer) -> None:
    with connected(urlsplit(hall_server.address).port or 0) as sock:
        upgraded(sock)
        # What is no packet: the server ends the connection, and has not read what comes after.
        nonsense = bytes([0x81, 0x81]) + bytes(4) + b"x"
        sock.sendall(nonsense + b"\x8a\x80" + bytes(4) * 1 + b"\x8a\xfd" + bytes(4) + b"a" * 125)
        sock.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        assert b"HTTP/1.1" not in all_of(sock)


def test_what_comes_after_being_sent_away_is_not_heard(hall_server: RunningServer) -> None:
    with connected(urlsplit(hall_server.address).port or 0) as sock:
        upgraded(sock)
        sock.sendall(b"".join(map(_frame, ("42{}", "40", '421["nonsense"]'))))
        all_of(sock)
    assert "Traceback" not in (hall_server.folder / "server.err").read_text()


def test_a_message_without_an_end_is_not_kept(hall_server: RunningServer) -> None:
    """In pieces of one message of WebSocket, each of which is small."""
    with connected(urlsplit(hall_server.address).port or 0) as sock:
        upgraded(sock)
        first, piece = b"\x01\xfe\x80\x00" + bytes(4), b"\x00\xfe\x80\x00" + bytes(4)
        for number in range(LARGE_BYTES // 0x8000 + 1):
            sock.sendall((piece if number else first) + b"a" * 0x8000)
        assert b"\x03\xf1Message is too big" in all_of(sock), "1009, as RFC 6455 calls it"


def test_a_line_that_pours_leaves_others_their_turn(hall_server: RunningServer) -> None:
    """Pings, which simple-websocket answers by itself, as fast as they go."""
    over = threading.Event()

    def pour() -> None:
        line = live(hall_server)
        pings = b"\x89\x80\x00\x00\x00\x00" * 4000
        line.sock.settimeout(0.5)
        while not over.is_set():
            try:
                line.sock.sendall(pings)
            except OSError:
                return

    pouring = [threading.Thread(target=pour) for _ in range(3)]
    for one in pouring:
        one.start()
    try:
        for _ in range(10):
            assert hall_server.get("/health").status == 200
    finally:
        over.set()
        for one in pouring:
            one.join()


def _refusal(socks: list[socket.socket], request: bytes, rounds: int = 50) -> str:
    """The first answer that refuses, when all ask again and again: a slow machine refuses nobody at the first time."""
    with selectors.DefaultSelector() as coming:
        for sock in socks:
            coming.register(sock, selectors.EVENT_READ)
        for _ in range(rounds):
            for sock in socks:
                sock.sendall(request)
            for key, _mask in coming.select(1):
                said = cast(socket.socket, key.fileobj).recv(65536).decode()
                if "HTTP/1.1 429" in said:
                    return said[said.index("HTTP/1.1 429") :]
    raise AssertionError(f"{rounds * len(socks)} requests, and nobody was refused")


def test_who_asks_and_asks_is_refused_with_a_sentence_and_told_when_to_come_again(hall_server: RunningServer) -> None:
    """From an address of its own, so that the other tests' is not full."""
    port = urlsplit(hall_server.address).port or 0
    request = b"GET /api/v1/board HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n\r\n"
    socks = [socket.create_connection(("127.0.0.1", port), 20, ("127.0.0.77", 0)) for _ in range(MOST_OF_ONE)]
    try:
        refused = _refusal(socks, request)
        assert "\r\nRetry-After: 1\r\n" in refused
        assert "Please wait a few seconds" in refused
        began_s = time.monotonic()
        assert hall_server.get("/health").status == 200, "from another address"
        assert time.monotonic() - began_s < 2
        with closing(socket.create_connection(("127.0.0.1", port), 20, ("127.0.0.77", 0))) as one_more:
            assert b"Too many connections" in all_of(one_more)
    finally:
        for sock in socks:
            sock.close()
    until(lambda: hall_server.get("/health").status == 200)
