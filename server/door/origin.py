"""Whether a browser asks for a page of ours, or for a page of another site that it shows as well (CSRF)."""

from collections.abc import Mapping
from typing import Any

LIVE = "/socket.io"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OUR_SITES = frozenset({None, "same-origin", "none"})
_USUAL_PORTS = {"http": ":80", "https": ":443"}


def may_change(environ: Mapping[str, Any]) -> bool:
    """Whether a request could change something, or opens a connection that could."""
    return environ["REQUEST_METHOD"] not in _READING or environ["PATH_INFO"].startswith(LIVE)


def is_foreign(environ: Mapping[str, Any]) -> bool:
    """Whether a browser says that another site's page sends this. Programs say nothing of the kind, and may."""
    origin = environ.get("HTTP_ORIGIN")
    return (origin is not None and not is_own(origin, environ)) or (
        environ.get("HTTP_SEC_FETCH_SITE") not in _OUR_SITES
    )


def is_own(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Whether an Origin header says the scheme, name and port by which this request came; a missing one may be ours."""
    scheme = environ["wsgi.url_scheme"]
    return origin is None or _full(origin.lower(), scheme) == _full(
        f"{scheme}://{environ.get('HTTP_HOST', '').lower()}", scheme
    )


def _full(origin: str, scheme: str) -> str:
    return origin.removesuffix(_USUAL_PORTS.get(scheme, ""))
