"""Who pressed: stored with the events, sealed, removed in time, and told to those alone who may know."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from dawr.errors import ClerkFiguresOff, NobodySignsIn, NothingToDo
from dawr.messages import CallNext, CallTicket, Complete, IssueTicket, OpenCounter, Park, Resume, StartDay, Undo
from dawr.settings.centre import Centre, Privacy
from dawr.words import Words
from server.access.store import AccessStore
from server.access.who import Role, Who
from server.keeping.log import FILE, Log
from server.keeping.mend import mend
from server.practice.busy_day import Move, busy_day
from server.practice.play_day import play
from server.reports.clerks import BY
from server.reports.figures import COLUMNS
from server.reports.files import FORMATS
from server.reports.tickets import SHOWN, Which, tickets, timeline
from server.reports.waiting import waiting
from tests.halls import small_centre
from tests.server.access.staff import PASSWORD, PIN, Browser, add
from tests.server.audit.test_trail import command
from tests.server.busy_log import BUSY, LAST
from tests.server.guest import Guest
from tests.server.live_writer import LiveWriter
from tests.server.recomputed import Fold, figures
from tests.server.running import ALWAYS_OPEN, RunningServer
from tests.server.test_retention import NOW, age, at_once, seal

RIMA, SAMI = Who(Role.CLERK, "Rima", id="id-of-rima"), Who(Role.CLERK, "Sami", id="id-of-sami")
BOX = Who(Role.COUNTER, "Box at 3", place="3", id="id-of-box")
HERE = {RIMA.id, BOX.id}
TODAY = LAST + timedelta(days=1)
NOON = (datetime(2026, 11, 15, 9, tzinfo=UTC), datetime(2026, 11, 16, 9, tzinfo=UTC))


def who_of(move: Move) -> Who:
    """Rima and Sami change places at noon; at counter 3 is a box. Kiosks and doors are nobody known."""
    counter = getattr(move.command, "counter", None)
    if counter == "3":
        return BOX
    is_early = any(noon - timedelta(hours=8) < move.at < noon for noon in NOON)
    return {("1", True): RIMA, ("2", True): SAMI, ("1", False): SAMI, ("2", False): RIMA}.get(
        (counter or "", is_early), Who(Role.ANYBODY)
    )


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two busy days and one on which things are taken back, with clerks."""
    folder = tmp_path_factory.mktemp("staffed")
    log = Log(folder)
    for seed, day in enumerate(BUSY, 1):
        play(small_centre(), log, busy_day(small_centre(), day, 250, seed), who_of=who_of)
    morning = datetime(2026, 11, 17, 6, tzinfo=UTC)
    pressed: list[tuple[Any, Who]] = [
        (StartDay(day=LAST), Who(Role.ANYBODY)),
        *[(IssueTicket(service="birth", language="ar"), RIMA) for _ in range(4)],
        (OpenCounter(counter="1"), RIMA),
        (CallNext(counter="1"), RIMA),
        (Undo(counter="1"), RIMA),
        (CallTicket(counter="1", ticket="A903"), SAMI),
        (Complete(counter="1"), SAMI),
        (CallNext(counter="1"), RIMA),
        (CallNext(counter="1"), RIMA),
        (Undo(counter="1"), SAMI),
        (StartDay(day=LAST + timedelta(days=1)), Who(Role.ANYBODY)),
    ]
    senders_of = {id(made): who for made, who in pressed}
    moves = [Move(morning + timedelta(seconds=9 * place), made) for place, (made, _) in enumerate(pressed)]
    moves[-1] = Move(morning + timedelta(hours=20), pressed[-1][0])
    play(small_centre(), log, moves, who_of=lambda move: senders_of[id(move.command)])
    log.close()
    return folder


@pytest.fixture
def folder(staffed: Path, tmp_path: Path) -> Path:
    data = Path(shutil.copytree(staffed, tmp_path / "data"))
    seal(data)
    return data


def rows(folder: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(folder / FILE)) as log:
        return log.execute(sql).fetchall()


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        assert log.execute(statement).rowcount


