"""Everything that can go wrong, each named by the fact and refining the built-in that it is a case of."""

from collections.abc import Mapping
from typing import Any


class DawrError(Exception):
    """Anything that Dawr itself reports. `code` is stable and keys the sentence in `words` under `problem.`."""

    code = "unexpected"

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.code)
        self.facts = facts


class ActionRefused(DawrError, ValueError):
    """The ticket's state does not allow this action; nothing was changed."""

    code = "action_refused"


class UnknownTicket(DawrError, LookupError):
    """No ticket of today has this id or number."""

    code = "unknown_ticket"


class UnknownService(DawrError, LookupError):
    """The centre's settings have no service with this id."""

    code = "unknown_service"


class UnknownLine(DawrError, LookupError):
    """The centre's settings have no line with this id."""

    code = "unknown_line"


class UnknownCounter(DawrError, LookupError):
    """The centre's settings have no counter with this id."""

    code = "unknown_counter"


class UnknownClass(DawrError, LookupError):
    """The centre's settings have no class of visitors with this id."""

    code = "unknown_class"


class UnknownIssuer(DawrError, LookupError):
    """No kiosk of this id owns numbers in this centre."""

    code = "unknown_issuer"


class UnknownKiosk(DawrError, LookupError):
    """The centre's settings have no kiosk with this id."""

    code = "unknown_kiosk"


class KioskGone(DawrError, ConnectionError):
    """The kiosk is not connected, so nothing can be printed there."""

    code = "kiosk_gone"


class CopyNotPrinted(DawrError, OSError):
    """The kiosk could not print the copy; surely none came out. `facts["why"]` is a word key."""

    code = "copy_not_printed"


class CopyUnsettled(DawrError, TimeoutError):
    """The kiosk has not said yet what became of the copy: the log will tell, and the same command id finds out."""

    code = "copy_unsettled"


class OrderRefused(DawrError, ValueError):
    """The kiosk printed nothing for this order, and never will; `facts["why"]` is a word key."""

    code = "order_refused"


class OrderUnsettled(DawrError, TimeoutError):
    """The kiosk has not said yet what came of the order: the same order, with its id and its age, finds out."""

    code = "order_unsettled"


class UnknownLanguage(DawrError, LookupError):
    """The centre does not offer this language."""

    code = "unknown_language"


class CounterNotOpen(DawrError, ValueError):
    """The counter is closed or on a break, so it cannot call anyone."""

    code = "counter_not_open"


class CounterBusy(DawrError, ValueError):
    """The counter has a visit in progress, which this action would leave behind."""

    code = "counter_busy"


class NothingToDo(DawrError, ValueError):
    """The counter has no visit that this action could be about."""

    code = "nothing_to_do"


class RecallFirst(DawrError, ValueError):
    """A no-show needs the set number of recalls before it."""

    code = "recall_first"


class NoMoreTime(DawrError, ValueError):
    """The visitor has asked for more time as often as is possible with one ticket."""

    code = "no_more_time"


class NothingToUndo(DawrError, ValueError):
    """The counter's last action is too old, was undone already, or there is none."""

    code = "nothing_to_undo"


class ChangedSince(DawrError, ValueError):
    """A ticket of the action was changed again since, so it cannot be undone."""

    code = "changed_since"


class DetailsRemoved(DawrError, LookupError):
    """The steps of a day's visits were removed for their age; `facts["since"]` is the oldest day that has them."""

    code = "details_removed"


class ReferenceNotWanted(DawrError, ValueError):
    """The service asks for no transaction number, and nothing that nobody asked for is stored of a visitor."""

    code = "reference_not_wanted"


class NotOffered(DawrError, ValueError):
    """The service takes no tickets now; `facts["why"]` is a word key under `closed.`."""

    code = "not_offered"


class NumberTaken(DawrError, ValueError):
    """Two issuers gave the same number on one day: one of them must be switched off."""

    code = "number_taken"


class ForeignNumber(DawrError, ValueError):
    """The number does not belong to the part that this issuer owns."""

    code = "foreign_number"


class KeyReused(DawrError, ValueError):
    """The same Idempotency-Key came with another command."""

    code = "idempotency_key_reused"


class BadMessage(DawrError, ValueError):
    """The message is not one of ours; `facts["mistakes"]` lists what is wrong, field by field."""

    code = "bad_message"


class NotJson(DawrError, ValueError):
    """The body is no JSON object in UTF-8."""

    code = "not_json"


class UnknownDevice(DawrError, PermissionError):
    """The centre's settings have no such device, or its role is none of ours."""

    code = "unknown_device"


class SettingsMistaken(DawrError, ValueError):
    """The settings have mistakes; `mistakes` holds all of them."""

    code = "settings_mistaken"


class SettingsChanged(DawrError, ValueError):
    """The settings are not those any more on which the change is based."""

    code = "settings_changed"


class SettingsNotWritten(DawrError, OSError):
    """The settings could not be written; nothing has changed. `facts["why"]` is a word key."""

    code = "settings_not_written"


class NotToml(DawrError, ValueError):
    """The text is no TOML."""

    code = "not_toml"


class UnknownVersion(DawrError, LookupError):
    """The history has no such version, or none before it."""

    code = "unknown_version"


class BeginsAnew(DawrError, ConnectionError):
    """The server is ending, to begin anew or not; the command was not done."""

    code = "begins_anew"


class UnknownExample(DawrError, LookupError):
    """There is no example centre of this name."""

    code = "unknown_example"


class UnknownPreview(DawrError, LookupError):
    """The preview is not kept any more."""

    code = "unknown_preview"


class ForeignOrigin(DawrError, PermissionError):
    """A page of another site may not change anything here."""

    code = "foreign_origin"


