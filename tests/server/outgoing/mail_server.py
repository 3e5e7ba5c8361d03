"""A real mail server on a free port, with or without TLS and passwords, that keeps what it takes."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "open sesame"


@dataclass
class MailServer:
    """Takes mail for everybody but `unknown`; answers every mail with `answer`, which takes it by default."""

    unknown: set[str] = field(default_factory=set)
    answer: str = "250 taken"
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    passwords: list[tuple[str, bool]] = field(default_factory=list)
    """Each password that was tried, and whether the line was secret then."""
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address in self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.envelopes.append(envelope)
        return self.answer

    def judge(self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.passwords.append((data.password.decode(), session.ssl is not None))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    @contextmanager
    def up(self, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> Iterator["MailServer"]:
        """Listen; the port stays the same from time to time."""
        facts: dict[str, Any] = {"ssl_context": tls} if tls else {}
        if starttls:
            facts |= {"tls_context": starttls, "require_starttls": True}
            facts |= {"authenticator": self.judge, "auth_required": True}
        controller = Controller(self, hostname="127.0.0.1", port=self.port or _free_port(), **facts)
        controller.start()
        self.port = controller.port
        try:
            yield self
        finally:
            controller.stop()


def certificate(folder: Path) -> Path:
    """A new certificate for localhost that vouches for itself, with its key, in one file."""
    file = folder / "localhost.pem"
    key = folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    making = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*making, "-days", "2", *subject, "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_bytes(key.read_bytes() + file.read_bytes())
    return file


def tls_of(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
