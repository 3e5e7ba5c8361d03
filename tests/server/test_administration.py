"""The settings over HTTP: looked at and checked."""

import io
import json
import tomllib
import urllib.error
import urllib.request

import pytest
from PIL import Image

from dawr.settings.plain import plain
from server.administration.api import EXAMPLES
from tests.server.running import ALWAYS_OPEN, RunningServer

SETTINGS = plain(tomllib.loads(ALWAYS_OPEN))


def test_the_settings_are_those_of_the_file(hall_server: RunningServer) -> None:
    told = hall_server.get("/settings").json
    assert told["settings"] == SETTINGS
    assert told["writable"] is None
    assert list(told["settings"]) == list(SETTINGS)


def test_the_file_comes_as_it_is(hall_server: RunningServer) -> None:
    answer = hall_server.get("/settings/file")
    assert answer.body.decode() == ALWAYS_OPEN
    assert answer.headers["Content-Disposition"] == 'attachment; filename="centre.toml"'


def test_the_fields_are_told_table_by_table(hall_server: RunningServer) -> None:
    told = hall_server.get("/settings/fields").json
    assert list(told) == [
        "centre",
        "hours",
        "holiday",
        "class",
        "line",
        "category",
        "service",
        "counter",
        "kiosk",
        "privacy",
    ]
    assert {"key", "kind", "required", "default", "least", "most", "choices"} == told["service"][0].keys()


def test_a_new_centre_can_begin_from_every_example(hall_server: RunningServer) -> None:
    examples = hall_server.get("/settings/examples").json
    assert [one["id"] for one in examples] == sorted(folder.name for folder in EXAMPLES.iterdir())
    for one in examples:
        settings = hall_server.get(f"/settings/examples/{one['id']}").json["settings"]
        assert len(settings["service"]) == one["services"]
        assert len(settings["counter"]) == one["counters"]
        assert settings["centre"]["name"] == one["name"]
        assert hall_server.post("/settings/check", {"settings": settings}).json["mistakes"] == []


def test_an_example_that_is_not_there_is_refused(hall_server: RunningServer) -> None:
    refusal = hall_server.get("/settings/examples/..%2Fserver?language=en")
    assert refusal.status == 404


def test_settings_are_checked_and_their_changes_told(hall_server: RunningServer) -> None:
    fewer_minutes = {**SETTINGS["service"][0], "usual_minutes": 4, "fee": None}
    wanted = {**SETTINGS, "service": [fewer_minutes, *SETTINGS["service"][1:]]}
    assert hall_server.post("/settings/check", {"settings": wanted}).json == {
        "mistakes": [],
        "changes": [{"key": "service[birth].usual_minutes", "kind": "changed", "was": "6", "is": "4"}],
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ar", "لا يوجد طابور باسم «\u2068nowhere\u2069». المعروف: \u2068civil, land\u2069."),
        ("en", 'is "\u2068nowhere\u2069", but there is no such line. Known: \u2068civil, land\u2069.'),
    ],
)
def test_mistakes_are_told_in_the_language_of_who_asks(
    hall_server: RunningServer, language: str, sentence: str
) -> None:
    wanted = {**SETTINGS, "service": [{**SETTINGS["service"][0], "line": "nowhere"}]}
    answer = hall_server.post(f"/settings/check?language={language}", {"settings": wanted}).json
    assert answer["mistakes"] == [{"key": "service[1].line", "sentence": sentence}]


def test_another_sites_page_cannot_ask(hall_server: RunningServer) -> None:
    own = hall_server.address
    assert hall_server.post("/settings/check", {"settings": SETTINGS}, Origin=own).status == 200
    for origin in ("http://elsewhere.example", "null", own.replace("http://", "http://x.")):
        refusal = hall_server.post("/settings/check", {"settings": SETTINGS}, Origin=origin)
        assert (refusal.status, refusal.json["code"]) == (403, "foreign_origin")


