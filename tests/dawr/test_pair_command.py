"""`dawr pair` as a process: a code on the screen, a token in the device's folder, and a sentence for all that fails."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dawr.admission import Asked, keep
from dawr.admitting import SHOWN_FILE
from dawr.pairing import code_of, commitment, new_nonce
from dawr.pin import CA_FILE, CA_PATH, Pin, fingerprint
from dawr.token import TOKEN_FILE, OwnToken
from tests.house.source import ROOT
from tests.peer import until
from tests.server.transport.fronted import nginx_before

SECRET = "aB3-very-secret_Zz9"
KIOSK = '[kiosk]\nid = "kiosk-1"\nserver = "{server}"\n[screen]\n[printer]\naddress = "tcp://127.0.0.1:9"\n'
BOX = '[counter]\nid = "3"\nserver = "{server}"\n[box]\n'
BOARD = '[display]\nid = "hall"\nserver = "{server}"\n[screen]\n'
FRAME = re.compile(r"│ +(\w \w \w) +(\w \w \w) +│")


class Admitting:
    """The server's side of the protocol over HTTP, and what it heard. `authority` is of its own certificates."""

    def __init__(self) -> None:
        self.authority, self.refuses = "", ""
        self.heard: list[dict[str, Any]] = []
        self.ca = b""
        self.device = self.admitted = self.is_over = ""
        self.nonce = new_nonce()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = self._http.server_port
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def code(self) -> str:
        """What the server takes for the code."""
        return code_of(self.device, self.nonce, self.authority)

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str) -> tuple[int, dict[str, Any]]:
        self.heard.append({"path": path, **body})
        if self.refuses:
            return 404, {"code": "unknown_kiosk", "detail": self.refuses}
        match method, path:
            case "POST", "/api/v1/pairing":
                return 201, {"pairing": "pairing-1", "nonce": self.nonce}
            case "POST", "/api/v1/pairing/pairing-1/reveal":
                committed = [heard["commitment"] for heard in self.heard if "commitment" in heard]
                assert commitment(body["nonce"]) == committed[-1]
                self.device = body["nonce"]
                return 200, {}
            case "GET", "/api/v1/pairing/pairing-1" if authorization == f"Pairing {self.device}" and not self.is_over:
                return 200, {"state": "admitted", "token": self.admitted} if self.admitted else {"state": "waiting"}
        return 404, {"code": "pairing_over", "detail": "over"}

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler(admitting: Admitting) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer("POST", body)

        def do_GET(self) -> None:
            self._answer("GET", {})

        def _answer(self, method: str, body: dict[str, Any]) -> None:
            if self.path == CA_PATH:
                status, text = 200, admitting.ca
            else:
                status, said = admitting.answer(method, self.path, body, self.headers.get("Authorization", ""))
                text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def server() -> Iterator[Admitting]:
    admitting = Admitting()
    yield admitting
    admitting.stop()


class Pair:
    """The command, as staff run it."""

    def __init__(self, folder: Path, config: str, *options: str, data: Path | None = None) -> None:
        self.data, file = data or folder / "data", folder / "device.toml"
        file.write_text(config)
        self._out = folder / "out"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "dawr.pair_command", "--config", file, "--data", self.data),
                *(options or ("--language", "en")),
            ],
            cwd=ROOT,
            stdout=self._out.open("w"),
            stderr=subprocess.STDOUT,
            # Whoever started the tests in the background has it ignored, and that would be inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    @property
    def said(self) -> str:
        return self._out.read_text("utf-8")

    def shows(self) -> str:
        """The code in the frame, once it is there."""
        until(lambda: FRAME.search(self.said) or self.process.poll() is not None, 30)
        frame = FRAME.search(self.said)
        assert frame, self.said
        return "".join(frame.groups()).replace(" ", "")

    def ends(self) -> int:
        code = self.process.wait(40)
        assert "Traceback" not in self.said
        assert SECRET not in self.said
        return code

    @property
    def kept(self) -> set[str]:
        return {file.name for file in self.data.iterdir()} if self.data.exists() else set()


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (KIOSK, {"role": "kiosk", "id": "kiosk-1", "counter": None}),
        (BOX, {"role": "counter", "id": "box-3", "counter": "3"}),
        (BOARD, {"role": "board", "id": "hall", "counter": None}),
    ],
)
def test_a_device_shows_the_code_and_keeps_the_token_it_is_given(
    server: Admitting, tmp_path: Path, config: str, wanted: dict[str, str]
) -> None:
    pair = Pair(tmp_path, config.format(server=server.address))
    assert pair.shows() == server.code
    assert server.heard[0].items() >= wanted.items()
    assert pair.kept <= {SHOWN_FILE}, "before it is admitted"
    server.admitted = SECRET
    assert pair.ends() == 0
    assert OwnToken(pair.data).read() == SECRET
    assert stat.S_IMODE((pair.data / TOKEN_FILE).stat().st_mode) == 0o600
    assert "/devices" in pair.said and "is admitted" in pair.said


