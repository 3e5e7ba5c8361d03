"""Devices that ask to be admitted: each waits for a few minutes until a manager types the code that its screen shows.

All of it is in memory, bounded in number, and ends by the monotonic clock. How the code comes about: `dawr.pairing`.
"""

import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from dawr.errors import ForgedNonce, PairingOver, TooManyPairings, WrongCode
from dawr.pairing import as_typed, code_of, commitment, new_nonce
from server.access.who import Role
from server.door.limits import whose

LIVES_S = 300.0
TRIES = 5
MOST = 100
MOST_FROM_ONE_ADDRESS = 10


@dataclass(slots=True)
class Pairing:
    """A device that waits. What it says of itself, nobody has proved yet."""

    id: str
    role: Role
    device: str
    """Its own id; a kiosk's is its place."""
    place: str | None
    """The kiosk or counter that it is for."""
    address: str
    since: datetime
    commitment: str
    nonce: str
    """The server's."""
    authority: str
    until_s: float
    device_nonce: str | None = None
    """None until the device has told it."""
    tries: int = 0
    matched: bool = False
    """Whether somebody typed the code; then it waits for its token alone."""
    secret: str | None = None
    """Its token, until it has used it."""
    digest: str | None = None

    @property
    def code(self) -> str | None:
        """What its screen shows, if nobody stands between."""
        return self.device_nonce and code_of(self.device_nonce, self.nonce, self.authority)


class Pairings:
    """The devices that wait. `is_used` says of a token's digest whether its device has it; `now_s` is monotonic."""

    def __init__(self, is_used: Callable[[str], bool], now_s: Callable[[], float] = time.monotonic) -> None:
        self._is_used, self._now_s = is_used, now_s
        self._all: dict[str, Pairing] = {}

    def begin(
        self,
        role: Role,
        device: str,
        place: str | None,
        committed: str,
        address: str,
        authority: str,
        since: datetime,
    ) -> Pairing:
        """A device begins to wait; one that was started anew takes the place of what it began before.

        `authority` is the fingerprint of the certificate authority that this device sees, empty over plain HTTP.
        `TooManyPairings` when too many wait, from its address or in all.
        """
        self._forget_the_old()
        for one in [*self._all.values()]:
            if (one.role, one.device, one.place, one.address) == (role, device, place, address) and not one.matched:
                self.end(one)
        self._find_room(whose(address))
        id, until_s = secrets.token_urlsafe(16), self._now_s() + LIVES_S
        begun = Pairing(id, role, device, place, address, since, committed, new_nonce(), authority, until_s)
        self._all[id] = begun
        return begun

    def reveal(self, id: str, device_nonce: str) -> None:
        """The device tells its number, once. `ForgedNonce`: it had committed itself to another one, and this is over.

        `PairingOver` when there is no such pairing.
        """
        pairing = self._one(id)
        if not _is_of(pairing, device_nonce):
            self.end(pairing)
            raise ForgedNonce(f"this is not the number to which the {pairing.role} {pairing.device} committed itself")
        pairing.device_nonce = device_nonce

    def of_device(self, id: str, device_nonce: str) -> Pairing:
        """The pairing of the device that knows its number. `PairingOver` for everybody else."""
        pairing = self._one(id)
        if pairing.device_nonce is None or not _is_of(pairing, device_nonce):
            raise PairingOver("there is no such pairing")
        return pairing

    def waiting(self) -> list[Pairing]:
        """Those that show a code which nobody has typed yet, the oldest first."""
        self._forget_the_old()
        return [one for one in self._all.values() if one.device_nonce and not one.matched]

    def match(self, id: str, typed: str) -> Pairing:
        """The pairing, if this is the code on its screen; nobody else can match it then.

        `WrongCode` otherwise: after the last try it is over. `PairingOver` when there is none, or it shows no code yet.
        """
        pairing = self._one(id)
        if pairing.code is None or pairing.matched:
            raise PairingOver(f"the {pairing.role} {pairing.device} shows no code")
        if not hmac.compare_digest(as_typed(typed).encode(), pairing.code.encode()):
            pairing.tries += 1
            if pairing.tries >= TRIES:
                self.end(pairing)
            raise WrongCode("this is not the code on the device's screen", left=TRIES - pairing.tries)
        pairing.matched = True
        return pairing

    def hand(self, pairing: Pairing, secret: str, digest: str) -> None:
        """Give a device that was admitted its token, for as long as a new one would wait."""
        pairing.secret, pairing.digest, pairing.until_s = secret, digest, self._now_s() + LIVES_S

    def end(self, pairing: Pairing) -> None:
        """It waits no longer."""
        self._all.pop(pairing.id, None)

    def _find_room(self, whose_address: str) -> None:
        """When all places are taken, an address with many gives one up to an address with fewer."""
        those = [one for one in self._all.values() if not one.matched]
        count = Counter(whose(one.address) for one in those)
        own = count[whose_address]
        if own < MOST_FROM_ONE_ADDRESS and len(self._all) < MOST:
            return
        crowded, most = max(count.items(), key=itemgetter(1), default=("", 0))
        if own >= MOST_FROM_ONE_ADDRESS or most <= own + 1:
            raise TooManyPairings(f"{len(self._all)} devices wait to be admitted, {own} of them at {whose_address}")
        self.end(next(one for one in reversed(those) if whose(one.address) == crowded))

    def _one(self, id: str) -> Pairing:
        self._forget_the_old()
        if id not in self._all:
            raise PairingOver("there is no such pairing")
        return self._all[id]

    def _forget_the_old(self) -> None:
        """Those whose time is over, and those whose device has used its token."""
        now_s = self._now_s()
        self._all = {
            id: one
            for id, one in self._all.items()
            if one.until_s > now_s and not (one.digest and self._is_used(one.digest))
        }


def _is_of(pairing: Pairing, device_nonce: str) -> bool:
    return hmac.compare_digest(commitment(device_nonce), pairing.commitment)
