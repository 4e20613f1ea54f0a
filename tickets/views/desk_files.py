"""Files that the desk keeps with a ticket, and the mark of destructive work (IN-12, IN-14)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from core.store import RefusedFile
from tickets import desk_files, requirements, rules, workflow
from tickets.forms.desk_files import STAGES, DeskFilesForm
from tickets.forms.steps import ReasonForm
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404


def _ticket(request: HttpRequest, number: str) -> Ticket:
    ticket = ticket_or_404(request, number)
    if not rules.works_on_tickets(ticket, actor_of(request)):
        raise PermissionDenied("附件由客服前台或负责工单的岗位上传。")
    return ticket


def _crumbs(ticket: Ticket) -> list[tuple[str, str]]:
    return [("工单", reverse("desk_tickets")), (ticket.number, reverse("ticket", args=[ticket.number]))]


@require_http_methods(["GET", "POST"])
@replays
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Recordings with the owner's consent, chat screenshots, written applications."""
    ticket = _ticket(request, number)
    if request.method == "GET":
        stage = request.GET.get("stage")
        initial = {"stage": stage} if stage in dict(STAGES) else {}
        return _page(request, ticket, DeskFilesForm(initial=initial))
    form = DeskFilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ticket, form)
    back = reverse("ticket", args=[ticket.number])

    def act() -> str:
        kept = desk_files.add(ticket=ticket, by=actor_of(request), at=now(), **form.values())
        messages.success(request, f"已上传{len(kept)}个文件。")
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except RefusedFile as error:
        form.add_error("files", str(error))
        return _page(request, ticket, form)


def _page(request: HttpRequest, ticket: Ticket, form: DeskFilesForm) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "missing": requirements.application_missing(ticket),
        "crumbs": _crumbs(ticket),
    }
    status = 200 if request.method == "GET" else 422
    return render(request, "tickets/desk_files.html", context, status=status)


@require_http_methods(["GET", "POST"])
@replays
def destructive(request: HttpRequest, number: str) -> HttpResponse:
    """Locks will be pried or doors broken: from now on the written application is asked for."""
    ticket = _ticket(request, number)
    back = reverse("ticket", args=[ticket.number])
    if ticket.destructive or not workflow.may(ticket, "mark_destructive", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        context = {"ticket": ticket, "form": form, "crumbs": _crumbs(ticket)}
        status = 200 if request.method == "GET" else 422
        return render(request, "tickets/destructive.html", context, status=status)

    def act() -> str:
        desk_files.mark_destructive(ticket=ticket, reason=form.reason, by=actor_of(request), at=now())
        messages.success(request, "已标记：上传业主书面申请后才能派单。")
        return back

    return act_once(request, form, act, back_url=back)
