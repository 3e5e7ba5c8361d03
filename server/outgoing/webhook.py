"""Alerts for another program: told when something begins to need somebody, and when it no longer does.

There is no queue that could grow: what the program was told is held against what holds now, and each difference is
sent until it is taken. An alert that came and went while the program was away is not told at all.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dawr.hall import Hall
from dawr.ids import new_id
from dawr.messages import Instant, Message
from dawr.overview import Alert, Trouble
from dawr.settings.centre import Centre, Language, Texts
from dawr.settings.server import Webhook, read_secret
from dawr.text import without_isolates
from dawr.words import Words
from server.outgoing.damper import Damper
from server.outgoing.failure import NotSent, by_network
from server.outgoing.kept import Kept
from server.telling.needs import Need, Needs

FILE = "alerts_told.json"
LOOK_EVERY_S = 2.0
ANSWER_S = 10.0
PAUSES_S = (2.0, 5.0, 15.0, 60.0)
"""How long it waits after the first, second … failure in a row; the last one again and again."""
SIGNATURE = "Dawr-Signature"

Key = tuple[Trouble, str]
_log = logging.getLogger(__name__)


class AlertTold(Message):
    """What the program is told."""

    id: str
    """Id of the alert: the same when it ends as when it began, and when it has to be sent again."""
    what: Literal["begins", "ends"]
    """Whether somebody is needed from now on, or no longer."""
    centre: str
    """Id of the centre."""
    kind: Trouble
    """What it is: `unserved`, `long_wait`, `silent`, `noted`, `unsent` or `record`."""
    line: str | None = None
    """Id of the line that it is about."""
    device: str | None = None
    """Id of the kiosk that it is about; `mail` when a report could not be mailed."""
    number: str | None = None
    """Number of the ticket that it is about."""
    sentence: Texts
    """What it is, in each of the centre's languages."""
    since: Instant
    """When it began."""
    at: Instant
    """When this was sent, by the server's clock."""

    @property
    def key(self) -> Key:
        """By what it is known."""
        return self.kind, self.line or self.device or ""


class Teller:
    """Tells one program. `look` is called every `LOOK_EVERY_S`; it may take as long as the program takes to answer."""

    def __init__(
        self,
        webhook: Webhook,
        centre: Centre,
        hall: Callable[[], Hall],
        needs: Needs,
        clock: Callable[[], datetime],
        data: Path,
        monotonic_s: Callable[[], float] = time.monotonic,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._webhook, self._centre, self._hall, self._needs, self._clock = webhook, centre, hall, needs, clock
        self._monotonic_s, self._answer_s = monotonic_s, answer_s
        self._kept, self._damper = Kept(data / FILE), Damper()
        self._words = {language: Words(language, centre.centre.digits) for language in centre.centre.languages}
        self._told = {told.key: told for told in _read(self._kept)}
        self._damper.assume(self._told, monotonic_s())
        self._began: dict[Key, AlertTold] = dict(self._told)
        self._failures, self._again_s, self._why = 0, 0.0, NotSent("")

    def unsent(self) -> list[Need]:
        """For managers: that the program does not take what it is told."""
        return [self._why.unsent("webhook", "alert.unsent_webhook")] if self._failures > 1 else []

    def look(self) -> None:
        """See what needs somebody now, and tell what the program does not know yet."""
        there = {alert.key: alert for alert in self._alerts()}
        for key, alert in there.items():
            before = self._began.get(key)
            self._began[key] = alert if before is None else alert.model_copy(update=_birth(before))
        holding = self._damper.look(self._monotonic_s(), there)
        for key in set(self._began) - set(there) - holding - set(self._told):
            del self._began[key]
        if self._monotonic_s() >= self._again_s:
            self._tell(
                [one for one in self._told if one not in holding], [one for one in self._began if one in holding]
            )

    def _tell(self, ended: list[Key], holding: list[Key]) -> None:
        try:
            for key in ended:
                self._send(self._told[key].model_copy(update={"what": "ends"}))
                del self._told[key], self._began[key]
                self._keep()
            for key in holding:
                if key not in self._told:
                    self._send(self._began[key])
                    self._told[key] = self._began[key]
                    self._keep()
            self._failures = 0
        except NotSent as why:
            self._why = why
            self._again_s = self._monotonic_s() + PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
            self._failures += 1
            _log.warning("%s does not take alerts: %s", self._webhook.address, self._why)

    def _send(self, told: AlertTold) -> None:
        body = told.model_copy(update={"at": self._clock()}).model_dump_json(exclude_none=True).encode()
        post(self._webhook.address, body, self._webhook.secret_file, self._answer_s)

    def _keep(self) -> None:
        try:
            self._kept.write({"told": [told.model_dump(mode="json") for told in self._told.values()]})
        except OSError as problem:
            # After a restart something may be told again, with another id.
            _log.error("what was told cannot be kept: %s", problem)

    def _alerts(self) -> Iterator[AlertTold]:
        hall, now = self._hall(), self._clock()
        said = {language: _by_key(self._needs.alerts(hall, now, words)) for language, words in self._words.items()}
        first, *others = said.values()
        for key in first:
            # A device may have had another word between two languages; the next look has it in both.
            if key[0] in self._webhook.alerts and key[1] != "webhook" and all(key in one for one in others):
                yield self._of({language: alerts[key] for language, alerts in said.items()}, now)

    def _of(self, same: dict[Language, Alert], now: datetime) -> AlertTold:
        """One alert from the same in each language."""
        alert = next(iter(same.values()))
        is_line = alert.trouble in (Trouble.UNSERVED, Trouble.LONG_WAIT)
        return AlertTold(
            id=new_id(),
            what="begins",
            centre=self._centre.centre.id,
            kind=alert.trouble,
            line=alert.subject if is_line else None,
            device=None if is_line else alert.subject,
            number=alert.number,
            sentence={language: without_isolates(one.sentence) for language, one in same.items()},
            since=now,
            at=now,
        )


def post(address: str, body: bytes, secret_file: str | None = None, within_s: float = ANSWER_S) -> None:
    """Send JSON by POST, signed when there is a secret. `NotSent` unless it is answered with 2xx in time.

    A receiver that names another address instead (3xx) has not taken it.
    """
    where = urlsplit(address)
    host = where.hostname or ""
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    headers = {"Content-Type": "application/json", "User-Agent": "dawr", **_signed(secret_file, body)}
    connection = kind(host, where.port, timeout=within_s)
    try:
        connection.request("POST", (where.path or "/") + (f"?{where.query}" if where.query else ""), body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as problem:
        raise by_network(problem, host) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotSent("unsent.answered", host=host, answer=status)


def _signed(secret_file: str | None, body: bytes) -> dict[str, str]:
    try:
        return {SIGNATURE: signature(read_secret(Path(secret_file)), body)} if secret_file else {}
    except (OSError, UnicodeDecodeError):
        raise NotSent("unsent.secret") from None


def signature(secret: str, body: bytes) -> str:
    """The header by which a receiver that knows the secret knows the sender: HMAC-SHA256 (RFC 2104) of the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _birth(before: AlertTold) -> dict[str, object]:
    return {"id": before.id, "since": before.since}


def _by_key(alerts: list[Alert]) -> dict[Key, Alert]:
    return {(alert.trouble, alert.subject): alert for alert in alerts}


def _read(kept: Kept) -> list[AlertTold]:
    try:
        return [AlertTold.model_validate(one) for one in kept.read().get("told", [])]
    except (ValueError, TypeError):
        return []  # written by another version
