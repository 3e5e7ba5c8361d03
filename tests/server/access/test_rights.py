"""Every way in × every role, against a real server: what the table allows is answered, everything else refused."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dawr.settings.server import SERVER_FILE, read_server
from server.access.rights import RIGHTS, may, row_of
from server.access.store import AccessStore, digest_of
from server.access.who import ANYBODY, Role, Who
from server.administration.file import SettingsFile
from server.app import create_app
from server.interface.routes import COMMAND_ROUTES
from tests.peer import until
from tests.server.access.staff import PASSWORD, add
from tests.server.guest import Guest
from tests.server.running import ALWAYS_OPEN, RunningServer, always_open

EVERYTHING_ON = """
[mail]
host = "127.0.0.1"
security = "none"
sender = "dawr@example.org"
to = ["manager@example.org"]
[report]
mail = true
print_on = "kiosk-1"
"""
PLACES = {Role.KIOSK: "kiosk-1", Role.FACE: "kiosk-1", Role.COUNTER: "1", Role.TABLET: "1"}
IN_PATHS = {
    "counter": "1",
    "kiosk": "kiosk-1",
    "issuer": "kiosk-1",
    "ticket": "A901",
    "service": "birth",
    "code": "no-such-code",
    "example": "small-town",
    "pairing": "no-such-pairing",
    "device": "no-such-device",
    "filename": "no-such-file",
    "person": "no-such-person",
}
NOW = datetime.now(UTC)

Connect = Callable[..., Guest]


def everything_on(folder: Path) -> Path:
    (folder / SERVER_FILE).write_text(EVERYTHING_ON, "utf-8")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    asks = ALWAYS_OPEN.replace('id = "deed"', 'id = "deed"\nneeds_reference = true')
    server = RunningServer(everything_on(tmp_path_factory.mktemp("rights")), settings=asks, open_to_all=False)
    add(server, "Huda", Role.ADMINISTRATOR, PASSWORD)
    yield server
    server.kill()


@pytest.fixture
def connect(server: RunningServer, loop: asyncio.AbstractEventLoop) -> Iterator[Connect]:
    guests: list[Guest] = []

    def connected(auth: dict[str, str], **headers: str) -> Guest:
        guests.append(Guest(loop, server.address, auth, **headers))
        return guests[-1]

    yield connected
    for guest in guests:
        guest.run(guest.client.disconnect())


@pytest.fixture(scope="module")
def tokens(server: RunningServer) -> dict[Role, str]:
    """A token for each role but anybody, bound to its place."""
    store = AccessStore(server.data)
    roles = [role for role in Role if role is not Role.ANYBODY]
    given = {role: store.give_token(role, f"a {role}", PLACES.get(role), NOW)[0] for role in roles}
    store.close()
    return given


def ways_in(folder: Path) -> tuple[list[tuple[str, str, str]], dict[str, set[str]]]:
    """Endpoint, method and address of everything over HTTP; the events of each Socket.IO namespace."""
    centre = always_open()
    (folder / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    own = read_server(everything_on(folder) / SERVER_FILE, centre)
    server = create_app(centre, SettingsFile(folder / "centre.toml"), folder / "data", async_mode="threading", own=own)
    http = [
        (rule.endpoint, method, rule.rule)
        for rule in server.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    events = {name: set(those) for name, those in server.socketio.server.handlers.items()}
    server.access.close()
    server.log.close()
    return http, events


def address_of(rule: str) -> str:
    for name, value in IN_PATHS.items():
        rule = rule.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
    assert "<" not in rule, f"say in IN_PATHS what to put into {rule}"
    return rule


def test_every_way_in_has_a_row_and_every_row_a_way_in(tmp_path: Path) -> None:
    http, events = ways_in(tmp_path)
    rows = {row_of(endpoint) for endpoint, _, _ in http} | events["/"] | {"training"}
    rows |= {"connect-kiosk", "connect-counter", "connect-board", "connect-page"}
    assert rows - set(RIGHTS) == set(), "these have no row in the table of rights"
    assert set(RIGHTS) - rows == set(), "these rows are about nothing"


def test_no_two_ways_in_share_a_row_by_accident(tmp_path: Path) -> None:
    http, _ = ways_in(tmp_path)
    of_the_api = [
        row_of(endpoint)
        for endpoint, _, _ in http
        if endpoint.partition(".")[0] in ("api", "administration", "access", "devices")
    ]
    assert sorted(of_the_api) == sorted(set(of_the_api))
    commands = {route.command.NAME for route in COMMAND_ROUTES}
    assert {row for row in of_the_api if row in commands} == commands


@pytest.mark.parametrize("role", list(Role))
def test_over_http_each_role_gets_what_the_table_says(
    role: Role, server: RunningServer, tokens: dict[Role, str], tmp_path: Path
) -> None:
    who = Who(role, place=PLACES.get(role)) if role in tokens else ANYBODY
    own = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
    wrong = []
    for endpoint, method, rule in ways_in(tmp_path)[0]:
        row, address = row_of(endpoint), address_of(rule)
        about = {name: IN_PATHS[name] for name in ("counter", "kiosk", "issuer") if f"<{name}>" in rule}
        status = server.ask_at(method, address, b"{}" if method == "POST" else None, own).status
        if may(who, row, about):
            as_it_should = status not in (401, 403)
        elif who is ANYBODY:
            as_it_should = status == 401 or (status == 303 and endpoint.startswith("site."))
        else:
            as_it_should = status == 403
        if not as_it_should:
            wrong.append(f"{method} {address} ({row}): {status}")
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_over_socketio_each_role_gets_what_the_table_says(
    role: Role, server: RunningServer, tokens: dict[Role, str], connect: Connect, tmp_path: Path
) -> None:
    who = Who(role, place=PLACES.get(role)) if role in tokens else ANYBODY
    guest = connect(connects_as(role, tokens))
    assert guest.refusal is None
    wrong = []
    for event in sorted(ways_in(tmp_path)[1]["/"] - {"connect", "disconnect", "*"}):
        about = {"counter": "1", "kiosk": "kiosk-1", "issuer": "kiosk-1"}
        answer = guest.call(event, **about)
        refused = not answer["ok"] and answer["problem"]["status"] in (401, 403)
        if refused is may(who, event, about):
            wrong.append((event, answer))
    assert wrong == []


def connects_as(role: Role, tokens: dict[Role, str]) -> dict[str, str]:
    said = {"token": tokens[role]} if role in tokens else {}
    match role:
        case Role.KIOSK:
            return {**said, "role": "kiosk", "id": "kiosk-1"}
        case Role.COUNTER:
            return {**said, "role": "counter", "id": "box-1", "counter": "1"}
        case Role.BOARD:
            return {**said, "role": "board", "id": "board-1"}
        case _:
            return said


@pytest.mark.parametrize(
    ("role", "auth"),
    [
        (Role.ANYBODY, {"role": "kiosk", "id": "kiosk-1"}),
        (Role.ANYBODY, {"role": "counter", "id": "box-1", "counter": "1"}),
        (Role.ANYBODY, {"role": "board", "id": "board-1"}),
        (Role.ANYBODY, {"counter": "1"}),
        (Role.KIOSK, {"role": "kiosk", "id": "kiosk-2"}),
        (Role.COUNTER, {"role": "counter", "id": "box-1", "counter": "2"}),
        (Role.COUNTER, {"counter": "2"}),
        (Role.COUNTER, {"role": "kiosk", "id": "kiosk-1"}),
        (Role.FACE, {"role": "kiosk", "id": "kiosk-1"}),
        (Role.ADMINISTRATOR, {"role": "kiosk", "id": "kiosk-1"}),
    ],
)
def test_nobody_connects_as_what_it_is_not(
    role: Role, auth: dict[str, str], server: RunningServer, tokens: dict[Role, str], connect: Connect
) -> None:
    guest = connect(auth | ({"token": tokens[role]} if role in tokens else {}))
    assert guest.refusal["data"]["code"] == ("not_signed_in" if role is Role.ANYBODY else "not_allowed")


@pytest.mark.parametrize("role", [Role.KIOSK, Role.BOARD])
def test_what_stands_at_no_counter_follows_none(
    role: Role, server: RunningServer, tokens: dict[Role, str], connect: Connect
) -> None:
    guest = connect({**connects_as(role, tokens), "counter": "1"})
    assert guest.refusal["data"]["code"] == "bad_message"


def test_a_tablet_learns_neither_what_its_visitor_typed_nor_who_else_was_there(
    server: RunningServer, tokens: dict[Role, str], connect: Connect
) -> None:
    box, tablet = connect(connects_as(Role.COUNTER, tokens)), connect({"token": tokens[Role.TABLET], "counter": "1"})
    clerk = {"Authorization": f"Bearer {tokens[Role.CLERK]}"}
    gone = server.post("/tickets", {"service": "birth"}, **clerk).json
    box.call("open", counter="1")
    box.call("call", counter="1", ticket=gone["number"])
    box.call("park", counter="1")
    here = server.post("/tickets", {"service": "deed", "reference": "0933-123456"}, **clerk).json
    sequence = box.call("call", counter="1", ticket=here["number"])["sequence"]
    late = connect({"token": tokens[Role.TABLET], "counter": "1"})
    for told in (tablet.until("counter", sequence), late.until("counter", sequence)):
        assert told["ticket"]["number"] == here["number"]
        assert told["ticket"]["reference"] is None
        assert gone["id"] not in json.dumps(told)
    told = box.until("counter", sequence)
    assert told["ticket"]["reference"] == "0933-123456"
    assert gone["id"] in json.dumps(told), "the clerk takes it up again"
    box.call("complete", counter="1")


def test_a_device_may_only_what_is_about_its_own_place(
    server: RunningServer, tokens: dict[Role, str], connect: Connect
) -> None:
    box = connect(connects_as(Role.COUNTER, tokens))
    assert box.call("open", counter="1")["ok"]
    assert box.call("open", counter="2")["problem"]["code"] == "not_allowed"
    kiosk = connect(connects_as(Role.KIOSK, tokens))
    assert kiosk.call("skip", issuer="kiosk-2", number="A001")["problem"]["code"] == "not_allowed"


# --- The table as people would say it, beside the code ------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "row", "allowed"),
    [
        (Role.ANYBODY, "issue", False),
        (Role.ANYBODY, "order-ticket", False),
        (Role.ANYBODY, "call-next", False),
        (Role.ANYBODY, "ticket", False),
        (Role.ANYBODY, "log_after", False),
        (Role.ANYBODY, "board", True),
        (Role.ANYBODY, "phone.standing", True),
        (Role.CLERK, "call-next", True),
        (Role.CLERK, "waiting_report", False),
        (Role.CLERK, "stop", False),
        (Role.CLERK, "change_settings", False),
        (Role.MANAGER, "waiting_report", True),
        (Role.MANAGER, "change_settings", False),
        (Role.ADMINISTRATOR, "change_settings", True),
        (Role.KIOSK, "call-next", False),
        (Role.BOARD, "call-next", False),
        (Role.COUNTER, "hand-in", False),
    ],
)
def test_the_table_says_what_the_centre_wants(role: Role, row: str, allowed: bool) -> None:
    assert may(Who(role), row, {}) is allowed


# --- Tokens and sessions that hold no longer ----------------------------------------------------------------------


def given(server: RunningServer, role: Role = Role.COUNTER, until_: datetime | None = None) -> tuple[str, str]:
    """A token's secret and id."""
    store = AccessStore(server.data)
    secret, token = store.give_token(role, "a box", "1", NOW, until_)
    store.close()
    return secret, token.id


