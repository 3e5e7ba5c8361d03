"""Who asks: a role, and whom or what it is held by."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the centre."""

    ANYBODY = "anybody"
    """Whoever is in the hall's network: nobody has signed in, nothing was admitted."""

    KIOSK = "kiosk"
    """A kiosk."""
    COUNTER = "counter"
    """A counter's box or number pad."""
    BOARD = "board"
    """A board."""
    FACE = "face"
    """A browser that is the face of a kiosk."""
    TABLET = "tablet"
    """A browser that looks at the visitor of a counter."""

    CLERK = "clerk"
    """Calls visitors."""
    MANAGER = "manager"
    """Sees the whole hall and its reports, stops services, admits devices."""
    ADMINISTRATOR = "administrator"
    """Changes the settings and says who the people are."""


AT_A_KIOSK = frozenset({Role.KIOSK, Role.FACE})
AT_A_COUNTER = frozenset({Role.COUNTER, Role.TABLET})
DEVICES = AT_A_KIOSK | AT_A_COUNTER | {Role.BOARD}
SCREENS = frozenset({Role.FACE, Role.TABLET})
"""Browsers that are devices."""
PEOPLE = frozenset({Role.CLERK, Role.MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks."""

    role: Role
    name: str = ""
    """What the person or the device is called, for records."""
    proof: str = ""
    """By what it is known, as it is stored: digest of a token or a session. Empty for anybody."""
    place: str | None = None
    """Id of the kiosk or the counter that a device is bound to."""
    id: str = ""
    """Its id for as long as it belongs, in the log too. Empty for anybody."""


ANYBODY = Who(Role.ANYBODY)
