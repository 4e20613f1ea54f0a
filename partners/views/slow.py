"""What a person decides about a company: its ticket to the backup, its objection (WA-12, DI-13)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods

from dispatch.models import Worker
from partners import backups, disputes, queries
from partners.forms import BackupForm, DecideForm
from partners.views.register import PER_PAGE, may_see
from tickets import pages, rules, workflow
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

may_decide = permission_required(
    ["partners.decide_dispute", "tickets.view_estate_tickets"], raise_exception=True
)


@require_GET
@may_see
def slow(request: HttpRequest) -> HttpResponse:
    """Limits that companies have missed and not met, those ripe for a backup first."""
    page = Paginator(queries.slow(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "now": now(),
        "may_replace": request.user.has_perm("tickets.dispatch_ticket"),
    }
    return render(request, "partners/slow.html", context)


@require_http_methods(["GET", "POST"])
@replays
def backup(request: HttpRequest, number: str) -> HttpResponse:
    """Give a ticket to the company that stands in: the reasons, who can, one press (WA-12)."""
    ticket = ticket_or_404(request, number)
    by, back = actor_of(request), reverse("ticket", args=[number])
    if not rules.may_dispatch(ticket, by):
        raise PermissionDenied("您的岗位不能启用备选单位。")
    if not workflow.may(ticket, "activate_backup", by):
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    stand_ins = backups.stand_ins(ticket, at=now())
    form = BackupForm(
        request.POST if request.method == "POST" else None,
        stand_ins=stand_ins,
        initial={"version": ticket.version, "reason": "；".join(backups.reasons(ticket))[:300]},
    )
    if request.method == "GET" or not form.is_valid():
        return _backup_page(request, ticket, stand_ins, form)

    def run() -> str:
        worker = Worker.objects.select_related("user", "contractor").get(pk=form.cleaned_data["worker"])
        backups.activate(
            ticket=ticket,
            worker=worker,
            reason=form.cleaned_data["reason"],
            by=by,
            at=now(),
            version=form.cleaned_data["version"],
        )
        messages.success(
            request, f"{ticket.number} 已交给{worker.contractor.name}的{worker.user.full_name}。"
        )
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except backups.NotABackup as error:
        form.add_error("worker", str(error))
        return _backup_page(request, ticket, stand_ins, form)


def _backup_page(request: HttpRequest, ticket: Ticket, stand_ins, form: BackupForm) -> HttpResponse:
    context = {
        "ticket": ticket,
        "firm": backups.company_of(ticket),
        "reasons": backups.reasons(ticket),
        "stand_ins": stand_ins,
        "form": form,
        "can": any(not row.why_not for row in stand_ins),
        "crumbs": [("逾期单位", reverse("partners_slow")), (ticket.number, "")],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/backup.html", context, status=status)


@require_GET
@may_see
def objections(request: HttpRequest) -> HttpResponse:
    """What companies object to, those that wait for an answer first."""
    page = Paginator(queries.disputes(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "partners/disputes.html", {"page_obj": page})


@require_http_methods(["GET", "POST"])
@may_decide
@replays
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Read an objection with its photos and answer it."""
    row = get_object_or_404(queries.disputes(request.user), pk=pk)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _objection_page(request, row, form)
    back = reverse("partners_disputes")

    def run() -> str:
        data = form.cleaned_data
        disputes.decide(
            dispute=row, upheld=data["upheld"], words=data["words"], by=actor_of(request), at=now()
        )
        messages.success(request, "已答复，单位会收到消息。")
        return back

    return act_once(request, form, run, back_url=back)


def _objection_page(request: HttpRequest, row, form: DecideForm) -> HttpResponse:
    sent_with = row.ticket.evidence.filter(added_by=row.raised_by, added_at=row.raised_at)
    context = {
        "row": row,
        "form": form,
        "evidence": pages.evidence_items(sent_with),
        "crumbs": [("异议", reverse("partners_disputes")), (row.ticket.number, "")],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/dispute_decide.html", context, status=status)