def with_figures() -> Centre:
    return small_centre().model_copy(update={"privacy": Privacy(clerk_figures=True)})


def pressed_by(live: LiveWriter) -> list[tuple[str, str | None]]:
    return [
        (row["name"], row["who"])
        for row in live.rows(
            "SELECT event.name, sender.name AS who FROM event LEFT JOIN sender ON number = sender ORDER BY sequence"
        )
    ]


# --- Stored ---------------------------------------------------------------------------------------------------


def test_every_event_of_a_command_has_its_sender_and_those_of_the_server_none(live_writer: LiveWriter) -> None:
    live_writer.do(OpenCounter(counter="1"), who=RIMA)
    for _ in range(2):
        live_writer.do(IssueTicket(service="birth", language="ar"))
    live_writer.do(CallNext(counter="1"), who=RIMA)
    live_writer.do(CallNext(counter="1"), who=SAMI)
    assert pressed_by(live_writer) == [
        ("DayStarted", None),
        ("CounterOpened", "Rima"),
        ("TicketIssued", None),
        ("TicketIssued", None),
        ("TicketCalled", "Rima"),
        ("TicketCompleted", "Sami"),
        ("TicketCalled", "Sami"),
    ]


def test_a_command_that_comes_again_is_the_same_whoever_sends_it(live_writer: LiveWriter) -> None:
    first = live_writer.do(OpenCounter(counter="1"), "key", who=RIMA)
    assert live_writer.do(OpenCounter(counter="1"), "key", who=SAMI) == first
    assert pressed_by(live_writer)[1:] == [("CounterOpened", "Rima")]


def test_who_pressed_is_stored_with_the_events_or_not_at_all(tmp_path: Path) -> None:
    live = LiveWriter(tmp_path)
    with pytest.raises(NothingToDo):
        live.do(Complete(counter="1"), who=RIMA)
    assert live.rows("SELECT * FROM sender") == [], "nothing was done"
    live.stop()
    log = Log(tmp_path)
    with pytest.raises(RuntimeError), log.transaction():
        log.append("c1", date(2026, 11, 22), [live.stored[0].events[0]], SAMI)
        raise RuntimeError
    with log.reading() as connection:
        assert connection.execute("SELECT * FROM sender").fetchall() == []
    log.close()


def test_it_outlives_the_answers_to_commands(live_writer: LiveWriter) -> None:
    live_writer.do(OpenCounter(counter="1"), "key", who=RIMA)
    live_writer.now += timedelta(days=20)
    live_writer.do(StartDay(day=live_writer.now.date()))
    assert live_writer.rows("SELECT * FROM command WHERE id = 'key'") == []
    assert ("CounterOpened", "Rima") in pressed_by(live_writer)


# --- An older log ---------------------------------------------------------------------------------------------


def as_it_was_before(folder: Path) -> None:
    """The log as the version before this one left it."""
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.execute("ALTER TABLE event DROP COLUMN sender")
        log.execute("DROP TABLE sender")
        assert log.execute("DELETE FROM _sqlite_migrations WHERE name = 'who_pressed'").rowcount == 1


def test_an_older_log_goes_on_and_its_seals_hold(busy_log: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(busy_log, tmp_path / "data"))
    seal(data)
    as_it_was_before(data)
    [sealed, *_] = [json.loads(record)["about"] for (record,) in rows(data, "SELECT record FROM audit")]
    before = "SELECT json_array(sequence, at, name, day, ticket, counter, command, body) FROM event"
    texts = "".join(f"{text}\n" for (text,) in rows(data, f"{before} WHERE sequence <= {sealed['last']}"))
    assert sealed["digest"] == blake2b(texts.encode(), digest_size=32).hexdigest()
    live = LiveWriter(data)
    live.do(OpenCounter(counter="1"), who=RIMA)
    assert pressed_by(live)[-1] == ("CounterOpened", "Rima")
    assert {who for _, who in pressed_by(live)[:-1]} == {None}
    live.stop()
    assert command("verify", data).returncode == 0


