"""`dawr administrator`, beside a running server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.access.administrator_command import main
from server.access.who import Role
from tests.server.access.staff import PASSWORD, PIN, Browser, add
from tests.server.running import RunningServer

OTHER = "seven lamps over the hall"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("administrator"), open_to_all=False)
    yield server
    server.kill()


def run(folder: Path, *typed: str, name: tuple[str, ...] = (), language: str = "en") -> Result:
    said = "".join(f"{line}\n" for line in typed)
    return CliRunner().invoke(main, ["--data", str(folder), "--language", language, *name], input=said)


def test_it_makes_an_administrator_who_can_sign_in_at_once(server: RunningServer) -> None:
    done = run(server.data, PASSWORD, PASSWORD, name=("Huda",))
    assert (done.exit_code, "Huda is an administrator now" in done.output) == (0, True)
    assert PASSWORD not in done.output
    assert Browser(server).sign_in("Huda", PASSWORD).json["role"] == "administrator"


def test_it_gives_a_new_password_and_ends_what_went_on_with_the_old_one(server: RunningServer) -> None:
    add(server, "Rima", Role.CLERK, PIN)
    rima = Browser(server, "127.0.0.2")
    rima.sign_in("Rima", PIN)
    assert run(server.data, "Rima", OTHER, OTHER).exit_code == 0
    assert rima.ask("GET", "/counter/1").status == 303
    assert rima.sign_in("Rima", PIN).status == 401
    assert rima.sign_in("Rima", OTHER).json["role"] == "administrator"
    entries = rima.ask("GET", "/api/v1/audit?language=en").json["entries"]
    changed = next(one for one in entries if one["action"] == "person_changed")
    assert (changed["role"], changed["about"]["person"]) == ("server", "Rima")


@pytest.mark.parametrize(
    ("typed", "why"), [((PASSWORD, OTHER), "not the same"), (("short",), "10 characters"), ((" ",), "10 characters")]
)
def test_what_cannot_be_is_refused_and_changes_nothing(server: RunningServer, typed: tuple[str, ...], why: str) -> None:
    refused = run(server.data, *typed, name=("Nobody",))
    assert (refused.exit_code, why in refused.output) == (1, True)
    assert Browser(server, "127.0.0.3").sign_in("Nobody", typed[0]).status == 401


def test_a_folder_of_no_server_stays_as_it_is(tmp_path: Path) -> None:
    refused = run(tmp_path, PASSWORD, PASSWORD, name=("هدى",), language="ar")
    assert (refused.exit_code, "شغّلوا الخادم" in refused.output) == (1, True)
    assert list(tmp_path.iterdir()) == []
