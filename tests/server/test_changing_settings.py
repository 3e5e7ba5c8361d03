"""Changing the settings of a running server: nothing is lost, nothing is half done, and everything is on record."""

import copy
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from dawr.client import Client
from dawr.settings.plain import plain
from server.administration.file import SettingsFile, digest_of
from tests.house.source import ROOT
from tests.server.running import ALWAYS_OPEN, Answer, RunningServer

Settings = dict[str, Any]
BIRTH, DEED = 0, 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path)
    yield server
    server.kill()


def now(server: RunningServer) -> tuple[str, Settings]:
    """Digest and settings as the server gives them."""
    told = server.get("/settings").json
    return told["digest"], told["settings"]


def change(server: RunningServer, make: Callable[[Settings], object], based_on: str = "") -> Answer:
    digest, settings = now(server)
    make(settings)
    return server.post("/settings?language=en", {"based_on": based_on or digest, "settings": settings})


def fee(amount: int) -> Callable[[Settings], object]:
    return lambda settings: settings["service"][BIRTH].update(fee=amount)


def fee_in(file: Path) -> Any:
    return tomllib.loads(file.read_text("utf-8"))["service"][BIRTH].get("fee")


def history(server: RunningServer) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = server.get("/settings/history").json["versions"]
    return versions