def status_with(server: RunningServer, secret: str) -> int:
    return server.get("/counters/1", Authorization=f"Bearer {secret}").status


def test_forged_and_expired_tokens_are_refused_over_http_and_socketio(server: RunningServer, connect: Connect) -> None:
    good, _ = given(server)
    over, _ = given(server, until_=NOW - timedelta(seconds=1))
    stored = digest_of(good)
    assert status_with(server, good) == 200
    for secret in (over, good[:-1] + ("A" if good[-1] != "A" else "B"), stored, "", "a" * 10_000):
        assert status_with(server, secret) == 401, secret
        guest = connect({"role": "counter", "id": "box", "counter": "1", "token": secret})
        assert guest.refusal["data"]["code"] == "not_signed_in"


def test_a_token_that_no_text_can_be_is_a_wrong_one(connect: Connect) -> None:
    guest = connect({"role": "counter", "id": "box", "counter": "1", "token": "\ud800"})
    assert guest.refusal["data"]["code"] == "not_signed_in"


def test_a_revoked_token_ends_connections_that_are_open(server: RunningServer, connect: Connect) -> None:
    secret, id = given(server)
    box = connect({"role": "counter", "id": "box", "counter": "1", "token": secret})
    assert box.call("open", counter="1")["ok"]
    store = AccessStore(server.data)
    store.revoke(id)
    store.close()
    until(lambda: not box.client.connected, 5)
    assert status_with(server, secret) == 401


