"""What a thermal printer makes of the bytes it is given: dots on paper, or a mistake where it would not understand.

Pure: commands in, slips out. Where the bytes come from, and a printer's bad days, belong to `kiosk.virtual_printer`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

_DEFAULT_LINE_DOTS = 30
_REAL_TIME_QUESTION = re.compile(rb"\x10\x04[\x01-\x04]")
_QUESTION = re.compile(rb"\x10\x04[\x01-\x04]|\x1dr[\x01\x02]|\x1d\(H\x06\x00\x30\x30[\x20-\x7e]{4}")


@dataclass(frozen=True, slots=True)
class Slip:
    """A piece of paper that was cut off: mode `1`, 0 where there is ink.

    `mistakes`: what the bytes had that a printer would not understand, or would print as rubbish. `torn`: it is the
    rest of a job that stopped halfway.
    """

    picture: Image.Image
    mistakes: tuple[str, ...] = ()
    torn: bool = False


def command_length(data: bytes | bytearray) -> int | None:
    """How many bytes the first command takes; 0 when there is none that begins so, None when more must come to tell."""
    for opening, length in _LENGTHS.items():
        if data.startswith(opening):
            return length(data)
        if opening.startswith(data):
            return None
    return 0


def _raster_length(data: bytes | bytearray) -> int | None:
    if len(data) < 8:
        return None
    return 8 + int.from_bytes(data[4:6], "little") * int.from_bytes(data[6:8], "little")


def _cut_length(data: bytes | bytearray) -> int | None:
    if len(data) < 3:
        return None
    return 3 if data[2] in (0, 1, 48, 49) else 4 if data[2] in (65, 66) else 0


def _parameters_length(data: bytes | bytearray) -> int | None:
    return None if len(data) < 5 else 5 + int.from_bytes(data[3:5], "little")


def _fixed(length: int) -> Callable[[bytes | bytearray], int | None]:
    return lambda _: length


_LENGTHS: dict[bytes, Callable[[bytes | bytearray], int | None]] = {
    b"\x00": _fixed(1),  # fills up a picture that stopped halfway
    b"\n": _fixed(1),  # LF
    b"\x10\x04": _fixed(3),  # DLE EOT: answered on arrival
    b"\x1b@": _fixed(2),  # ESC @: reset
    b"\x1b2": _fixed(2),  # ESC 2: usual line height
    b"\x1b3": _fixed(3),  # ESC 3: line height in dots
    b"\x1bJ": _fixed(3),  # ESC J: feed dots
    b"\x1bd": _fixed(3),  # ESC d: feed lines
    b"\x1dr": _fixed(3),  # GS r: answer in turn
    b"\x1d(H": _parameters_length,  # GS ( H: answer when printed
    b"\x1dV": _cut_length,  # GS V: cut
    b"\x1dv0": _raster_length,  # GS v 0: picture
}


class Paper:
    """The roll of one printer. Without a cutter a person tears the slip off after each feed of lines (ESC d)."""

    def __init__(self, width_dots: int, *, cutter: bool = True) -> None:
        self.width_dots, self.cutter = width_dots, cutter
        self.mistakes: list[str] = []
        self._since_cut = 0
        self._strips: list[Image.Image] = []
        self._line_dots = _DEFAULT_LINE_DOTS
        self._torn = False
        self._blanks = 0

    def obey(self, command: bytes) -> Slip | None:
        """One whole command, as measured by `command_length`; the slip if this cut one off."""
        self._count_blanks(command)
        match command[:1], command[1:2]:
            case b"\n", _:
                self._feed(self._line_dots)
            case b"\x1b", b"@":
                self._line_dots = _DEFAULT_LINE_DOTS
                self._torn = bool(self._strips)
            case b"\x1b", b"2":
                self._line_dots = _DEFAULT_LINE_DOTS
            case b"\x1b", b"3":
                self._line_dots = command[2]
            case b"\x1b", b"J":
                self._feed(command[2])
            case b"\x1b", b"d":
                return self._feed_lines(command[2])
            case b"\x1d", b"v":
                self._print(command)
            case b"\x1d", b"V":
                return self._cut()
            case (b"\x10", _) | (b"\x1d", b"r" | b"(") if not _QUESTION.fullmatch(command):
                self.mistake(f"unknown question {command.hex()}")
        return None

    def stray(self, byte: int) -> None:
        """A byte that begins no command: a printer would print it as a character or lose its way."""
        self.mistake(f"stray byte {byte:02x}")

    def mistake(self, what: str) -> None:
        """Note what a real printer might have choked on; it marks the slip in the making."""
        self.mistakes.append(what)

    def _count_blanks(self, command: bytes) -> None:
        if command == b"\x00":
            self._blanks += 1
        elif self._blanks:
            if command != b"\x1b@":
                self.mistake(f"{self._blanks} zero bytes that fill up nothing")
            self._blanks = 0

    def _feed(self, dots: int) -> None:
        self._strips.append(Image.new("1", (self.width_dots, dots), 1))

    def _feed_lines(self, lines: int) -> Slip | None:
        if not self.cutter:
            return self._cut()
        self._feed(lines * self._line_dots)
        return None

    def _print(self, command: bytes) -> None:
        mode, data = command[3], command[8:]
        width, height = 8 * int.from_bytes(command[4:6], "little"), int.from_bytes(command[6:8], "little")
        if mode != 0:
            self.mistake(f"picture of mode {mode}")
        if width > self.width_dots:
            self.mistake(f"picture of {width} dots on paper of {self.width_dots}")
        if _REAL_TIME_QUESTION.search(data):
            self.mistake("real-time command within a picture")
        strip = Image.new("1", (self.width_dots, height), 1)
        strip.paste(Image.frombytes("1", (width, height), bytes(byte ^ 0xFF for byte in data)))
        self._strips.append(strip)

    def _cut(self) -> Slip | None:
        picture = Image.new("1", (self.width_dots, sum(strip.height for strip in self._strips)), 1)
        top = 0
        for strip in self._strips:
            picture.paste(strip, (0, top))
            top += strip.height
        slip = Slip(picture, tuple(self.mistakes[self._since_cut :]), self._torn)
        self._strips, self._torn, self._since_cut = [], False, len(self.mistakes)
        return slip if picture.tobytes().strip(b"\xff") else None
