"""The page on which managers admit devices and shut them out. Who waits and who is there, it asks for."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall


def facts(hall: Hall) -> Mapping[str, Any]:
    """Nothing of the hall: devices are a matter of their own."""
    return {}
