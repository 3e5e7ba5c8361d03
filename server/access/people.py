"""People over HTTP: they sign in and out, and an administrator says who they are."""

import hmac
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, g, request

from dawr.errors import DawrError, NotJson, SignInRefused, TooManyRequests, UnknownPerson, WeakSecret, WrongStartCode
from dawr.hours import closing
from dawr.settings.centre import Centre
from server.access.guard import COOKIE, COOKIE_OVER_TLS, session_of_request
from server.access.passwords import HASH_OF_NOTHING, as_typed, check_secret, hashed, kind_of, matches
from server.access.routes import (
    PEOPLE_ASKS,
    PEOPLE_VIEWS,
    FirstAdministrator,
    NewPerson,
    Nothing,
    PersonChange,
    PersonView,
    SignedIn,
    SignIn,
)
from server.access.routes import People as PeopleView
from server.access.slowing import Slowing
from server.access.store import AccessStore, Person, digest_of
from server.access.who import PEOPLE, Role
from server.administration.routes import AskRoute
from server.audit.trail import Audit
from server.door.limits import whose
from server.interface import openapi
from server.interface.incoming import json_object, read
from server.interface.over_http import rule, view_answer
from server.interface.routes import SMALL_BYTES
from server.keeping.writer import OffLoop

BROWSER, BROWSER_OVER_TLS = "dawr-browser", "__Host-dawr-browser"
KNOWN_S = 400 * 86400
"""Browsers keep no cookie longer."""
CODE_DIGITS = 9
MOST_WAITING, MOST_OF_STRANGERS = 30, 20
"""So many hashes may wait for their turn: all staff of a large centre at eight o'clock. Whoever guesses from many
addresses leaves room for the browsers that are known."""
AFTER_CLOSING = timedelta(hours=1)


def session_ends(centre: Centre, day: date | None, hall_time: datetime | None) -> datetime | None:
    """When a session that begins now ends before its business day does: an hour after closing time.

    None if that has passed, if nothing opens, or if nobody knows the time.
    """
    closes = closing(centre, day) if day and hall_time else None
    ends = closes + AFTER_CLOSING if closes else None
    return ends if ends and hall_time and hall_time < ends else None


