"""The pins (GPIO) of a device: those of this machine, or mock pins where the settings ask for them by name."""

import time
import warnings
from collections import deque
from typing import Any, Literal

from gpiozero import BadPinFactory, Device
from gpiozero.pins.mock import MockFactory, MockPin

from dawr.errors import PinsMissing

TAP_S = 0.12
APART_S = 0.08  # a contact that closes again sooner has only bounced
_KEPT_STATES = 50


class MockPinForLong(MockPin):  # type: ignore[misc]  # gpiozero ships no types
    """A mock pin for a process that runs for days: gpiozero's own remembers every state that it ever had."""

    states: deque[Any]

    def clear_states(self) -> None:
        """Forget all states but this one, and from now on all but the last few."""
        super().clear_states()
        self.states = deque(self.states, maxlen=_KEPT_STATES)


def open_pins(kind: Literal["auto", "mock"]) -> None:
    """Choose this process' pins, before its first button or lamp. `PinsMissing` if this machine has none that work."""
    if kind == "mock":
        Device.pin_factory = MockFactory(pin_class=MockPinForLong)
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # one for each library it tries
            Device.ensure_pin_factory()
    except (BadPinFactory, OSError, ImportError) as problem:
        raise PinsMissing(f"this machine has no pins (GPIO) that can be used: {problem}") from None


def tap(pin: int) -> None:
    """Press and let go the button between a mock pin and ground, as a finger does. KeyError for a real pin."""
    if not isinstance(Device.pin_factory, MockFactory):
        raise KeyError(pin)
    mock = Device.pin_factory.pin(pin)
    mock.drive_low()
    time.sleep(TAP_S)
    mock.drive_high()
    time.sleep(APART_S)
