"""Pairing through nginx: the code says by which certificate authority the device sees its server."""

import secrets

from dawr.pairing import code_of, commitment, new_nonce
from dawr.pin import fetch_ca, fingerprint
from tests.server.running import Answer
from tests.server.transport.fronted import Hall


def paired(hall: Hall, authority: str) -> Answer:
    """What comes of the code of a device that sees this authority."""
    nonce = new_nonce()
    wanted = {"role": "board", "id": f"board-{nonce[:4]}", "commitment": commitment(nonce)}
    begun = hall.nginx.ask("/api/v1/pairing", method="POST", body=wanted).json
    hall.nginx.ask(f"/api/v1/pairing/{begun['pairing']}/reveal", method="POST", body={"nonce": nonce})
    body = {"pairing": begun["pairing"], "code": code_of(nonce, begun["nonce"], authority), "name": "a board"}
    admitted = hall.nginx.ask("/api/v1/devices", method="POST", body=body)
    if admitted.status == 201:
        polled = hall.nginx.ask(f"/api/v1/pairing/{begun['pairing']}", Authorization=f"Pairing {nonce}")
        assert polled.json["state"] == "admitted"
    return admitted


def test_a_device_that_sees_the_centre_s_own_authority_is_admitted(hall: Hall) -> None:
    assert paired(hall, fingerprint(fetch_ca(hall.nginx.address))).status == 201


def test_a_device_that_sees_another_authority_or_none_shows_a_code_that_is_refused(hall: Hall) -> None:
    for authority in (secrets.token_hex(32), ""):
        assert paired(hall, authority).json["code"] == "wrong_code"


def test_nobody_is_paired_by_plain_http(hall: Hall) -> None:
    answer = hall.nginx.plainly("/api/v1/pairing", method="POST", body={})
    assert (answer.status, answer.headers["Location"].partition(":")[0]) == (302, "https")


def test_a_screen_s_cookie_goes_over_https_alone(hall: Hall) -> None:
    begun = hall.nginx.ask("/api/v1/pairing/screen", method="POST", body={"role": "tablet", "place": "1"}).json
    body = {"pairing": begun["pairing"], "code": begun["code"], "name": "a tablet"}
    assert hall.nginx.ask("/api/v1/devices", method="POST", body=body).status == 201
    told = hall.nginx.ask(f"/api/v1/pairing/{begun['pairing']}", Authorization=f"Pairing {begun['nonce']}")
    assert told.headers["Set-Cookie"].startswith("__Host-dawr-device=")
    assert "Secure" in told.headers["Set-Cookie"].split("; ")
