"""What messages call a ticket: whose, where, what is broken (domain.md §6)."""

from tickets.models import Ticket


def about(ticket: Ticket) -> dict[str, object]:
    """The template variables that every message about a ticket has."""
    return {
        "业主": ticket.reporter_name,
        "房号": ticket.place_label,
        "项目": ticket.estate.name,
        "单号": ticket.number,
        "问题": ticket.problem,
        "级别": ticket.get_level_display(),
    }
