"""Why something could not be sent, in words that a manager understands."""

import socket
import ssl

from server.telling.needs import Need


class NotSent(Exception):
    """It could not be sent now; `key` is a word key."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(f"{key} {facts}")
        self.key, self.facts = key, facts

    def unsent(self, subject: str, key: str, **facts: object) -> Need:
        """The same for managers, as part of a sentence with this key and these facts."""
        return Need(subject, key, facts, self.key, self.facts)


def by_network(problem: Exception, host: str) -> NotSent:
    """What became of a connection to this host."""
    if isinstance(problem, TimeoutError):
        return NotSent("unsent.silent", host=host)
    if isinstance(problem, socket.gaierror):
        return NotSent("unsent.unknown_host", host=host)
    if isinstance(problem, ssl.SSLCertVerificationError):
        return NotSent("unsent.certificate", host=host)
    return NotSent("unsent.unreachable", host=host)
