"""Events of Socket.IO: right, nearly right, of wrong types, huge, deep, with what belongs to others, or no events."""

import json
import random
import string
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import simple_websocket

from dawr.messages import COMMANDS
from lab.fuzz.target import Report, Target
from server.access.who import Role
from server.interface.routes import COMMAND_ROUTES, TOLD
from server.practice.training import NAMESPACE

PATIENCE_S = 30.0  # a large packet fills its address's bucket, and what follows is read later
CHECKED_EVERY = 50
_GOODBYES = frozenset({"1", "40", "41"})
_ROLES: tuple[tuple[Role, dict[str, Any]], ...] = (
    (Role.ADMINISTRATOR, {"role": "page"}),
    (Role.MANAGER, {"role": "page", "counter": "1"}),
    (Role.CLERK, {"role": "page", "counter": "2"}),
    (Role.COUNTER, {"role": "counter", "id": "box", "counter": "1"}),
    (Role.KIOSK, {"role": "kiosk", "id": "kiosk-1"}),
    (Role.BOARD, {"role": "board", "id": "board"}),
    (Role.ANYBODY, {}),
)
_PLAUSIBLE: tuple[Any, ...] = ("birth", "1", "2", "A001", "elderly", "ar", "en", 0, 1, 5, None, True, [], {}, "")
_STRANGE: tuple[Any, ...] = (
    *(-1, 2**31, 2**63, 2**64, 10**4000, 1e308, 1.5, "١", "\u0000", "\ud800", "\u202e", "é" * 300, "a" * 7_000),
    *("../../etc/passwd", "'; drop table tickets; --", "{}", "[]", "null", "2026-02-30", "A999999999999999999"),
    *([None] * 100, {"a": {"b": {"c": [1, [2, [3]]]}}}, {"": ""}, {"__proto__": {}}, [[[[[[]]]]]]),
)


def fuzz(aim: Target, examples: int, seed: int, report: Report = lambda _done: None) -> Counter[str]:
    """Send so many events; gives what came of them: `ok`, the code of a problem, `ended` or `silent`.

    What is wrong, `aim` knows.
    """
    chance = random.Random(seed)
    came: Counter[str] = Counter()
    line = _Line(aim, chance)
    try:
        for done in range(examples):
            came[line.try_one()] += 1
            if done % CHECKED_EVERY == 0:
                report(done)
    finally:
        line.close()
    return came


class _Line:
    """A connection that is opened again when it has ended."""

    def __init__(self, aim: Target, chance: random.Random) -> None:
        self._aim, self._chance, self._id = aim, chance, 0
        self._namespace, self._is_quiet = "", True
        self._open()

    def close(self) -> None:
        with suppress(OSError, simple_websocket.ConnectionClosed):
            self._ws.close()

    def _open(self) -> None:
        url = self._aim.server.address.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._ws = simple_websocket.Client(url)
        self._namespace = self._chance.choice(["", "", "", f"{NAMESPACE},"])
        role, auth = self._chance.choice(_ROLES)
        if self._namespace:
            role, auth = Role.CLERK, {"counter": "1"}
        auth = auth | ({"token": self._aim.tokens[role]} if role in self._aim.tokens else {})
        if self._chance.random() < 0.1:
            auth = _mutated(auth, self._chance)
        self._ws.send(f"40{self._namespace}{json.dumps(auth)}")
        if not self._is_taken():
            self._begin_again()
        self._left = self._chance.randint(1, 250)

    def _is_taken(self) -> bool:
        try:
            while packet := self._ws.receive(timeout=PATIENCE_S):
                if packet.startswith(("40", "44")):
                    return bool(packet[1] == "0")
        except simple_websocket.ConnectionClosed:
            pass
        return False

    def _begin_again(self) -> None:
        self.close()
        self._open()

    def try_one(self) -> str:
        self._left -= 1
        if self._left < 0:
            self._begin_again()
        # What nobody was told the end of may still be under way.
        before = self._aim.state() if self._is_quiet and self._chance.random() < 0.2 else None
        self._id += 1
        packet = _packet(self._chance, self._namespace, self._id)
        try:
            self._ws.send(packet)
            came = self._answer() if _wants_answer(packet, self._id) else "silent"
        except (OSError, simple_websocket.ConnectionClosed):
            came = "ended"
        if came == "ended" or packet[:2] in _GOODBYES:
            self._begin_again()
        if came in ("unexpected", "no answer"):
            self._aim.found.append(f"{came}: {packet[:500]!r}")
        if before is not None and came not in ("ok", "silent") and self._aim.state() != before:
            self._aim.found.append(f"refused as {came}, and something has changed: {packet[:500]!r}")
        self._is_quiet = came not in ("ended", "silent")
        return came

    def _answer(self) -> str:
        while (packet := self._ws.receive(timeout=PATIENCE_S)) is not None:
            if packet == "2":
                self._ws.send("3")
            elif packet.startswith(f"43{self._namespace}{self._id}["):
                [said] = json.loads(packet[packet.index("[") :])
                return "ok" if said["ok"] else str(said["problem"]["code"])
        return "no answer"


