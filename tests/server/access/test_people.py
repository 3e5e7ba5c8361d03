"""People sign in and out at a real server, from several addresses, and an administrator says who they are."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier, Event

import pytest

from server.access.store import digest_of
from server.access.who import Role
from tests.peer import until
from tests.server.access.staff import PASSWORD, PIN, Browser, add
from tests.server.guest import Guest
from tests.server.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("people"), open_to_all=False)
    add(server, "Huda", Role.ADMINISTRATOR, PASSWORD)
    for name in ("Rima", "Sami", "Nour", "Lina", "Adel", "Zein"):
        add(server, name, Role.CLERK, PIN)
    yield server
    server.kill()


def audited(server: RunningServer) -> list[dict[str, str]]:
    boss = Browser(server, "127.0.0.99")
    assert boss.sign_in("Huda", PASSWORD).status == 200
    entries: list[dict[str, str]] = boss.ask("GET", "/api/v1/audit").json["entries"]
    return entries


def test_somebody_signs_in_works_and_signs_out(server: RunningServer) -> None:
    rima = Browser(server)
    assert rima.ask("GET", "/counter/1").status == 303
    assert rima.sign_in("rima", "٤٩٢٧١٥").json == {"name": "Rima", "role": "clerk"}
    assert rima.ask("GET", "/counter/1").status == 200
    assert rima.ask("GET", "/api/v1/settings").status == 403
    before = dict(rima.cookies)
    assert rima.sign_out().status == 200
    assert Browser(server, cookies=before).ask("GET", "/counter/1").status == 303, "what was in the cookie is over"
    done = [(entry["who"], entry["action"]) for entry in audited(server)]
    assert {("Rima", "signed_in"), ("Rima", "signed_out")} <= set(done)


def test_the_cookies_are_for_this_server_and_for_no_script(server: RunningServer) -> None:
    cookies = Browser(server).sign_in("Rima", PIN).headers.get_all("Set-Cookie") or []
    session, browser = sorted(cookies, key=lambda one: "browser" in one.partition("=")[0])
    for cookie in cookies:
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert "Max-Age" not in session, "it ends with the browser"
    assert "Expires" not in session
    assert "Max-Age" in browser


def test_over_tls_the_cookies_never_leave_it(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text("[network]\nbehind_proxy = true\n", "utf-8")
    server = RunningServer(tmp_path, open_to_all=False)
    try:
        add(server, "Rima", Role.CLERK, PIN)
        body = json.dumps({"name": "Rima", "secret": PIN}).encode()
        said = server.ask("POST", "/session", body, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.7"})
        cookies = said.headers.get_all("Set-Cookie")
    finally:
        server.kill()
    assert said.status == 200
    assert all(re.match(r"__Host-dawr(-browser)?=", one) and "Secure" in one for one in cookies), cookies


def test_a_wrong_name_and_a_wrong_secret_are_refused_in_the_same_words(server: RunningServer) -> None:
    stranger = Browser(server, "127.0.0.2")
    wrong_name, wrong_secret = stranger.sign_in("Nobody", PIN), stranger.sign_in("Sami", "000000")
    assert wrong_name.status == wrong_secret.status == 401
    assert wrong_name.json == wrong_secret.json
    assert wrong_name.json["code"] == "sign_in_refused"


def test_an_unknown_name_has_to_wait_like_a_known_one(server: RunningServer) -> None:
    stranger = Browser(server, "127.0.0.3")
    said = {name: [stranger.sign_in(name, "000000").status for _ in range(6)] for name in ("Nour", "Nobody-at-all")}
    assert said["Nour"] == said["Nobody-at-all"] == [401] * 5 + [429]
    assert stranger.sign_in("Nour", PIN).status == 429, "even the right one has to wait"
    assert 1 <= int(stranger.sign_in("Nour", PIN).headers["Retry-After"]) <= 5


def test_many_at_once_count_as_many(server: RunningServer) -> None:
    with ThreadPoolExecutor(12) as crowd:
        said = list(crowd.map(lambda _: Browser(server, "127.0.0.4").sign_in("Adel", "000000").status, range(12)))
    assert sorted(said) == [401] * 5 + [429] * 7


def test_visitors_who_guess_keep_no_clerk_from_the_own_machine(server: RunningServer) -> None:
    own = Browser(server, "127.0.0.5")
    assert own.sign_in("Lina", PIN).status == 200
    own.forget_session()
    statuses = [Browser(server, f"127.0.1.{n}").sign_in("Lina", "000000").status for n in range(1, 26)]
    assert statuses.count(401) == 20
    assert Browser(server, "127.0.1.99").sign_in("Lina", PIN).status == 429, "a new machine has to wait"
    assert own.sign_in("Lina", PIN).status == 200
    forged = Browser(server, "127.0.1.98", cookies={"dawr-browser": "made-up"})
    assert forged.sign_in("Lina", PIN).status == 429


def test_a_crowd_that_guesses_leaves_room_for_the_staffs_own_machines(server: RunningServer) -> None:
    own = Browser(server, "127.0.2.1")
    assert own.sign_in("Rima", PIN).status == 200
    begun, over = Barrier(33), Event()

    def guess(n: int) -> set[int]:
        begun.wait()
        statuses = set()
        for at in count():
            if over.is_set():
                return statuses
            statuses.add(Browser(server, f"127.0.3.{n}").sign_in(f"Guessed {n} {at}", PIN).status)
        return statuses

    with ThreadPoolExecutor(32) as crowd:
        guesses = [crowd.submit(guess, n) for n in range(32)]
        begun.wait()
        said = [own.sign_in("Rima", PIN).status for _ in range(2)]
        over.set()
        assert 429 in set().union(*(one.result() for one in guesses)), "or the crowd was too small"
    assert said == [200] * 2


@pytest.mark.parametrize("name", ["Huda\u202e", "Hu\u200bda", "Hu\nda", "\u2066Huda", "Hu\x00da", "\u2028"])
def test_no_name_looks_like_another_by_marks_that_nobody_sees(server: RunningServer, name: str) -> None:
    boss = Browser(server, "127.0.0.99")
    boss.sign_in("Huda", PASSWORD)
    said = boss.ask("POST", "/api/v1/people", {"name": name, "role": "clerk", "secret": "803317"})
    assert (said.status, said.json["code"]) == (422, "bad_message")


def test_a_browser_known_of_one_person_is_a_stranger_to_another(server: RunningServer) -> None:
    own = Browser(server, "127.0.0.6")
    assert own.sign_in("Rima", PIN).status == 200
    assert [own.sign_in("Zein", "000000").status for _ in range(6)] == [401] * 5 + [429]
    assert own.sign_in("Rima", PIN).status == 200


def test_who_signs_in_takes_the_place_of_who_was_there(server: RunningServer) -> None:
    machine = Browser(server, "127.0.0.7")
    machine.sign_in("Rima", PIN)
    before = dict(machine.cookies)
    assert machine.sign_in("Sami", PIN).status == 200
    assert Browser(server, "127.0.0.7", before).ask("GET", "/counter/1").status == 303


def test_signing_out_ends_the_open_connections_at_once(server: RunningServer, loop: asyncio.AbstractEventLoop) -> None:
    rima = Browser(server, "127.0.0.8")
    rima.sign_in("Rima", PIN)
    guest = Guest(loop, server.address, {"counter": "1"}, Cookie=f"dawr={rima.cookies['dawr']}")
    assert guest.refusal is None
    rima.sign_out()
    until(lambda: not guest.client.connected)


def test_nothing_but_digests_and_hashes_is_stored(server: RunningServer) -> None:
    rima = Browser(server, "127.0.0.9")
    rima.sign_in("Rima", PIN)
    stored = b"".join(file.read_bytes() for file in server.data.glob("access.sqlite*"))
    for secret in (PIN, PASSWORD, *rima.cookies.values()):
        assert secret.encode() not in stored
    assert digest_of(rima.cookies["dawr"]).encode() in stored
    assert (server.data / "access.sqlite").stat().st_mode & 0o077 == 0


# --- Who they are -------------------------------------------------------------------------------------------------


@pytest.fixture
def boss(server: RunningServer) -> Browser:
    boss = Browser(server, "127.0.0.20")
    assert boss.sign_in("Huda", PASSWORD).status == 200
    return boss


def test_an_administrator_adds_changes_and_removes_somebody(server: RunningServer, boss: Browser) -> None:
    added = boss.ask("POST", "/api/v1/people", {"name": " Tala ", "role": "clerk", "secret": "٨٠٣٣١٧"}).json
    assert (added["name"], added["role"]) == ("Tala", "clerk")
    tala = Browser(server, "127.0.0.21")
    assert tala.sign_in("Tala", "803317").status == 200
    path = f"/api/v1/people/{added['id']}"
    assert boss.ask("POST", path, {"secret": "803318"}).status == 200
    assert tala.ask("GET", "/counter/1").status == 303, "with another PIN she has to sign in again"
    assert tala.sign_in("Tala", "803318").status == 200
    assert boss.ask("POST", path, {"role": "manager", "secret": PASSWORD}).status == 200
    assert tala.sign_in("Tala", PASSWORD).json["role"] == "manager"
    assert boss.ask("DELETE", path).status == 200
    assert tala.ask("GET", "/counter/1").status == 303
    assert boss.ask("DELETE", path).json["code"] == "unknown_person"
    about = [(entry["who"], entry["action"]) for entry in boss.ask("GET", "/api/v1/audit").json["entries"]]
    assert {("Huda", "person_added"), ("Huda", "person_changed"), ("Huda", "person_removed")} <= set(about)


def test_the_list_tells_no_secrets(boss: Browser) -> None:
    people = boss.ask("GET", "/api/v1/people").json["people"]
    assert "Rima" in {one["name"] for one in people}
    assert {key for one in people for key in one} == {"id", "name", "role", "since"}


def test_the_last_administrator_stays(boss: Browser) -> None:
    me = next(one for one in boss.ask("GET", "/api/v1/people").json["people"] if one["name"] == "Huda")
    path = f"/api/v1/people/{me['id']}"
    assert boss.ask("DELETE", path).json["code"] == "last_administrator"
    assert boss.ask("POST", path, {"role": "clerk", "secret": PIN}).json["code"] == "last_administrator"
    second = {"name": "Basel", "role": "administrator", "secret": PASSWORD}
    other = boss.ask("POST", "/api/v1/people", second).json
    assert boss.ask("DELETE", f"/api/v1/people/{other['id']}").status == 200


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"name": "Maya", "role": "clerk", "secret": "123456"}, "weak_secret"),
        ({"name": "Maya", "role": "manager", "secret": "492715"}, "weak_secret"),
        ({"name": "rima", "role": "clerk", "secret": "803317"}, "name_taken"),
        ({"name": "Maya", "role": "kiosk", "secret": "803317"}, "bad_message"),
        ({"name": " ", "role": "clerk", "secret": "803317"}, "bad_message"),
    ],
)
def test_who_cannot_be_is_refused(boss: Browser, wanted: dict[str, str], code: str) -> None:
    assert boss.ask("POST", "/api/v1/people", wanted).json["code"] == code


def test_a_clerk_who_becomes_a_manager_needs_a_password(boss: Browser) -> None:
    sami = next(one for one in boss.ask("GET", "/api/v1/people").json["people"] if one["name"] == "Sami")
    said = boss.ask("POST", f"/api/v1/people/{sami['id']}?language=en", {"role": "manager"}).json
    assert (said["code"], "10 characters" in said["detail"]) == ("weak_secret", True)


# --- The first start ----------------------------------------------------------------------------------------------


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path, open_to_all=False)
    yield server
    server.kill()


def code_of(server: RunningServer) -> str:
    assert server.process.stdout
    found = re.search(r"code: \D*([\d ]{11})", server.process.stdout.readline())
    assert found
    return found[1]


def test_the_first_administrator_is_whoever_reads_what_the_server_printed(new_server: RunningServer) -> None:
    code, first = code_of(new_server), Browser(new_server)
    for page in ("/", "/live", "/sign-in", "/counter/1", "/people"):
        assert first.ask("GET", page).headers["Location"] == "/first-start", page
    assert first.ask("GET", "/board").status == 200
    said = {"code": code, "name": "Huda", "secret": PASSWORD}
    wrong = first.ask("POST", "/api/v1/first-start", {**said, "code": "000 000 000"})
    assert (wrong.status, wrong.json["code"]) == (401, "wrong_start_code")
    assert first.ask("POST", "/api/v1/first-start", {**said, "secret": "short"}).json["code"] == "weak_secret"
    assert first.ask("POST", "/api/v1/first-start", said).json == {"name": "Huda", "role": "administrator"}
    assert first.ask("GET", "/people").status == 200, "and is signed in"
    again = Browser(new_server, "127.0.0.2").ask("POST", "/api/v1/first-start", {**said, "name": "Me"})
    assert again.json["code"] == "has_administrator"
    assert Browser(new_server).ask("GET", "/first-start").headers["Location"] == "/sign-in"


def test_the_code_is_another_after_each_start_and_nowhere_else(new_server: RunningServer) -> None:
    code = code_of(new_server)
    stored = b"".join(file.read_bytes() for file in new_server.data.glob("*.sqlite*"))
    assert code.replace(" ", "").encode() not in stored
    new_server.stop()
    new_server.start()
    assert code_of(new_server) != code


def test_guessing_the_code_becomes_slow(new_server: RunningServer) -> None:
    said = {"code": "000 000 000", "name": "Me", "secret": PASSWORD}
    stranger = Browser(new_server)
    assert [stranger.ask("POST", "/api/v1/first-start", said).status for _ in range(6)] == [401] * 5 + [429]
    code = code_of(new_server)
    owner = Browser(new_server, "127.0.0.2")
    assert owner.ask("POST", "/api/v1/first-start", {**said, "code": code}).status == 200, "at another machine it works"


def test_with_an_administrator_no_code_is_printed(new_server: RunningServer) -> None:
    add(new_server, "Huda", Role.ADMINISTRATOR, PASSWORD)
    code_of(new_server)
    new_server.stop()
    new_server.start()
    assert new_server.get("/health").status == 200
    new_server.stop()
    assert new_server.process.stdout
    assert "code" not in new_server.process.stdout.read()


def test_no_session_of_the_old_pin_outlives_it(server: RunningServer) -> None:
    boss = Browser(server, "127.0.0.99")
    boss.sign_in("Huda", PASSWORD)
    added = boss.ask("POST", "/api/v1/people", {"name": "Thief's", "role": "clerk", "secret": "803317"}).json
    machines = [Browser(server, f"127.0.4.{n}") for n in range(4)]
    assert [one.sign_in("Thief's", "803317").status for one in machines] == [200] * 4
    got: list[dict[str, str]] = []
    over = Event()

    def sign_in_again(machine: Browser) -> None:
        while not over.is_set():
            if machine.sign_in("Thief's", "803317").status == 200:
                got.append(dict(machine.cookies))

    with ThreadPoolExecutor(4) as thieves:
        for machine in machines:
            thieves.submit(sign_in_again, machine)
        until(lambda: len(got) > 4)
        changed = boss.ask("POST", f"/api/v1/people/{added['id']}", {"secret": "940128"})
        over.set()
    assert changed.status == 200
    assert got
    assert {Browser(server, cookies=one).ask("GET", "/counter/1").status for one in got} == {303}