def test_a_form_of_another_site_cannot_ask_either(hall_server: RunningServer) -> None:
    refusal = hall_server.post("/settings/check", {"settings": SETTINGS}, Content_Type="text/plain")
    assert (refusal.status, refusal.json["code"]) == (400, "not_json")


# --- Previews -------------------------------------------------------------------------------------------------


def test_a_slip_is_previewed_as_the_kiosk_would_print_it(hall_server: RunningServer) -> None:
    message = {"ar": "شكراً لصبركم.", "en": "Thank you."}
    wanted = {**SETTINGS, "centre": {**SETTINGS["centre"], "slip_message": message}}
    heights = {}
    for paper_mm, width in ((58, 384), (80, 576)):
        for settings in (SETTINGS, wanted):
            body = {"settings": settings, "service": "birth", "language": "ar", "paper_mm": paper_mm}
            answer = hall_server.post("/settings/preview/slip", body)
            assert answer.headers["Content-Type"] == "image/png"
            picture = Image.open(io.BytesIO(answer.body))
            assert (picture.mode, picture.width) == ("1", width)
            heights[paper_mm, settings is wanted] = picture.height
        assert heights[paper_mm, True] > heights[paper_mm, False]


def test_what_cannot_be_previewed_is_refused(hall_server: RunningServer) -> None:
    unknown = hall_server.post("/settings/preview/slip", {"settings": SETTINGS, "service": "nothing"})
    assert (unknown.status, unknown.json["code"]) == (404, "unknown_service")
    mistaken = {"settings": {**SETTINGS, "line": []}}
    for path, more in (("/slip", {"service": "birth"}), ("", {})):
        refusal = hall_server.post(f"/settings/preview{path}", {**mistaken, **more})
        assert (refusal.status, refusal.json["code"]) == (422, "settings_mistaken")
        assert refusal.json["mistakes"]


def page(server: RunningServer, path: str) -> tuple[int, str, str]:
    """Status, content security policy and body of a page."""
    try:
        with urllib.request.urlopen(f"{server.address}{path}", timeout=10) as answer:
            return answer.status, answer.headers["Content-Security-Policy"], answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, "", refusal.read().decode()


def test_a_board_is_previewed_with_an_invented_hall_and_may_be_framed_here(hall_server: RunningServer) -> None:
    other = {**SETTINGS, "centre": {**SETTINGS["centre"], "name": {"ar": "مركز آخر", "en": "Another centre"}}}
    id = hall_server.post("/settings/preview", {"settings": other}).json["preview"]
    status, policy, body = page(hall_server, f"/board?preview={id}&language=en")
    assert (status, "Another centre" in body, 'id="preview"' in body) == (200, True, True)
    told = json.loads(body.partition('id="told">')[2].partition("</script>")[0])
    assert told["preview"]["calls"] and any(one["waiting"] for one in told["preview"]["waiting"])
    assert policy.endswith("frame-ancestors 'self'")
    status, policy, body = page(hall_server, "/board")
    assert policy.endswith("frame-ancestors 'none'")
    assert "Another centre" not in body and 'id="preview"' not in body


def test_the_newest_previews_are_kept(hall_server: RunningServer) -> None:
    ids = [hall_server.post("/settings/preview", {"settings": SETTINGS}).json["preview"] for _ in range(9)]
    assert page(hall_server, f"/board?preview={ids[0]}")[0] == 404
    assert {page(hall_server, f"/board?preview={id}")[0] for id in ids[1:]} == {200}


@pytest.mark.parametrize("example", sorted(folder.name for folder in EXAMPLES.iterdir()))
def test_every_example_can_be_previewed(hall_server: RunningServer, example: str) -> None:
    settings = hall_server.get(f"/settings/examples/{example}").json["settings"]
    id = hall_server.post("/settings/preview", {"settings": settings}).json["preview"]
    assert page(hall_server, f"/board?preview={id}")[0] == 200
