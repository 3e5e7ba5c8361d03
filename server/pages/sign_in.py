"""Where people sign in, and where the first of them is made: what these pages are told. Of names, nothing."""

from collections.abc import Mapping
from typing import Any

from flask import g

from dawr.hall import Hall
from server.access.who import PEOPLE


def facts(_hall: Hall) -> Mapping[str, Any]:
    """Who has signed in at this browser, if anybody has. `refused`: why the page that was asked for is not shown."""
    return {"person": g.who.name if g.who.role in PEOPLE else None, "refused": None}


def first_facts(_hall: Hall) -> Mapping[str, Any]:
    """Nothing: the code is printed, and told to nobody."""
    return {}
