"""The audit log: only ever longer, and whatever was done to it behind the server's back is noticed."""

import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dawr.clock import Trust
from dawr.language import LANGUAGES
from dawr.words import Words
from server.access.store import AccessStore
from server.access.who import Role
from server.audit.chain import _hash
from server.audit.trail import ACTIONS, Audit, Entry, sentence
from server.keeping.log import FILE, Log, writing
from tests.server.running import RunningServer

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
PEOPLE = ("Salma", "Omar", "Huda", "Nizar")


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    Log(tmp_path).close()
    made = Audit(tmp_path / FILE, lambda: NOW, lambda: Trust.NTP)
    for person in PEOPLE:
        made.record(person, "clerk", "signed_in", {})
    return made


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.audit.command", *map(str, words), "--language", "en"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tamper(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.executescript("DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept")
        for statement in statements:
            assert log.execute(statement).rowcount > 0


def head(folder: Path) -> str:
    return command("head", folder).stdout.strip()


def test_what_was_recorded_is_told_the_newest_first(audit: Audit) -> None:
    assert [(one.number, one.who) for one in audit.entries(None, 2)] == [(4, "Nizar"), (3, "Huda")]
    assert [one.number for one in audit.entries(3, 100)] == [2, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET record = '' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "INSERT OR REPLACE INTO audit VALUES (2, '', '')",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(audit: Audit, tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as log, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        log.execute(statement)


def test_a_whole_log_is_verified(audit: Audit, tmp_path: Path) -> None:
    answer = command("verify", tmp_path)
    assert answer.returncode == 0
    assert "The audit log is whole: 4 entries" in answer.stdout


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET record = replace(record, 'Salma', 'Karim') WHERE number = 1", "entry 1 is not what it was"),
        ("UPDATE audit SET record = replace(record, 'Huda', 'Karim') WHERE number = 3", "entry 3 is not what it was"),
        ("UPDATE audit SET hash = upper(hash) WHERE number = 4", "entry 4 is not what it was"),
        ("DELETE FROM audit WHERE number = 1", "entry 1 is missing"),
        ("DELETE FROM audit WHERE number = 3", "entry 3 is missing"),
        ("DELETE FROM audit WHERE number = 4", "entry 4 is missing"),
        ("DELETE FROM audit", "entry 1 is missing"),
    ],
)
def test_a_changed_line_is_noticed_wherever_it_is(audit: Audit, tmp_path: Path, statement: str, found: str) -> None:
    tamper(tmp_path, statement)
    answer = command("verify", tmp_path)
    assert answer.returncode == 1
    assert found in answer.stderr


def hash_anew(folder: Path) -> None:
    """What somebody does who knows how it is made."""
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        before = ""
        for number, record in log.execute("SELECT number, record FROM audit ORDER BY number").fetchall():
            before = _hash(before, record)
            log.execute("UPDATE audit SET hash = ? WHERE number = ?", (before, number))
        log.execute("UPDATE chain_end SET hash = ?, number = (SELECT max(number) FROM audit)", (before,))


def test_a_chain_made_anew_is_noticed_by_a_head_that_was_written_down(audit: Audit, tmp_path: Path) -> None:
    written_down = head(tmp_path)
    audit.record("Salma", "clerk", "signed_out", {})
    assert command("verify", tmp_path, "--head", written_down).returncode == 0
    tamper(tmp_path, "UPDATE audit SET record = replace(record, 'Huda', 'Karim') WHERE number = 3")
    hash_anew(tmp_path)
    assert command("verify", tmp_path).returncode == 0
    answer = command("verify", tmp_path, "--head", written_down)
    assert (answer.returncode, "hashed it anew" in answer.stderr) == (1, True)


def test_a_chain_cut_short_is_noticed_by_a_head_that_was_written_down(audit: Audit, tmp_path: Path) -> None:
    written_down = head(tmp_path)
    tamper(tmp_path, "DELETE FROM audit WHERE number > 2")
    hash_anew(tmp_path)
    assert command("verify", tmp_path).returncode == 0
    assert "entry 4 is missing" in command("verify", tmp_path, "--head", written_down).stderr


