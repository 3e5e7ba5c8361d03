"""Refusals as they go on the wire: RFC 9457 problem details with a stable `code` and a sentence for the person.

A new error has one line in `STATUS`, and its sentence in `dawr/words/` under `problem.`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from dawr import errors
from dawr.errors import BadMessage, DawrError
from dawr.messages import Message
from dawr.offers import sentence
from dawr.settings.mistakes import Mistake, MistakenSettings
from dawr.words import Words

MEDIA_TYPE = "application/problem+json"

STATUS: dict[str, int] = {
    errors.ActionRefused.code: 409,
    errors.UnknownTicket.code: 404,
    errors.UnknownService.code: 404,
    errors.UnknownLine.code: 404,
    errors.UnknownCounter.code: 404,
    errors.UnknownClass.code: 404,
    errors.UnknownIssuer.code: 404,
    errors.UnknownKiosk.code: 404,
    errors.UnknownLanguage.code: 404,
    errors.CounterNotOpen.code: 409,
    errors.CounterBusy.code: 409,
    errors.NothingToDo.code: 409,
    errors.RecallFirst.code: 409,
    errors.NoMoreTime.code: 409,
    errors.NothingToUndo.code: 409,
    errors.ChangedSince.code: 409,
    errors.NotOffered.code: 409,
    errors.ReferenceNotWanted.code: 422,
    errors.DetailsRemoved.code: 410,
    errors.NobodySignsIn.code: 403,
    errors.ClerkFiguresOff.code: 403,
    errors.NumberTaken.code: 409,
    errors.ForeignNumber.code: 409,
    errors.KioskGone.code: 409,
    errors.CopyNotPrinted.code: 409,
    errors.CopyUnsettled.code: 504,
    errors.OrderRefused.code: 409,
    errors.OrderUnsettled.code: 504,
    errors.KeyReused.code: 422,
    errors.BadMessage.code: 422,
    errors.NotJson.code: 400,
    errors.UnknownDevice.code: 403,
    errors.DeviceTwice.code: 409,
    errors.OtherLog.code: 409,
    errors.SettingsMistaken.code: 422,
    errors.SettingsChanged.code: 409,
    errors.SettingsNotWritten.code: 503,
    errors.NotToml.code: 400,
    errors.UnknownVersion.code: 404,
    errors.BeginsAnew.code: 503,
    errors.UnknownExample.code: 404,
    errors.UnknownPreview.code: 404,
    errors.ForeignOrigin.code: 403,
    errors.NotSignedIn.code: 401,
    errors.NotAllowed.code: 403,
    errors.SignInRefused.code: 401,
    errors.SignInWaits.code: 429,
    errors.WeakSecret.code: 422,
    errors.NameTaken.code: 409,
    errors.UnknownPerson.code: 404,
    errors.LastAdministrator.code: 409,
    errors.WrongStartCode.code: 401,
    errors.HasAdministrator.code: 409,
    errors.PairingOver.code: 404,
    errors.ForgedNonce.code: 422,
    errors.WrongCode.code: 422,
    errors.TooManyPairings.code: 429,
    errors.UnknownToken.code: 404,
    errors.WrongHost.code: 421,
    errors.TooManyRequests.code: 429,
    errors.TooManyMessages.code: 429,
    errors.TooManyOrders.code: 429,
    errors.LogDamaged.code: 500,
    errors.StorageFailed.code: 503,
    errors.DawrError.code: 500,
}
"""The HTTP status of each code that the server answers with."""

_CODES_OF_HTTP = {404: "no_such_address", 405: "wrong_method", 413: "too_large", 415: "not_json_type"}


class Problem(Message):
    """Why something was refused (RFC 9457). The facts of the case stand beside these members."""

    model_config = ConfigDict(extra="allow")

    type: str
    """`urn:dawr:problem:` and the code."""
    title: str
    """What the code means, in English."""
    status: int = Field(ge=400, le=599)
    """The HTTP status."""
    detail: str
    """A sentence for the person, in the language that was asked for."""
    code: str
    """What went wrong, for machines; it never changes."""


def problem(error: DawrError, words: Words) -> dict[str, Any]:
    """An error as it goes on the wire, its facts beside the members that RFC 9457 names."""
    code = error.code if error.code in STATUS else DawrError.code
    title = (type(error).__doc__ or "").strip().splitlines()[0]
    members = _members(code, title, STATUS[code], _sentence(error, code, words))
    facts = {"mistakes": said(error.mistakes, words)} if isinstance(error, MistakenSettings) else error.facts
    return members | {name: fact for name, fact in facts.items() if name not in members}


def said(mistakes: Iterable[Mistake], words: Words) -> list[dict[str, str]]:
    """Mistakes of settings in somebody's language; with the digits of a file, which people have to write."""
    words = Words(words.language)
    return [{"key": one.key, "sentence": one.said(words)} for one in mistakes]


