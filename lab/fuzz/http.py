"""Requests made out of the OpenAPI document: as it says, nearly as it says, and as it does not."""

import random
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from lab.fuzz.target import Report, Target
from server.access.who import Role
from server.interface.openapi import document

NOT_FUZZED = ("/settings", "/settings/undo")
"""With these the server begins anew, as it should; tests/server/test_changing_settings.py has their refusals."""
WAITS = ("/kiosks/{kiosk}/tickets", "/kiosks/{kiosk}/papers", "/kiosks/{kiosk}/copies")
"""A limit of orders stands before these; once it is reached, nothing else is found."""


_ROLES = (*[Role.ADMINISTRATOR] * 6, *[Role.KIOSK] * 2, *Role)
"""Who sends: mostly who may, or only the guard would be tried; anybody is among them."""


def fuzz(aim: Target, examples: int, seed: int, report: Report = lambda _done: None) -> Counter[int]:
    """Send so many requests; gives how often each status came. What is wrong, `aim` knows."""
    schema = schemathesis.openapi.from_dict(document())
    schema.config.update(base_url=f"{aim.server.address}/api/v1")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    operations = [one for one in operations if not (one.path in NOT_FUZZED and one.method == "post")]
    statuses: Counter[int] = Counter()
    rounds = 0
    while (missing := examples - statuses.total()) > 0:
        # Some operations have fewer than their share: the next round is about what is missing.
        each = max(1, missing // (2 * len(operations)))
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _fuzz_one(aim, operation, mode, each, seed + rounds, statuses)
                report(statuses.total())
        rounds += 1
    return statuses


def _fuzz_one(aim: Target, operation: Any, mode: GenerationMode, times: int, seed: int, statuses: Counter[int]) -> None:
    chance = random.Random(seed)

    def send(case: Any) -> None:
        before = aim.state() if operation.method != "get" else 0
        role = chance.choice(_ROLES)
        answer = case.call(timeout=30, headers={**(case.headers or {}), **aim.signed(role)})
        statuses[answer.status_code] += 1
        what = (
            f"{role}: {case.method} {case.formatted_path} {case.query} {str(case.body)[:500]} -> {answer.status_code}"
        )
        if answer.status_code >= 500 and not _may_fail(operation.path, answer.status_code):
            aim.found.append(f"{what}: {answer.content[:500]!r}")
        if answer.status_code >= 400:
            [said] = answer.headers.get("content-type", [""])
            if not said.startswith("application/problem+json") or not answer.json().get("detail"):
                aim.found.append(f"{what}: a refusal without a sentence: {answer.content[:300]!r}")
            if before and aim.state() != before:
                aim.found.append(f"{what}: refused, and something has changed")

    strategy = operation.as_strategy(generation_mode=mode)
    limited = settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    test = limited(given(case=strategy)(send))
    test._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]
    try:
        test()
    except schemathesis.errors.SchemathesisError:
        return  # there is nothing wrong that could be sent here
    except Exception as problem:
        if "Unsatisfiable" not in type(problem).__name__:
            raise


def _may_fail(path: str, status: int) -> bool:
    """An order of which nobody knows what came is 504, by design."""
    return status == 504 and (path in WAITS or path.endswith("/copies"))
