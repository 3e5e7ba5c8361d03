"""What a device knows its server by: the centre's certificate authority (CA), pinned in the device's own folder.

A pinned device believes that one CA and no other, not even those of its system. It does not compare names: addresses
change by DHCP and are typed by hand, and the CA has vouched for nobody but the server of its centre, whose key it lies
beside. It does not look at dates either: after a power cut a board without a clock of its own would stand locked out.
"""

import hashlib
import os
import ssl
import tempfile
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from dawr.errors import BadMessage, ForeignServer, ServerUnreachable

CA_FILE = "ca.pem"
CA_PATH = "/ca.pem"
"""Where a server gives its CA's certificate to whoever does not know it yet."""
FETCH_S = 5.0
MOST_BYTES = 16 * 1024

# From OpenSSL's x509_vfy.h; Python has no name for it.
_NO_CHECK_TIME = 0x200000


@dataclass(frozen=True, slots=True)
class Pin:
    """What a device in this folder has pinned; read anew each time, for pairing may put it there at any moment."""

    data: Path | None

    @property
    def is_set(self) -> bool:
        """Whether there is a pin, though it may be unreadable: then no server is believed."""
        return self.data is not None and (self.data / CA_FILE).exists()

    def context(self) -> ssl.SSLContext:
        """For connections to the server; without a readable pin no server passes. `OSError` when it cannot be read."""
        return pinned_context(self.data / CA_FILE) if self.data and self.is_set else trusting_nobody()

    def keep(self, ca: bytes) -> None:
        """Pin the CA with this certificate (PEM). `OSError` when it cannot be stored; see `only_certificate`."""
        assert self.data is not None, "a device without a folder can keep nothing"
        ca = only_certificate(ca)
        self.data.mkdir(parents=True, exist_ok=True)
        descriptor, new = tempfile.mkstemp(prefix=f"{CA_FILE}.", dir=self.data)
        with os.fdopen(descriptor, "wb") as out:
            out.write(ca)
            out.flush()
            os.fsync(out.fileno())
        Path(new).replace(self.data / CA_FILE)


def pinned_context(ca_file: Path) -> ssl.SSLContext:
    """TLS for connections to whoever has a certificate of this CA, whatever its names and whatever day it is.

    `OSError` (also as `ssl.SSLError`) when the file holds no certificate or cannot be read.
    """
    context = trusting_nobody()
    context.load_verify_locations(cafile=ca_file)
    return context


def trusting_nobody() -> ssl.SSLContext:
    """TLS that no server passes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    return context


def fetch_ca(address: str) -> bytes:
    """The certificate (PEM) of the CA of the server at `https://host:port`, which is not believed yet.

    Anybody in between can give another one: compare `fingerprint` over a way that nobody else can write on, before
    it is kept. What is given here is at least what the server's own certificate is from.

    `ServerUnreachable` when nobody answers, `BadMessage` when the answer is none, `ForeignServer` when the server has
    no certificate of the CA that it names.
    """
    unverified = trusting_nobody()
    unverified.verify_mode = ssl.CERT_NONE
    try:
        ca = only_certificate(_got(address, unverified))
    except HTTPException as problem:
        raise BadMessage(f"{address} gives no certificate: {problem!r}", mistakes=[]) from None
    except OSError as problem:
        raise ServerUnreachable(f"{address} does not answer by HTTPS: {problem}") from None
    believing = trusting_nobody()
    believing.load_verify_locations(cadata=ca.decode("ascii"))
    try:
        with closing(_connection(address, believing)) as connection:
            connection.connect()
    except ssl.SSLError as problem:
        raise ForeignServer(f"{address} gives a CA that its own certificate is not from: {problem}") from None
    except OSError as problem:
        raise ServerUnreachable(f"{address} does not answer by HTTPS: {problem}") from None
    return ca


def only_certificate(pem: bytes) -> bytes:
    """The one certificate (PEM) of a text, and nothing else of it. `BadMessage` when there are none or several.

    A second one behind the one that people compared would be believed as well.
    """
    # Megabytes that a device needs only while it is paired.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError as problem:
        raise BadMessage(f"this is no certificate: {problem}", mistakes=[]) from None
    if len(certificates) != 1:
        raise BadMessage(f"one certificate is wanted, not {len(certificates)}", mistakes=[])
    return certificates[0].public_bytes(Encoding.PEM)


def fingerprint(ca: bytes) -> str:
    """SHA-256 of a CA's public key (its SubjectPublicKeyInfo), in hex. `BadMessage` as `only_certificate`."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = x509.load_pem_x509_certificate(only_certificate(ca)).public_key()
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _connection(address: str, context: ssl.SSLContext) -> HTTPSConnection:
    at = urlsplit(address)
    return HTTPSConnection(at.hostname or "", at.port or 443, timeout=FETCH_S, context=context)


def _got(address: str, context: ssl.SSLContext) -> bytes:
    with closing(_connection(address, context)) as connection:
        connection.request("GET", CA_PATH)
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            raise BadMessage(f"{address} gives no certificate: {answer.status} {answer.reason}", mistakes=[])
        return answer.read(MOST_BYTES)
