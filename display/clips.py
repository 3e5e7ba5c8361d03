"""The voice's clips as files: making them with espeak-ng, and finding each one, a recording before a made one.

`python -m display.clips --make` makes what is missing or was said otherwise before. A recording is any file of the
clip's name (`ar/number-17.wav`, `.ogg`) in the folder of recordings.
"""

import json
import shutil
import subprocess
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from dawr.errors import VoiceMissing
from display.phrases import Language, phrases

MADE = Path(__file__).parent.parent / ".build" / "clips"
KINDS = (".wav", ".ogg", ".flac", ".mp3")

# Words a minute, and the voice: slower than speech, for a noisy hall.
SPEED = {"ar": 135, "en": 145}
VOICES = {"ar": "ar", "en": "en-gb"}
LIST = "made.json"
# Quieter than this is the silence that espeak-ng puts around a phrase.
QUIET = 250
KEPT_SILENCE_S = 0.02


def clip_file(clip: str, recordings: Path | None, made: Path = MADE) -> Path | None:
    """The file of a clip such as `ar/number-17`: the recording, else the made one, else None."""
    folders = (recordings, made) if recordings else (made,)
    files = (folder / f"{clip}{kind}" for folder in folders for kind in KINDS)
    return next((file for file in files if file.exists()), None)


def all_clips() -> dict[str, str]:
    """What every clip says, by its name."""
    return {f"{language}/{name}": said for language in get_args(Language) for name, said in phrases(language).items()}


def to_make(folder: Path) -> dict[str, str]:
    """The clips that this folder lacks, or that it has with other words or another voice."""
    made = _list(folder)
    return {
        clip: said
        for clip, said in all_clips().items()
        if made.get(clip) != _recipe(clip, said) or not (folder / f"{clip}.wav").exists()
    }


def make(folder: Path) -> Iterator[str]:
    """Make what the folder lacks, one clip at a time, and name each. `VoiceMissing` without espeak-ng."""
    made = _list(folder)
    for clip, said in to_make(folder).items():
        file = folder / f"{clip}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        _speak(said, clip.partition("/")[0], file)
        made[clip] = _recipe(clip, said)
        (folder / LIST).write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")
        yield clip


def _list(folder: Path) -> dict[str, str]:
    try:
        made: dict[str, str] = json.loads((folder / LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return made


def _recipe(clip: str, said: str) -> str:
    language = clip.partition("/")[0]
    return f"{VOICES[language]} {SPEED[language]} {_for_espeak(said)}"


def _for_espeak(said: str) -> str:
    """At the end of a phrase ة is heard as a breath, which espeak-ng only does for ه: it would say a t."""
    return said.removesuffix("ة") + "ه" if said.endswith("ة") else said


def _speak(said: str, language: str, file: Path) -> None:
    program = shutil.which("espeak-ng")
    if not program:
        raise VoiceMissing("espeak-ng is not installed: apt install espeak-ng")
    draft = file.with_suffix(".part")
    # -z: no pause after the phrase, it goes on with the next clip.
    command = [program, "-v", VOICES[language], "-s", str(SPEED[language]), "-z", "-w", str(draft), _for_espeak(said)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode or not draft.exists():
        raise VoiceMissing(f"espeak-ng could not say {said!r}: {finished.stderr.strip()}")
    _trim(draft)
    draft.replace(file)


def _trim(file: Path) -> None:
    """Take the silence away at both ends: the clips are joined with gaps of our own."""
    with wave.open(str(file), "rb") as sound:
        settings, frames = sound.getparams(), array("h", sound.readframes(sound.getnframes()))
    loud = [place for place, sample in enumerate(frames) if abs(sample) > QUIET] or [0, len(frames)]
    kept = int(settings.framerate * KEPT_SILENCE_S)
    with wave.open(str(file), "wb") as sound:
        sound.setparams(settings)
        sound.writeframes(frames[max(0, loud[0] - kept) : loud[-1] + kept].tobytes())


@click.command()
@click.option("--make", "making", is_flag=True, help="Make the clips that are missing.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=MADE, help="Folder of the made clips.")
def main(making: bool, out: Path) -> None:
    """The clips of the board's voice: what is missing, or with --make, make it with espeak-ng."""
    missing = to_make(out)
    if not making:
        click.echo(f"{len(all_clips())} clips, {len(missing)} of them still to be made in {out}.")
        return
    try:
        with click.progressbar(make(out), length=len(missing), label="Voice of the board") as clips:
            for _ in clips:
                pass
    except VoiceMissing as problem:
        raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    main()
