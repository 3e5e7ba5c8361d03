"""What the machine runs as its first process: it gets ready, is frozen, and from then on wakes with its power back.

It talks to the lab over its serial line, one JSON object a line. Ready is `{"ready": true}`. The lab answers with what
was promised before the cut; the machine mounts its disk, opens everything, says which promises are broken, and works.
"""

import fcntl
import struct
import subprocess
import time
import traceback
from pathlib import Path

from dawr.settings.centre import read_centre
from lab.guest.inside import Line, mount
from lab.power.careless import change_sqlite
from lab.power.promises import broken_promises
from lab.power.small_hall import CENTRE, SmallHall

DISK, FOLDER = Path("/dev/vdb"), Path("/data")
MS_NOATIME = 1024
RNDADDENTROPY, RNDRESEEDCRNG = 0x40085203, 0x5207  # linux/random.h
BLKFLSBUF = 0x1261  # linux/fs.h: forget what the kernel has read of a block device


def main() -> None:
    """Get ready, and wait to be frozen."""
    line = Line()
    centre = read_centre(CENTRE)
    while not DISK.is_block_device():
        time.sleep(0.1)
    with DISK.open("rb") as disk:
        fcntl.ioctl(disk, BLKFLSBUF)
    line.say({"ready": True})
    try:
        order = line.hear()
        _wake(order["now"], bytes.fromhex(order["chance"]))
        if order["sqlite"]:
            change_sqlite(order["sqlite"])
        _mend(DISK)
        mount(DISK, FOLDER, "ext4", MS_NOATIME)
        line.say({"broken": broken_promises(FOLDER, order["promised"], centre, is_copy=False)})
        SmallHall(FOLDER, line.say, centre).work()
    except BaseException:
        line.say({"broken": [traceback.format_exc()]})


def _wake(now_s: float, chance: bytes) -> None:
    """Take the time, and randomness that nobody had before."""
    time.clock_settime(time.CLOCK_REALTIME, now_s)
    with Path("/dev/urandom").open("wb", buffering=0) as random:
        fcntl.ioctl(random, RNDADDENTROPY, struct.pack(f"ii{len(chance)}s", 8 * len(chance), len(chance), chance))
        fcntl.ioctl(random, RNDRESEEDCRNG)


def _mend(device: Path) -> None:
    """What Debian does at every start before it mounts a disk.

    ext4 alone refuses a journal whose last commit block was torn (EUCLEAN): a card keeps sectors, not blocks.
    """
    done = subprocess.run(["/sbin/e2fsck", "-p", device], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode not in (0, 1):
        raise OSError(f"e2fsck ended with {done.returncode}: {done.stdout}")


if __name__ == "__main__":
    main()
