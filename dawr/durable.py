"""What a folder lists, made to stand there after a power cut."""

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Wait until the disk has what the folder lists: a file made, replaced or removed in it. `OSError` when it fails.

    A file that was flushed itself may else have no name, or its old content, after a power cut (Linux, fsync(2)).
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