def verified(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.audit.command", "verify", str(data), "--language", "en"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def patiently(ask: Callable[[], Answer]) -> Answer:
    """As whoever tries again when the connection is cut or the server is just beginning anew."""
    deadline = time.monotonic() + 20
    while True:
        try:
            answer = ask()
        except (OSError, HTTPException):
            assert time.monotonic() < deadline
            continue
        if answer.status != 503:
            return answer


# --- A change -------------------------------------------------------------------------------------------------


def test_a_change_is_written_into_the_file_and_the_server_begins_anew_with_it(server: RunningServer) -> None:
    pid, comments = server.process.pid, ALWAYS_OPEN.count("\n")
    answer = change(server, fee(700))
    assert answer.status == 200
    assert answer.json == {"version": 2, "digest": digest_of(server.config.read_text("utf-8"))}
    digest, settings = now(server)
    assert (digest, settings["service"][BIRTH]["fee"]) == (answer.json["digest"], 700)
    assert server.config.read_text("utf-8").count("\n") == comments + 1
    assert server.process.poll() is None and server.process.pid == pid
    stdout = server.process.stdout
    assert stdout and server.address in [stdout.readline().strip() for _ in range(4)], "it says again where it is"


def test_many_changes_one_after_the_other_leave_the_same_process_at_the_same_port(server: RunningServer) -> None:
    files = len(os.listdir(f"/proc/{server.process.pid}/fd"))  # noqa: PTH208
    for amount in range(100, 106):
        assert change(server, fee(amount)).status == 200
    now(server)
    assert fee_in(server.config) == 105
    assert server.process.poll() is None
    assert len(os.listdir(f"/proc/{server.process.pid}/fd")) <= files + 1  # noqa: PTH208
    assert server.stop() == 0


def test_what_changes_nothing_is_no_version_and_no_new_beginning(server: RunningServer) -> None:
    answer = change(server, lambda _settings: None)
    assert (answer.status, answer.json["version"]) == (200, 1)
    assert change(server, lambda settings: settings["service"][BIRTH].update(fee=None)).json["version"] == 1
    assert len(history(server)) == 1


def test_nothing_is_lost_or_doubled_while_tickets_are_taken(server: RunningServer) -> None:
    acknowledged: dict[str, str] = {}
    ends = threading.Event()

    def note(id: str, number: str) -> None:
        assert acknowledged.setdefault(id, number) == number

    def take_over_http(service: str) -> None:
        while not ends.is_set():
            key = str(uuid.uuid4())
            answer = patiently(lambda key=key: server.post("/tickets", {"service": service}, Idempotency_Key=key))
            assert answer.status == 201, answer.body
            note(answer.json["id"], answer.json["number"])

    def take_live(client: Client) -> None:
        while not ends.is_set():
            ticket = client.call("issue", {"service": "birth"}, 20)["ticket"]
            note(ticket["id"], ticket["number"])
            client.call("call-next", {"counter": "1"}, 20)

    with ThreadPoolExecutor(5) as people, client_of(server, {"role": "page", "id": "taker"}) as client:
        takers = [people.submit(take_over_http, service) for service in ("birth", "deed", "birth")]
        takers.append(people.submit(take_live, client))
        for amount in (500, 600, 700):
            before = len(acknowledged)
            while len(acknowledged) < before + 20:
                time.sleep(0.01)
            assert patiently(lambda amount=amount: change(server, fee(amount))).status == 200
        before = len(acknowledged)
        while len(acknowledged) < before + 20:
            time.sleep(0.01)
        ends.set()
        for taker in takers:
            taker.result()
    stored = issued(server.data)
    assert len({number for _, number in stored}) == len(stored) == len({id for id, _ in stored})
    assert dict(stored) == acknowledged
    assert [one["kind"] for one in history(server)] == ["changed"] * 3 + ["found"]
    assert server.process.poll() is None


def issued(data: Path) -> list[tuple[str, str]]:
    """Id and number of every ticket in the log."""
    with closing(sqlite3.connect(data / "hall.sqlite")) as log:
        return log.execute(
            "SELECT ticket, json_extract(body, '$.number') FROM event WHERE name = 'TicketIssued'"
        ).fetchall()


class client_of:
    """A device that is connected, with the newest of what it was told."""

    def __init__(self, server: RunningServer, auth: dict[str, str]) -> None:
        async def find() -> AsyncGenerator[str]:
            yield server.address

        self.told: dict[str, Any] = {}
        self._client = Client(find, auth, {name: self._hear(name) for name in ("hello", "menu", "board")})

    def _hear(self, name: str) -> Callable[[Any], None]:
        return lambda said: self.told.update({name: said})

    def __enter__(self) -> Client:
        self._client.start()
        return self._client

    def __exit__(self, *_problem: object) -> None:
        self._client.stop()


def test_a_connected_kiosk_comes_back_by_itself_and_has_the_new_centre(server: RunningServer) -> None:
    kiosk = client_of(server, {"role": "kiosk", "id": "kiosk-1"})
    with kiosk:
        until(lambda: "menu" in kiosk.told)
        assert change(server, add_a_line).status == 200
        until(lambda: 'id = "new-line"' in kiosk.told["hello"]["centre"])
        until(lambda: "new-line" in kiosk.told["menu"]["lines"])
        assert server.post("/tickets", {"service": "new"}).json["number"] == "D901"


def add_a_line(settings: Settings) -> None:
    name = {"ar": "جديدة", "en": "New"}
    settings["line"].append({"id": "new-line", "letter": "D", "name": name})
    settings["counter"][0]["lines"].append("new-line")
    settings["service"].append({"id": "new", "name": name, "category": "papers", "line": "new-line"})


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- What is refused ------------------------------------------------------------------------------------------


def test_of_two_administrators_at_once_the_second_is_told(server: RunningServer) -> None:
    digest, settings = now(server)
    wishes = [copy.deepcopy(settings) for _ in range(2)]
    for wish, amount in zip(wishes, (111, 222), strict=True):
        wish["service"][BIRTH]["fee"] = amount

    def ask(wish: Settings) -> Answer:
        return server.post("/settings?language=en", {"based_on": digest, "settings": wish})

    with ThreadPoolExecutor(2) as administrators:
        answers = list(administrators.map(ask, wishes))
    assert sorted(one.status for one in answers) == [200, 409]
    [refused] = [one for one in answers if one.status == 409]
    assert refused.json["code"] == "settings_changed"
    assert "Nothing of yours was stored" in refused.json["detail"]
    [winner] = [wish for wish, one in zip(wishes, answers, strict=True) if one.status == 200]
    assert now(server)[1] == winner
    assert len(history(server)) == 2


def test_mistaken_settings_change_nothing(server: RunningServer) -> None:
    before = server.config.read_bytes()
    refusal = change(server, lambda settings: settings["service"][DEED].update(line="nowhere"))
    assert (refusal.status, refusal.json["code"]) == (422, "settings_mistaken")
    assert [one["key"] for one in refusal.json["mistakes"]] == ["service[2].line"]
    assert server.config.read_bytes() == before
    assert len(history(server)) == 1


@pytest.mark.parametrize("body", [{"settings": {}}, {"based_on": "x"}, {"based_on": "x", "settings": {}, "toml": ""}])
def test_a_change_that_says_nothing_or_two_things_is_refused(server: RunningServer, body: object) -> None:
    refusal = server.post("/settings", body)
    assert (refusal.status, refusal.json["code"]) == (422, "bad_message")


def test_a_file_can_be_uploaded(server: RunningServer) -> None:
    digest, _ = now(server)
    text = f"# By hand.\n{ALWAYS_OPEN}".replace("usual_minutes = 6", "usual_minutes = 9")
    assert server.post("/settings", {"based_on": digest, "toml": text}).status == 200
    assert server.get("/settings/file").body.decode() == text


def test_an_upload_that_is_no_toml_or_mistaken_is_refused(server: RunningServer) -> None:
    digest, _ = now(server)
    no_toml = server.post("/settings?language=en", {"based_on": digest, "toml": "[centre\n"})
    assert (no_toml.status, no_toml.json["code"]) == (400, "not_toml")
    assert "line 1" in no_toml.json["detail"]
    mistaken = server.post("/settings?language=en", {"based_on": digest, "toml": "[centre]\n"})
    assert (mistaken.status, "centre.id" in {one["key"] for one in mistaken.json["mistakes"]}) == (422, True)
    assert server.config.read_text("utf-8") == ALWAYS_OPEN


def removal(table: str, place: int) -> Callable[[Settings], object]:
    return lambda settings: settings[table].pop(place)


def test_a_service_that_people_wait_for_cannot_vanish(server: RunningServer) -> None:
    assert server.post("/tickets", {"service": "birth"}).status == 201
    refusal = change(server, removal("service", BIRTH))
    assert refusal.status == 422
    [mistake] = refusal.json["mistakes"]
    assert mistake["key"] == "service"
    assert "Birth certificate" in mistake["sentence"] and "tomorrow from \u206604:00" in mistake["sentence"]
    checked = server.post("/settings/check?language=ar", {"settings": without(server, "service", BIRTH)}).json
    assert [one["key"] for one in checked["mistakes"]] == ["service"]
    assert "بيان ولادة" in checked["mistakes"][0]["sentence"]
    assert server.get("/tickets/A901").json["state"] == "waiting"


def without(server: RunningServer, table: str, place: int) -> Settings:
    _, settings = now(server)
    settings[table].pop(place)
    return settings


def test_a_service_that_nobody_took_today_can_go(server: RunningServer) -> None:
    assert server.post("/tickets", {"service": "birth"}).status == 201
    assert change(server, removal("service", DEED)).status == 200
    assert server.get("/tickets/A901").json["state"] == "waiting"
    assert server.post("/tickets", {"service": "deed"}).status == 404


def test_a_counter_where_somebody_is_served_cannot_vanish(server: RunningServer) -> None:
    server.post("/tickets", {"service": "birth"})
    assert server.post("/counters/1/call-next", {}).status == 200
    refusal = change(server, removal("counter", 0))
    assert [one["key"] for one in refusal.json["mistakes"]] == ["counter"]


def test_a_centre_that_does_not_go_with_the_servers_own_settings_is_refused(server: RunningServer) -> None:
    """It could not begin anew, and the hall would stand still."""
    server.config.with_name("server.toml").write_text("[mail]\nnonsense = 1\n", "utf-8")
    refusal = change(server, fee(5))
    assert (refusal.status, refusal.json["code"]) == (422, "settings_mistaken")
    assert all(one["key"].startswith("server.toml: ") for one in refusal.json["mistakes"])
    assert server.config.read_text("utf-8") == ALWAYS_OPEN


# --- Disks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk for the settings alone."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "settings"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def server_with_disk(disk: Path, tmp_path: Path) -> Iterator[RunningServer]:
    """Its settings are on the small disk, its log is not."""
    (tmp_path / "centre.toml").symlink_to(disk / "centre.toml")
    server = RunningServer(tmp_path)
    yield server
    server.kill()


def test_on_a_full_disk_nothing_changes_and_it_is_said(server_with_disk: RunningServer, disk: Path) -> None:
    before = (disk / "centre.toml").read_bytes()
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(512))
    refusal = change(server_with_disk, fee(1))
    assert (refusal.status, refusal.json["code"]) == (503, "settings_not_written")
    assert refusal.json["detail"].startswith("The disk with the settings is full.")
    assert (disk / "centre.toml").read_bytes() == before
    assert sorted(one.name for one in disk.iterdir()) == ["centre.toml", "filler"]
    filler.unlink()
    assert change(server_with_disk, fee(1)).json["version"] == 2


