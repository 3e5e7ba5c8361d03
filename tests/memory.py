"""How much memory the tests' own process takes."""

import resource
from pathlib import Path


def memory_bytes() -> int:
    """Its resident memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