def test_while_the_log_cannot_be_written_entries_wait_and_are_in_the_journal(
    audit: Audit, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.keeping.log.BUSY_S", 0.01)
    with writing(tmp_path / FILE), caplog.at_level(logging.ERROR):
        audit.record("Salma", "manager", "signed_in", {})
    assert "Salma" in caplog.text
    audit.record("Omar", "clerk", "signed_out", {})
    assert [(one.who, one.action) for one in audit.entries(None, 2)] == [("Omar", "signed_out"), ("Salma", "signed_in")]


def test_what_could_not_be_stored_is_stored_with_the_next_in_its_order(audit: Audit, tmp_path: Path) -> None:
    for name in ("away", "audit"):
        with closing(sqlite3.connect(tmp_path / FILE)) as log, log:
            log.execute(f"ALTER TABLE {'audit' if name == 'away' else 'away'} RENAME TO {name}")
        audit.record(f"with {name}", "clerk", "signed_in", {})
    assert [one.who for one in audit.entries(None, 3)] == ["with audit", "with away", "Nizar"]


def test_refused_sign_ins_are_counted_and_recorded_together(audit: Audit) -> None:
    for n in range(30):
        audit.count("sign_in_refused", f"10.0.0.{n % 7}")
    audit.record_counted()
    audit.record_counted()
    [newest, before] = audit.entries(None, 2)
    assert (newest.about["count"], str(newest.about["from"]).count(","), before.who) == (30, 4, "Nizar")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_sentence(language: str, action: str) -> None:
    facts = dict.fromkeys(ACTIONS[action], 3)
    entry = Entry(at="", trust=Trust.NTP, who="", role="server", action=action, about=facts)
    said = sentence(entry, Words(language))
    assert said not in ("", action)
    assert "{" not in said


def test_the_log_tells_everybody_in_their_language_over_http(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        told = server.get("/audit?language=ar").json
        assert told["head"] == head(server.data)
        assert [one["action"] for one in told["entries"]] == ["settings_changed"]
        assert "الإعدادات" in told["entries"][0]["sentence"]
        assert server.get("/audit?before=0").status == 422
    finally:
        server.kill()


def test_who_takes_a_report_away_is_on_record_and_who_looks_at_it_is_not(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        period = "from=2026-11-01&to=2026-11-22"
        assert server.get(f"/reports/waiting?{period}").status == 200
        assert server.get(f"/reports/waiting?{period}&format=csv").status == 200
        exported = [one for one in server.get("/audit").json["entries"] if one["action"] == "exported"]
        assert [one["about"] for one in exported] == [
            {"what": "waiting-2026-11-01-2026-11-22.csv", "from": "127.0.0.1"}
        ]
    finally:
        server.kill()


def test_whoever_changes_the_settings_or_takes_a_report_away_is_named(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, open_to_all=False)
    store = AccessStore(server.data)
    secret, _token = store.give_token(Role.ADMINISTRATOR, "Salma", None, NOW)
    store.close()
    bearer = {"Authorization": f"Bearer {secret}"}
    try:
        assert server.get("/audit").status == 401
        server.get("/reports/waiting?format=csv", **bearer)
        now = server.get("/settings", **bearer).json
        changed = {**now["settings"], "privacy": {"personal_days": 40}}
        assert server.post("/settings", {"based_on": now["digest"], "settings": changed}, **bearer).status == 200
        entries = server.get("/audit?language=en", **bearer).json["entries"]
        assert [(one["action"], one["who"], one["role"]) for one in entries] == [
            ("settings_changed", "Salma", "administrator"),
            ("exported", "Salma", "administrator"),
            ("settings_changed", "", "server"),
        ]
        assert "Salma" in entries[0]["sentence"]
    finally:
        server.kill()


def test_a_log_of_before_there_was_an_audit_log_gets_one(tmp_path: Path) -> None:
    Log(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as log, log:
        triggers = [f"DROP TRIGGER settings_version_{what};" for what in ("stays", "is_kept", "grows")]
        log.executescript(f"DROP TABLE audit; DROP TABLE chain_end; {''.join(triggers)}")
        log.execute("INSERT INTO settings_state VALUES ('head', 'abc')")
        log.execute("DELETE FROM _sqlite_migrations WHERE name IN ('audit_log', 'ends_of_chains')")
    Log(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as log:
        assert log.execute("SELECT * FROM chain_end").fetchall() == [("settings_version", 0, "abc")]
        assert log.execute("SELECT count(*) FROM audit").fetchone() == (0,)
