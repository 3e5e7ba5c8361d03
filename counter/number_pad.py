"""A USB number pad in place of a button box: its keys are the buttons, its Num Lock light is the lamp.

It is read straight from the kernel's event device, so it needs no desktop and its keys type nowhere else.
"""

import errno
import fcntl
import logging
import os
import select
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from counter.panel import Button

# struct input_event of a 64-bit kernel: seconds, microseconds, type, code, value (linux/input.h).
EVENT = struct.Struct("@qqHHi")
EV_SYN, EV_KEY, EV_LED = 0x00, 0x01, 0x11
LED_NUM_LOCK = 0
KEY_UP, KEY_DOWN = 0, 1  # 2 is the keyboard's own repetition
EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)

# Codes of linux/input-event-codes.h. They do not depend on Num Lock.
KEYS = {
    96: Button.NEXT,  # Enter of the pad
    28: Button.NEXT,  # Enter
    78: Button.NEXT,  # +
    82: Button.RECALL,  # 0
    83: Button.RECALL,  # .
    74: Button.NO_SHOW,  # -
    55: Button.BREAK,  # *
    14: Button.UNDO,  # Backspace
}

LOOK_AGAIN_S = 0.5
STOP_S = 3.0

_log = logging.getLogger(__name__)


class NumberPad:
    """A number pad by its event device; pulled out and put back, it goes on.

    `wire` is asked once for each key for what takes its edges: True down, False up. They come on the pad's own thread.
    """

    def __init__(self, device: Path, wire: Callable[[Button], Callable[[bool], None]]) -> None:
        self._device = device
        self._feel = {code: wire(button) for code, button in KEYS.items()}
        self._lit = False
        self._file: int | None = None
        self._lock = threading.Lock()
        self._stop_reading, self._stop_writing = os.pipe()
        self._thread = threading.Thread(target=self._run, name="number pad", daemon=True)
        self._said = ""

    def start(self) -> None:
        """Begin to read; without a pad it waits for one."""
        self._thread.start()

    def stop(self) -> None:
        """Let the pad go."""
        os.close(self._stop_writing)
        self._thread.join(STOP_S)
        os.close(self._stop_reading)

    def light(self, on: bool) -> None:
        """Switch the Num Lock light, now or when there is a pad again."""
        with self._lock:
            self._lit = on
            self._write_light()

    def tap(self, button: str) -> None:
        """Press and let go the first key of a button, as if at the pad. KeyError if no key is that button."""
        feel = next((self._feel[code] for code, name in KEYS.items() if name == button), None)
        if feel is None:
            raise KeyError(button)
        feel(True)
        feel(False)

    def _run(self) -> None:
        while True:
            try:
                self._open()
            except OSError as problem:
                self._say(f"no number pad at {self._device}: {problem.strerror}")
            else:
                self._say(f"the number pad at {self._device} is in use")
                self._read()
                self._close()
            # The other end of the pipe closes when it is time to stop.
            if select.select([self._stop_reading], [], [], LOOK_AGAIN_S)[0]:
                return

    def _open(self) -> None:
        file = os.open(self._device, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            fcntl.ioctl(file, EVIOCGRAB, 1)
        except OSError as problem:
            if problem.errno != errno.ENOTTY:  # that is no event device, so nothing else types from it either
                os.close(file)
                raise
        with self._lock:
            self._file = file
            self._write_light()

    def _close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None
        for feel in self._feel.values():
            feel(False)

    def _read(self) -> None:
        """Hand over the keys until the pad is pulled out, or it is time to stop."""
        assert self._file is not None
        unread = b""
        while True:
            ready, _, _ = select.select([self._file, self._stop_reading], [], [])
            if self._stop_reading in ready:
                return
            try:
                chunk = os.read(self._file, 64 * EVENT.size)
            except BlockingIOError:
                continue
            except OSError:
                chunk = b""
            if not chunk:
                self._say(f"the number pad at {self._device} is gone")
                return
            unread += chunk
            whole = len(unread) // EVENT.size * EVENT.size
            for _seconds, _microseconds, kind, code, value in EVENT.iter_unpack(unread[:whole]):
                if kind == EV_KEY and code in self._feel and value in (KEY_UP, KEY_DOWN):
                    self._feel[code](value == KEY_DOWN)
            unread = unread[whole:]

    def _write_light(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # pulled out just now; the reader finds out
                os.write(
                    self._file,
                    EVENT.pack(0, 0, EV_LED, LED_NUM_LOCK, self._lit) + EVENT.pack(0, 0, EV_SYN, 0, 0),
                )

    def _say(self, what: str) -> None:
        """Log it once, however often it is found so."""
        if what != self._said:
            _log.warning("%s", what)
        self._said = what
