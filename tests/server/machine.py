"""A computer of a test's own: time passes as the test says, and its wall clock can be set, lost and kept right."""

from datetime import datetime, timedelta

from dawr.clock import Hardware


class Machine:
    """A computer that is switched on at `wall`; `kept_right` says whether NTP keeps it right."""

    def __init__(self, wall: datetime, *, kept_right: bool = False) -> None:
        self.wall, self.kept_right = wall, kept_right
        self.boottime_s = 20.0
        self.hardware = Hardware(
            boot="only", boottime_s=lambda: self.boottime_s, wall=lambda: self.wall, is_synchronised=self.is_kept_right
        )

    def is_kept_right(self) -> bool:
        return self.kept_right

    def pass_time(self, **for_so_long: float) -> None:
        """Let time pass; both clocks go on."""
        passed = timedelta(**for_so_long)
        self.boottime_s += passed.total_seconds()
        self.wall += passed

    def jump(self, **by: float) -> None:
        """Set the wall clock on, or back."""
        self.wall += timedelta(**by)

    def reboot(self, wall: datetime) -> None:
        """Switch it off and on; the wall clock then says this."""
        self.boottime_s, self.wall = 20.0, wall
