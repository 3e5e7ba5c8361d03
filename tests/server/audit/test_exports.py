"""What leaves the centre in one piece is on record, whichever way it goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dawr.text import without_isolates
from server.access.rights import RIGHTS, row_of
from server.access.store import AccessStore
from server.access.who import Role
from server.audit.exports import AS_DATA
from server.keeping.log import Log
from server.practice.busy_day import busy_day
from server.practice.play_day import play
from server.reports.files import FORMATS
from tests.halls import small_centre
from tests.server.access.test_rights import NOW, address_of, everything_on, ways_in
from tests.server.outgoing.mail_server import MailServer
from tests.server.running import RunningServer

LOOKED_AT = {
    *("services", "lines", "counters", "counter", "kiosks", "kiosk_offers", "ticket", "overview", "figures"),
    *("readiness", "charts", "past_tickets", "timeline", "feedback", "replay", "by-hand.ways"),
    *("settings_now", "settings_history", "settings_fields", "settings_examples", "settings_example"),
    *("audit", "people", "devices", "tablets.asks"),
}
"""What only some may see, and what is looked at part by part: who looks is not recorded."""
TAKEN = {"waiting_report?format=csv", "waiting_report?format=xlsx", "waiting_report?format=pdf", "settings_file"}
"""What is answered as a file."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(everything_on(tmp_path_factory.mktemp("exports")), open_to_all=False)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def salma(server: RunningServer) -> dict[str, str]:
    """An administrator, as a request says it."""
    store = AccessStore(server.data)
    secret, _token = store.give_token(Role.ADMINISTRATOR, "Salma", None, NOW)
    store.close()
    return {"Authorization": f"Bearer {secret}"}


def exported(server: RunningServer, who: dict[str, str]) -> list[Any]:
    """The exports on record, the oldest first."""
    entries = server.get("/audit?language=en", **who).json["entries"]
    return [one for one in reversed(entries) if one["action"] in ("exported", "sent")]


def looks(folder: Path) -> dict[str, str]:
    """Everything that only some may see and that is no page, by its row, and its address."""
    return {
        row_of(endpoint): address_of(rule)
        for endpoint, method, rule in ways_in(folder)[0]
        if method == "GET" and not endpoint.startswith("site.") and Role.ANYBODY not in RIGHTS[row_of(endpoint)]
    }


def test_of_everything_that_only_some_may_see_it_is_said_whether_it_is_an_export(tmp_path: Path) -> None:
    """Whoever adds an address that gives much away finds it here; a file is recorded by itself."""
    said = LOOKED_AT | set(AS_DATA) | {way.partition("?")[0] for way in TAKEN}
    assert set(looks(tmp_path)) == said


def test_whatever_comes_as_a_file_or_is_said_to_be_an_export_is_on_record_and_nothing_else(
    server: RunningServer, salma: dict[str, str], tmp_path: Path
) -> None:
    ways = looks(tmp_path)
    ways |= {f"waiting_report?format={form}": f"{ways['waiting_report']}?format={form}" for form in FORMATS}
    recorded = set()
    for way, address in ways.items():
        before = len(exported(server, salma))
        answer = server.ask_at("GET", address, None, salma)
        assert answer.status in (200, 404), way
        after = exported(server, salma)[before:]
        if after:
            assert [(one["who"], one["role"], one["about"]["from"]) for one in after] == [
                ("Salma", "administrator", "127.0.0.1")
            ]
            recorded.add(way)
        attached = answer.headers.get("Content-Disposition", "").startswith("attachment")
        assert attached is (way in TAKEN), way
    assert recorded == TAKEN | set(AS_DATA)


def test_a_program_that_follows_the_log_is_recorded_once(server: RunningServer, salma: dict[str, str]) -> None:
    server.get("/log", **salma)
    before = exported(server, salma)
    for after in range(3):
        assert server.get(f"/log?after={after}", **salma).status == 200
    assert exported(server, salma) == before
    assert [one["about"]["what"] for one in before].count("log") == 1


def test_what_was_not_given_is_not_recorded(server: RunningServer, salma: dict[str, str]) -> None:
    before = exported(server, salma)
    assert server.get("/settings/file").status == 401
    assert server.get("/reports/waiting?format=csv&from=never", **salma).status == 422
    assert server.ask_at("HEAD", "/api/v1/settings/file", None, salma).status == 200
    assert exported(server, salma) == before


def test_a_day_that_is_mailed_is_on_record_with_who_sent_it_and_to_whom(tmp_path: Path) -> None:
    log = Log(tmp_path / "data")
    play(small_centre(), log, busy_day(small_centre(), NOW.date().replace(year=2025), 10, seed=1))
    log.close()
    with MailServer().up() as mail:
        (tmp_path / "server.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {mail.port}\nsecurity = "none"\n'
            'sender = "dawr@example.org"\nto = ["manager@example.org"]\n'
        )
        server = RunningServer(tmp_path)
        try:
            wanted = f'{{"day": "{NOW.date().replace(year=2025)}", "language": "en"}}'.encode()
            told = server.ask_at("POST", "/reports/mail", wanted, {"Content-Type": "application/json"})
            assert told.json["sent"], told.body
            [one] = exported(server, {})
        finally:
            server.kill()
    assert (one["role"], one["about"]["to"]) == ("anybody", "manager@example.org")
    assert without_isolates(one["sentence"]).endswith(f"sent {one['about']['what']} to: manager@example.org.")
