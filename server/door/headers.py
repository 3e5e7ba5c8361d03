"""What every answer says to browsers, whatever it is: a page, a file, JSON, a refusal."""

from collections.abc import Callable
from typing import Any

_ALWAYS = (
    # For what is no page: it loads nothing and stands in nobody's frame. Pages have a policy of their own.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Pages of another site shall not learn a ticket's code; without any, forms would come from nowhere.
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
# Browsers take these by HTTPS only, and complain about them elsewhere. A month: a centre that gives HTTPS up is reached
# again before everybody has forgotten why not.
_BY_HTTPS = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Strict-Transport-Security", "max-age=2592000"),
)


def guarding(start_response: Callable[..., Any], scheme: str) -> Callable[..., Any]:
    """A `start_response` that adds these headers where the answer has none of the name."""
    wanted = (*_ALWAYS, *_BY_HTTPS) if scheme == "https" else _ALWAYS

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        there = {name.lower() for name, _ in headers}
        return start_response(status, [*headers, *(one for one in wanted if one[0].lower() not in there)], *error)

    return start
