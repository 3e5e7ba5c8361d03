import shutil
import wave
from array import array
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from display.clips import all_clips, clip_file, main, to_make
from display.phrases import LARGEST, Language
from display.voice import clips_of


def test_every_number_and_counter_has_its_clips(made_clips: Path) -> None:
    letters = "ACDEFGHJKLMNPRTUVWXY"
    calls = [(f"{letters[count % 20]}{count:03d}", str(count % 99 + 1)) for count in range(LARGEST + 1)]
    needed = {clip for call in calls for clips in clips_of(*call, get_args(Language)) for clip in clips}
    assert [clip for clip in needed if clip_file(clip, None, made_clips) is None] == []


def test_a_clip_sounds_and_has_no_silence_around_it(made_clips: Path) -> None:
    for clip in all_clips():
        with wave.open(str(made_clips / f"{clip}.wav")) as sound:
            rate, samples = sound.getframerate(), array("h", sound.readframes(sound.getnframes()))
        assert 0.08 < len(samples) / rate < 4, clip
        edge = rate // 25
        assert max(map(abs, samples[:edge])) > 200 and max(map(abs, samples[-edge:])) > 200, clip


def test_what_is_made_is_not_made_again(made_clips: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in made_clips.rglob("*.wav")}
    answer = CliRunner().invoke(main, ["--make", "--out", str(made_clips)])
    assert answer.exit_code == 0
    assert {file: file.stat().st_mtime_ns for file in made_clips.rglob("*.wav")} == before


def test_what_is_missing_or_was_said_otherwise_is_made(made_clips: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made_clips, tmp_path / "clips")
    (folder / "ar" / "number-17.wav").unlink()
    known = (folder / "made.json").read_text("utf-8")
    (folder / "made.json").write_text(known.replace("please go to counter", "go to counter"), "utf-8")
    assert set(to_make(folder)) == {"ar/number-17", "en/go-to-counter"}
    assert CliRunner().invoke(main, ["--make", "--out", str(folder)]).exit_code == 0
    assert to_make(folder) == {}


@pytest.mark.parametrize("kind", [".wav", ".ogg"])
def test_a_recording_of_the_same_name_takes_the_clips_place(made_clips: Path, tmp_path: Path, kind: str) -> None:
    recording = tmp_path / "ar" / f"number-17{kind}"
    recording.parent.mkdir()
    recording.touch()
    assert clip_file("ar/number-17", tmp_path, made_clips) == recording
    assert clip_file("ar/number-18", tmp_path, made_clips) == made_clips / "ar" / "number-18.wav"


def test_without_espeak_ng_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = CliRunner().invoke(main, ["--make", "--out", str(tmp_path / "clips")])
    assert answer.exit_code == 1
    assert "espeak-ng is not installed: apt install espeak-ng" in answer.output
