"""Orders to a kiosk: what somebody who stands before a browser, or the server itself, wants on paper now, and what came
of it.

The kiosk stores what it gave, not the server: an order is carried out at most once, within seconds or not at all.
Whoever has no answer sends the same order again, and learns what became of it.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from dawr.messages import Command, Key, Message, Note
from dawr.settings.centre import Texts

BEGINS_WITHIN_S = 10.0
"""An order that is older is not begun any more: nobody may stand there."""


class Order(Command):
    """Something to print at once."""

    kiosk: Key
    """Id of the kiosk on whose printer it comes out."""
    id: Key | None = None
    """Id of the order; the server writes that of the command into it."""
    age_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds since somebody pressed, by a clock that never jumps; above 0 where the order was sent before."""


class OrderTicket(Order):
    """Have a kiosk give a ticket out of its own numbers and print it: the way of the browser kiosk."""

    NAME = "order-ticket"
    service: Key
    """Id of the service."""
    language: Literal["ar", "en"]
    """Language of the slip."""
    visitor_class: Annotated[Key | None, Field(alias="class")] = None
    """Id of the class of visitors."""
    reference: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    """A transaction number that the visitor typed."""


class OrderPapers(Order):
    """Have a kiosk print the list of papers of a service: a sheet without a number."""

    NAME = "order-papers"
    service: Key
    """Id of the service."""
    language: Literal["ar", "en"]
    """Language of the sheet."""


class OrderCopy(Order):
    """Have a kiosk print a copy of a slip of its own that may not have come out, for the visitor who took it."""

    NAME = "order-copy"
    ticket: Key
    """Id of the ticket."""


class SheetFigure(Message):
    """A line of a sheet."""

    name: str
    """What it is."""
    values: Annotated[tuple[str, ...], Field(max_length=2)]
    """The figure, and the one of the day beside it if there is one, as people read them."""


class OrderSheet(Order):
    """Have a kiosk print a sheet with the figures of a day for staff: only the server orders it.

    A sheet of one id comes out at most once, whatever else it says. One that was refused is printed if it comes again.
    """

    NAME = "order-sheet"
    language: Literal["ar", "en"]
    """Language of the sheet."""
    title: str
    """Which day it tells of."""
    columns: Annotated[tuple[str, ...], Field(max_length=2)]
    """What stands over the values."""
    figures: Annotated[tuple[SheetFigure, ...], Field(max_length=40)]
    """The lines."""
    says: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    """Sentences at the foot."""


ORDERS: dict[str, type[Order]] = {order.NAME: order for order in (OrderTicket, OrderPapers, OrderCopy, OrderSheet)}
"""Every order by its name on the wire."""


class OrderEnded(Message):
    """What came of an order; told again whenever the same order comes again."""

    id: Key
    """Id of the order."""
    outcome: Literal["printed", "in_doubt", "refused"]
    """`printed`: it is there; `in_doubt`: it may be, and a number holds; `refused`: surely not, and never will be."""
    ticket: Key | None = None
    """Id of the ticket."""
    number: Key | None = None
    """Its number."""
    service: Key | None = None
    """Id of its service."""
    why: Note | None = None
    """Why it was refused."""
    reason: Texts | None = None
    """The reason that staff or settings gave."""