def test_over_https_the_authority_is_part_of_the_code_and_is_pinned(server: Admitting, tmp_path: Path) -> None:
    with nginx_before(server.port, tmp_path / "front") as nginx:
        server.ca = nginx.ca_file.read_bytes()
        server.authority = fingerprint(server.ca)
        pair = Pair(tmp_path, KIOSK.format(server=""), "--server", nginx.address, "--language", "ar")
        assert pair.shows() == server.code
        server.admitted = SECRET
        assert pair.ends() == 0
    assert "قُبل هذا الجهاز" in pair.said
    assert (pair.data / CA_FILE).read_bytes() == nginx.ca_file.read_bytes()
    assert (pair.data / "server.txt").read_text().strip() == nginx.address


def test_whoever_stands_between_makes_another_code(server: Admitting, tmp_path: Path) -> None:
    server.authority = "ab" * 32  # the true one; who stands between has a key of its own
    with nginx_before(server.port, tmp_path / "front") as nginx:
        server.ca = nginx.ca_file.read_bytes()
        pair = Pair(tmp_path, KIOSK.format(server=nginx.address))
        assert pair.shows() != server.code
        server.is_over = "after five wrong codes"
        assert pair.ends() == 1
    assert "Begin again" in pair.said and pair.kept == set()


def test_a_paired_device_asks_no_server_of_another_authority_and_none_without_https(
    server: Admitting, tmp_path: Path
) -> None:
    with nginx_before(server.port, tmp_path / "own") as own:
        Pin(tmp_path / "data").keep(own.ca_file.read_bytes())
    with nginx_before(server.port, tmp_path / "front") as other:
        server.ca = other.ca_file.read_bytes()
        pair = Pair(tmp_path, KIOSK.format(server=other.address))
        assert pair.ends() == 1
        assert "belongs to a centre, and another server answers" in pair.said
    plain = Pair(tmp_path, KIOSK.format(server=server.address))
    assert plain.ends() == 1 and "does not speak it" in plain.said
    assert (server.heard, plain.kept) == ([], {CA_FILE})


def test_a_damaged_pin_is_no_leave_to_believe_everybody(server: Admitting, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / CA_FILE).write_text("no certificate")
    pair = Pair(tmp_path, KIOSK.format(server=f"https://127.0.0.1:{server.port}"))
    assert pair.ends() == 1 and "is damaged" in pair.said and server.heard == []


def test_the_server_says_why_it_does_not_let_the_device_wait(server: Admitting, tmp_path: Path) -> None:
    server.refuses = "There is no kiosk kiosk-1."
    pair = Pair(tmp_path, KIOSK.format(server=server.address))
    assert pair.ends() == 1 and "There is no kiosk kiosk-1." in pair.said


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_server_is_said(tmp_path: Path, language: str) -> None:
    pair = Pair(tmp_path, KIOSK.format(server="http://127.0.0.1:9"), "--language", language)
    assert pair.ends() == 1 and "--server" in pair.said and pair.kept == set()


def test_a_server_that_is_none_of_ours_is_said(server: Admitting, tmp_path: Path) -> None:
    server.nonce = "zz"
    pair = Pair(tmp_path, KIOSK.format(server=server.address))
    assert pair.ends() == 1 and "no server of Dawr" in pair.said


def test_ctrl_c_ends_it_and_leaves_nothing(server: Admitting, tmp_path: Path) -> None:
    pair = Pair(tmp_path, KIOSK.format(server=server.address))
    pair.shows()
    until(lambda: len(server.heard) > 2)
    pair.process.send_signal(signal.SIGINT)
    assert pair.ends() == 1 and "nothing was stored" in pair.said and pair.kept == set()


def test_a_file_that_is_mistaken_or_of_no_device_is_said(tmp_path: Path) -> None:
    assert Pair(tmp_path, '[kiosk]\nid = "kiosk-1"\n').ends() == 2
    none = Pair(tmp_path, "[network]\nbehind_proxy = true\n")
    assert none.ends() in (1, 2)
    nothing = Pair(tmp_path, KIOSK.format(server=""), "--server", "10.0.0.5", "--language", "en")
    assert nothing.ends() == 1 and "is no address" in nothing.said


@pytest.mark.skipif(os.geteuid() != 0, reason="only who is root can give files to others")
def test_what_root_keeps_for_a_device_belongs_to_its_user(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    keep(Asked("http://127.0.0.1:9", "A7KM2Q", None, "pairing-1", new_nonce(), "en"), SECRET, tmp_path)
    assert (tmp_path / TOKEN_FILE).stat().st_uid == 65534
