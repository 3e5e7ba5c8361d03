"""A short soak of the real hall; and the judge would notice if something grew, leaked or got lost."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.soak.day import Plan
from lab.soak.hall import Size
from lab.soak.judge import Life, Sample, chatter, life, rises
from lab.soak.people import Answered
from lab.soak.processes import measured
from lab.soak.promises import broken_words, not_called
from lab.soak.soaking import soak

MB = 1_000_000
SEED = 7
"""With it the server is killed as well."""
STEADY = Sample(tickets=0, rss_bytes=100 * MB, descriptors=20, threads=5)


@pytest.mark.timeout(400)
def test_a_short_day_with_killed_processes_loses_nothing_and_leaks_nothing(tmp_path: Path) -> None:
    soaked = soak(tmp_path, Size(counters=4, kiosks=2, screens=8), Plan(tickets=150, kills=6, seed=SEED, moments=8))
    assert soaked.day.restarted_s, "the server was not killed"
    assert soaked.answers
    # Caches that are bounded are not full yet after so few tickets; the whole day is judged for growth as well.
    assert [one for one in soaked.wrong if " grew by " not in one] == []


# --- The judge -------------------------------------------------------------------------------------------------------


def day(**step: int) -> list[Sample]:
    """Samples of a whole day in which something goes up by a step at each."""
    return [
        replace(STEADY, tickets=250 * place, **{name: getattr(STEADY, name) + place * up for name, up in step.items()})
        for place in range(1, 21)
    ]


def judged(samples: list[Sample], **more: Any) -> Life:
    verdict = life("server", samples, warm_up=1000, **more)
    assert verdict
    return verdict


def test_a_steady_process_is_in_order() -> None:
    verdict = judged(day())
    assert (verdict.growth, list(verdict.wrongs())) == (0, [])
    assert (verdict.warm.tickets, verdict.end.tickets) == (1250, 5000)


def test_what_grows_before_it_is_warm_is_no_growth() -> None:
    cold = [replace(one, rss_bytes=one.rss_bytes // 2) for one in day()[:4]]
    assert list(judged([*cold, *day()[4:]]).wrongs()) == []


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ({"rss_bytes": MB // 2}, "server grew by 7.3%"),
        ({"descriptors": 1}, "server leaks descriptors: 25 became 40"),
        ({"threads": 1}, "server leaks threads: 10 became 25"),
        ({"wal_bytes": MB}, "server has a WAL of 20000000 bytes"),
    ],
)
def test_what_grows_all_day_is_found(step: dict[str, int], wrong: str) -> None:
    assert list(judged(day(**step)).wrongs()) == [wrong]


def test_what_has_to_be_kept_of_each_ticket_is_no_growth() -> None:
    growing = day(rss_bytes=MB // 2)
    assert list(judged(growing, bytes_a_ticket=MB / 500).wrongs()) == []
    assert list(judged(growing, bytes_a_ticket=MB / 5000).wrongs())


def test_a_life_too_short_to_grow_warm_is_not_judged() -> None:
    assert life("server", day()[:6], warm_up=1000) is None


@pytest.mark.parametrize(
    ("counts", "leak"), [([8, 8, 8, 8], False), ([8, 9, 8, 9], False), ([9, 8, 9, 9], False), ([8, 9, 10, 11], True)]
)
def test_what_goes_up_and_down_is_no_leak(counts: list[int], leak: bool) -> None:
    assert rises(counts) is leak


def test_a_log_that_runs_on_is_found() -> None:
    assert list(chatter("box-1", 450, tickets=200, starts=2, lines_a_ticket=2)) == []
    assert list(chatter("box-1", 451, tickets=200, starts=2, lines_a_ticket=2))
    assert list(chatter("server", 900, tickets=5000, starts=9, lines_a_ticket=0))


# --- A process that really leaks -------------------------------------------------------------------------------------

LEAKING = """
import sys, threading
kept = []
for line in sys.stdin:
    kept += [bytearray(2_000_000), open("/dev/null")]
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("leaked", flush=True)
"""


@pytest.fixture
def leaking() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", LEAKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_real_process_that_leaks_is_caught(leaking: "subprocess.Popen[str]", tmp_path: Path) -> None:
    assert leaking.stdin and leaking.stdout
    samples = []
    for tickets in range(1, 11):
        leaking.stdin.write("go on\n")
        leaking.stdin.flush()
        leaking.stdout.readline()
        samples.append(measured(leaking.pid, tickets, tmp_path))
    verdict = life("leaking", samples, warm_up=2)
    assert verdict
    assert [wrong.partition(":")[0].partition(" by ")[0] for wrong in verdict.wrongs()] == [
        "leaking grew",
        "leaking leaks descriptors",
        "leaking leaks threads",
    ]


# --- The promises ----------------------------------------------------------------------------------------------------

ISSUED: dict[str, Any] = {"name": "TicketIssued", "command": "h", "event": {"ticket": "t1", "number": "A001"}}
CALLED: dict[str, Any] = {"name": "TicketCalled", "command": "c1", "event": {"ticket": "t1", "counter": "4"}}
ANSWER = Answered(command="c1", counter="4", ticket="t1", asked_s=0.0, seconds=0.1)


def test_a_ticket_that_nobody_called_is_found() -> None:
    assert list(not_called([ISSUED, CALLED])) == []
    assert list(not_called([ISSUED])) == ["A001 was never called"]


@pytest.mark.parametrize("change", [{"command": "c2"}, {"counter": "5"}, {"ticket": "t2"}])
def test_an_answer_that_the_log_does_not_know_is_found(change: dict[str, str]) -> None:
    assert list(broken_words([ANSWER], [ISSUED, CALLED])) == []
    assert len(list(broken_words([replace(ANSWER, **change)], [ISSUED, CALLED]))) == 1
