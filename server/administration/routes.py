"""What the administration of a centre takes and answers: the part of the route table that is about settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, RootModel, model_validator

from dawr.messages import Message
from dawr.settings.centre import Language, Texts
from dawr.settings.changes import Change
from dawr.settings.fields import Field as SettingField
from dawr.slip_image import PaperMm
from server.administration.history import Version
from server.interface.routes import FAR, NoQuery, ViewRoute


class SettingsNow(Message):
    """The centre's settings as its file says them."""

    digest: str
    """By it a change says on which version it is based."""
    settings: dict[str, Any]
    """The file's tables with its own keys; days as `2026-12-08`, times as `04:00`."""
    writable: str | None
    """Why the file cannot be changed from here; none when it can."""


class SettingsWanted(Message):
    """Settings that nobody has stored."""

    settings: dict[str, Any]
    """The file's tables with its own keys; what is null is as if it were left out."""


class SettingsChange(Message):
    """A change of the settings: either all tables, or the whole file."""

    based_on: str
    """Digest of the version that it changes."""
    settings: dict[str, Any] | None = None
    """The file's tables as they shall be; what is null is as if it were left out."""
    toml: str | None = None
    """The file as it shall be."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.settings is None) == (self.toml is None):
            raise ValueError("give settings or toml")
        return self


class SettingsUndo(Message):
    """Taking a change of the settings back, with all that came after it."""

    based_on: str
    """Digest of the version that it changes."""
    version: Annotated[int, Field(ge=1, le=FAR)]
    """The version to undo: the file becomes what it was before it."""


class SettingsStored(Message):
    """A change was stored; the server begins anew with it at once."""

    version: int | None
    """Its number in the history; none if the disk of the log failed in between, and the next start records it."""
    digest: str
    """By it the next change says on which version it is based."""


class SettingsVersions(Message):
    """Versions of the settings, the newest first."""

    versions: list[Version]
    """The versions."""


class HistoryQuery(NoQuery):
    """Which stretch of the history."""

    before: Annotated[int | None, Field(ge=1, le=FAR)] = None
    """Only versions before this one; the newest if left out."""


class SettingsMistake(Message):
    """Why settings cannot be used."""

    key: str
    """The key that is wrong; tables of a list are counted from 1: `service[3].name.en`."""
    sentence: str
    """What is wrong and what would be right, to be read after the name of the setting."""


class SettingsCheck(Message):
    """What would become of settings."""

    mistakes: list[SettingsMistake]
    """Why they cannot be stored; empty when they can."""
    changes: list[Change]
    """What is different from the file."""
    warnings: list[str]
    """What cannot be undone once they are stored, each a sentence."""


class SlipWanted(SettingsWanted):
    """A slip to look at, as it would be with these settings."""

    service: str
    """Id of the service that it is for."""
    language: Language = "ar"
    """Its language."""
    paper_mm: PaperMm = 80
    """Width of the paper in millimetres."""


class PreviewKept(Message):
    """Settings that can be looked at for a while, until newer ones take their place."""

    preview: str
    """Their id: `/board?preview=` and this shows a board of an invented hall."""


class SettingsFields(RootModel[dict[str, list[SettingField]]]):
    """The fields of each table of the settings, in the order of the file."""


class Example(Message):
    """A centre that a new one can begin from."""

    id: str
    """Its name in an address."""
    name: Texts
    """What it is called."""
    services: int
    """How many services it has."""
    counters: int
    """How many counters."""


class Examples(RootModel[list[Example]]):
    """The centres that a new one can begin from."""


@dataclass(frozen=True, slots=True)
class AskRoute:
    """Something that is asked with a body, and that is no command to the hall. `name` finds the function for it."""

    path: str
    name: str
    summary: str
    body: type[Message] | None
    answer: type[BaseModel] | None
    media_type: str = "application/json"
    method: str = "POST"
    facts: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path, and what it means."""
    status: int = 200


SETTINGS_VIEWS: tuple[ViewRoute, ...] = (
    ViewRoute("/settings", "settings_now", "The centre's settings", SettingsNow),
    ViewRoute(
        "/settings/history",
        "settings_history",
        "Who changed what and when, a hundred versions at a time",
        SettingsVersions,
        HistoryQuery,
    ),
    ViewRoute("/settings/fields", "settings_fields", "What can be set, for forms", SettingsFields),
    ViewRoute("/settings/file", "settings_file", "The settings' file itself", None, media_types=("application/toml",)),
    ViewRoute("/settings/examples", "settings_examples", "The centres that a new one can begin from", Examples),
    ViewRoute(
        "/settings/examples/{example}",
        "settings_example",
        "The settings of an example",
        SettingsWanted,
        facts={"example": "Id of the example"},
    ),
)
"""Everything about settings that may be looked at."""

SETTINGS_ASKS: tuple[AskRoute, ...] = (
    AskRoute("/settings/check", "check_settings", "What would become of settings", SettingsWanted, SettingsCheck),
    AskRoute("/settings", "change_settings", "Change the settings", SettingsChange, SettingsStored),
    AskRoute(
        "/settings/preview/slip",
        "preview_slip",
        "A slip as it would be, one pixel a dot",
        SlipWanted,
        None,
        media_type="image/png",
    ),
    AskRoute("/settings/preview", "preview_board", "Look at a board as it would be", SettingsWanted, PreviewKept),
    AskRoute("/settings/undo", "undo_settings", "Take a change of the settings back", SettingsUndo, SettingsStored),
)
"""Everything that may be asked about settings. Only pages of this server and programs may: no other site's pages."""
