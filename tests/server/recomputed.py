"""The figures of a report reckoned anew from the raw events of a log, by plain Python that shares no code with it."""

import json
import math
import sqlite3
from collections import defaultdict
from copy import deepcopy
from datetime import datetime
from itertools import groupby
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

Ticket = dict[str, Any]
Figures = dict[str, Any]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS = ("serving", "calling", "idle", "break")


class Fold:
    """Every ticket of a log, and what its counters did, from its events one by one."""

    def __init__(self, log: sqlite3.Connection) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.lines: dict[str, list[str]] = {}
        self.doing: dict[str, tuple[str, str | None]] = {}
        self.spent: dict[tuple[str, str], dict[str, float]] = {}
        self.before: dict[str, Any] = {}
        self.log_of_overtaking: list[str] = []
        self.day, self.at = "", 0.0
        rows = log.execute("SELECT command, name, body FROM event ORDER BY sequence")
        for _, events in groupby(rows, key=lambda row: row[0]):
            self.command([(name, json.loads(body)) for _, name, body in events])

    def command(self, events: list[tuple[str, Ticket]]) -> None:
        counters = {event["counter"] for _, event in events if "counter" in event}
        ids = {event["ticket"] for name, event in events if "ticket" in event and name != "TicketIssued"}
        before = {id: deepcopy(self.tickets[id]) for id in ids}, deepcopy(self.doing), len(self.log_of_overtaking)
        if any(name == "DayStarted" for name, _ in events):
            self.doing = {}  # nobody works at night: the day was over with its last event
        for name, event in events:
            self.pass_time(seconds(event["at"]))
            getattr(self, name, self.nothing)(event)
        if len(counters) == 1 and "ActionUndone" not in {name for name, _ in events}:
            self.before[counters.pop()] = before

    def pass_time(self, at: float) -> None:
        for counter, (doing, ticket) in self.doing.items():
            spent = self.spent.setdefault((self.day, counter), dict.fromkeys((*PARTS, "closed"), 0.0))
            spent[self.use(doing, ticket)] += at - self.at
            if ticket and self.tickets[ticket]["state"] == "called":
                self.tickets[ticket]["called_for"] += at - self.at
        self.at = at

    def use(self, doing: str, ticket: str | None) -> str:
        if ticket is None:
            return doing
        return "serving" if self.tickets[ticket]["state"] == "serving" else "calling"

    def nothing(self, event: Ticket) -> None:
        pass

    def DayStarted(self, event: Ticket) -> None:
        self.day, self.doing, self.before = event["day"], {}, {}

    def TicketIssued(self, event: Ticket) -> None:
        self.tickets[event["ticket"]] = {
            **{key: event[key] for key in ("day", "service", "line")},
            "id": event["ticket"],
            "joined": seconds(event["joined_at"]),
            "state": "waiting",
            "first_counter": None,
            "first_called": None,
            "called": None,
            "called_for": 0.0,
            "served": None,
            "parked_since": None,
            "parked_for": 0.0,
            "ended": None,
            "by": None,
            "transfers": 0,
            "overtaken": 0,
            "chosen": False,
            "only": None,
        }

    def TicketCalled(self, event: Ticket) -> None:
        ticket, counter, at = self.tickets[event["ticket"]], event["counter"], seconds(event["at"])
        if ticket["state"] == "waiting":
            for one in self.tickets.values():
                may = one["only"] == counter if one["only"] else one["line"] in self.lines[counter]
                earlier = (one["joined"], one["id"]) < (ticket["joined"], ticket["id"])
                if one["day"] == self.day and one["state"] == "waiting" and may and earlier:
                    one["overtaken"] += 1
                    self.log_of_overtaking.append(one["id"])
        self.end_parking(ticket, at)
        ticket["first_called"] = ticket["first_called"] or at
        ticket["first_counter"] = ticket["first_counter"] or counter
        ticket |= {"state": "called", "called": at, "called_for": 0.0, "served": None, "ended": None, "only": None}
        ticket["chosen"] |= event.get("out_of_order", False)
        self.doing[counter] = (self.doing[counter][0], event["ticket"])

    def TicketServed(self, event: Ticket) -> None:
        self.tickets[event["ticket"]] |= {"state": "serving", "served": seconds(event["at"])}

    def TicketCompleted(self, event: Ticket) -> None:
        ticket = self.tickets[event["ticket"]]
        if ticket["state"] == "called" and event["counter"] in self.doing:
            spent = self.spent[self.day, event["counter"]]
            spent["calling"] -= ticket["called_for"]
            spent["serving"] += ticket["called_for"]
        self.end(event, "completed", event.get("by", "counter"))

    def TicketMissed(self, event: Ticket) -> None:
        self.end(event, "no_show", "counter")

    def TicketCancelled(self, event: Ticket) -> None:
        self.end(event, "cancelled", event["by"])

    def TicketParked(self, event: Ticket) -> None:
        self.tickets[event["ticket"]] |= {"state": "parked", "parked_since": seconds(event["at"])}
        self.leave(event["ticket"])

    def TicketResumed(self, event: Ticket) -> None:
        ticket = self.tickets[event["ticket"]]
        self.end_parking(ticket, seconds(event["at"]))
        ticket |= {"state": "waiting", "ended": None, "by": None}

    def TicketSteppedAside(self, event: Ticket) -> None:
        self.TicketParked(event)

    def TicketSteppedBack(self, event: Ticket) -> None:
        self.TicketResumed(event)

    def TicketTransferred(self, event: Ticket) -> None:
        ticket = self.tickets[event["ticket"]]
        self.end_parking(ticket, seconds(event["at"]))
        ticket |= {"state": "waiting", "service": event["service"], "line": event["line"]}
        ticket |= {"transfers": ticket["transfers"] + 1, "only": event.get("to_counter")}
        self.leave(event["ticket"])

    def ActionUndone(self, event: Ticket) -> None:
        tickets, doing, overtaken = self.before.pop(event["counter"])
        for id in self.log_of_overtaking[overtaken:]:
            self.tickets[id]["overtaken"] -= 1
        for id, ticket in tickets.items():
            self.tickets[id] = {**ticket, "overtaken": self.tickets[id]["overtaken"]}
        before, present = doing.get(event["counter"], ("closed", None))
        if present not in tickets:
            present = present and self.doing[event["counter"]][1]  # it may have gone, which no undo takes back
        self.doing[event["counter"]] = (before, present)

    def CounterOpened(self, event: Ticket) -> None:
        self.lines[event["counter"]] = event["lines"]
        self.turn(event, "idle")

    def CounterPaused(self, event: Ticket) -> None:
        self.turn(event, "break")

    def CounterClosed(self, event: Ticket) -> None:
        self.turn(event, "closed")

    def turn(self, event: Ticket, doing: str) -> None:
        self.doing[event["counter"]] = (doing, self.doing.get(event["counter"], ("", None))[1])

    def end(self, event: Ticket, state: str, by: str) -> None:
        self.tickets[event["ticket"]] |= {"state": state, "ended": seconds(event["at"]), "by": by}
        self.leave(event["ticket"])

    def leave(self, ticket: str) -> None:
        for counter, (doing, present) in self.doing.items():
            if present == ticket:
                self.doing[counter] = (doing, None)

    def end_parking(self, ticket: Ticket, at: float) -> None:
        if ticket["parked_since"] is not None:
            ticket["parked_for"] += at - ticket["parked_since"]
            ticket["parked_since"] = None


