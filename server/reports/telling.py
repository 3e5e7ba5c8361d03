"""A figure as people read it on paper and in a mail."""

from dawr.words import Words
from server.reports.figures import SECONDS, SHARES, WaitingRow


def figure(column: str, row: WaitingRow, words: Words) -> str:
    """The figure of a row: `12:05`, `93%`, `1,204`; a dash where nothing counts."""
    value = getattr(row, column)
    if value is None:
        return "–"
    if column in SECONDS:
        return stopwatch(value, words)
    return words.number(f"{value:.0%}" if column in SHARES else f"{value:,}")


def stopwatch(seconds: float, words: Words) -> str:
    """Minutes and seconds, and hours where there are any: `4:05`, `1:04:05`."""
    minutes, rest = divmod(round(seconds), 60)
    return words.number(f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}")
