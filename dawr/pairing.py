"""How a new device and the server know that nobody stands between them: both show one code, and a manager compares.

The device commits itself to a random number before it sees the server's, so that whoever stands between cannot look for
numbers that make two codes equal: one guess in 2³⁰, seen by a manager (a short authentication string, as in RFC 6189
section 4.1 and Bluetooth's numeric comparison). The certificate authority that the device sees is part of the code.
"""

import hashlib
import secrets

NONCE_BYTES = 32
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are read as something else (crockford.com/base32.html)."""
CODE_LETTERS = 6


def new_nonce() -> str:
    """A random number, in hexadecimal."""
    return secrets.token_hex(NONCE_BYTES)


def commitment(device_nonce: str) -> str:
    """What a device says of its number before it tells it."""
    return hashlib.sha256(bytes.fromhex(device_nonce)).hexdigest()


def code_of(device_nonce: str, server_nonce: str, authority: str) -> str:
    """The code that both sides show. `authority`: SHA-256 of the certificate authority's public key, in hexadecimal;
    empty over plain HTTP.
    """
    of_all = hashlib.sha256(b"".join(bytes.fromhex(one) for one in (device_nonce, server_nonce, authority))).digest()
    number = int.from_bytes(of_all[:4]) >> 2
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(CODE_LETTERS)))


def as_typed(code: str) -> str:
    """A code as a person may have typed it, as it was meant."""
    return code.upper().replace("O", "0").replace("I", "1").replace("L", "1").replace("-", "").replace(" ", "")
