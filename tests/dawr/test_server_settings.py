"""What only the server knows: checked like the other settings, with secrets that nobody else can read."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dawr.overview import Trouble
from dawr.settings.check import main
from dawr.settings.mistakes import MistakenSettings
from dawr.settings.server import AlertKind, ServerSettings, read_secret, read_server
from tests.halls import SMALL_CENTRE, small_centre

MAIL = """
[mail]
host = "mail.example.org"
user = "dawr"
password_file = "password"
sender = "dawr@example.org"
to = ["manager@example.org"]
"""
REPORT = '[report]\nmail = true\nprint_on = "kiosk-2"\nlanguage = "en"\n'


PROXY = "[network]\nbehind_proxy = true\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "centre.toml").write_text(SMALL_CENTRE, "utf-8")
    password = tmp_path / "password"
    password.write_text("open sesame\n", "utf-8")
    password.chmod(0o600)
    return tmp_path


def mistakes(folder: Path, text: str) -> list[str]:
    """The keys that are mistaken, for whoever starts the server and for `dawr check` alike."""
    file = folder / "server.toml"
    file.write_text(text, "utf-8")
    try:
        read_server(file, small_centre())
        found = []
    except MistakenSettings as mistaken:
        found = [mistake.key for mistake in mistaken.mistakes]
    said = CliRunner().invoke(main, ["--language", "en", str(folder)]).stderr.splitlines()
    assert [line.split(": ")[1] for line in said] == found
    return found


def test_without_the_file_everything_is_off(tmp_path: Path) -> None:
    assert read_server(tmp_path / "server.toml", small_centre()) == ServerSettings()


def test_a_right_file_is_read_and_its_files_are_found_from_anywhere(folder: Path) -> None:
    assert mistakes(folder, MAIL + REPORT) == []
    settings = read_server(folder / "server.toml", small_centre())
    assert settings.mail and settings.mail.password_file
    assert read_secret(Path(settings.mail.password_file)) == "open sesame"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (MAIL.replace('user = "dawr"\n', ""), "mail.user"),
        (MAIL.replace('password_file = "password"\n', ""), "mail.password_file"),
        (MAIL.replace('"password"', '"nowhere"'), "mail.password_file"),
        (MAIL.replace("manager@example.org", "manager"), "mail.to[1]"),
        (MAIL.replace('sender = "dawr@example.org"\n', ""), "mail.sender"),
        (REPORT, "report.mail"),
        (MAIL + REPORT.replace("kiosk-2", "kiosk-9"), "report.print_on"),
        ('[webhook]\naddress = "example.org"\n', "webhook.address"),
        ('[webhook]\naddress = "http://example.org/"\nalerts = ["fire"]\n', "webhook.alerts[1]"),
        ('[network]\nnames = ["a; b"]\n', "network.names[1]"),
        ('[network]\nplain_http = ["counter"]\n', "network.plain_http[1]"),
        ('[post]\naddress = "http://example.org/"\n', "post"),
    ],
)
def test_a_mistake_is_named(folder: Path, text: str, key: str) -> None:
    assert mistakes(folder, text) == [key]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_password_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    (folder / "password").chmod(mode)
    assert mistakes(folder, MAIL) == ["mail.password_file"]


def test_an_empty_password_is_refused(folder: Path) -> None:
    (folder / "password").write_text("\n")
    assert mistakes(folder, MAIL) == ["mail.password_file"]


def test_what_a_webhook_can_be_told_of_is_what_can_need_somebody() -> None:
    assert set(AlertKind.__args__) == set(Trouble)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("phones", "text", "keys"),
    [
        ("http://10.0.0.5", PROXY, []),
        ("http://10.0.0.5:8080", PROXY + "http_port = 8080\n", []),
        ("http://10.0.0.5:8080", "", []),
        ("https://tickets.example.org", PROXY, []),
        ("http://10.0.0.5:8080", PROXY, ["network.http_port"]),
        ("http://10.0.0.5", PROXY + 'plain_http = ["board"]\n', ["network.plain_http"]),
        ("https://10.0.0.5", PROXY, ["network.names"]),
        ("https://hall.example.org", PROXY + 'names = ["hall.example.org"]\n', ["network.names"]),
    ],
)
def test_the_code_on_a_slip_leads_phones_to_a_page_that_they_can_open(
    folder: Path, phones: str, text: str, keys: list[str]
) -> None:
    centre = SMALL_CENTRE.replace("[centre]\n", f'[centre]\nphone_address = "{phones}"\n', 1)
    (folder / "centre.toml").write_text(centre, "utf-8")
    (folder / "server.toml").write_text(text, "utf-8")
    said = CliRunner().invoke(main, ["--language", "en", str(folder)]).stderr.splitlines()
    assert [line.split(": ")[1] for line in said] == keys
