"""The page of a browser that nobody has admitted yet: it shows the code by which a manager admits it."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall


def facts(hall: Hall) -> Mapping[str, Any]:
    """The kiosks whose face it can be."""
    return {"kiosks": [kiosk.id for kiosk in hall.centre.kiosks]}
