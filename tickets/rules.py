"""Who may do what to a ticket: pure predicates of (ticket, actor) (domain.md §7, OR-01)."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from tickets import kinds
from tickets.actors import Actor
from tickets.kind_sheets import Sheet
from warranty import contractors

# The reason code under which the emergency mode puts tickets aside (`tickets.pausing.REASONS`).
HELD = "emergency"
Rule = Callable[[object, Actor], bool]


def holds(perm: str) -> Rule:
    """A rule: staff with this permission whose scope includes the ticket's estate."""

    def rule(ticket, actor: Actor) -> bool:
        return (
            actor.kind == "staff"
            and actor.user.may_see_estate(ticket.estate_id)
            and actor.has_perm(f"tickets.{perm}")
        )

    # Read by docs/states.md.
    rule.__name__ = perm
    return rule


may_register = holds("register_ticket")
may_triage = holds("triage_ticket")
may_dispatch = holds("dispatch_ticket")
may_judge = holds("judge_ticket")
may_review_plan = holds("review_plan")
may_inspect = holds("inspect_ticket")
may_follow_up = holds("follow_up_ticket")
may_close = holds("close_ticket")
may_archive = holds("archive_ticket")
may_cancel = holds("cancel_ticket")
may_reply = holds("reply_ticket")
may_lower = holds("lower_level")
may_supervise = holds("supervise_ticket")
may_direct = holds("direct_accident")
may_visit_in_person = holds("visit_in_person")


def works_on_tickets(ticket, actor: Actor) -> bool:
    """Staff of the estate's desks; directors and auditors see everything and write nothing."""
    return holds("view_estate_tickets")(ticket, actor) and may_register(ticket, actor)


def may_answer(ticket, actor: Actor) -> bool:
    """Who answers, for a ticket that is answered with words (IN-11)."""
    return ticket.kind in kinds.ANSWERED and may_reply(ticket, actor)


def may_fill_sheets(ticket, actor: Actor) -> bool:
    """Whether this actor may fill in one of the sheets of the ticket's kind."""
    return any(may_fill(ticket, sheet, actor) for sheet in kinds.of(ticket.kind).sheets)


def may_fill(ticket, sheet: Sheet, actor: Actor) -> bool:
    """Whether this actor may fill in this sheet: by a permission of it, a worker for their own ticket."""
    if is_handler(ticket, actor):
        return "work_ticket" in sheet.permissions
    return any(holds(name)(ticket, actor) for name in sheet.permissions if name != "work_ticket")


def is_handler(ticket, actor: Actor) -> bool:
    """The worker whom the ticket is dispatched to, or a contact of that worker's company (DI-12)."""
    return (
        actor.kind == "staff"
        and ticket.handler_id is not None
        and actor.has_perm("tickets.work_ticket")
        and (ticket.handler_id == actor.user.pk or acts_for_handler(ticket, actor))
    )


def acts_for_handler(ticket, actor: Actor) -> bool:
    """A contact of the company whose worker has the ticket (DI-12)."""
    company = contractors.company_of(actor.user)
    if company is None:
        return False
    # A page asks this of every button.
    known = ticket.__dict__.setdefault("_employed", {})
    key = company, ticket.handler_id
    if key not in known:
        known[key] = contractors.employs(*key)
    return known[key]


def is_or_was_company(ticket, actor: Actor) -> bool:
    """A contact of a company whose worker has the ticket or has had it: may object to what was decided."""
    company = contractors.company_of(actor.user) if actor.kind == "staff" else None
    if company is None:
        return False
    return is_handler(ticket, actor) or ticket.holders.filter(user__worker__contractor=company).exists()


def may_replace_company(ticket, actor: Actor) -> bool:
    """Whoever dispatches, for a ticket that a company outside has (WA-12)."""
    return (
        may_dispatch(ticket, actor)
        and ticket.handler_id is not None
        and contractors.works_for_a_company(ticket.handler_id)
    )


def took_it(ticket, actor: Actor) -> bool:
    """Whoever took the report down, whatever else they may see: a worker on a round (IN-06)."""
    return actor.kind == "staff" and ticket.report.taken_by_id == actor.user.pk


def was_given_to(ticket, actor: Actor) -> bool:
    """Somebody outside who works on tickets and has or had this one: may object to a ruling (DI-13)."""
    return (
        actor.kind == "staff"
        and actor.has_perm("tickets.work_ticket")
        and not actor.has_perm("tickets.view_estate_tickets")
        and ticket.is_visible_to(actor.user)
    )


def is_owner(ticket, actor: Actor) -> bool:
    """The owner, by the grant of this ticket's link."""
    return actor.kind == "owner" and actor.ticket_id == ticket.pk


def is_system(ticket, actor: Actor) -> bool:
    """A schedule or another service of ours."""
    return actor.kind == "system"


def by_policy(ticket, actor: Actor) -> bool:
    """Whoever the dispatch rule of the level lets send without a reviewer (DI-03, DI-04).

    The floor above keeps those rules; `settings.TICKET_DISPATCH_RULE` names the function that reads them.
    """
    return import_string(settings.TICKET_DISPATCH_RULE)(ticket, actor)


def any_of(*rules: Rule) -> Rule:
    """A rule that holds when one of these does."""

    def rule(ticket, actor: Actor) -> bool:
        return any(each(ticket, actor) for each in rules)

    rule.__name__ = ", ".join(each.__name__ for each in rules)
    return rule


def unless_held(rule: Rule) -> Rule:
    """The rule, but not for what the emergency mode holds: its end or an exception lets it go (DI-09)."""

    def held(ticket, actor: Actor) -> bool:
        return ticket.suspended_for != HELD and rule(ticket, actor)

    held.__name__ = rule.__name__
    return held


def may_see_contact(ticket, actor: Actor) -> bool:
    """Whether the reporter's full phone number may be revealed to this actor (OR-01).

    A worker sees it from acceptance until the owner has accepted the work.
    """
    if is_handler(ticket, actor):
        return ticket.status not in {"dispatched", "completed", "closed", "archived"}
    return holds("reveal_phone")(ticket, actor)
