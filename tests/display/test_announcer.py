import logging
import shutil
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from dawr.settings.devices import Sound
from display.announcer import Announcer, Said
from display.chime import PEAK, RATE, chime
from display.voice import clips_of
from tests.peer import until

LOUD = Sound(volume=1.0)


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where SDL writes what would be heard, some forty times faster than it would be."""
    file = tmp_path / "tape.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(file))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "1")
    return file


@contextmanager
def running(settings: Sound, made: Path, recordings: Path | None = None) -> Iterator[Announcer]:
    announcer = Announcer(settings, recordings, made)
    announcer.start()
    try:
        yield announcer
    finally:
        announcer.stop()


def samples_of(folder: Path, number: str, counter: str, settings: Sound = LOUD) -> list[bytes]:
    """The clips of a call as they are on the disk."""
    clips = [clip for sentence in clips_of(number, counter, settings.voice) for clip in sentence]
    samples = []
    for clip in clips:
        with wave.open(str(folder / f"{clip}.wav")) as sound:
            samples.append(sound.readframes(sound.getnframes()))
    return samples


def places_of(tape: Path, sounds: list[bytes]) -> list[int]:
    """Where each sound begins on the tape, each looked for after the one before it has ended."""
    heard, after = tape.read_bytes(), 0
    places: list[int] = []
    for sound in sounds:
        place = heard.find(sound, after)
        assert place >= 0, f"sound {len(places) + 1} of {len(sounds)} is not on the tape"
        places.append(place)
        after = place + len(sound)
    return places


def test_a_call_is_a_chime_then_arabic_then_english(tape: Path, made_clips: Path) -> None:
    with running(LOUD, made_clips) as announcer:
        announcer.announce("A117", "4")
        until(lambda: tape.read_bytes().rstrip(b"\0").endswith(samples_of(made_clips, "A117", "4")[-1].rstrip(b"\0")))
    places_of(tape, [chime(), *samples_of(made_clips, "A117", "4")])
    assert list(announcer.said) == [Said("A117", "4", "voice")]


def test_announcements_follow_each_other_and_never_overlap(tape: Path, made_clips: Path) -> None:
    calls = [("A117", "4"), ("C042", "12"), ("A117", "4")]
    with running(LOUD, made_clips) as announcer:
        for call in calls:
            announcer.announce(*call)
        until(lambda: len(announcer.said) == 3)
        until(lambda: tape.read_bytes().count(chime()) == 3)
        last = samples_of(made_clips, *calls[-1])[-1]
        until(lambda: tape.read_bytes().rfind(last) > tape.read_bytes().rfind(chime()))
    places = places_of(tape, [sound for call in calls for sound in (chime(), *samples_of(made_clips, *call))])
    assert all(earlier < later for earlier, later in pairwise(places))


@pytest.mark.parametrize(("waiting", "spoken"), [(3, 3), (4, 3), (8, 3)])
def test_with_more_than_three_waiting_the_older_ones_share_a_chime(
    tape: Path, made_clips: Path, waiting: int, spoken: int
) -> None:
    announcer = Announcer(LOUD, None, made_clips)
    announcer.mute = False
    for counter in range(1, waiting + 1):
        announcer.announce(f"A00{counter}", str(counter))
    announcer.start()
    try:
        until(lambda: len(announcer.said) == waiting)
        until(lambda: tape.read_bytes().count(chime()) == spoken + (waiting > spoken))
    finally:
        announcer.stop()
    assert [said.how for said in announcer.said] == ["chime"] * (waiting - spoken) + ["voice"] * spoken


def test_the_chime_can_be_switched_off(tape: Path, made_clips: Path) -> None:
    quiet = Sound(chime=False, voice=("en",), volume=1.0)
    with running(quiet, made_clips) as announcer:
        announcer.announce("A117", "4")
        last = samples_of(made_clips, "A117", "4", quiet)[-1]
        until(lambda: last in tape.read_bytes())
    assert chime() not in tape.read_bytes()
    places_of(tape, samples_of(made_clips, "A117", "4", quiet))


def test_a_recording_is_heard_instead_of_the_made_clip(tape: Path, made_clips: Path, tmp_path: Path) -> None:
    recorded = array("h", (9000 if step % 40 < 20 else -9000 for step in range(RATE // 5))).tobytes()
    (tmp_path / "en").mkdir()
    with wave.open(str(tmp_path / "en" / "number-4.wav"), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(recorded)
    with running(Sound(voice=("en",), volume=1.0), made_clips, tmp_path) as announcer:
        announcer.announce("A117", "4")
        until(lambda: recorded in tape.read_bytes())
    assert samples_of(made_clips, "A117", "4")[-1] not in tape.read_bytes()


def test_half_a_number_is_never_said(
    tape: Path, made_clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clips = shutil.copytree(made_clips, tmp_path / "clips")
    for language in ("ar", "en"):
        (clips / language / "number-100.wav").unlink()
    with running(LOUD, clips) as announcer:
        announcer.announce("A117", "4")
        announcer.announce("A118", "4")
        until(lambda: len(announcer.said) == 2)
    assert [said.how for said in announcer.said] == ["chime", "chime"]
    assert caplog.text.count("ar/number-100") == 1


def test_without_a_sound_card_the_board_is_mute_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "alsa")
    monkeypatch.setenv("AUDIODEV", "no-such-card")
    with caplog.at_level(logging.WARNING), running(LOUD, tmp_path) as announcer:
        announcer.announce("A117", "4")
        announcer.announce("A118", "4")
        assert announcer.mute
    assert len(caplog.records) == 1
    assert "no sound" in caplog.text


def test_stopping_does_not_wait_for_the_end_of_a_sentence(monkeypatch: pytest.MonkeyPatch, made_clips: Path) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    with running(LOUD, made_clips) as announcer:
        for _ in range(3):
            announcer.announce("A117", "4")
        until(lambda: announcer.said)
    assert len(announcer.said) == 1


def test_the_chime_is_gentle() -> None:
    samples = array("h", chime())
    assert 1.5 < len(samples) / RATE < 2.5
    assert max(map(abs, samples)) <= PEAK * 32767
    # It neither begins nor ends with a click.
    assert abs(samples[0]) < 50 and max(map(abs, samples[-20:])) < 50
    halves = [sum(map(abs, part)) for part in (samples[: len(samples) // 2], samples[len(samples) // 2 :])]
    assert halves[0] > 2 * halves[1]
