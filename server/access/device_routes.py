"""What devices ask before they are admitted, and managers about devices: their part of the route table."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from dawr.messages import Instant, Key, Message
from server.access.routes import Name
from server.access.who import Role
from server.administration.routes import AskRoute
from server.interface.routes import ViewRoute

Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PairingWanted(Message):
    """A device that asks to be admitted."""

    role: Literal["kiosk", "counter", "board"]
    """What it is."""
    id: Key
    """Its own id; a kiosk's is in the centre's settings."""
    counter: Key | None = None
    """Id of the counter that it works for."""
    commitment: Nonce
    """SHA-256 of its random number, in hexadecimal."""


class PairingBegun(Message):
    """The device can be admitted, for five minutes."""

    pairing: str
    """Id of the pairing."""
    nonce: str
    """The server's random number, in hexadecimal."""


class ScreenWanted(Message):
    """A browser that asks to be admitted as a screen of the centre."""

    role: Literal["face", "tablet"]
    """The face of a kiosk, or the tablet at a counter."""
    place: Key
    """Id of the kiosk or the counter."""


class ScreenBegun(Message):
    """The browser can be admitted, for five minutes. Both random numbers are the server's: a browser pins nothing."""

    pairing: str
    """Id of the pairing."""
    nonce: str
    """By which the browser asks how far it is; in hexadecimal."""
    code: str
    """What the browser shows."""


class PairingRevealed(Message):
    """The random number to which a device had committed itself. Both sides know the code then."""

    nonce: Nonce
    """In hexadecimal."""


class PairingKnown(Message):
    """The server has it."""


class PairingState(Message):
    """How far a pairing is; there is none any more once the device has used its token."""

    state: Literal["waiting", "admitted"]
    """Whether a manager has typed the code."""
    token: str | None = None
    """The device's token, only when it is admitted; a browser gets it as a cookie instead, which no script can read."""


class WaitingDevice(Message):
    """A device that shows a code. What it says of itself is proved by the code alone."""

    pairing: str
    """Id of the pairing."""
    role: Role
    """What it says it is."""
    id: str
    """What it calls itself."""
    place: str | None
    """The kiosk or counter that it says it is for."""
    address: str
    """Where it is in the network."""
    since: Instant
    """Since when it waits."""


class DeviceView(Message):
    """A device or program that has a token."""

    id: str
    """Id of its token."""
    role: Role
    """What it is, and so what it may do."""
    name: str
    """What it is called."""
    place: str | None
    """Id of the kiosk or counter that it is bound to."""
    since: Instant
    """When it was admitted."""
    until: Instant | None
    """When that ends by itself; none if never."""
    seen: Instant | None
    """When it last asked for something or connected, as far as the server that runs now knows."""
    connected: bool
    """Whether it is connected now."""


class Devices(Message):
    """Who waits and who was admitted."""

    waiting: list[WaitingDevice]
    """Devices that show a code, the oldest first."""
    devices: list[DeviceView]
    """What has a token, the oldest first; programs that are no devices only for administrators."""


class Admission(Message):
    """Admit a device by the code that its screen shows."""

    pairing: str
    """Id of the pairing."""
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    """The code as it was typed."""
    name: Name
    """What the device shall be called."""


class Admitted(Message):
    """A device was admitted."""

    device: DeviceView
    """The device."""
    replaces: list[str]
    """Names of kiosks of the same place, which were shut out: two would give the same numbers."""


class Revocation(Message):
    """Shut a device out."""


class Revoked(Message):
    """A device was shut out; it is not connected any more."""

    device: str
    """Id of the token that it had."""


PAIRING = {"pairing": "Id of the pairing"}

DEVICE_VIEWS: tuple[ViewRoute, ...] = (
    ViewRoute(
        "/pairing/{pairing}",
        "pairing_state",
        "How far a pairing is, for the device alone: `Authorization: Pairing` and its random number",
        PairingState,
        facts=PAIRING,
    ),
    ViewRoute("/devices", "devices", "Who waits to be admitted, and who was admitted", Devices),
)
"""Everything about devices that may be looked at."""

DEVICE_ASKS: tuple[AskRoute, ...] = (
    AskRoute("/pairing", "pair", "Ask to be admitted as a device", PairingWanted, PairingBegun, status=201),
    AskRoute(
        "/pairing/screen", "pair_screen", "Ask to be admitted as a browser", ScreenWanted, ScreenBegun, status=201
    ),
    AskRoute(
        "/pairing/{pairing}/reveal",
        "reveal_pairing",
        "Tell the random number of a pairing",
        PairingRevealed,
        PairingKnown,
        facts=PAIRING,
    ),
    AskRoute("/devices", "admit_device", "Admit a device by its code", Admission, Admitted, status=201),
    AskRoute(
        "/devices/{device}/revoke",
        "revoke_device",
        "Shut a device out, at once",
        Revocation,
        Revoked,
        facts={"device": "Id of its token"},
    ),
)
"""Everything that may be asked about devices."""
