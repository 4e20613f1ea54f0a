"""Messages about requests: N17 to the counterpart, the inbox for our own people (DI-11, N17)."""

from collections.abc import Iterable

from django.urls import reverse

from coordination.models import Request
from core import phones
from core.templatetags.fangxiu import dated
from notices.outbox import Letter, Recipient


def of_counterpart(request: Request) -> list[Recipient]:
    """The counterpart: by mail where there is an address, else by SMS to a mobile."""
    if request.contact_email:
        return [Recipient.email(request.contact_email)]
    if phones.MOBILE.fullmatch(request.contact_phone):
        return [Recipient.phone(request.contact_phone)]
    return []


def way(request: Request) -> str:
    """How the counterpart is written to, in words; empty where there is no way."""
    if request.contact_email:
        return f"邮件 {request.contact_email}"
    if phones.MOBILE.fullmatch(request.contact_phone):
        return f"短信 {phones.mask(request.contact_phone)}"
    return ""


def to_counterpart(request: Request, *, cause: str) -> Letter:
    """N17: what we wait for and until when; `cause` makes it one message for each."""
    return _letter("N17", request, cause, of_counterpart(request), number=_both_numbers(request))


def to_staff(template: str, request: Request, users: Iterable[int], *, cause: str, words: str = "") -> Letter:
    """One of ours is told; the message opens the request."""
    return _letter(template, request, cause, [Recipient.staff(pk) for pk in users], words)


def _both_numbers(request: Request) -> str:
    """The request's own first: an answer by mail is known by it (`coordination.mail`)."""
    return f"{request.number} {request.ticket.number}" if request.ticket else request.number


def _letter(
    template: str,
    request: Request,
    cause: str,
    recipients: list[Recipient],
    words: str = "",
    number: str = "",
) -> Letter:
    ticket = request.ticket
    values = {
        "单位": request.contact_unit or request.counterpart.name,
        "单号": number or (ticket.number if ticket else request.number),
        "房号": f"{request.estate.name}{ticket.place_label if ticket else ''}",
        "问题": _about(request),
        "内容": words or request.asked,
        "截止": dated(request.due_at),
        "工程师": request.owner.full_name,
        "电话": request.owner.phone or request.estate.hotline,
        "原因": request.asked,
    }
    return Letter(
        template=template,
        # With the deadline: a new one is told of anew.
        key=f"coordination:{request.pk}:{cause}:{int(request.due_at.timestamp())}",
        recipients=recipients,
        values=values,
        ticket_id=request.ticket_id,
        link=reverse("coordination_request", args=[request.pk]),
    )


def _about(request: Request) -> str:
    ticket = request.ticket
    if ticket is None:
        return "项目事项"
    return ticket.problem
