"""The answers that are on their way while the server ends: nobody who was served goes away without one."""

from collections.abc import Callable, Iterable
from typing import Any

import gevent
from werkzeug.wsgi import ClosingIterator

_LIVE = "/socket.io"


class Answering:
    """A WSGI app that knows how many of its answers are not out yet. Live connections never end, and do not count."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._open = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(_LIVE):
            return self._app(environ, start_response)
        self._open += 1
        try:
            return ClosingIterator(self._app(environ, start_response), self._close)
        except BaseException:
            self._close()
            raise

    def let_out(self, patience_s: float) -> None:
        """Wait until every answer is out, and every acknowledgement on its way; not longer than this."""
        with gevent.Timeout(patience_s, False):
            while self._open:
                gevent.sleep(0.01)
            gevent.idle()

    def _close(self) -> None:
        self._open -= 1
