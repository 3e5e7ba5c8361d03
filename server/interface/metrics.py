"""The figures for Prometheus: what happened since the server started, and how the hall is."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from dawr.hall import CounterState
from dawr.messages import TicketCalled, TicketIssued
from server.keeping.writer import Stored, Writer

_COMMIT_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """The figures of one server. `connections` counts who is connected."""

    def __init__(self, writer: Callable[[], Writer], lines: list[str], connections: Callable[[], int]) -> None:
        registry = self._registry = CollectorRegistry()
        self._issued = Counter("dawr_tickets_issued", "Tickets issued", ["line"], registry=registry)
        self._calls = Counter("dawr_calls", "Tickets called", registry=registry)
        self._commit = Histogram(
            "dawr_commit_seconds", "Storing commands with one COMMIT", registry=registry, buckets=_COMMIT_S
        )
        waiting = Gauge("dawr_waiting", "People who wait", ["line"], registry=registry)
        for line in lines:
            waiting.labels(line).set_function(lambda line=line: writer().hall.waiting()[line])  # type: ignore[misc]
        self._gauge("dawr_open_counters", "Counters that are open", lambda: _open_counters(writer()))
        self._gauge("dawr_connections", "Devices and pages that are connected", connections)
        self._gauge("dawr_log_sequence", "Sequence of the last event", lambda: writer().hall.sequence)
        self._gauge("dawr_storage_failing", "1 while nothing can be stored", lambda: int(bool(writer().trouble)))

    def count(self, stored: Stored) -> None:
        """Take note of what one COMMIT stored."""
        self._commit.observe(stored.seconds)
        for event in stored.events:
            if type(event) is TicketIssued:  # and not carried over into another day
                self._issued.labels(event.line).inc()
            elif isinstance(event, TicketCalled):
                self._calls.inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, meaning: str, value: Callable[[], int]) -> None:
        Gauge(name, meaning, registry=self._registry).set_function(value)


def _open_counters(writer: Writer) -> int:
    return sum(counter.state is CounterState.OPEN for counter in writer.hall.counters.values())