def test_an_older_log_can_be_mended(busy_log: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(busy_log, tmp_path / "data"))
    as_it_was_before(data)
    [(last,)] = rows(data, "SELECT max(sequence) FROM event")
    change(data, f"UPDATE event SET body = '{{' WHERE sequence = {last}")
    assert mend(data, NOW).events == last - 1
    assert rows(data, "SELECT count(*), count(sender) FROM event") == [(last - 1, 0)]


def test_a_mended_log_still_knows_who_pressed(folder: Path) -> None:
    query = "SELECT sequence, sender.name FROM event JOIN sender ON number = sender ORDER BY sequence"
    before, [(last,)] = rows(folder, query), rows(folder, "SELECT max(sequence) FROM event")
    change(folder, f"UPDATE event SET body = '{{' WHERE sequence = {last}")
    mend(folder, NOW)
    assert rows(folder, query) == before and len(before) > 1000


# --- Sealed and removed ---------------------------------------------------------------------------------------

A_CALL = "sequence = (SELECT max(sequence) FROM event WHERE day = '2026-11-15' AND name = 'TicketCalled')"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE event SET sender = sender % 3 + 1 WHERE {A_CALL}",
        f"UPDATE event SET sender = NULL WHERE {A_CALL}",
        "UPDATE event SET sender = 1 WHERE sequence = 1",
        "UPDATE sender SET name = 'Adel' WHERE name = 'Rima'",
        "UPDATE sender SET id = 'another' WHERE name = 'Rima'",
        "DELETE FROM sender WHERE name = 'Rima'",
    ],
)
def test_whoever_changes_who_pressed_is_noticed(folder: Path, statement: str) -> None:
    assert command("verify", folder).returncode == 0
    change(folder, statement)
    answer = command("verify", folder)
    assert (answer.returncode, "2026-11-15" in answer.stderr) == (1, True)


def test_who_pressed_goes_with_what_could_belong_to_a_person(folder: Path) -> None:
    assert b"Rima" in (folder / FILE).read_bytes()
    age(folder, at_once(), today=TODAY)
    assert rows(folder, "SELECT count(sender) FROM event") == [(0,)]
    assert rows(folder, "SELECT * FROM sender") == []
    assert b"Rima" not in (folder / FILE).read_bytes()
    assert command("verify", folder).returncode == 0


def test_whoever_still_presses_is_known_of_the_days_that_are_kept(folder: Path) -> None:
    age(folder, at_once(personal_days=1), today=TODAY)
    assert rows(folder, "SELECT DISTINCT event.day, sender.name FROM event JOIN sender ON number = sender") == [
        (str(LAST), "Rima"),
        (str(LAST), "Sami"),
    ]
    assert [one[0] for one in rows(folder, "SELECT name FROM sender")] == ["Rima", "Sami"], "the box pressed nothing"


def test_with_the_steps_goes_who_made_them(folder: Path) -> None:
    age(folder, at_once(personal_days=5000, steps_years=0), today=TODAY)
    assert rows(folder, "SELECT * FROM sender") == []
    assert command("verify", folder).returncode == 0


def test_a_senders_number_costs_a_few_bytes_an_event(staffed: Path) -> None:
    [(bytes_of_a_number, most)] = rows(staffed, "SELECT avg(length(hex(sender)) / 2), max(sender) FROM event")
    assert bytes_of_a_number <= 1 and most == 3


# --- Figures by clerk -----------------------------------------------------------------------------------------


def last_callers(log: sqlite3.Connection) -> dict[str, tuple[str | None, bool]]:
    """Who called each ticket last, and whether out of order: command by command, in plain Python."""
    calls: dict[str, list[tuple[str, str | None, bool]]] = {}
    commands: dict[int, str] = {}
    events = log.execute(
        "SELECT sequence, command, event.name, ticket, body, id FROM event LEFT JOIN sender ON number = sender"
    ).fetchall()
    for sequence, command_, name, ticket, body, id in sorted(events):
        commands[sequence] = command_
        if name == "TicketCalled":
            calls.setdefault(ticket, []).append((command_, id, json.loads(body).get("out_of_order", False)))
        if name == "ActionUndone":
            undone = commands[json.loads(body)["undone"]]
            calls = {one: [call for call in those if call[0] != undone] for one, those in calls.items()}
    return {ticket: those[-1][1:] for ticket, those in calls.items() if those}


