"""How many bytes a server keeps of each ticket of the day: today's hall is held in memory, and that is no leak."""

import gc
import tracemalloc
from pathlib import Path

from dawr.hall import rebuild
from dawr.settings.centre import read_centre
from server.keeping.log import Log


def bytes_a_ticket(settings: Path, data: Path) -> float:
    """Measured with the log of a day in `data`: the hall and the copy for readers, which shares its tickets."""
    centre, log = read_centre(settings), Log(data)
    tracemalloc.start()
    try:
        hall = rebuild(centre, log.today())
        copy = hall.copy()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / max(1, len(copy.tickets))
    finally:
        tracemalloc.stop()
        log.close()
