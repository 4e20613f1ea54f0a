"""The plan card 方案告知卡: written on site, reviewed when important, signed before work starts (EX-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.db import joined
from tickets import evidence, workflow
from tickets.actors import Actor
from tickets.models import Evidence, PlanCard, Ticket

# Over three days a plan is a matter for the manager (domain.md §2.2); so is structure, and so is money.
IMPORTANT_DURATION = timedelta(days=3)
IMPORTANT_COST = Decimal(2000)


@dataclass(frozen=True)
class Plan:
    """What the worker proposes; duration in minutes, cost in yuan (0 under warranty)."""

    cause: str
    method: str
    protection: str
    duration_minutes: int
    materials: str = ""
    cost: Decimal = Decimal(0)

    def is_important(self, ticket: Ticket) -> bool:
        """Whether the manager must see it before the owner does."""
        structural = ticket.fault is not None and ticket.fault.code.startswith("ST")
        long = timedelta(minutes=self.duration_minutes) > IMPORTANT_DURATION
        return structural or long or self.cost >= IMPORTANT_COST


@joined
def submit(*, ticket: Ticket, plan: Plan, by: Actor, at: datetime) -> PlanCard:
    """Keep the next version of the plan and send it to the owner, or to the manager when important."""
    ticket = workflow.lock(ticket)
    important = plan.is_important(ticket)
    name = "submit_plan_for_review" if important else "submit_plan"
    workflow.require(ticket=ticket, name=name, by=by)
    card = PlanCard.objects.create(
        ticket=ticket,
        number=ticket.plans.count() + 1,
        cause=plan.cause,
        method=plan.method,
        materials=plan.materials,
        duration_minutes=plan.duration_minutes,
        protection=plan.protection,
        cost=plan.cost,
        important=important,
        made_by=by.user,
        made_at=at,
    )
    payload = {"plan": card.number, "cost": str(plan.cost), "duration_minutes": plan.duration_minutes}
    workflow.step(ticket=ticket, name=name, by=by, at=at, payload=payload)
    return card


def current(ticket: Ticket) -> PlanCard | None:
    """The newest plan card of the ticket, or None."""
    return ticket.plans.order_by("-number").first()


@joined
def sign(*, ticket: Ticket, signature: Any, signer: str, by: Actor, at: datetime) -> Ticket:
    """The owner agrees to the newest plan with a signature; work may start (EX-02)."""
    workflow.require(ticket=ticket, name="consent", by=by)
    card = current(ticket)
    kept = evidence.add_signature(
        ticket=ticket, signature=signature, signer=signer, stage=Evidence.Stage.PLAN, by=by, at=at
    )
    card.signature, card.signed_at = kept, at
    card.save(update_fields=["signature", "signed_at"])
    payload = {
        "plan": card.number,
        "signer": signer,
        "promised_until": (at + timedelta(minutes=card.duration_minutes)).isoformat(),
        "evidence": evidence.as_payload([kept]),
    }
    return workflow.step(ticket=ticket, name="consent", by=by, at=at, payload=payload)
