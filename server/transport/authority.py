"""The centre's own certificate authority (CA), and the one certificate that it gives: the server's.

Both live in `DATA/tls`, which moves and is restored with the log. Their dates leave no room for a wrong clock: a board
that starts in its year of manufacture, and one that thinks it is 2090, find them valid. So nothing here ever runs out;
a certificate is made anew only when the server gets a name or an address that the old one lacks, always for one key.
"""

import fcntl
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dawr.durable import settle
from dawr.errors import CaUnusable
from dawr.pin import CA_FILE, fingerprint
from server.transport import FOLDER

NOT_BEFORE, NOT_AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
LOCAL_DOMAINS = ("local", "lan", "internal", "home.arpa", "localhost")
"""What networks call their own; nobody can own such a name in the internet (RFC 6762, 8375, ICANN's `internal`)."""

_CA_KEY, _KEY, _CHAIN = "ca.key", "server.key", "server.pem"
_UNFINISHED = "tls.new-"


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority in its folder, which is whole or is not there."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority: what devices pin, and what browsers have to be given."""
        return self.folder / CA_FILE

    @property
    def key_file(self) -> Path:
        """The key of the server's certificate."""
        return self.folder / _KEY

    @property
    def chain_file(self) -> Path:
        """The server's certificate, and behind it the authority's."""
        return self.folder / _CHAIN

    def fingerprint(self) -> str:
        """What tells this authority from every other one, for people to compare."""
        return fingerprint(self.ca_file.read_bytes())

    def certified(self) -> list[str]:
        """The names and addresses in the server's certificate."""
        return _names_in(_certificate(self.chain_file))

    def refused(self, names: Iterable[str]) -> list[str]:
        """Those names for which this authority cannot vouch: see `_limits`."""
        return [name for name in names if not self._may_certify(name)]

    def certify(self, names: Sequence[str]) -> bool:
        """See that the server's certificate is good for these names, as far as it may be. Whether it was made anew."""
        wanted = [name for name in dict.fromkeys(names) if self._may_certify(name)]
        with _only_one(self.folder):
            if set(wanted) <= set(self.certified()):
                return False
            ca_key, key = _key(self.folder / _CA_KEY), _key(self.key_file)
            _write(self.chain_file, _chain(_certificate(self.ca_file), ca_key, key, wanted))
            return True

    def _may_certify(self, name: str) -> bool:
        if _is_address(name):
            return True
        limits = _certificate(self.ca_file).extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = (one.value for one in limits.permitted_subtrees or ())
        return any(name == one or name.endswith(f".{one}") for one in permitted)


def open_authority(data: Path, centre: str, names: Sequence[str]) -> Authority:
    """The authority in a data folder, made when there is none.

    `centre` is the centre's id; `names` are the server's: beside local ones it may have no others later.
    `CaUnusable` when what is there cannot be read. `OSError` when the disk refuses.
    """
    data.mkdir(parents=True, exist_ok=True)
    authority = Authority(data / FOLDER)
    with _only_one(data):
        if not authority.folder.exists():
            _make(authority.folder, centre, names)
    _refuse_damaged(authority)
    return authority


def kept_authority(data: Path) -> Authority | None:
    """The authority in a data folder, if there is one. `CaUnusable` when it cannot be read."""
    authority = Authority(data / FOLDER)
    if not authority.folder.exists():
        return None
    _refuse_damaged(authority)
    return authority


def _make(folder: Path, centre: str, names: Sequence[str]) -> None:
    """All files or none: they are written beside, and one renaming brings them in."""
    for left in folder.parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)
    new = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder.parent))
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _root(ca_key, centre, names)
    _write(new / _CA_KEY, _pem(ca_key))
    _write(new / CA_FILE, ca.public_bytes(serialization.Encoding.PEM))
    _write(new / _KEY, _pem(key))
    _write(new / _CHAIN, _chain(ca, ca_key, key, names))
    new.rename(folder)
    settle(folder.parent)


def _root(key: ec.EllipticCurvePrivateKey, centre: str, names: Sequence[str]) -> x509.Certificate:
    public = key.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    # Two authorities of one centre must not have one name, or a browser that knows the old one cannot tell them apart.
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Dawr {centre}"[:64]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, identifier.digest.hex()[:16]),
        ]
    )
    return (
        _certificate_builder(subject, subject, public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(_limits(names), critical=True)
        .sign(key, hashes.SHA256())
    )


def _limits(names: Sequence[str]) -> x509.NameConstraints:
    """What the authority may vouch for: local domains, the centre's own names of that day, and any address.

    A browser that trusts it trusts it for these alone: whoever stole its key could not stand in for a bank.
    """
    permitted = dict.fromkeys([*LOCAL_DOMAINS, *(name for name in names if not _is_address(name))])
    return x509.NameConstraints(permitted_subtrees=[x509.DNSName(name) for name in permitted], excluded_subtrees=None)


def _chain(
    ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> bytes:
    public = key.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dawr server")])
    of_ca = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _certificate_builder(subject, ca.subject, public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_ca), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
    )
    chain = (builder.sign(ca_key, hashes.SHA256()), ca)
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def _certificate_builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=NOT_BEFORE,
        not_valid_after=NOT_AFTER,
    )


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if _is_address(name) else x509.DNSName(name)


def _names_in(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one.value) for one in names]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refuse_damaged(authority: Authority) -> None:
    """Keys and certificates that do not belong together would lock everybody out, and a new CA every device."""
    try:
        ca, ca_key = _certificate(authority.ca_file), _key(authority.folder / _CA_KEY)
        server, key = _certificate(authority.chain_file), _key(authority.key_file)
        server.verify_directly_issued_by(ca)
        belong = ca.public_key() == ca_key.public_key() and server.public_key() == key.public_key()
        _names_in(server)
        authority.refused(["local"])
    except (OSError, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound) as problem:
        raise CaUnusable(f"{authority.folder}: {problem or type(problem).__name__}") from problem
    if not belong:
        raise CaUnusable(f"{authority.folder}: a key and its certificate do not belong together")


def _certificate(file: Path) -> x509.Certificate:
    """The first certificate in a file."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{file.name} holds no key of ours")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    """A file whole or not at all, for its owner alone from the first byte on."""
    descriptor, new = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    Path(new).replace(file)
    settle(file.parent)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One process at a time: the server and a command may both find that something is to be made."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
