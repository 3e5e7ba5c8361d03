"""Settings as plain JSON values: what a page can show and send back, with the keys of the file."""

from datetime import date, time
from typing import Any


def plain(value: Any) -> Any:
    """What a TOML file says, days as `2026-12-08` and times as `04:00`."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value


def without_nothing(value: Any) -> Any:
    """The same without what is null: TOML has no word for it, and a key that is left out says it."""
    if isinstance(value, dict):
        return {key: without_nothing(one) for key, one in value.items() if one is not None}
    return [without_nothing(one) for one in value if one is not None] if isinstance(value, list) else value
