"""Saying the calls aloud, one after another: chime, then voice. Without a sound card the board is for the eyes only."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pygame

from dawr.settings.devices import Sound
from display.chime import CHANNELS, RATE, chime, silence
from display.clips import MADE, clip_file
from display.voice import clips_of

# With more than this many calls to be said, the voice would lag behind the board: the older ones share a chime.
MOST_WAITING = 3
GAP_S, LANGUAGE_GAP_S, AFTER_S = 0.05, 0.35, 0.3
BUFFER = 1024
KEPT_SAID = 8
# A sound card that was pulled out never says that it has finished.
OVERDUE_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """A call that was announced, and how."""

    number: str
    counter: str
    how: Literal["voice", "chime"]


class Announcer:
    """The board's voice. `announce` returns at once; what it was given is said on one thread and never overlaps."""

    def __init__(self, settings: Sound, recordings: Path | None = None, made: Path = MADE) -> None:
        self.settings, self.recordings, self.made = settings, recordings, made
        self.mute = True
        self.said: deque[Said] = deque(maxlen=KEPT_SAID)
        self._waiting: deque[tuple[str, str]] = deque()
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._missing: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        """Open the sound card and begin; without one it stays mute, which is logged once."""
        try:
            pygame.mixer.init(RATE, -16, CHANNELS, BUFFER, allowedchanges=0)
        except pygame.error as problem:
            _log.warning("no sound, the board only shows the calls: %s", problem)
            return
        self.mute = False
        self._thread.start()

    def stop(self) -> None:
        """Fall silent, in the middle of a word if need be, and close the sound card."""
        if self.mute:
            return
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join()
        self.mute = True
        pygame.mixer.quit()

    def announce(self, number: str, counter: str) -> None:
        """Say this call when those before it have been said."""
        if self.mute:
            return
        with self._changed:
            self._waiting.append((number, counter))
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            crowd, call = self._next()
            if not crowd and not call:
                return
            speech = self._speech(*call) if call else b""
            self.said.extend(Said(*one, "chime") for one in crowd)
            if call:
                self.said.append(Said(*call, "voice" if speech else "chime"))
            self._play((_chime() if self.settings.chime else b"") + speech)

    def _next(self) -> tuple[list[tuple[str, str]], tuple[str, str] | None]:
        """When too many wait, those that share a chime; else none and the next call; neither at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped.is_set())
            if self._stopped.is_set():
                return [], None
            crowd = [self._waiting.popleft() for _ in range(len(self._waiting) - MOST_WAITING)]
            return crowd, None if crowd else self._waiting.popleft()

    def _speech(self, number: str, counter: str) -> bytes:
        sentences = (self._joined(clips) for clips in clips_of(number, counter, self.settings.voice))
        return silence(LANGUAGE_GAP_S).join(sentence for sentence in sentences if sentence)

    def _joined(self, clips: Sequence[str]) -> bytes:
        """The clips as one sound; nothing when one is missing, since half a number is a wrong number."""
        files = [clip_file(clip, self.recordings, self.made) for clip in clips]
        missing = {clip for clip, file in zip(clips, files, strict=True) if file is None} - self._missing
        if missing:
            self._missing |= missing
            _log.warning("not spoken, because there is no clip %s", ", ".join(sorted(missing)))
        if None in files:
            return b""
        return silence(GAP_S).join(_samples(file) for file in files if file)

    def _play(self, samples: bytes) -> None:
        if not samples:
            return
        sound = pygame.mixer.Sound(buffer=samples + silence(AFTER_S))
        sound.set_volume(self.settings.volume)
        sound.play()
        ends_in_s = sound.get_length() + OVERDUE_S
        while pygame.mixer.get_busy() and ends_in_s > 0 and not self._stopped.wait(0.02):
            ends_in_s -= 0.02
        sound.stop()


@lru_cache(1)
def _chime() -> bytes:
    return chime()


@lru_cache(256)
def _samples(file: Path) -> bytes:
    """A clip in the sound card's form, whatever form it was recorded in."""
    return pygame.mixer.Sound(file).get_raw()