def test_every_figure_by_clerk_is_the_one_reckoned_anew_from_the_log(staffed: Path) -> None:
    with closing(sqlite3.connect(staffed / FILE)) as log:
        report = waiting(log, with_figures(), BUSY[0], LAST, BY, folder=staffed, present=HERE)
        by_line = waiting(log, with_figures(), BUSY[0], LAST, "line", folder=staffed)
        fold, callers = Fold(log), last_callers(log)
    expected: dict[str, list[dict[str, Any]]] = {}
    for id, (who, out_of_order) in callers.items():
        if who:
            expected.setdefault(who, []).append({**fold.tickets[id], "chosen": out_of_order})
    assert {row.key for row in report.rows} == expected.keys() == {RIMA.id, SAMI.id, BOX.id}
    for row in report.rows:
        reckoned = figures(expected[row.key], report.target_s)
        assert {column: getattr(row, column) for column in COLUMNS} == pytest.approx(reckoned, abs=1e-5)
    assert report.total == by_line.total
    assert any(row.no_shows for row in report.rows) and any(row.out_of_order for row in report.rows)


def test_out_of_order_is_whoever_called_so_and_not_who_took_over(live_writer: LiveWriter) -> None:
    live_writer.do(OpenCounter(counter="1"), who=SAMI)
    for _ in range(2):
        live_writer.do(IssueTicket(service="birth", language="ar"), after_s=5)
    live_writer.do(CallTicket(counter="1", ticket="A902"), after_s=5, who=SAMI)
    live_writer.do(Park(counter="1"), after_s=5, who=SAMI)
    live_writer.do(Resume(counter="1", ticket="A902"), after_s=5, who=SAMI)
    for _ in range(2):
        live_writer.do(CallNext(counter="1"), after_s=5, who=RIMA)
    with live_writer.log.reading() as log:
        report = waiting(log, with_figures(), live_writer.now.date(), live_writer.now.date(), BY, present=HERE)
    assert [(row.key, row.visits, row.out_of_order) for row in report.rows] == [(RIMA.id, 2, 0)]
    assert report.total.out_of_order == 1


def test_a_clerk_who_left_is_said_to_have_left(staffed: Path) -> None:
    with closing(sqlite3.connect(staffed / FILE)) as log:
        report = waiting(log, with_figures(), BUSY[0], LAST, BY, present=HERE)
    assert [row.name for row in report.rows] == [
        {"ar": "Box at 3", "en": "Box at 3"},
        {"ar": "Rima", "en": "Rima"},
        {"ar": "Sami (أُزيل)", "en": "Sami (removed)"},
    ]
    for form in FORMATS.values():
        assert form.write(report, with_figures(), Words("ar"))
    assert "Sami (أُزيل)" in FORMATS["csv"].write(report, with_figures(), Words("ar")).decode()


def test_behind_a_figure_of_a_clerk_are_as_many_tickets_as_it_says(staffed: Path) -> None:
    with closing(sqlite3.connect(staffed / FILE)) as log:
        report = waiting(log, with_figures(), BUSY[0], LAST, BY, folder=staffed, present=HERE)
        for row in report.rows:
            for show in SHOWN.keys() - {"over_target"}:
                which = Which(BUSY[0], LAST, BY, row.key, show)
                assert tickets(log, with_figures(), which, present=HERE).total == getattr(row, show), (row.key, show)
        assert tickets(log, with_figures(), Which(BUSY[0], LAST, BY, "nobody"), present=HERE).total == 0


