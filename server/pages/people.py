"""The page on which an administrator says who can sign in. The list it asks for itself."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall
from server.access.passwords import kind_of
from server.access.who import PEOPLE, Role


def facts(_hall: Hall) -> Mapping[str, Any]:
    """The roles that people can have, and what each signs in with."""
    return {"kinds": {role: kind_of(role) for role in Role if role in PEOPLE}}
