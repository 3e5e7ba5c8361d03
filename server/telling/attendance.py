"""Which devices are here, and since when those are gone that were here: heard of by the connections."""

from datetime import datetime

from dawr.overview import DeviceNow
from dawr.settings.centre import Centre

KINDS = ("kiosk", "counter", "board")
"""What counts as a device of the centre; whoever only looks on does not."""


class Attendance:
    """The devices of one run of a server. The settings know the kiosks; boxes and boards are known once they came."""

    def __init__(self, centre: Centre) -> None:
        self._devices: dict[tuple[str, str], DeviceNow] = {}
        for kiosk in centre.kiosks:
            self._note("kiosk", kiosk.id, None, None, connected=False)

    def came(self, role: str, id: str, counter: str | None, now: datetime) -> None:
        """A device has connected."""
        self._note(role, id, counter, now, connected=True)

    def went(self, role: str, id: str, counter: str | None, now: datetime) -> None:
        """A device's connection is gone."""
        self._note(role, id, counter, now, connected=False)

    def devices(self) -> list[DeviceNow]:
        """Kiosks first, then boxes, then boards; each kind by its ids."""
        return sorted(self._devices.values(), key=lambda one: (KINDS.index(one.role), len(one.id), one.id))

    def _note(self, role: str, id: str, counter: str | None, since: datetime | None, *, connected: bool) -> None:
        if role in KINDS:
            self._devices[role, id] = DeviceNow(role=role, id=id, counter=counter, connected=connected, since=since)