def test_a_day_of_which_nobody_is_known_any_more_is_in_the_sum_alone(folder: Path) -> None:
    age(folder, at_once(personal_days=1), today=TODAY)
    with closing(sqlite3.connect(folder / FILE)) as log:
        report = waiting(log, with_figures(), BUSY[0], LAST, BY, folder=folder, present=HERE)
    assert sum(row.visits for row in report.rows) == 2 and report.total.visits > 500


def test_nothing_of_it_is_kept_beside_the_log(staffed: Path) -> None:
    with closing(sqlite3.connect(staffed / FILE)) as log:
        waiting(log, with_figures(), BUSY[0], LAST, BY, folder=staffed, present=HERE)
    kept = (staffed / "reports.sqlite").read_bytes()
    assert not any(text.encode() in kept for who in (RIMA, SAMI, BOX) for text in (who.id, who.name))


def test_without_the_setting_and_without_sign_in_there_are_none(staffed: Path) -> None:
    assert Privacy().clerk_figures is False
    with closing(sqlite3.connect(staffed / FILE)) as log:
        for centre, present, refusal in (
            (small_centre(), HERE, ClerkFiguresOff),
            (with_figures(), None, NobodySignsIn),
        ):
            with pytest.raises(refusal):
                waiting(log, centre, BUSY[0], LAST, BY, present=present)
            with pytest.raises(refusal):
                tickets(log, centre, Which(BUSY[0], LAST, BY, RIMA.id), present=present)


def test_the_story_of_a_ticket_names_who_took_it_back(staffed: Path) -> None:
    with closing(sqlite3.connect(staffed / FILE)) as log:
        [(id,)] = log.execute("SELECT id FROM ticket WHERE (day, number) = (?, 'A902')", (str(LAST),)).fetchall()
        told = timeline(log, id, lambda who: who.name)
        untold = timeline(log, id)
    assert [(one.name, one.who) for one in told.happenings] == [
        ("TicketIssued", "Rima"),
        ("TicketCalled", "Rima"),
        ("ActionUndone", "Sami"),
        ("TicketCancelled", None),
    ]
    assert {one.who for one in untold.happenings} == {None}


# --- At a real server -----------------------------------------------------------------------------------------

FIGURES_ON = ALWAYS_OPEN + "\n[privacy]\nclerk_figures = true\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("pressed"), open_to_all=False, settings=FIGURES_ON)
    add(server, "Huda", Role.MANAGER, PASSWORD)
    for name in ("Rima", "Sami"):
        add(server, name, Role.CLERK, PIN)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def ask(server: RunningServer) -> Callable[[str, str], Any]:
    """What somebody is answered to a GET, signed in once."""
    browsers: dict[str, Browser] = {}

    def answered(name: str, path: str) -> Any:
        if name not in browsers:
            browsers[name] = signed_in(server, name)
        return browsers[name].ask("GET", f"/api/v1{path}")

    return answered


def signed_in(server: RunningServer, name: str) -> Browser:
    browser = Browser(server)
    assert browser.sign_in(name, PASSWORD if name == "Huda" else PIN).status == 200
    return browser


