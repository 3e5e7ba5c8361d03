"""`dawr token` beside a server that runs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.access.store import AccessStore
from tests.house.source import ROOT
from tests.server.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("token"), open_to_all=False)
    yield server
    server.kill()


def token(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.access.token_command", "--data", str(data), "--language", "en", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def status(server: RunningServer, secret: str, path: str = "/overview") -> int:
    return server.get(path, Authorization=f"Bearer {secret}").status


def test_a_token_is_alone_on_standard_output_and_holds_at_once_until_it_is_revoked(server: RunningServer) -> None:
    made = token(server.data, "manager", "--name", "a screen of ours")
    assert (made.returncode, made.stdout.count("\n")) == (0, 1), made.stderr
    secret = made.stdout.strip()
    assert status(server, secret) == 200
    listed = token(server.data, "--list").stdout
    assert secret not in listed
    [id] = [line.split("\t")[0] for line in listed.splitlines() if line.endswith("\ta screen of ours")]
    assert token(server.data, "--revoke", id).returncode == 0
    assert status(server, secret) == 401
    assert token(server.data, "--revoke", id).returncode == 1


def test_what_was_done_is_in_the_audit_log_without_the_secret(server: RunningServer) -> None:
    secret = token(server.data, "administrator", "--name", "the auditor").stdout.strip()
    told = server.get("/audit", Authorization=f"Bearer {secret}", Accept_Language="en")
    assert "made the key \u2068the auditor\u2069" in told.json["entries"][0]["sentence"]
    assert secret not in told.body.decode()


def test_a_device_s_token_is_for_its_own_place(server: RunningServer) -> None:
    secret = token(server.data, "counter", "--place", "1").stdout.strip()
    assert [status(server, secret, f"/counters/{one}") for one in ("1", "2")] == [200, 403]
    assert token(server.data, "counter").returncode == 2
    assert token(server.data, "manager", "--place", "1").returncode == 2


def test_a_token_can_end_by_itself(server: RunningServer) -> None:
    assert token(server.data, "manager", "--days", "30", "--name", "a month").returncode == 0
    store = AccessStore(server.data)
    [made] = [one for one in store.tokens() if one.name == "a month"]
    store.close()
    assert made.until is not None
    assert made.until > made.since


def test_where_no_server_was_nothing_is_made(tmp_path: Path) -> None:
    assert token(tmp_path, "manager").returncode == 1
    assert list(tmp_path.iterdir()) == []
    assert token(tmp_path).returncode == 2
