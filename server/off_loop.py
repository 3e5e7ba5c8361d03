"""Blocking work beside an event loop: in a real thread under gevent, right here where every thread is a real one."""

from typing import Any, Literal

from server.keeping.writer import OffLoop

AsyncMode = Literal["gevent", "threading"]


def off_loop(async_mode: AsyncMode) -> OffLoop:
    """A place for one blocking piece of work at a time."""
    if async_mode == "threading":
        return lambda work: work()
    from gevent.threadpool import ThreadPool

    pool = ThreadPool(1)

    def run(work: Any) -> Any:
        value, error = pool.apply(_caught, (work,))
        if error is not None:
            raise error
        return value

    return run


def _caught(work: Any) -> tuple[Any, Exception | None]:
    """gevent would print what is raised in a thread of its pool."""
    try:
        return work(), None
    except Exception as error:
        return None, error