def groups(fold: Fold, by: str, zone: ZoneInfo) -> dict[str, list[Ticket]]:
    """The tickets of each group."""
    found: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in fold.tickets.values():
        local = datetime.fromtimestamp(ticket["joined"], zone)
        key = {
            "service": ticket["service"],
            "line": ticket["line"],
            "counter": ticket["first_counter"],
            "day": ticket["day"],
            "weekday": WEEKDAYS[datetime.fromisoformat(ticket["day"]).weekday()],
            "hour": str(local.hour),
            "half-hour": f"{local.hour:02d}:{'30' if local.minute >= 30 else '00'}",
        }[by]
        if key:
            found[key].append(ticket)
    return found


def figures(tickets: list[Ticket], target_s: float) -> Figures:
    """Every figure of a row, by its definition in words."""
    called = [one for one in tickets if one["first_called"] is not None]
    waits = sorted(one["first_called"] - one["joined"] for one in called)
    done = [one for one in tickets if one["state"] == "completed" and one["by"] == "counter"]
    services = sorted(one["ended"] - (one["served"] or one["called"]) for one in done)
    parked = [one["parked_for"] for one in tickets if one["parked_for"] > 0]
    return {
        "visits": len(tickets),
        "called": len(called),
        "completed": sum(one["state"] == "completed" for one in tickets),
        "no_shows": sum(one["state"] == "no_show" for one in tickets),
        "left": sum(one["state"] == "cancelled" for one in tickets),
        "mean_wait_s": fmean(waits) if waits else None,
        "median_wait_s": rank(waits, 0.5),
        "p90_wait_s": rank(waits, 0.9),
        "longest_wait_s": waits[-1] if waits else None,
        "within_target": sum(wait <= target_s for wait in waits) / len(waits) if waits else None,
        "mean_service_s": fmean(services) if services else None,
        "median_service_s": rank(services, 0.5),
        "transferred": sum(one["transfers"] > 0 for one in tickets),
        "parked": len(parked),
        "mean_parked_s": fmean(parked) if parked else None,
        "overtaken": sum(one["overtaken"] > 0 for one in tickets),
        "most_overtaken": max((one["overtaken"] for one in tickets), default=0),
        "out_of_order": sum(one["chosen"] for one in tickets),
    }


def rank(ordered: list[float], share: float) -> float | None:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
