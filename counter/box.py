"""The button box on a counter: four buttons to ground, a lamp, and perhaps a seven-segment display, on pins."""

from collections.abc import Callable

from gpiozero import LED, LEDCharDisplay, LEDMultiCharDisplay
from gpiozero import Button as PushButton

from counter.panel import Button
from dawr.pins import tap
from dawr.settings.devices import Box, SevenSegment


class ButtonBox:
    """The box on the pins that this process has opened. `wire` gives what takes the edges of a button."""

    def __init__(self, settings: Box, wire: Callable[[Button, bool], Callable[[bool], None]]) -> None:
        self._numbers = {
            Button.NEXT: settings.next,
            Button.RECALL: settings.recall,
            Button.NO_SHOW: settings.no_show,
            Button.BREAK: settings.pause,
        }
        self._lamp = LED(settings.lamp)
        self._display = SegmentDisplay(settings.display) if settings.display else None
        self._buttons = [_wired(PushButton(pin), wire, name) for name, pin in self._numbers.items()]

    def light(self, on: bool) -> None:
        """Switch the lamp."""
        self._lamp.value = on

    def show(self, digits: str) -> None:
        """Show the digits of a number, if there is a display."""
        if self._display:
            self._display.show(digits)

    def tap(self, button: str) -> None:
        """Press a button of a box with mock pins for a moment. KeyError if it has no such button, or real pins."""
        tap(self._numbers[_named(button)])

    def close(self) -> None:
        """Give the pins back."""
        for device in (*self._buttons, self._lamp, *([self._display] if self._display else [])):
            device.close()


class SegmentDisplay:
    """Three or four digits, common cathode, multiplexed: segments on pins, each digit's cathode by a transistor."""

    def __init__(self, settings: SevenSegment) -> None:
        *segments, point = settings.segments
        self._count = len(settings.digits)
        self._display = LEDMultiCharDisplay(LEDCharDisplay(*segments, dp=point), *settings.digits)

    def show(self, digits: str) -> None:
        """Show them, to the right."""
        self._display.value = fitted(digits, self._count)

    def close(self) -> None:
        """Go dark and give the pins back."""
        self._display.close()


def fitted(digits: str, places: int) -> tuple[str, ...]:
    """What each place of a display shows. A number too long for it loses its front; a point after its first says so."""
    shown = tuple(digits[-places:].rjust(places))
    return (f"{shown[0]}.", *shown[1:]) if len(digits) > places else shown


def _wired(push: PushButton, wire: Callable[[Button, bool], Callable[[bool], None]], name: Button) -> PushButton:
    feel = wire(name, push.is_pressed)

    # gpiozero counts a callback's parameters, and hands the device over to those that take one.
    def pressed() -> None:
        feel(True)

    def released() -> None:
        feel(False)

    push.when_pressed, push.when_released = pressed, released
    return push


def _named(button: str) -> Button:
    try:
        return Button(button)
    except ValueError:
        raise KeyError(button) from None
