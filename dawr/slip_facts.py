"""What a slip says of a centre's ticket by its settings alone: the same on a kiosk's paper and in a preview."""

from dawr.offers import fee_texts
from dawr.settings.centre import Centre, Service
from dawr.slip import TicketFacts


def ticket_facts(
    centre: Centre,
    service: Service,
    number: str,
    language: str,
    visitor_class: str | None = None,
    reference: str | None = None,
) -> TicketFacts:
    """The facts of a ticket that do not change with the hour."""
    visitors = centre.visitor_class.get(visitor_class or "")
    return TicketFacts(
        centre=centre.centre.name,
        number=number,
        service=service.name,
        language=language,
        digits=centre.centre.digits,
        visitor_class=visitors.name if visitors else None,
        reference=reference,
        papers=service.papers,
        fee=fee_texts(centre, service),
        message=centre.centre.slip_message or {},
    )
