"""The settings of a device: a kiosk, a counter box or a board. Each file is small: who am I, what is wired where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from dawr.settings.centre import Id, Language
from dawr.settings.mistakes import Table, WrongKey, WrongKeys

PinFactory = Literal["auto", "mock"]
GpioPin = Annotated[int, Field(ge=0, le=27)]
ServerAddress = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/]+)?$")]
PrinterAddress = Annotated[str, StringConstraints(pattern=r"^(tcp://[^\s/]+:\d+|serial:///\S+|usb:///\S+)$")]
Size = tuple[Annotated[int, Field(ge=240)], Annotated[int, Field(ge=240)]]


class TouchScreen(Table):
    """A kiosk's screen. `size` in pixels is for windows; a full screen takes what is there."""

    size: Size = (1080, 1920)
    inches: Annotated[float, Field(ge=3, le=60)] = 21.5
    fullscreen: bool = True
    idle_s: Annotated[int, Field(ge=10, le=120)] = 30
    theme: Literal["light", "contrast"] = "light"


class Printer(Table):
    """Where the slips come out: `tcp://host:9100`, `serial:///dev/ttyUSB0?baud=19200` or `usb:///dev/usb/lp0`."""

    address: PrinterAddress
    paper_mm: Literal[58, 80] = 80
    answers: Literal["auto", "yes", "no"] = "auto"


class ServiceButton(Table):
    """A push button that takes a ticket for one service: pin and ground."""

    pin: GpioPin
    service: Id


class KioskSelf(Table):
    """Which kiosk this is, and where its centre is."""

    id: Id
    server: ServerAddress = ""
    centre: str = ""
    pins: PinFactory = "auto"


class KioskDevice(Table):
    """A kiosk's file."""

    kiosk: KioskSelf
    screen: TouchScreen | None = None
    printer: Printer
    buttons: Annotated[tuple[ServiceButton, ...], Field(alias="button", max_length=8)] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> "KioskDevice":
        wrongs = [
            *_shared_pins({f"button[{place}].pin": one.pin for place, one in enumerate(self.buttons, 1)})
        ]
        if not self.screen and not self.buttons:
            wrongs.append(
                WrongKey("screen", "is missing, and there is no button.", "Add [screen] or a [[button]].")
            )
        if wrongs:
            raise WrongKeys(wrongs)
        return self


class CounterSelf(Table):
    """Which counter this box stands at."""

    id: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?$")]
    server: ServerAddress = ""
    pins: PinFactory = "auto"


class SevenSegment(Table):
    """A seven-segment display: eight segment pins (a b c d e f g and the point) and one pin a digit, the left one first."""

    segments: Annotated[tuple[GpioPin, ...], Field(min_length=8, max_length=8)]
    digits: Annotated[tuple[GpioPin, ...], Field(min_length=3, max_length=4)]


class Box(Table):
    """The pins of a counter box (BCM numbers): four buttons to ground, one lamp."""

    next: GpioPin = 17
    recall: GpioPin = 27
    no_show: GpioPin = 22
    pause: Annotated[GpioPin, Field(alias="break")] = 23
    lamp: GpioPin = 24
    display: SevenSegment | None = None


class NumberPad(Table):
    """A USB number pad instead of a box, by its event device."""

    device: Annotated[str, StringConstraints(pattern=r"^/")]


class CounterDevice(Table):
    """A counter box's file."""

    counter: CounterSelf
    box: Box | None = None
    number_pad: NumberPad | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> "CounterDevice":
        wrongs: list[WrongKey] = []
        if not self.box and not self.number_pad:
            wrongs.append(
                WrongKey("box", "is missing, and there is no number pad.", "Add [box] or [number_pad].")
            )
        if self.box:
            pins = {f"box.{key}": getattr(self.box, key) for key in ("next", "recall", "no_show", "lamp")}
            pins["box.break"] = self.box.pause
            if self.box.display:
                pins |= {
                    f"box.display.segments[{n}]": pin for n, pin in enumerate(self.box.display.segments, 1)
                }
                pins |= {f"box.display.digits[{n}]": pin for n, pin in enumerate(self.box.display.digits, 1)}
            wrongs += _shared_pins(pins)
        if wrongs:
            raise WrongKeys(wrongs)
        return self


class BoardScreen(Table):
    """A board's screen; letters are sized from its inches and the farthest seat."""

    size: Size = (1920, 1080)
    inches: Annotated[float, Field(ge=5, le=200)] = 43.0
    farthest_seat_m: Annotated[float, Field(ge=1, le=60)] = 6.0
    fullscreen: bool = True
    theme: Literal["dark", "light"] = "dark"


class Sound(Table):
    """What the hall hears. `clips` is a folder of recordings that take the place of the made voice."""

    chime: bool = True
    voice: tuple[Language, ...] = ("ar", "en")
    clips: str = ""
    volume: Annotated[float, Field(ge=0, le=1)] = 0.8


class BoardSelf(Table):
    """Which board this is."""

    id: Id
    server: ServerAddress = ""


class BoardDevice(Table):
    """A board's file."""

    display: BoardSelf
    screen: BoardScreen = BoardScreen()
    sound: Sound = Sound()


DEVICES: dict[str, type[Table]] = {"kiosk": KioskDevice, "counter": CounterDevice, "display": BoardDevice}


def beside(settings_file: Path, path: str) -> Path:
    """A path of a settings file, taken from where that file is."""
    return (settings_file.parent / path).resolve()


def _shared_pins(pins: dict[str, int]) -> Iterator[WrongKey]:
    seen: dict[int, str] = {}
    for key, pin in pins.items():
        if pin in seen:
            yield WrongKey(key, f"is pin {pin}, which is {seen[pin]} already.", "Give each its own pin.")
        seen.setdefault(pin, key)