class People:
    """Those who can sign in. `off_loop` does one thing at a time; `part` ends the connections of those who left."""

    def __init__(
        self,
        centre: Centre,
        store: AccessStore,
        audit: Audit,
        clock: Callable[[], datetime],
        day: Callable[[], date | None],
        hall_time: Callable[[], datetime | None],
        off_loop: OffLoop,
        part: Callable[[], None],
    ) -> None:
        self._centre, self._store, self._audit = centre, store, audit
        self._clock, self._day, self._hall_time = clock, day, hall_time
        self._off_loop, self._part = off_loop, part
        self._slowing = Slowing()
        self._waiting = 0
        self._code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))

    def code(self) -> str | None:
        """By which somebody who can see what the server prints becomes the first administrator, if there is none."""
        if self._store.has_administrator():
            return None
        return " ".join(self._code[at : at + 3] for at in range(0, CODE_DIGITS, 3))

    def blueprint(self) -> Blueprint:
        """All routes about people."""
        routes = Blueprint("access", __name__, url_prefix=openapi.PREFIX)
        for view in PEOPLE_VIEWS:
            routes.add_url_rule(rule(view.path), view.name, getattr(self, f"_{view.name}"), methods=["GET"])
        for ask in PEOPLE_ASKS:
            routes.add_url_rule(rule(ask.path), ask.name, self._answerer(ask), methods=[ask.method])
        return routes

    def _answerer(self, ask: AskRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{ask.name}")

        def answer(**path: str) -> Response:
            said = () if ask.body is None else (read(ask.body, _payload()),)
            made = make(*said, **path)
            made.headers["Cache-Control"] = "no-store"
            return made

        return answer

    # --- Signing in and out ---------------------------------------------------------------------------------------

    def _sign_in(self, wanted: SignIn) -> Response:
        person = self._store.person(wanted.name)
        known = self._known_to(person)
        succeeded = self._begin_try(person.id if person else f"? {wanted.name.casefold()}", known)
        is_right = self._hash(
            lambda: matches(person.secret if person else HASH_OF_NOTHING, wanted.secret),
            MOST_WAITING if known else MOST_OF_STRANGERS,
        )
        if person is None or not is_right:
            self._refuse(SignInRefused("there is nobody of this name with this secret"))
        succeeded()
        return self._signed_in(person)

    def _sign_out(self) -> Response:
        secret = session_of_request()
        if secret and g.who.role in PEOPLE:  # anybody else has nothing to end, and would keep the disk busy
            self._off_loop(lambda: self._store.end_session(secret))
            self._part()
            self._audit.record(g.who.name, g.who.role, "signed_out", {})
        answer = view_answer(Nothing())
        answer.delete_cookie(_name(COOKIE, COOKIE_OVER_TLS), secure=request.is_secure, httponly=True, samesite="Lax")
        return answer

    def _first_start(self, wanted: FirstAdministrator) -> Response:
        check_secret(Role.ADMINISTRATOR, wanted.secret)
        succeeded = self._begin_try("the first start", None)
        typed = "".join(as_typed(wanted.code).split())
        if not hmac.compare_digest(typed.encode(), self._code.encode()):
            self._refuse(WrongStartCode("this is not the code that the server printed"))
        person = self._add(wanted.name, Role.ADMINISTRATOR, wanted.secret, first=True)
        succeeded()
        self._audit.record(person.name, person.role, "person_added", {"person": person.name, "how": "first start"})
        return self._signed_in(person)

    def _known_to(self, person: Person | None) -> str | None:
        """The digest of the browser's cookie, if this person has signed in there before."""
        browser = _known_browser()
        known = person is not None and browser is not None and self._store.knows_browser(browser, person.id)
        return digest_of(browser) if known and browser else None

    def _begin_try(self, key: str, known_browser: str | None) -> Callable[[], None]:
        try:
            return self._slowing.begin(key, _address(), known_browser)
        except DawrError as too_early:
            self._refuse(too_early)

    def _refuse(self, why: DawrError) -> NoReturn:
        self._audit.count("sign_in_refused", _address())
        raise why

    def _signed_in(self, person: Person) -> Response:
        """Whoever was signed in at this browser is it no longer."""
        now, day, browser, before = self._clock(), self._day(), _known_browser(), session_of_request()
        until = session_ends(self._centre, day, self._hall_time())

        def store() -> tuple[str, str]:
            if before:
                self._store.end_session(before)
            session = self._store.begin_session(person, day, now, until)
            return session, self._store.know_browser(browser, person.id, now)

        session, kept = self._off_loop(store)
        if before:
            self._part()
        self._audit.record(person.name, person.role, "signed_in", {"from": _address()})
        answer = view_answer(SignedIn(name=person.name, role=person.role))
        # Lax: whoever follows a link in a mail of the server is signed in there. What changes something is guarded by
        # Origin and Sec-Fetch-Site besides.
        options: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": request.is_secure}
        answer.set_cookie(_name(COOKIE, COOKIE_OVER_TLS), session, **options)
        answer.set_cookie(_name(BROWSER, BROWSER_OVER_TLS), kept, max_age=KNOWN_S, **options)
        return answer

    # --- Who they are ---------------------------------------------------------------------------------------------

    def _people(self) -> Response:
        return view_answer(PeopleView(people=[_view(person) for person in self._store.people()]))

    def _add_person(self, wanted: NewPerson) -> Response:
        check_secret(wanted.role, wanted.secret)
        person = self._add(wanted.name, wanted.role, wanted.secret)
        self._record("person_added", person, role=wanted.role)
        return view_answer(_view(person))

    def _change_person(self, wanted: PersonChange, person: str) -> Response:
        before = next((one for one in self._store.people() if one.id == person), None)
        if before is None:
            raise UnknownPerson("nobody has this id", person=person)
        role = wanted.role or before.role
        if wanted.secret is not None:
            check_secret(role, wanted.secret)
        elif kind_of(role) != kind_of(before.role):
            raise WeakSecret("a clerk has a PIN, the others a password", why=f"needs_{kind_of(role)}")
        self._change(person, wanted)
        self._part()
        changed = {"role": role} if wanted.role else {}
        self._record("person_changed", before, **changed, **({"secret": "new"} if wanted.secret else {}))
        return view_answer(Nothing())

    def _remove_person(self, person: str) -> Response:
        before: Person = self._off_loop(lambda: self._store.remove_person(person))
        self._part()
        self._record("person_removed", before)
        return view_answer(Nothing())

    def _add(self, name: str, role: Role, secret: str, *, first: bool = False) -> Person:
        now = self._clock()
        added: Person = self._hash(lambda: self._store.add_person(name, role, hashed(secret), now, first=first))
        return added

    def _change(self, person: str, wanted: PersonChange) -> None:
        def change() -> None:
            secret = None if wanted.secret is None else hashed(wanted.secret)
            self._store.change_person(person, role=wanted.role, secret=secret)

        self._hash(change)

    def _record(self, action: str, person: Person, **more: str) -> None:
        self._audit.record(g.who.name, g.who.role, action, {"person": person.name, **more})

    def _hash(self, work: Callable[[], Any], most_waiting: int = MOST_WAITING) -> Any:
        """What takes long and much memory, in its turn. `TooManyRequests` when too many wait for theirs."""
        if self._waiting >= most_waiting:
            raise TooManyRequests("too many sign in at once", seconds=2)
        self._waiting += 1
        try:
            return self._off_loop(work)
        finally:
            self._waiting -= 1


def _view(person: Person) -> PersonView:
    return PersonView(id=person.id, name=person.name, role=person.role, since=person.since)


def _known_browser() -> str | None:
    return request.cookies.get(_name(BROWSER, BROWSER_OVER_TLS))


def _address() -> str:
    return whose(request.remote_addr or "")


def _name(plain: str, over_tls: str) -> str:
    return over_tls if request.is_secure else plain


def _payload() -> dict[str, Any]:
    if not request.is_json:
        raise NotJson("the body is not application/json")
    request.max_content_length = SMALL_BYTES
    return json_object(request.get_data(cache=False))
