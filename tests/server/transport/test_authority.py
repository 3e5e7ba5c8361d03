"""The centre's own certificate authority: whole or not there, for ever, and for nobody but the centre."""

import os
import random
import shutil
import signal
import ssl
import stat
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from dawr.errors import BadMessage, CaUnusable
from dawr.pin import fingerprint, only_certificate
from server.transport.authority import Authority, kept_authority, open_authority
from server.transport.ca_command import in_groups, main
from tests.server.transport.fronted import signed

NAMES = ["desk", "desk.local", "localhost", "127.0.0.1", "10.0.0.5", "queue.example.org"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path, "small", NAMES)


def openssl(*words: str | Path) -> str:
    return subprocess.run(["openssl", *words], capture_output=True, text=True, timeout=30, check=True).stdout


def test_it_is_for_its_owner_alone(authority: Authority) -> None:
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [authority.folder, *authority.folder.iterdir()]}
    assert found == {"tls": 0o700, "ca.key": 0o600, "ca.pem": 0o600, "server.key": 0o600, "server.pem": 0o600}


def test_openssl_finds_nothing_wrong_with_it_also_in_2001_and_2098(authority: Authority) -> None:
    for moment in (1_000_000_000, 4_060_000_000):
        strictly = ("-x509_strict", "-purpose", "sslserver", "-verify_hostname", "desk.local", "-attime", str(moment))
        said = openssl("verify", *strictly, "-CAfile", authority.ca_file, authority.chain_file)
        assert said.endswith("OK\n")


def test_it_stays_what_it_was_wherever_its_folder_goes(tmp_path: Path, authority: Authority) -> None:
    shutil.copytree(tmp_path, tmp_path / "restored")
    again = open_authority(tmp_path / "restored", "small", ["newdesk", "newdesk.local", "127.0.0.1"])
    assert again.fingerprint() == authority.fingerprint()


def test_a_new_name_makes_a_new_certificate_for_the_same_key(authority: Authority) -> None:
    key, before = authority.key_file.read_bytes(), authority.chain_file.read_bytes()
    assert not authority.certify(["desk", "10.0.0.5"])
    assert authority.chain_file.read_bytes() == before
    assert authority.certify(["desk", "10.0.0.9"])
    assert authority.certified() == ["desk", "10.0.0.9"]
    assert authority.key_file.read_bytes() == key


def test_it_vouches_for_local_names_and_those_of_its_first_day_alone(authority: Authority) -> None:
    names = ["other.local", "desk", "www.queue.example.org", "192.0.2.7", "bank.example.com", "notlocal", "otherdesk"]
    assert authority.refused(names) == ["bank.example.com", "notlocal", "otherdesk"]
    authority.certify(names)
    assert authority.certified() == ["other.local", "desk", "www.queue.example.org", "192.0.2.7"]


def test_whoever_stole_its_key_cannot_be_a_bank(authority: Authority, tmp_path: Path) -> None:
    forged = signed(authority, "bank.example.com", tmp_path)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        openssl("verify", "-CAfile", authority.ca_file, forged)
    assert "permitted subtree violation" in refused.value.stderr


class Kill:
    """Kills processes while they work. It learns how long the work takes, so that half of them are through with it."""

    def __init__(self) -> None:
        self._within_s = 0.01

    def during(self, work: Callable[[], object]) -> None:
        child = os.fork()
        if child == 0:
            work()
            os._exit(0)
        time.sleep(random.uniform(0.3, 1) * self._within_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def learn(self, *, was_done: bool) -> None:
        self._within_s *= 0.8 if was_done else 1.25


def test_killed_while_it_is_made_it_is_whole_or_not_there(tmp_path: Path) -> None:
    kill, done = Kill(), 0
    for turn in range(60):
        data = tmp_path / str(turn)
        kill.during(partial(open_authority, data, "small", NAMES))
        found = kept_authority(data)
        kill.learn(was_done=found is not None)
        done += found is not None
        made = open_authority(data, "small", NAMES)
        assert found is None or found.fingerprint() == made.fingerprint()
        assert [path.name for path in data.iterdir()] == ["tls"]
    assert 0 < done < 60, "no kill came at the right moment"


def test_killed_while_a_certificate_is_renewed_it_has_the_old_or_the_new_one(authority: Authority) -> None:
    kill, done = Kill(), 0
    for turn in range(60):
        name = f"10.1.0.{turn}"
        kill.during(partial(authority.certify, [name]))
        kept = kept_authority(authority.folder.parent)
        assert kept
        kill.learn(was_done=kept.certified() == [name])
        done += kept.certified() == [name]
    assert 0 < done < 60, "no kill came at the right moment"


@pytest.mark.parametrize("lost", ["ca.key", "ca.pem", "server.key", "server.pem"])
@pytest.mark.parametrize("content", [None, "", "another"])
def test_a_part_that_is_lost_or_anothers_is_said_and_nothing_new_is_made(
    authority: Authority, tmp_path: Path, lost: str, content: str | None
) -> None:
    file = authority.folder / lost
    if content == "another":
        shutil.copy(open_authority(tmp_path / "other", "small", NAMES).folder / lost, file)
    elif content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(CaUnusable):
        open_authority(tmp_path, "small", NAMES)


def test_dawr_ca_shows_the_fingerprint_and_exports_the_certificate(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "centre.crt"
    said = CliRunner().invoke(main, ["--data", str(tmp_path), "--export", str(file), "--language", "en"])
    public = openssl("x509", "-in", file, "-pubkey", "-noout")
    (tmp_path / "public.pem").write_text(public)
    openssl("pkey", "-pubin", "-in", tmp_path / "public.pem", "-outform", "DER", "-out", tmp_path / "public.der")
    digest = openssl("dgst", "-sha256", "-r", tmp_path / "public.der").split()[0]
    assert said.exit_code == 0
    assert in_groups(digest) in said.stdout
    assert "10.0.0.5" in said.stdout
    assert "PRIVATE" not in file.read_text()


@pytest.mark.parametrize(("language", "start"), [("en", "There is no"), ("ar", "لا توجد")])
def test_dawr_ca_says_when_there_is_none(tmp_path: Path, language: str, start: str) -> None:
    said = CliRunner().invoke(main, ["--data", str(tmp_path), "--language", language])
    assert (said.exit_code, said.stderr.startswith(start)) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_of_two_certificates_in_one_text_none_is_taken(authority: Authority, tmp_path: Path) -> None:
    other = open_authority(tmp_path / "other", "small", NAMES)
    both = authority.ca_file.read_bytes() + other.ca_file.read_bytes()
    for text in (both, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadMessage):
            only_certificate(text)
        with pytest.raises(BadMessage):
            fingerprint(text)
    assert only_certificate(b"# by hand\n" + authority.ca_file.read_bytes()) == authority.ca_file.read_bytes()


def test_python_believes_it_by_name_as_a_browser_does(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=authority.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    offering = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offering.load_cert_chain(authority.chain_file, authority.key_file)
    assert greeted(context, offering, "desk.local")
    assert greeted(context, offering, "10.0.0.5")
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(context, offering, "10.0.0.6")


def greeted(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> bool:
    """Whether the two come to an understanding, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    offered = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for side in (asking, offered):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return asking.version() is not None
