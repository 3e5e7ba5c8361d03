"""The one table of who may do what, for HTTP, Socket.IO and pages alike. What has no row is refused.

A row is named by its command or view, whatever the way in; pages and what else is outside the API by its endpoint.
"""

from collections.abc import Mapping
from typing import Any

from server.access.who import AT_A_COUNTER, AT_A_KIOSK, PEOPLE, Role, Who

Roles = frozenset[Role]

ALL: Roles = frozenset(Role)
STAFF: Roles = PEOPLE
MANAGERS: Roles = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ADMINISTRATORS: Roles = frozenset({Role.ADMINISTRATOR})


def _rows(roles: Roles, names: str) -> dict[str, Roles]:
    return dict.fromkeys(names.split(), roles)


RIGHTS: Mapping[str, Roles] = {
    # What is on the walls of the hall anyway, or known only to who holds the slip.
    **_rows(ALL, "site.start site.board board health openapi static site.icon public.page public.waits ca.certificate"),
    **_rows(ALL, "phone.page phone.standing phone.aside phone.ready phone.leave phone.feedback"),
    **_rows(ALL, "connect disconnect *"),  # who connects as a device or at a counter has a row of its own
    **_rows(ALL, "site.clerk-app"),  # browsers fetch it without cookies; it says the counter's number
    **_rows(ALL, "pair pair_screen reveal_pairing pairing_state site.screen"),  # a device that belongs nowhere yet
    # Kiosks: their own tickets and papers.
    **_rows(frozenset({Role.KIOSK}), "connect-kiosk hand-in skip end-copy notes order-ended"),
    **_rows(STAFF | {Role.FACE}, "site.kiosk kiosks kiosk_offers"),
    **_rows(MANAGERS | {Role.FACE}, "order-ticket order-papers"),
    **_rows(STAFF | {Role.FACE}, "order-copy"),
    **_rows(frozenset({Role.BOARD}), "connect-board"),
    # Counters: clerks at any of them, a box at its own.
    **_rows(frozenset({Role.COUNTER}), "connect-counter"),
    **_rows(STAFF | {Role.COUNTER}, "counter"),
    **_rows(STAFF | {Role.COUNTER, Role.TABLET}, "connect-page"),
    **_rows(STAFF | {Role.COUNTER}, "open close break call-next call recall serve complete no-show park resume"),
    **_rows(STAFF | {Role.COUNTER}, "transfer undo"),
    **_rows(STAFF, "issue cancel copy ticket services lines counters site.clerk site.training training"),
    **_rows(STAFF | {Role.TABLET}, "site.tablet tablets.asks tablets.feedback"),
    # The whole hall, and its days.
    **_rows(MANAGERS, "stop offer site.live overview figures log_after"),
    **_rows(MANAGERS, "site.reports site.replay waiting_report readiness charts past_tickets timeline feedback replay"),
    **_rows(MANAGERS, "by-hand.ways by-hand.mail by-hand.print"),
    **_rows(MANAGERS, "site.devices devices admit_device revoke_device"),
    # The settings.
    **_rows(ADMINISTRATORS, "site.admin settings_now settings_history settings_fields settings_file"),
    **_rows(ADMINISTRATORS, "settings_examples settings_example check_settings change_settings undo_settings"),
    **_rows(ADMINISTRATORS, "preview_slip preview_board audit"),
}
"""Who may do what."""


def row_of(endpoint: str) -> str:
    """The name of the row for a Flask endpoint: the API's without its blueprint, the same as over Socket.IO."""
    room, _, name = endpoint.rpartition(".")
    return name.removeprefix("do-") if room in ("api", "administration", "audit", "access", "devices") else endpoint


def may(who: Who, row: str, about: Mapping[str, Any]) -> bool:
    """Whether somebody may do it. `about` is what it is about: a device may only what is about its own place."""
    if who.role not in RIGHTS.get(row, frozenset()):
        return False
    if who.role in AT_A_KIOSK:
        return all(_is_own(who, about, name) for name in ("kiosk", "issuer"))
    if who.role in AT_A_COUNTER:
        return _is_own(who, about, "counter")
    return True


def _is_own(who: Who, about: Mapping[str, Any], name: str) -> bool:
    return str(about.get(name, who.place)) == who.place
