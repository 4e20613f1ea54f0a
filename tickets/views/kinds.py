"""Pages of what kinds need besides: their sheets, the first contact, the reply (IN-11)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from core.store import RefusedFile
from tickets import handling, kinds, requirements, rules, workflow
from tickets.forms.kinds import ContactForm, ReplyForm, SheetForm
from tickets.models import Evidence, Ticket
from tickets.states import ENDED
from tickets.views.kind_switch import switched
from tickets.views.shared import act_once, actor_of, may_register, replays, step_taken, ticket_or_404


@require_http_methods(["GET", "POST"])
@replays
def sheet(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Fill in what a step waits for: device and photos, quote, estimate."""
    ticket = ticket_or_404(request, number)
    found = kinds.sheet_named(ticket.kind, name)
    if found is None or found not in requirements.applying_sheets(ticket):
        raise Http404
    if not rules.may_fill(ticket, found, actor_of(request)):
        raise PermissionDenied("您没有填写这份资料的权限。")
    if ticket.status in ENDED:
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    photos = Evidence.objects.filter(ticket=ticket, kind=Evidence.Kind.PHOTO).count() if found.photos else 0
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SheetForm(*posted, sheet=found, photos=photos, initial=requirements.facts_of(ticket))
    if request.method == "GET" or not form.is_valid():
        return _page(request, ticket, form, title=found.label, submit="保存", files=bool(found.photos))

    def act() -> str:
        handling.fill(
            ticket=ticket,
            sheet=found,
            facts=form.facts(),
            photos=form.photos(),
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, f"{ticket.number} 的{found.label}已保存。")
        return _back(ticket)

    try:
        return act_once(request, form, act, back_url=_back(ticket))
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _page(request, ticket, form, title=found.label, submit="保存", files=True)


@require_http_methods(["GET", "POST"])
@replays
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what the call to somebody who complained has brought."""
    ticket = _answered(request, number)
    if not workflow.may(ticket, "contact_caller", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, ticket, form, title="联系核实", submit="记录联系")

    def act() -> str:
        handling.contact(ticket=ticket, result=form.cleaned_data["result"], by=actor_of(request), at=now())
        messages.success(request, f"{ticket.number} 的联系情况已记录。")
        return _back(ticket)

    return act_once(request, form, act, back_url=_back(ticket))


@require_http_methods(["GET", "POST"])
@replays
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Answer a complaint, a suggestion or a question."""
    ticket = _answered(request, number)
    if not workflow.may(ticket, "reply", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    form = ReplyForm(request.POST if request.method == "POST" else None)
    lacking = requirements.missing(ticket, "reply")
    if lacking and request.method == "POST" and form.is_valid():
        # Nothing typed is lost: the page with the words says what comes first.
        form.add_error(None, f"答复前还缺：{'、'.join(each.label for each in lacking)}。")
    if request.method == "GET" or not form.is_valid():
        return _page(request, ticket, form, title="答复", submit="提交答复", lacking=lacking)

    def act() -> str:
        moved = handling.reply(
            ticket=ticket,
            answer=form.cleaned_data["answer"],
            means=form.cleaned_data["means"],
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, f"{ticket.number} 已答复，现在{moved.get_status_display()}。")
        return _back(ticket)

    return act_once(request, form, act, back_url=_back(ticket))


def _answered(request: HttpRequest, number: str) -> Ticket:
    ticket = ticket_or_404(request, number)
    if not rules.may_answer(ticket, actor_of(request)):
        raise PermissionDenied("答复由客服前台、信息员、主管或经理办理。")
    return ticket


def _back(ticket: Ticket) -> str:
    return reverse("ticket", args=[ticket.number])


def _page(request: HttpRequest, ticket: Ticket, form, *, title: str, submit: str, **more) -> HttpResponse:
    crumbs = [("工单", reverse("desk_tickets")), (ticket.number, _back(ticket))]
    context = {"ticket": ticket, "form": form, "title": title, "submit": submit, "crumbs": crumbs} | more
    status = 422 if form.is_bound else 200
    return render(request, "tickets/kind_form.html", context, status=status)


@require_POST
@may_register
def opening(request: HttpRequest) -> HttpResponse:
    """The part of the intake form that depends on the kind, with what was typed; nothing is written."""
    form = switched(request)
    form.offer_places()
    fault = form.fields["fault"].named_by(form["fault"].value())
    context = {"form": form, "fault": fault, "swapped": True}
    return render(request, "tickets/_kind_fields.html", context)
