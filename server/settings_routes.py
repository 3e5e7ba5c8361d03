"""What the administration of a centre takes and answers: the part of the route table that is about settings."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, RootModel

from dawr.messages import Message
from dawr.settings.centre import Texts
from dawr.settings.changes import Change
from dawr.settings.fields import Field
from server.routes import ViewRoute


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


class SettingsFields(RootModel[dict[str, list[Field]]]):
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
    body: type[Message]
    answer: type[BaseModel] | None
    media_type: str = "application/json"


SETTINGS_VIEWS: tuple[ViewRoute, ...] = (
    ViewRoute("/settings", "settings_now", "The centre's settings", SettingsNow),
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
)
"""Everything that may be asked about settings. Only pages of this server and programs may: no other site's pages."""