def test_a_folder_that_cannot_be_written_is_said_before_and_after(server_with_disk: RunningServer, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro,size=64k", disk], check=True)
    assert server_with_disk.get("/settings?language=en").json["writable"].startswith("The settings cannot be changed")
    refusal = change(server_with_disk, fee(1))
    assert (refusal.status, refusal.json["code"]) == (503, "settings_not_written")
    assert server_with_disk.post("/tickets", {"service": "birth"}).status == 201
    assert len(history(server_with_disk)) == 1


# --- History --------------------------------------------------------------------------------------------------


def test_the_history_says_who_changed_what_and_when(server: RunningServer) -> None:
    change(server, fee(300))
    newest, found = history(server)
    assert newest["changes"] == [{"key": "service[birth].fee", "kind": "added", "was": None, "is": "300"}]
    assert (newest["kind"], newest["from"], newest["by"], newest["undoes"]) == ("changed", "127.0.0.1", None, None)
    assert newest["at"] > found["at"]
    assert (found["kind"], found["from"], found["changes"], found["before"]) == ("found", None, [], None)
    assert server.get("/settings/history?before=2").json["versions"] == [found]


def test_an_older_version_can_be_undone(server: RunningServer) -> None:
    for amount in (300, 400, 500):
        change(server, fee(amount))
    digest, _ = now(server)
    answer = server.post("/settings/undo", {"based_on": digest, "version": 3})
    assert (answer.status, answer.json["version"]) == (200, 5)
    assert now(server)[1]["service"][BIRTH]["fee"] == 300
    newest = history(server)[0]
    assert (newest["kind"], newest["undoes"]) == ("undone", 3)
    assert newest["changes"] == [{"key": "service[birth].fee", "kind": "changed", "was": "500", "is": "300"}]


def test_what_has_nothing_before_it_cannot_be_undone(server: RunningServer) -> None:
    digest, _ = now(server)
    for version in (1, 7):
        refusal = server.post("/settings/undo", {"based_on": digest, "version": version})
        assert (refusal.status, refusal.json["code"]) == (404, "unknown_version")


def test_an_undo_is_checked_as_every_change(server: RunningServer) -> None:
    new = {"id": "new", "name": {"ar": "جديدة", "en": "New"}, "category": "papers", "line": "civil"}
    change(server, lambda settings: settings["service"].append(new))
    server.post("/tickets", {"service": "new"})
    digest, _ = now(server)
    refusal = server.post("/settings/undo?language=en", {"based_on": digest, "version": 2})
    assert (refusal.status, refusal.json["mistakes"][0]["key"]) == (422, "service")


def test_a_file_changed_by_hand_between_two_starts_is_on_record(server: RunningServer) -> None:
    server.stop()
    server.config.write_text(ALWAYS_OPEN.replace("usual_minutes = 6", "usual_minutes = 8"), "utf-8")
    server.start()
    newest = history(server)[0]
    assert (newest["kind"], newest["from"]) == ("by_hand", None)
    assert newest["changes"] == [{"key": "service[birth].usual_minutes", "kind": "changed", "was": "6", "is": "8"}]


def test_a_file_changed_by_hand_meanwhile_is_not_overwritten_unseen(server: RunningServer) -> None:
    digest, _ = now(server)
    server.config.write_text(ALWAYS_OPEN.replace("usual_minutes = 6", "usual_minutes = 8"), "utf-8")
    assert change(server, fee(5), based_on=digest).status == 409
    assert change(server, fee(5)).status == 200
    assert [one["kind"] for one in history(server)] == ["changed", "by_hand", "found"]
    assert now(server)[1]["service"][BIRTH]["usual_minutes"] == 8


@pytest.mark.parametrize("seed", range(8))
def test_a_kill_at_any_moment_leaves_a_whole_file_and_a_history_that_agrees(tmp_path: Path, seed: int) -> None:
    server = RunningServer(tmp_path)
    chance = random.Random(seed)
    answers: list[Answer] = []

    def ask() -> None:
        try:
            answers.append(change(server, fee(900)))
        except (OSError, HTTPException):
            return

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(chance.uniform(0, 0.15))
    server.kill()
    asking.join()
    assert fee_in(server.config) in ({900} if answers else {None, 900})
    server.start()
    try:
        newest = history(server)[0]
        assert newest["after"] == digest_of(server.config.read_text("utf-8"))
        assert newest["kind"] == ("changed" if fee_in(server.config) else "found")
        assert sorted(one.name for one in tmp_path.glob("*.toml*")) == ["centre.toml"]
        assert change(server, fee(901)).status == 200
    finally:
        server.kill()
    assert verified(server.data).returncode == 0


TAMPERINGS = {
    "a record was changed": "UPDATE settings_version SET record = replace(record, '127.0.0.1', '10.0.0.9')",
    "a record and its hash were changed": (
        "UPDATE settings_version SET record = replace(record, '300', '3'), hash = 'x' WHERE version = 2"
    ),
    "one in the middle is missing": "DELETE FROM settings_version WHERE version = 2",
    "the newest is missing": "DELETE FROM settings_version WHERE version = 3",
    "all are missing": "DELETE FROM settings_version",
    "the text of a version was changed": "UPDATE settings_text SET body = body || ' '",
}


@pytest.mark.parametrize("how", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_a_history_that_was_tampered_with_is_noticed(server: RunningServer, how: str) -> None:
    change(server, fee(300))
    change(server, fee(400))
    now(server)
    whole = verified(server.data)
    assert (whole.returncode, whole.stdout.startswith("The history of the settings is whole: 3 versions")) == (0, True)
    server.kill()
    with closing(sqlite3.connect(server.data / "hall.sqlite")) as log, log:
        log.executescript("DROP TRIGGER settings_version_stays; DROP TRIGGER settings_version_is_kept")
        assert log.execute(how).rowcount > 0
    found = verified(server.data)
    assert found.returncode == 1
    assert "Somebody has changed the log's file" in found.stderr


def test_without_a_log_there_is_nothing_to_verify(tmp_path: Path) -> None:
    answer = verified(tmp_path)
    assert (answer.returncode, "There is no log" in answer.stderr) == (1, True)


def test_the_settings_of_a_file_are_what_its_text_says(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "centre.toml")
    file.path.write_text(ALWAYS_OPEN, "utf-8")
    assert file.settings() == plain(tomllib.loads(ALWAYS_OPEN))