class WrongHost(DawrError, PermissionError):
    """The request asks for another machine, by a name that is none of this server's."""

    code = "wrong_host"


class TooManyRequests(DawrError, BlockingIOError):
    """More requests came from one address than anybody needs; `facts["seconds"]` later they are taken again."""

    code = "too_many_requests"


class TooManyMessages(DawrError, BlockingIOError):
    """More messages came over one connection than any device needs, or one that is none; the connection ends."""

    code = "too_many_messages"


class TooManyOrders(DawrError, BlockingIOError):
    """More was ordered from one kiosk than visitors can; nothing is printed. `facts["seconds"]` later it is again."""

    code = "too_many_orders"


class LogDamaged(DawrError, OSError):
    """The log cannot be read back as it was written."""

    code = "log_damaged"


class DeviceTwice(DawrError, PermissionError):
    """Another device that takes itself for the same one is connected: only one of them may give these numbers."""

    code = "device_twice"


class OtherLog(DawrError, PermissionError):
    """The device follows another log than this server keeps: one of two servers is a mistake, or replaces the other."""

    code = "other_log"


class ForeignServer(DawrError, PermissionError):
    """Whoever answers has no certificate of the centre's authority: it is another server, or stands in between."""

    code = "foreign_server"


class PlainServer(DawrError, PermissionError):
    """A paired device tells nothing to a server that does not speak HTTPS."""

    code = "plain_server"


class NotPaired(DawrError, PermissionError):
    """The server speaks HTTPS, and this device has no certificate authority pinned by which it could know it."""

    code = "not_paired"


class CaUnusable(DawrError, ValueError):
    """What is kept of the centre's certificate authority cannot be read, or does not belong together."""

    code = "ca_unusable"


class WrongMachine(DawrError, PermissionError):
    """The numbers in this journal belong to another device: a copied or moved card must not give them as well."""

    code = "wrong_machine"


class StorageFailed(DawrError, OSError):
    """The change could not be stored, so it did not happen or is in doubt; nothing was told to anyone."""

    code = "storage_failed"


class StorageDamaged(StorageFailed):
    """The file is there and is not what was written: nothing in it can be relied on."""


class ServerUnreachable(DawrError, ConnectionError):
    """The server did not answer in time."""

    code = "server_unreachable"

    @property
    def maybe_taken(self) -> bool:
        """Whether the command was sent, so that the server may have done it; the same command id finds out."""
        return bool(self.facts.get("maybe_taken"))


class Refused(DawrError, ValueError):
    """The server refused the command and changed nothing; `problem` is its RFC 9457 answer, `code` the problem's."""

    code = "refused"

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or ""))
        self.problem = problem
        self.code = str(problem.get("code", self.code))


class PrinterProblem(DawrError, OSError):
    """The printer cannot print now. `cause` keys the sentence in `words` under `printer.`."""

    code = "printer_problem"


class PinsMissing(DawrError, OSError):
    """This machine has no pins for buttons and lamps that could be used."""

    code = "pins_missing"


class VoiceMissing(DawrError, OSError):
    """The clips of the board's voice cannot be made here."""

    code = "voice_missing"


class ScreenMissing(DawrError, OSError):
    """There should be a screen, and it cannot be used."""

    code = "screen_missing"


class TextUnshapeable(DawrError, RuntimeError):
    """Arabic cannot be drawn here: Pillow misses Raqm or its FriBidi."""

    code = "text_unshapeable"


class NotSignedIn(DawrError, PermissionError):
    """Nobody has signed in, or the device was not admitted."""

    code = "not_signed_in"


class NotAllowed(DawrError, PermissionError):
    """Whoever asks may not do this. `facts["role"]` is what they are."""

    code = "not_allowed"


class NobodySignsIn(DawrError, PermissionError):
    """Nobody is told who pressed, for nobody is asked who they are."""

    code = "nobody_signs_in"


class ClerkFiguresOff(DawrError, PermissionError):
    """The centre does not want figures by clerk."""

    code = "clerk_figures_off"


class SignInRefused(DawrError, PermissionError):
    """There is nobody of this name with this secret; which of both is wrong is not said."""

    code = "sign_in_refused"


class SignInWaits(DawrError, BlockingIOError):
    """There were too many wrong tries; `facts["seconds"]` later another one is looked at."""

    code = "sign_in_waits"


class WeakSecret(DawrError, ValueError):
    """This cannot be somebody's PIN or password; `facts["why"]` is a word key under `people.weak.`."""

    code = "weak_secret"


class NameTaken(DawrError, ValueError):
    """Somebody else signs in with this name."""

    code = "name_taken"


class UnknownPerson(DawrError, LookupError):
    """Nobody has this id."""

    code = "unknown_person"


class LastAdministrator(DawrError, ValueError):
    """Without this person nobody could say who the people are."""

    code = "last_administrator"


class WrongStartCode(DawrError, PermissionError):
    """This is not the code that the server printed when it started."""

    code = "wrong_start_code"


class HasAdministrator(DawrError, ValueError):
    """There is an administrator already, so it is no first start."""

    code = "has_administrator"


class PairingOver(DawrError, LookupError):
    """There is no such pairing, or none any more; the device begins another one."""

    code = "pairing_over"


class ForgedNonce(DawrError, ValueError):
    """A device told another number than the one to which it had committed itself."""

    code = "forged_nonce"


class WrongCode(DawrError, ValueError):
    """This is not the code on the device's screen; `facts["left"]` more may be tried."""

    code = "wrong_code"


class TooManyPairings(DawrError, BlockingIOError):
    """Too many devices wait to be admitted, from one address or in all."""

    code = "too_many_pairings"


class UnknownToken(DawrError, LookupError):
    """No device or program has this token."""

    code = "unknown_token"
