import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from dawr.slip_image import WIDTH_DOTS, PaperMm
from kiosk.paper import Paper, Slip, command_length
from kiosk.printer import FRAGMENT_ROWS, job
from tests.kiosk.pictures import full_slip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escpos")


def commands(data: bytes) -> list[bytes]:
    found = []
    while data:
        length = command_length(data)
        assert length, f"no whole command at {data[:8].hex()}"
        found.append(data[:length])
        data = data[length:]
    return found


def printed(data: bytes, paper_mm: PaperMm) -> Slip:
    paper = Paper(WIDTH_DOTS[paper_mm])
    slips = [slip for command in commands(data) if (slip := paper.obey(command))]
    assert len(slips) == 1
    return slips[0]


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_a_job_resets_prints_the_picture_dot_for_dot_and_cuts(cache: Path, paper_mm: PaperMm) -> None:
    picture = full_slip(paper_mm)
    data = job(picture, paper_mm, cache)
    assert data.startswith(b"\x1b@") and data.endswith(b"\x1dVB\x00")
    slip = printed(data, paper_mm)
    assert slip.mistakes == ()
    assert slip.picture.tobytes() == picture.tobytes() and slip.picture.size == picture.size


def test_the_picture_goes_in_fragments_that_clones_can_count(cache: Path) -> None:
    pictures = [command for command in commands(job(full_slip(80), 80, cache)) if command.startswith(b"\x1dv0")]
    heights = [int.from_bytes(command[6:8], "little") for command in pictures]
    assert len(heights) > 3 and set(heights[:-1]) == {FRAGMENT_ROWS} and 0 < heights[-1] <= FRAGMENT_ROWS


def test_without_a_cutter_the_paper_is_fed_to_the_tear_bar(cache: Path) -> None:
    data = job(full_slip(58), 58, cache, cutter=False)
    assert commands(data)[-1][:2] == b"\x1bd"
    assert not any(command.startswith(b"\x1dV") for command in commands(data))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), min_size=48, max_size=48 * 6))
def test_no_picture_holds_a_real_time_command(tmp_path_factory: pytest.TempPathFactory, ink: list[int]) -> None:
    rows = len(ink) // 48
    picture = Image.frombytes("1", (384, rows), bytes(byte ^ 0xFF for byte in ink[: 48 * rows]))
    data = job(picture, 58, tmp_path_factory.getbasetemp())
    assert not any(bytes((0x10, second)) in data for second in (0x04, 0x05, 0x14))
    # Dots are only added, never taken away, and at most one for each such command.
    drawn = printed(data, 58).picture if any(ink[: 48 * rows]) else picture
    assert ImageChops.logical_and(drawn, picture).tobytes() == drawn.tobytes()
    assert drawn.histogram()[0] - picture.histogram()[0] <= ink.count(0x10)


@pytest.mark.parametrize("picture", [Image.new("1", (400, 10), 1), Image.new("L", (576, 10), 255)])
def test_a_picture_of_another_width_or_mode_is_refused(cache: Path, picture: Image.Image) -> None:
    with pytest.raises(ValueError, match="576 dots"):
        job(picture, 80, cache)


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


JOB = """
import logging, sys
from pathlib import Path
from PIL import Image
from kiosk.printer import job
print("escpos" in sys.modules)
job(Image.new("1", (576, 8), 1), 80, Path({cache!r}))
print(logging.root.handlers, "escpos" in sys.modules)
"""


def test_escpos_is_loaded_at_the_first_job_only_and_leaves_logging_alone(tmp_path: Path) -> None:
    assert run(JOB.format(cache=str(tmp_path / "private"))).splitlines() == ["False", "[] True"]
    assert (tmp_path / "private").stat().st_mode & 0o077 == 0
    assert list((tmp_path / "private").glob("*.pickle"))


@pytest.mark.parametrize("rest", [0, 1000])
def test_a_cache_that_a_power_cut_truncated_is_made_anew(tmp_path: Path, rest: int) -> None:
    run(JOB.format(cache=str(tmp_path)))
    (pickled,) = tmp_path.glob("*.pickle")
    whole = pickled.read_bytes()
    pickled.write_bytes(whole[:rest])
    assert run(JOB.format(cache=str(tmp_path))).splitlines()[-1] == "[] True"
    assert pickled.read_bytes() == whole
