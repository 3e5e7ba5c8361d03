"""The demo's own copy of an example centre: settings that suit one machine without hardware, at any hour.

A copy is needed because a stranger may look on a Friday night, with three counter boxes for ten counters.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from dawr.errors import SettingsMistaken
from dawr.settings.centre import WEEKDAYS, read_centre

EXAMPLES = Path(__file__).resolve().parent.parent / "config"
BOXES = 3
DAY_AND_NIGHT = ["00:00-24:00"]
IDLE_S = 60
# In pixels, width first: sharp enough on a page, and small enough to send at every change.
KIOSK_SIZE, BOARD_SIZE = [720, 1280], [1280, 720]
KIOSK_WINDOW = [540, 960]
# The picture is smaller on a page than a kiosk is in a hall: as if its screen were small, letters stay readable.
KIOSK_INCHES = 15.6
BOX = {
    "next": 17,
    "recall": 27,
    "no_show": 22,
    "break": 23,
    "lamp": 24,
    "display": {"segments": [5, 6, 12, 13, 16, 19, 20, 26], "digits": [21, 25, 18, 4]},
}

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Files:
    """Where the settings of the demo's hall are, and the ids in them."""

    centre: Path
    kiosk: Path
    board: Path
    counters: dict[str, Path]


def example_folder(name: str) -> Path:
    """The folder of an example by its name, or any folder with a centre.toml by its path."""
    for folder in (EXAMPLES / name, Path(name)):
        if (folder / "centre.toml").is_file():
            return folder.resolve()
    known = ", ".join(sorted(file.parent.name for file in EXAMPLES.glob("*/centre.toml")))
    raise SettingsMistaken(f"There is no centre {name}: name one of {known}, or a folder that holds a centre.toml.")


def write_settings(example: Path, folder: Path, server: str, printer: str, windows: bool) -> Files:
    """Write the settings of every device of the demo into the folder.

    `server` and `printer` are addresses as the devices' files know them. `MistakenSettings` when the example itself
    is mistaken.
    """
    centre = read_centre(example / "centre.toml")
    if not centre.kiosks:
        raise SettingsMistaken(f"{example / 'centre.toml'}: The demo needs a centre with a [[kiosk]].")
    device = _device(example, "kiosk", "screen")
    kiosk = device.get("kiosk", {}).get("id", centre.kiosks[0].id)
    boxes = [counter.id for counter in centre.counters[:BOXES]]
    files = Files(
        centre=folder / "centre.toml",
        kiosk=folder / "kiosk.toml",
        board=folder / "board.toml",
        counters={box: folder / f"counter-{box}.toml" for box in boxes},
    )
    folder.mkdir(parents=True, exist_ok=True)
    settings = always_usable(_read(example / "centre.toml"), boxes)
    _write(files.centre, {**settings, "kiosk": [one for one in settings["kiosk"] if one["id"] == kiosk]})
    _write(files.kiosk, _kiosk(device, kiosk, server, printer, windows))
    _write(files.board, _board(_device(example, "board", "display"), server))
    for box, file in files.counters.items():
        _write(file, {"counter": {"id": box, "server": server, "pins": "mock"}, "box": BOX})
    return files


def always_usable(centre: Settings, boxes: list[str]) -> Settings:
    """The centre open day and night on every day, with the counters that have a box serving every line."""
    every_line = [line["id"] for line in centre["line"]]
    return {
        **{key: table for key, table in centre.items() if key != "holiday"},
        "centre": {**centre["centre"], "last_ticket_minutes": 0},
        "hours": dict.fromkeys(WEEKDAYS, DAY_AND_NIGHT),
        "service": [{key: value for key, value in one.items() if key != "hours"} for one in centre["service"]],
        "counter": [
            {**one, "lines": list(dict.fromkeys([*one["lines"], *every_line]))} if one["id"] in boxes else one
            for one in centre["counter"]
        ],
    }


def _kiosk(device: Settings, kiosk: str, server: str, printer: str, windows: bool) -> Settings:
    here = {
        "id": kiosk,
        "server": server,
        "centre": "centre.toml",
        "pins": "mock",
    }
    size = KIOSK_WINDOW if windows else KIOSK_SIZE
    return {
        "kiosk": here,
        "screen": {
            **device.get("screen", {}),
            "size": size,
            "inches": KIOSK_INCHES,
            "fullscreen": False,
            "idle_s": IDLE_S,
        },
        "printer": {"paper_mm": device.get("printer", {}).get("paper_mm", 80), "address": printer},
    }


def _board(device: Settings, server: str) -> Settings:
    return {
        **device,
        "display": {**device.get("display", {"id": "board-1"}), "server": server},
        "screen": {**device.get("screen", {}), "size": BOARD_SIZE, "fullscreen": False},
    }


def _device(example: Path, kind: str, table: str) -> Settings:
    """The example's first device of a kind that has this table; empty when there is none."""
    devices = (_read(file) for file in sorted(example.glob(f"{kind}-*.toml")))
    return next((device for device in devices if table in device), {})


def _read(file: Path) -> Settings:
    return tomllib.loads(file.read_text("utf-8"))


def _write(file: Path, settings: Settings) -> None:
    file.write_text(tomli_w.dumps(settings), "utf-8")
