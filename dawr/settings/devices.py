"""The settings of a device: a kiosk, a counter box or a board. Each file is small: who am I, what is wired where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from dawr.settings.centre import CounterId, Id, Language
from dawr.settings.mistakes import Shape, Table, WrongKey

PinFactory = Literal["auto", "mock"]
GpioPin = Annotated[int, Field(ge=0, le=27)]
ServerAddress = Annotated[str, Shape(r"(https?://[^\s/]+)?", "server_address", '"http://192.168.1.10:8000"')]
PrinterAddress = Annotated[
    str,
    Shape(
        r"tcp://[^\s/]+:\d+|serial:///\S+|usb:///\S+",
        "printer_address",
        '"usb:///dev/usb/lp0", "serial:///dev/ttyUSB0?baud=19200", "tcp://192.168.1.50:9100"',
    ),
]
DeviceFile = Annotated[str, Shape(r"/\S*", "device_file", '"/dev/input/by-id/…-event-kbd"')]
Size = tuple[Annotated[int, Field(ge=240)], Annotated[int, Field(ge=240)]]


class TouchScreen(Table):
    """A kiosk's touch screen; one with push buttons can do without."""

    size: Size = (1080, 1920)
    """Width and height in pixels of a window; a full screen takes what is there."""
    inches: Annotated[float, Field(ge=3, le=60)] = 21.5
    """The diagonal in inches: tiles are made as large as a finger needs."""
    fullscreen: bool = True
    """Whether it covers the whole screen."""
    idle_s: Annotated[int, Field(ge=10, le=120)] = 30
    """Back to the first page after this many seconds without a touch, after a warning."""
    theme: Literal["light", "contrast"] = "light"
    """The colours; `contrast` for a bright hall or for people who see badly."""


class Printer(Table):
    """Where the slips come out."""

    address: PrinterAddress
    """How the printer is reached."""
    paper_mm: Literal[58, 80] = 80
    """Width of the paper in millimetres."""
    answers: Literal["auto", "yes", "no"] = "auto"
    """Whether the printer can say how it is and what it has printed; `auto` finds out and remembers."""
    cutter: bool = True
    """Whether it has a knife; without one the slip is fed out to be torn off."""


class ServiceButton(Table):
    """A push button that takes a ticket for one service."""

    pin: GpioPin
    """The pin (BCM number) that the button connects to ground."""
    service: Id
    """What its ticket is for: the `id` of a `[[service]]` of the centre."""


class KioskSelf(Table):
    """Which kiosk this is, and where its centre is."""

    id: Id
    """The `id` of a `[[kiosk]]` of the centre: it decides which numbers it gives."""
    server: ServerAddress = ""
    """The server's address; empty to find it in the network."""
    centre: str = ""
    """A copy of the centre's file, seen from this one, so that the kiosk can begin without the server."""
    pins: PinFactory = "auto"
    """`mock` for pretended pins on a machine without real ones."""
    browser_only: bool = False
    """Whether it has neither screen nor buttons, because its face is the page `/kiosk` in browsers."""
    slips_a_minute: Annotated[int, Field(ge=1, le=600)] = 20
    """Most slips that it prints within a minute, so that no child empties the roll; more have to wait."""
    reserve: str = ""
    """File that tells how far numbers are used if the journal is lost: best on another partition; else in `--data`."""


class KioskDevice(Table):
    """A kiosk's file."""

    kiosk: KioskSelf
    screen: TouchScreen | None = None
    printer: Printer
    buttons: Annotated[tuple[ServiceButton, ...], Field(alias="button", max_length=8)] = ()

    def wrongs(self) -> Iterator[WrongKey]:
        """Shared pins, and a kiosk that nobody could use."""
        yield from _shared_pins({f"button[{place}].pin": one.pin for place, one in enumerate(self.buttons, 1)})
        has_face = bool(self.screen or self.buttons)
        if not has_face and not self.kiosk.browser_only:
            yield WrongKey("screen", "nothing_to_touch")
        if has_face and self.kiosk.browser_only:
            yield WrongKey("kiosk.browser_only", "not_browser_only")


