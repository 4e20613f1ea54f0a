"""What managers and housekeepers do in person: the list, and the record of one (DI-06, EX-11)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods

from core.store import RefusedFile
from tickets import errands, joint, openings, pages
from tickets.forms.responsibility import ErrandForm
from tickets.models import Errand, Ticket
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

SHOWN = 200


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What I have to do in person, the most urgent first, and the joint visits I take part in."""
    if not errands.kinds_of(request.user) or not request.user.has_perm("tickets.view_estate_tickets"):
        raise PermissionDenied("上门任务由房修经理和物业管家办理。")
    context = {
        "tasks": errands.waiting(request.user)[:SHOWN],
        "visits": joint.planned_for(request.user),
        "now": now(),
    }
    return render(request, "tickets/errands.html", context)


@require_http_methods(["GET", "POST"])
@replays
def record(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """One errand of a ticket: why and until when; done with words and photos."""
    ticket = ticket_or_404(request, number)
    if not request.user.has_perm("tickets.view_estate_tickets"):
        raise PermissionDenied("上门任务由房修经理和物业管家办理。")
    task = _task(ticket, kind)
    may = request.user.has_perm(openings.MAY[kind])
    form = ErrandForm(kind=kind) if may and not task.done_at else None
    if request.method == "GET":
        return _page(request, ticket, task, form)
    if not may:
        raise PermissionDenied(f"{task.get_kind_display()}由{openings.WHO[kind]}办理。")
    form = ErrandForm(request.POST, request.FILES, kind=kind)
    if not form.is_valid():
        return _page(request, ticket, task, form)

    def act() -> str:
        data = {name: form.cleaned_data[name] for name in ("note", "photos")}
        errands.finish(ticket=ticket, kind=kind, by=actor_of(request), at=now(), **data)
        messages.success(request, f"{ticket.place_label}：{task.get_kind_display()}已记录。")
        return reverse("ticket", args=[number])

    try:
        return act_once(request, form, act, back_url=reverse("ticket", args=[number]))
    except errands.AlreadyDone as error:
        context = {"text": str(error), "back_url": reverse("ticket", args=[number])}
        return render(request, "core/taken.html", context, status=409)
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _page(request, ticket, task, form)


def _task(ticket: Ticket, kind: str) -> Errand:
    """The errand asked for; not there where nothing calls for it."""
    if kind not in Errand.Kind.values:
        raise Http404
    task = errands.find(ticket, Errand.Kind(kind))
    if task.pk is None and not (kind == Errand.Kind.MANAGER and openings.is_again(ticket)):
        raise Http404
    return task


def _page(request: HttpRequest, ticket: Ticket, task: Errand, form: ErrandForm | None) -> HttpResponse:
    context = {
        "ticket": ticket,
        "task": task,
        "form": form,
        "evidence": pages.evidence_items(
            ticket.evidence.filter(stage=errands.STAGES[Errand.Kind(task.kind)])
        ),
        "earlier": ticket.repeat_of,
        "now": now(),
        "crumbs": [
            ("上门任务", reverse("desk_errands")),
            (ticket.number, reverse("ticket", args=[ticket.number])),
        ],
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "tickets/errand.html", context, status=status)
