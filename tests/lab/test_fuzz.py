"""A little of the fuzz with each run of the tests; `python -m lab.fuzz` has ten thousand of each."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lab.fuzz import http, live
from lab.fuzz.target import Report, Target, target


@pytest.mark.parametrize(("fuzz", "examples"), [(http.fuzz, 130), (live.fuzz, 200)])
def test_a_server_does_not_mind_what_it_is_told(
    fuzz: Callable[[Target, int, int, Report], Counter[Any]], examples: int
) -> None:
    with target() as aim:
        came = fuzz(aim, examples, 7, lambda _done: None)
        assert aim.defects() == []
    assert came.total() > examples // 2
    assert len(came) > 3, "it says more than one thing to it"


def test_the_fuzz_sees_what_a_server_did_wrong() -> None:
    with target() as aim:
        (aim.server.folder / "server.err").write_text("Traceback (most recent call last):\n")
        aim.server.kill()
        [printed, stopped, ended] = aim.defects()
        assert printed.startswith("a traceback")
        assert stopped.startswith("it does not work any more")
        assert ended.startswith("it ended")