def test_over_http_and_socket_io_alike_it_is_known_who_pressed(
    server: RunningServer, ask: Callable[[str, str], Any], loop: asyncio.AbstractEventLoop
) -> None:
    rima, sami = signed_in(server, "Rima"), signed_in(server, "Sami")
    assert rima.ask("POST", "/api/v1/counters/1/open").status == 200
    ticket = rima.ask("POST", "/api/v1/tickets", {"service": "birth"}).json["id"]
    cookies = "; ".join(f"{name}={value}" for name, value in sami.cookies.items())
    page = Guest(loop, server.address, {"counter": "1"}, Cookie=cookies)
    assert page.call("call-next", counter="1", command_id="from-the-page")["ok"]
    store = AccessStore(server.data)
    secret, token = store.give_token(Role.COUNTER, "Box at 1", "1", datetime.now(UTC))
    store.close()
    box = Guest(loop, server.address, {"role": "counter", "id": "box", "counter": "1", "token": secret})
    assert box.call("complete", counter="1")["ok"]
    for guest in (page, box):
        guest.run(guest.client.disconnect())
    story = ask("Huda", f"/reports/tickets/{ticket}").json["happenings"]
    assert [(one["name"], one["who"]) for one in story] == [
        ("TicketIssued", "Rima"),
        ("TicketCalled", "Sami"),
        ("TicketCompleted", "Box at 1"),
    ]
    entries = ask("Huda", "/log?limit=1000").json["events"]
    told = {one["name"]: one["sender"] for one in entries}
    assert told["DayStarted"] is None
    assert told["TicketCompleted"] == {"id": token.id, "role": "counter", "name": "Box at 1"}
    for path in ("/log", f"/reports/tickets/{ticket}", "/reports/waiting?by=clerk"):
        assert ask("Rima", path).status == 403
    report = ask("Huda", "/reports/waiting?by=clerk&language=en").json
    assert [(row["name"]["en"], row["completed"]) for row in report["rows"]] == [("Sami", 1)]
    assert "attachment" in ask("Huda", "/reports/waiting?by=clerk&format=csv").headers["Content-Disposition"]


def test_somebody_who_was_removed_is_told_as_such(server: RunningServer, ask: Callable[[str, str], Any]) -> None:
    adel = add(server, "Adel", Role.CLERK, PIN)
    browser = signed_in(server, "Adel")
    number = browser.ask("POST", "/api/v1/tickets", {"service": "birth"}).json["id"]
    assert browser.ask("POST", f"/api/v1/tickets/{number}/cancel").status == 200
    store = AccessStore(server.data)
    store.remove_person(adel.id)
    store.close()
    story = ask("Huda", f"/reports/tickets/{number}?language=en").json["happenings"]
    assert [one["who"] for one in story] == ["Adel (removed)", "Adel (removed)"]


def test_what_visitors_thought_has_no_sender(server: RunningServer) -> None:
    store = AccessStore(server.data)
    secret, _token = store.give_token(Role.TABLET, "Tablet at 2", "2", datetime.now(UTC))
    store.close()
    tablet, rima = Browser(server, cookies={"dawr-device": secret}), signed_in(server, "Rima")
    rima.ask("POST", "/api/v1/counters/2/open")
    rima.ask("POST", "/api/v1/tickets", {"service": "birth"})
    assert rima.ask("POST", "/api/v1/counters/2/call-next").json["ticket"]
    assert rima.ask("POST", "/api/v1/counters/2/complete").status == 200
    visit = tablet.ask("GET", "/counter/2/tablet.json").json["visit"]
    said = {"Cookie": f"dawr-device={secret}", "Content-Type": "application/x-www-form-urlencoded"}
    server.ask_at("POST", "/counter/2/tablet/feedback", f"visit={visit}&score=3".encode(), said)
    [(sender,)] = rows(server.data, "SELECT sender FROM event WHERE name = 'FeedbackGiven'")
    assert sender is None


def test_where_nobody_is_asked_nobody_is_known(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> None:
    server = RunningServer(tmp_path, settings=FIGURES_ON)
    try:
        add(server, "Huda", Role.MANAGER, PASSWORD)
        huda = signed_in(server, "Huda")
        cookies = "; ".join(f"{name}={value}" for name, value in huda.cookies.items())
        assert huda.ask("POST", "/api/v1/counters/1/open").status == 200
        page = Guest(loop, server.address, {"counter": "1"}, Cookie=cookies)
        assert page.call("close", counter="1")["ok"]
        page.run(page.client.disconnect())
        entries = huda.ask("GET", "/api/v1/log").json["events"]
        refused = huda.ask("GET", "/api/v1/reports/waiting?by=clerk&language=en")
    finally:
        server.kill()
    assert [one["name"] for one in entries][-2:] == ["CounterOpened", "CounterClosed"]
    assert {one["sender"] for one in entries} == {None}
    assert rows(server.data, "SELECT * FROM sender") == []
    assert (refused.status, refused.json["detail"]) == (
        403,
        "Nobody signs in at this server, so nobody knows who pressed.",
    )