def _wants_answer(packet: str | bytes, id: int) -> bool:
    return isinstance(packet, str) and packet.startswith("42") and f"{id}[" in packet[:30]


def _packet(chance: random.Random, namespace: str, id: int) -> str | bytes:
    kind = chance.random()
    if kind < 0.93:
        said = json.dumps([_event(chance), *_payload(chance)])
        return f"42{namespace}{id if chance.random() < 0.97 else ''}{said}"
    return chance.choice(_NOT_EVENTS)(chance)


def _event(chance: random.Random) -> Any:
    known = [*(route.command.NAME for route in COMMAND_ROUTES), *TOLD, *COMMANDS]
    if chance.random() < 0.93:
        return chance.choice(known)
    return chance.choice(["nonsense", "connect", "disconnect", "*", "", "hello", "board", 5, None, "a" * 1000, {}, []])


def _payload(chance: random.Random) -> list[Any]:
    """Mostly one object; none, two or something else now and then."""
    kind = chance.random()
    if kind < 0.05:
        few: list[list[Any]] = [[], [None], [1], ["birth"], [{}, {}], [[1, 2]], [_deep(chance)]]
        return chance.choice(few)
    return [_mutated(_near(chance), chance) if kind < 0.6 else _near(chance)]


def _near(chance: random.Random) -> dict[str, Any]:
    """What a command could be: fields by their names, with values that could be theirs."""
    route = chance.choice(COMMAND_ROUTES)
    fields = [name for name in route.command.model_fields if chance.random() < 0.9]
    said = {name: _plausible(name, chance) for name in fields}
    return said | ({"command_id": _plausible("command_id", chance)} if chance.random() < 0.5 else {})


def _plausible(name: str, chance: random.Random) -> Any:
    usual: dict[str, tuple[Any, ...]] = {
        "counter": ("1", "2", "3"),
        "service": ("birth", "id-card"),
        "ticket": ("A001", "A002", "A003", "A901", "A902"),
        "kiosk": ("nowhere",),
        "issuer": ("kiosk-1", "server"),
        "tickets": ([], [{"id": "x", "number": "A001", "service": "birth"}]),
        "command_id": ("a", "b", "c", str(chance.randrange(10**9))),
    }
    return chance.choice(usual.get(name, _PLAUSIBLE))


def _mutated(said: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With a field that is strange, is not there, or is nobody's."""
    changed = dict(said)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*changed, "nobody's", "command_id", "".join(chance.choices(string.printable, k=5))])
        if chance.random() < 0.2:
            changed.pop(name, None)
        else:
            changed[name] = chance.choice(_STRANGE if chance.random() < 0.7 else _PLAUSIBLE)
    return changed


def _deep(chance: random.Random) -> Any:
    value: Any = {}
    for _ in range(chance.choice((10, 100, 900))):
        value = [value] if chance.random() < 0.5 else {"a": value}
    return value


_NOT_EVENTS: tuple[Callable[[random.Random], str | bytes], ...] = (
    lambda chance: "".join(chance.choices(string.printable, k=chance.randint(0, 50))),
    lambda chance: bytes(chance.randrange(256) for _ in range(chance.randint(0, 50))),
    lambda chance: f"451-{chance.randrange(100)}" + '["call-next",{"_placeholder":true,"num":0}]',
    lambda chance: '45999999999-["call-next"]',
    lambda chance: "4" + str(chance.randrange(10)) + "".join(chance.choices(string.printable, k=8)),
    lambda chance: "40" + chance.choice(["", "{}", "/training,", "/training,{}", "/nowhere,", "[", "null", '"a"']),
    lambda chance: chance.choice(["41", "41/training,", "41/nowhere,", "43", "431[]", "43[{}]", '44{"a":1}', "2", "3"]),
    lambda chance: chance.choice(["2probe", "3probe", "5", "6", "1", "0{}", "42" + "[" * 3000, "4" + "[" * 3000]),
    lambda chance: '42["call-next", {"nobody\'s": "' + "a" * chance.choice((9_000, 9_000, 9_000, 600_000)) + '"}]',
)
