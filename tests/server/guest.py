"""A connection to a server with the real Socket.IO client, and what it was told."""

import asyncio
import queue
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import socketio

from server.interface.routes import EMITTED


class Guest:
    """A connection of the client that devices use, with what it was told."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str, auth: Any, **headers: str) -> None:
        self.loop = loop
        self.told: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.refusal: Any = None
        self.run(self.connect(address, auth, headers))

    async def connect(self, address: str, auth: Any, headers: dict[str, str]) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        for event in EMITTED:
            self.client.on(event, partial(self.hear, event))
        self.client.on("connect_error", self.hear_refusal)
        with suppress(socketio.exceptions.ConnectionError):
            await self.client.connect(address, headers=headers, auth=auth, transports=["websocket"], wait_timeout=10)

    async def hear(self, event: str, data: Any) -> None:
        self.told.put((event, data))

    async def hear_refusal(self, said: Any) -> None:
        self.refusal = said

    def next(self, event: str) -> Any:
        """The next such event; others that come before it are passed over."""
        while True:
            name, data = self.told.get(timeout=10)
            if name == event:
                return data

    def until(self, event: str, sequence: int) -> Any:
        """The first such view that shows this event of the log."""
        while (data := self.next(event))["sequence"] < sequence:
            pass
        return data

    def call(self, event: str, **payload: Any) -> Any:
        return self.call_with(event, payload)

    def call_with(self, event: str, payload: Any) -> Any:
        return self.run(self.client.call(event, payload, timeout=10))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)