def session(server: RunningServer, day: date, role: Role = Role.CLERK) -> str:
    store = AccessStore(server.data)
    person = store.add_person(f"{role} {datetime.now(UTC)}", role, "no hash", NOW)
    secret = store.begin_session(person, day, NOW)
    store.close()
    return secret


def test_a_session_holds_for_its_business_day_alone(server: RunningServer) -> None:
    today = date.fromisoformat(server.get("/board").json["day"])
    for day, status in ((today, 200), (today - timedelta(days=1), 401), (today + timedelta(days=1), 401)):
        secret = session(server, day)
        assert server.get("/counters/1", Cookie=f"dawr={secret}").status == status


def test_a_session_ends_with_the_person(server: RunningServer, connect: Connect) -> None:
    secret = session(server, date.fromisoformat(server.get("/board").json["day"]))
    page = connect({"counter": "1"}, Cookie=f"dawr={secret}")
    assert page.refusal is None
    store = AccessStore(server.data)
    [person] = [one for one in store.people() if store_has(server, one.id, secret)]
    store.remove_person(person.id)
    store.close()
    until(lambda: not page.client.connected, 5)
    assert server.get("/counters/1", Cookie=f"dawr={secret}").status == 401


def store_has(server: RunningServer, person: str, secret: str) -> bool:
    with sqlite3.connect(server.data / "access.sqlite") as db:
        found = db.execute("SELECT person FROM session WHERE digest = ?", (digest_of(secret),)).fetchone()
    return bool(found == (person,))