class CounterSelf(Table):
    """Which counter this box stands at."""

    id: CounterId
    """The `id` of a `[[counter]]` of the centre."""
    server: ServerAddress = ""
    """The server's address; empty to find it in the network."""
    pins: PinFactory = "auto"
    """`mock` for pretended pins on a machine without real ones."""


class SevenSegment(Table):
    """A seven-segment display in a counter box, which shows the number being served."""

    segments: Annotated[tuple[GpioPin, ...], Field(min_length=8, max_length=8)]
    """Eight pins (BCM numbers): segments a b c d e f g and the point."""
    digits: Annotated[tuple[GpioPin, ...], Field(min_length=3, max_length=4)]
    """One pin a digit, the left one first."""


class Box(Table):
    """The pins (BCM numbers) of a box with four buttons to ground and a lamp. `[box]` alone takes the usual ones."""

    next: GpioPin = 17
    """Calls the next visitor."""
    recall: GpioPin = 27
    """Calls the same visitor again."""
    no_show: GpioPin = 22
    """Says that the visitor did not come."""
    pause: Annotated[GpioPin, Field(alias="break")] = 23
    """Begins and ends a break."""
    lamp: GpioPin = 24
    """Shows whether the press was taken."""
    display: SevenSegment | None = None
    """Its display, if it has one."""


class NumberPad(Table):
    """A USB number pad instead of a box."""

    device: DeviceFile
    """Its event device; the names under `/dev/input/by-id` stay the same."""


class CounterDevice(Table):
    """A counter box's file: `[box]`, `[number_pad]` or both."""

    counter: CounterSelf
    box: Box | None = None
    number_pad: NumberPad | None = None

    def wrongs(self) -> Iterator[WrongKey]:
        """Shared pins, and a counter without anything to press."""
        if not self.box and not self.number_pad:
            yield WrongKey("box", "nothing_to_press")
        if self.box:
            yield from _shared_pins(_pins(self.box))


class BoardScreen(Table):
    """A board's screen; letters are sized from its inches and the farthest seat."""

    size: Size = (1920, 1080)
    """Width and height in pixels of a window; a full screen takes what is there."""
    inches: Annotated[float, Field(ge=5, le=200)] = 43.0
    """The diagonal in inches."""
    farthest_seat_m: Annotated[float, Field(ge=1, le=60)] = 4.0
    """Metres from the screen to the farthest seat."""
    fullscreen: bool = True
    """Whether it covers the whole screen."""
    theme: Literal["dark", "light"] = "dark"
    """The colours; `light` for a hall in full sun."""


class Sound(Table):
    """What the hall hears."""

    chime: bool = True
    """Whether a chime goes before each call."""
    voice: tuple[Language, ...] = ("ar", "en")
    """The languages in which a call is spoken, in this order; `[]` for none."""
    clips: str = ""
    """A folder of recordings that take the place of the made voice; empty for none."""
    volume: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Loudness from 0 to 1."""


class BoardSelf(Table):
    """Which board this is."""

    id: Id
    """Its name, different from that of every other board."""
    server: ServerAddress = ""
    """The server's address; empty to find it in the network."""


class BoardDevice(Table):
    """A board's file."""

    display: BoardSelf
    screen: BoardScreen = BoardScreen()
    sound: Sound = Sound()


DEVICES: dict[str, type[Table]] = {"kiosk": KioskDevice, "counter": CounterDevice, "display": BoardDevice}


def beside(settings_file: Path, path: str) -> Path:
    """A path of a settings file, taken from where that file is."""
    return (settings_file.parent / path).resolve()


def _pins(box: Box) -> dict[str, int]:
    """Every pin of a box by its key."""
    pins = {f"box.{key}": getattr(box, key) for key in ("next", "recall", "no_show", "lamp")}
    pins["box.break"] = box.pause
    if box.display:
        pins |= {f"box.display.segments[{n}]": pin for n, pin in enumerate(box.display.segments, 1)}
        pins |= {f"box.display.digits[{n}]": pin for n, pin in enumerate(box.display.digits, 1)}
    return pins


def _shared_pins(pins: dict[str, int]) -> Iterator[WrongKey]:
    seen: dict[int, str] = {}
    for key, pin in pins.items():
        if pin in seen:
            yield WrongKey(key, "pin_twice", pin=pin, other=seen[pin])
        seen.setdefault(pin, key)