def http_problem(error: HTTPException, words: Words) -> dict[str, Any]:
    """The same for what HTTP itself refuses: an address, a method, a size."""
    status = error.code or 500
    code = _CODES_OF_HTTP.get(status, "bad_request" if status < 500 else DawrError.code)
    return _members(code, error.name, status, words(f"problem.{code}"))


def bad_message(error: ValidationError) -> BadMessage:
    """Every mistake that a message has, field by field."""
    mistakes = [
        {"field": ".".join(map(str, one["loc"])) or "body", "message": one["msg"]}
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return mistaken(mistakes)


def mistaken(mistakes: list[dict[str, str]]) -> BadMessage:
    """A message with these mistakes: `{"field": …, "message": …}`."""
    wrong = "; ".join(f"{one['field']}: {one['message']}" for one in mistakes)
    return BadMessage(wrong, mistakes=mistakes)


def _members(code: str, title: str, status: int, detail: str) -> dict[str, Any]:
    return {"type": f"urn:dawr:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}


def _sentence(error: DawrError, code: str, words: Words) -> str:
    facts: Mapping[str, Any] = error.facts
    match code:
        case errors.NotOffered.code:
            reason = words.of(facts["reason"]) if facts["reason"] else ""
            return f"{words(facts['why'], **facts['values'])} {reason}".strip()
        case errors.ActionRefused.code:
            return words(f"problem.{code}", number=facts["number"], state=words(f"problem.state.{facts['state']}"))
        case errors.CopyNotPrinted.code:
            why = str(facts["why"])
            reason = words(why) if words.has(why) else words("problem.copy_not_printed_why")
            return words(f"problem.{code}", number=facts["number"], kiosk=facts["kiosk"], why=reason)
        case errors.OrderRefused.code:
            return _why_refused(facts, words)
        case errors.SettingsNotWritten.code:
            return words(str(facts["why"]))
        case errors.NotAllowed.code:
            return words(f"problem.{code}", role=words(f"role.{facts['role']}"))
        case errors.WeakSecret.code:
            return words(f"problem.{code}", why=words(f"people.weak.{facts['why']}"))
        case errors.SignInWaits.code:
            return words(f"problem.{code}", count=facts["seconds"])
        case errors.WrongCode.code:
            return words(f"problem.{code}", count=facts["left"])
        case errors.BadMessage.code:
            fields = dict.fromkeys(one["field"] for one in facts["mistakes"])
            return words(f"problem.{code}", fields=", ".join(fields))
        case _:
            return words(f"problem.{code}", **facts)


def _why_refused(facts: Mapping[str, Any], words: Words) -> str:
    try:
        return sentence(words, facts["why"], facts["values"], facts["reason"])
    except (KeyError, AssertionError):
        # A kiosk of another version: that nothing was given is what counts.
        return words(f"problem.{errors.OrderRefused.code}")