def test_a_page_leads_whoever_has_not_signed_in_to_the_sign_in(server: RunningServer) -> None:
    answer = server.ask_at("GET", "/live?language=en")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?to=/live%3Flanguage%3Den")


def test_secrets_are_stored_as_digests_in_a_file_of_the_server_alone(server: RunningServer) -> None:
    secret, _ = given(server)
    files = list(server.data.glob("access.sqlite*"))
    assert files
    assert all(secret.encode() not in file.read_bytes() for file in files)
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


# --- What nobody learns -------------------------------------------------------------------------------------------


def test_nothing_that_everybody_may_see_says_a_tickets_id(
    server: RunningServer, tokens: dict[Role, str], connect: Connect, tmp_path: Path
) -> None:
    """It opens the ticket on a phone: whoever knows it can give the ticket up."""
    staff = {"Authorization": f"Bearer {tokens[Role.CLERK]}"}
    passer_by = connect({})
    tickets = [server.post("/tickets", {"service": "birth"}, **staff).json["id"] for _ in range(2)]
    server.post("/counters/2/open", {}, **staff)
    called = server.post("/counters/2/call-next", {}, **staff).json["ticket"]
    heard = [passer_by.until("board", server.get("/health").json["sequence"])]
    seen = [
        server.ask_at("GET", address_of(rule)).body.decode(errors="replace")
        for endpoint, method, rule in ways_in(tmp_path)[0]
        if method == "GET" and may(ANYBODY, row_of(endpoint), {})
    ]
    assert any(called["number"] in one for one in seen), "the board was looked at"
    assert heard[0]["calls"][0]["number"] == called["number"]
    for id in tickets:
        assert all(id not in one for one in (*seen, str(heard)))
