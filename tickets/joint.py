"""联合踏勘: an appointment of housekeeper and engineer, its protocol and result, told to both (DI-13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from core.db import joined
from core.templatetags.fangxiu import dated, when
from notices.outbox import Recipient, post
from tickets import evidence, messages, workflow
from tickets.actors import Actor
from tickets.models import Evidence, JointVisit, Party, Ticket
from tickets.naming import about


class AlreadyPlanned(ValueError):
    """The ticket has a joint visit that was not held yet."""


class NotPlanned(Exception):
    """The visit was held or cancelled before; carries it."""

    def __init__(self, visit: JointVisit):
        super().__init__(f"{visit.ended_by.full_name}已于{when(visit.ended_at)}{visit.get_state_display()}。")
        self.visit = visit


@joined
def plan(
    *,
    ticket: Ticket,
    starts_at: datetime,
    housekeeper: User,
    engineer: User,
    why: str,
    by: Actor,
    at: datetime,
) -> JointVisit:
    """Agree on when both look at it; both and the owner are told.

    Raises AlreadyPlanned, workflow.ReasonMissing, StepTaken or StepForbidden.
    """
    ticket = workflow.lock(ticket)
    payload = {"window": dated(starts_at), "people": f"{housekeeper.full_name}、{engineer.full_name}"}
    workflow.note(ticket=ticket, name="plan_joint", by=by, at=at, reason=why, payload=payload)
    try:
        with transaction.atomic():
            visit = JointVisit.objects.create(
                ticket=ticket,
                starts_at=starts_at,
                housekeeper=housekeeper,
                engineer=engineer,
                why=why.strip(),
                arranged_by=by.user,
                arranged_at=at,
            )
    except IntegrityError as error:
        raise AlreadyPlanned("这张工单已约定联合踏勘，请先记录结果或取消。") from error
    _tell(visit, "W63", f"{dated(starts_at)}联合踏勘，{payload['people']}参加", at)
    return visit


@joined
def hold(
    *, visit: JointVisit, protocol: str, party: str, photos: Sequence[Any], by: Actor, at: datetime
) -> JointVisit:
    """What was seen and who answers for it, with photos; `party` is "" where it stays unclear. Told to both.

    Raises NotPlanned, workflow.StepTaken or StepForbidden, or evidence's RefusedFile.
    """
    visit = _planned(visit)
    kept = evidence.add(
        ticket=visit.ticket, files=photos, stage=Evidence.Stage.JOINT, by=by, at=at, owner_may_see=False
    )
    words = Party(party).label if party else "仍不明确"
    payload = {"party": words, "evidence": evidence.as_payload(kept)}
    workflow.note(ticket=visit.ticket, name="hold_joint", by=by, at=at, reason=protocol, payload=payload)
    visit.state, visit.protocol, visit.party = JointVisit.State.HELD, protocol.strip(), party
    _end(visit, by, at)
    _tell(visit, "W64", f"踏勘结论：{words}。{protocol.strip()[:120]}", at)
    return visit


@joined
def cancel(*, visit: JointVisit, reason: str, by: Actor, at: datetime) -> JointVisit:
    """It will not take place, and why; both are told.

    Raises NotPlanned, workflow.ReasonMissing or StepForbidden.
    """
    visit = _planned(visit)
    workflow.note(ticket=visit.ticket, name="cancel_joint", by=by, at=at, reason=reason)
    visit.state = JointVisit.State.CANCELLED
    _end(visit, by, at)
    _tell(visit, "W64", f"联合踏勘取消：{reason.strip()[:120]}", at)
    return visit


def planned_for(user: User) -> QuerySet[JointVisit]:
    """The joint visits that this user is to hold, the next one first."""
    rows = JointVisit.objects.visible_to(user).filter(state=JointVisit.State.PLANNED)
    mine = Q(housekeeper=user) | Q(engineer=user)
    return rows.filter(mine).select_related("ticket__fault", "housekeeper", "engineer").order_by("starts_at")


def _planned(visit: JointVisit) -> JointVisit:
    rows = JointVisit.objects.select_for_update(of=("self",))
    found = rows.select_related("ticket", "ended_by", "housekeeper", "engineer").get(pk=visit.pk)
    if found.state != JointVisit.State.PLANNED:
        raise NotPlanned(found)
    return found


def _end(visit: JointVisit, by: Actor, at: datetime) -> None:
    visit.ended_by, visit.ended_at = by.user, at
    visit.save(update_fields=["state", "protocol", "party", "ended_by", "ended_at"])


def _tell(visit: JointVisit, template: str, words: str, at: datetime) -> None:
    ticket = visit.ticket
    values = about(ticket) | {
        "时段": dated(visit.starts_at),
        "内容": words,
        "原因": visit.why,
        "电话": ticket.estate.hotline,
    }
    facts: dict[str, Any] = {"values": values, "at": at, "ticket_id": ticket.pk}
    link = reverse("desk_joint", args=[visit.pk])
    both = {visit.housekeeper_id, visit.engineer_id}
    key = f"joint:{visit.pk}:{visit.state}"
    post(template=template, key=key, recipients=[Recipient.staff(pk) for pk in both], link=link, **facts)
    if visit.state == JointVisit.State.PLANNED:
        # Somebody has to open the door.
        owner = messages.reporter(ticket, at=at)
        post(template="N61", key=key, recipients=owner, link=link, **facts)
