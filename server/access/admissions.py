"""Admitting devices over HTTP: they ask and wait, managers admit them by their codes and shut them out."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request

from dawr.errors import NotJson, PairingOver, StorageFailed, UnknownCounter, UnknownKiosk, UnknownToken
from dawr.pairing import commitment, new_nonce
from dawr.settings.centre import Centre
from server.access.device_routes import (
    DEVICE_ASKS,
    DEVICE_VIEWS,
    Admission,
    Admitted,
    Devices,
    DeviceView,
    PairingBegun,
    PairingKnown,
    PairingRevealed,
    PairingState,
    PairingWanted,
    Revocation,
    Revoked,
    ScreenBegun,
    ScreenWanted,
    WaitingDevice,
)
from server.access.guard import Guard, give_to_screen
from server.access.pairing import Pairing, Pairings
from server.access.store import AccessStore, Token
from server.access.who import AT_A_COUNTER, AT_A_KIOSK, DEVICES, SCREENS, Role, Who
from server.administration.routes import AskRoute
from server.audit.trail import Audit
from server.interface import openapi
from server.interface.incoming import json_object, read
from server.interface.over_http import rule, view_answer
from server.interface.problems import mistaken
from server.interface.routes import SMALL_BYTES, ViewRoute
from server.keeping.writer import OffLoop
from server.telling.live import Live

BROWSER = "browser"
"""What browsers are called while they wait."""


class Admissions:
    """Who waits and who is admitted. `authority` is the fingerprint of the certificate authority, empty without one."""

    def __init__(
        self,
        centre: Centre,
        store: AccessStore,
        guard: Guard,
        live: Live,
        audit: Audit,
        clock: Callable[[], datetime],
        authority: Callable[[], str],
        off_loop: OffLoop,
    ) -> None:
        self._centre, self._store, self._guard, self._live, self._audit = centre, store, guard, live, audit
        self._clock, self._authority, self._off_loop = clock, authority, off_loop
        self._pairings = Pairings(guard.seen.__contains__)

    def blueprint(self) -> Blueprint:
        """All routes about it."""
        routes = Blueprint("devices", __name__, url_prefix=openapi.PREFIX)
        for view in DEVICE_VIEWS:
            routes.add_url_rule(rule(view.path), view.name, self._shower(view), methods=["GET"])
        for ask in DEVICE_ASKS:
            routes.add_url_rule(rule(ask.path), ask.name, self._answerer(ask), methods=["POST"])
        routes.after_request(_kept_by_nobody)
        return routes

    def _shower(self, view: ViewRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{view.name}")

        def show(**path: str) -> Response:
            read(view.query, request.args.to_dict())
            return make(**path)

        return show

    def _answerer(self, ask: AskRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{ask.name}")

        def answer(**path: str) -> Response:
            if not request.is_json:
                raise NotJson("the body is not application/json")
            request.max_content_length = SMALL_BYTES
            assert ask.body is not None, "whatever is asked of devices says something"
            made = make(read(ask.body, json_object(request.get_data(cache=False))), **path)
            made.status_code = ask.status
            return made

        return answer

    # --- Devices --------------------------------------------------------------------------------------------------

    def _pair(self, wanted: PairingWanted) -> Response:
        begun = self._pairings.begin(
            Role(wanted.role),
            wanted.id,
            self._place_of(wanted),
            wanted.commitment,
            request.remote_addr or "",
            self._authority() if request.is_secure else "",
            self._clock(),
        )
        return view_answer(PairingBegun(pairing=begun.id, nonce=begun.nonce))

    def _pair_screen(self, wanted: ScreenWanted) -> Response:
        role, nonce = Role(wanted.role), new_nonce()
        place = self._known(AT_A_KIOSK if role in AT_A_KIOSK else AT_A_COUNTER, wanted.place)
        begun = self._pairings.begin(
            role, BROWSER, place, commitment(nonce), request.remote_addr or "", "", self._clock()
        )
        self._pairings.reveal(begun.id, nonce)
        return view_answer(ScreenBegun(pairing=begun.id, nonce=nonce, code=str(begun.code)))

    def _place_of(self, wanted: PairingWanted) -> str | None:
        """To what it will be bound."""
        match wanted.role:
            case "kiosk":
                return self._known(AT_A_KIOSK, wanted.id)
            case "counter" if wanted.counter is None:
                raise mistaken([{"field": "counter", "message": "a counter's box says which it works for"}])
            case "counter":
                return self._known(AT_A_COUNTER, str(wanted.counter))
            case _:
                return None

    def _known(self, those: frozenset[Role], place: str) -> str:
        """A place of the centre. `UnknownKiosk` or `UnknownCounter` when the settings do not have it."""
        if those is AT_A_KIOSK and place not in {kiosk.id for kiosk in self._centre.kiosks}:
            raise UnknownKiosk(f"there is no kiosk {place}", kiosk=place)
        if those is AT_A_COUNTER and place not in self._centre.counter:
            raise UnknownCounter(f"there is no counter {place}", counter=place)
        return place

    def _reveal_pairing(self, revealed: PairingRevealed, pairing: str) -> Response:
        self._pairings.reveal(pairing, revealed.nonce)
        return view_answer(PairingKnown())

    def _pairing_state(self, pairing: str) -> Response:
        one = self._pairings.of_device(pairing, _nonce_of_request())
        if one.secret is None:
            return _state(PairingState(state="waiting"))
        if one.role in SCREENS:
            return give_to_screen(_state(PairingState(state="admitted")), one.secret)
        return _state(PairingState(state="admitted", token=one.secret))

    # --- Managers -------------------------------------------------------------------------------------------------

    def _devices(self) -> Response:
        connected = self._live.proofs()
        return view_answer(
            Devices(
                waiting=[_waiting(one) for one in self._pairings.waiting()],
                devices=[self._view(one, connected) for one in self._tokens()],
            )
        )

    def _admit_device(self, admission: Admission) -> Response:
        pairing = self._pairings.match(admission.pairing, admission.code)
        older = [one for one in self._store.tokens() if _is_same_kiosk(one, pairing)]
        try:
            secret, token = self._give_token(pairing, admission.name)
        except StorageFailed:
            pairing.matched = False
            raise
        self._pairings.hand(pairing, secret, token.digest)
        self._record("device_added", token)
        for one in older:
            self._part_with(one)
        return view_answer(
            Admitted(device=self._view(token, self._live.proofs()), replaces=[one.name for one in older])
        )

    def _revoke_device(self, _asked: Revocation, device: str) -> Response:
        token = next((one for one in self._tokens() if one.id == device), None)
        if token is None:
            raise UnknownToken(f"nothing has the token {device}", token=device)
        self._part_with(token)
        return view_answer(Revoked(device=device))

    def _tokens(self) -> list[Token]:
        """Those that are a matter of who asks: an administrator's own programs are not a manager's."""
        who: Who = g.who
        return [one for one in self._store.tokens() if one.role in DEVICES or who.role is not Role.MANAGER]

    def _give_token(self, pairing: Pairing, name: str) -> tuple[str, Token]:
        given: tuple[str, Token] = self._stored(
            lambda: self._store.give_token(pairing.role, name, pairing.place, self._clock())
        )
        return given

    def _part_with(self, token: Token) -> None:
        """Take its token back and end its connections."""
        if self._stored(lambda: self._store.revoke(token.id)):
            self._record("device_revoked", token)
        self._live.part_with_revoked()

    def _stored(self, change: Callable[[], Any]) -> Any:
        """What a change came to, off the loop. `StorageFailed` when the disk refuses."""
        try:
            return self._off_loop(change)
        except sqlite3.Error as problem:
            raise StorageFailed(str(problem)) from None

    def _record(self, action: str, token: Token) -> None:
        who: Who = g.who
        about = {"device": token.name, "role": token.role, "place": token.place or "", "token": token.id}
        self._audit.record(who.name, who.role, action, about)

    def _view(self, token: Token, connected: set[str]) -> DeviceView:
        return DeviceView.model_validate(
            {name: value for name, value in token._asdict().items() if name != "digest"}
            | {"seen": self._guard.seen.get(token.digest), "connected": token.digest in connected}
        )


def _nonce_of_request() -> str:
    """The number of a device that asks how far its pairing is. `PairingOver` when it says none."""
    said = request.authorization
    if said is None or said.type != "pairing" or not said.token:
        raise PairingOver("only the device itself is told")
    try:
        return bytes.fromhex(said.token).hex()
    except ValueError:
        raise PairingOver("this is the number of no device") from None


def _state(state: PairingState) -> Response:
    return Response(state.model_dump_json(exclude_none=True), mimetype="application/json")


def _waiting(one: Pairing) -> WaitingDevice:
    return WaitingDevice(
        pairing=one.id, role=one.role, id=one.device, place=one.place, address=one.address, since=one.since
    )


def _is_same_kiosk(token: Token, pairing: Pairing) -> bool:
    return token.role is Role.KIOSK and (token.role, token.place) == (pairing.role, pairing.place)


def _kept_by_nobody(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
