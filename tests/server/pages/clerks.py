"""Clerks who press "next" at the same moment, with the client that devices use, over real sockets."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import socketio


def press_at_once(address: str, counters: Sequence[str], rounds: int) -> list[str]:
    """Every counter presses "next" so many times, all at once each time. Gives the numbers that they were answered."""
    # In a thread of its own: where Playwright is at work, this one has a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_press(address, counters, rounds))).result()


async def _press(address: str, counters: Sequence[str], rounds: int) -> list[str]:
    clerks = [socketio.AsyncClient() for _ in counters]
    called: list[str] = []
    try:
        for clerk, counter in zip(clerks, counters, strict=True):
            await clerk.connect(address, auth={"role": "page", "counter": counter}, transports=["websocket"])
        for _ in range(rounds):
            presses = (
                clerk.call("call-next", {"counter": one}, timeout=10)
                for clerk, one in zip(clerks, counters, strict=True)
            )
            called += [_number(answer) for answer in await asyncio.gather(*presses)]
    finally:
        for clerk in clerks:
            await clerk.disconnect()
    return called


def _number(answer: Any) -> str:
    assert answer["ok"], answer
    number: str = answer["ticket"]["number"]
    return number
