"""PINs and passwords: which are good enough, and how they are stored (docs/decisions/people-sign-in.md)."""

import re
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from dawr.errors import WeakSecret
from server.access.who import Role

PIN = re.compile(r"[0-9]{6,12}")
SHORTEST_PASSWORD = 10
FEWEST_DIFFERENT = {"pin": 3, "password": 5}

# OWASP's parameters for Argon2id; 19 MiB, one at a time, is what a small computer has to spare.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
HASH_OF_NOTHING = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
"""No secret matches it, and to find that out takes as long as with a real one."""

_DIGITS = {ord(digit): str(value) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(row)}


def as_typed(secret: str) -> str:
    """The secret whatever the keyboard: Arabic digits are digits, and accents are one way."""
    return unicodedata.normalize("NFC", secret).translate(_DIGITS)


def check_secret(role: Role, secret: str) -> None:
    """`WeakSecret` unless this may be a clerk's PIN, or the password of somebody who may do more."""
    typed = as_typed(secret)
    kind = kind_of(role)
    if kind == "pin" and not PIN.fullmatch(typed):
        raise WeakSecret("a PIN has 6 to 12 digits", why="not_a_pin")
    if kind == "password" and len(typed) < SHORTEST_PASSWORD:
        raise WeakSecret("a password has 10 characters or more", why="too_short")
    if len(set(typed)) < FEWEST_DIFFERENT[kind] or _is_a_run(typed):
        raise WeakSecret("this is one of the first that somebody would try", why="too_easy")


def kind_of(role: Role) -> str:
    """What people of a role sign in with: `pin` or `password`."""
    return "pin" if role is Role.CLERK else "password"


def hashed(secret: str) -> str:
    """As it is stored. It takes a tenth of a second on a small computer, so it belongs off the loop."""
    return _hasher.hash(as_typed(secret))


def matches(stored: str, secret: str) -> bool:
    """Whether this is the secret. It takes as long as `hashed`, whatever comes of it."""
    try:
        return _hasher.verify(stored, as_typed(secret))
    except VerificationError:
        return False


def _is_a_run(typed: str) -> bool:
    """123456, 987654, 890123."""
    if not typed.isascii() or not typed.isdigit():
        return False
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(typed)}
    return steps in ({1}, {9})
