"""The owner's phone pages of one ticket: follow it, sign the plan, accept the work (S2, EX-02, EX-09)."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.store import RefusedFile
from core.throttle import too_many
from knowledge.queries import scripts_for
from tickets import acceptance as acceptances
from tickets import fieldwork, links, nudges, owner_words, pages, plans, requirements, workflow
from tickets.actors import Actor
from tickets.forms.owner import AcceptForm, RefuseForm, SignForm, UrgeForm, VerifyForm, WordsForm
from tickets.models import Evidence, Ticket
from tickets.states import Status
from tickets.views.shared import act_once, replays

# Wrong links from one address in a minute before it has to wait (T04).
MISSES_A_MINUTE = 20
COMMENTS_AN_HOUR = 20
ASKS_OWNER = {Status.OWNER_CONSENT: "owner_plan", Status.OWNER_ACCEPTANCE: "owner_acceptance"}


@login_not_required
@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the link's secret for a grant in the session and go to a clean address (T04)."""
    at = now()
    link = links.find(token, at=at)
    if link is None:
        if too_many(request, "owner-link", limit=MISSES_A_MINUTE, seconds=60):
            return render(request, "tickets/owner_gone.html", {"wait": True}, status=429)
        return render(request, "tickets/owner_gone.html", status=404)
    links.grant(request, link)
    return redirect("owner_ticket", number=link.ticket.number)


def _granted(request: HttpRequest, number: str) -> Ticket:
    """The ticket of this session's link, or one that its phone reported."""
    tickets = Ticket.objects.select_related("estate", "fault", "handler", "policy", "owner")
    return get_object_or_404(tickets.filter(links.openable(request)), number=number)


def _proven(request: HttpRequest, number: str) -> Ticket:
    """The same, once the phone digits were checked in this session."""
    ticket = _granted(request, number)
    if not links.is_proven(request, ticket):
        raise PermissionDenied("请先在工单页面验证预留手机号后四位。")
    return ticket


def _actor(ticket: Ticket) -> Actor:
    return Actor.owner(ticket_id=ticket.pk, name=ticket.reporter_name or "业主")


@login_not_required
@never_cache
@require_GET
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Where the ticket stands; details once the phone digits are known."""
    return _ticket_page(request, _granted(request, number), VerifyForm())


def _ticket_page(
    request: HttpRequest,
    ticket: Ticket,
    form: VerifyForm,
    status: int = 200,
    words: WordsForm | None = None,
) -> HttpResponse:
    proven = links.is_proven(request, ticket)
    context = {
        "ticket": ticket,
        "steps": pages.owner_stepper(ticket),
        "proven": proven,
        "form": form,
        "subject": owner_words.subject(ticket),
    }
    if proven:
        context |= {
            "events": pages.owner_timeline(ticket),
            "evidence": pages.evidence_items(ticket.evidence.filter(owner_may_see=True)),
            "visit": ticket.visits.filter(state="booked").first(),
            "answers": owner_words.answers(ticket),
            "cover": owner_words.cover(ticket, requirements.ruling_of(ticket)),
            "ask": ASKS_OWNER.get(ticket.status, ""),
            "next": owner_words.next_words(ticket),
            "apology": owner_words.apology(ticket, at=now()),
            "worker_phone": owner_words.worker_phone(ticket),
            "worker_role": owner_words.worker_role(ticket),
            "at_door": owner_words.at_door(ticket),
            "rescue": scripts_for(ticket.fault).rescue
            if ticket.fault and ticket.status in owner_words.WAITING
            else [],
            "words": words or WordsForm(),
            "urge_form": UrgeForm() if workflow.may(ticket, "urge", _actor(ticket)) else None,
            "urge_next": nudges.owner_may_urge_at(ticket, at=now()),
        }
    return render(request, "tickets/owner_ticket.html", context, status=status)


@login_not_required
@require_POST
def verify(request: HttpRequest, number: str) -> HttpResponse:
    """Check the last four digits of the phone; five wrong ones lock the link for a while."""
    ticket = _granted(request, number)
    form = VerifyForm(request.POST)
    target = ASKS_OWNER.get(ticket.status, "owner_ticket")
    if links.is_proven(request, ticket):
        return redirect(target, number=number)
    if form.is_valid():
        problem = links.prove(request, digits=form.cleaned_data["digits"], at=now())
        if not problem:
            return redirect(target, number=number)
        form.add_error("digits", problem)
    return _ticket_page(request, ticket, form, status=422)


@login_not_required
@replays
@require_POST
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """催单: heard and counted, never a second ticket; kindly refused within the hour (IN-20)."""
    ticket = _proven(request, number)
    form = UrgeForm(request.POST)
    if not form.is_valid():
        return _ticket_page(request, ticket, VerifyForm(), status=422)

    def press() -> None:
        nudges.urge(ticket=ticket, by=_actor(ticket), at=now())

    try:
        return _act(request, ticket, form, press, owner_words.subject(ticket)["urged"])
    except nudges.TooSoon as error:
        messages.info(request, str(error))
        return HttpResponseRedirect(reverse("owner_ticket", args=[number]), status=303)


@login_not_required
@require_POST
def comment(request: HttpRequest, number: str) -> HttpResponse:
    """What the owner wants to add, with photos; the worker or the dispatchers are told."""
    ticket = _proven(request, number)
    form = WordsForm(request.POST, request.FILES)
    if form.is_valid() and too_many(request, "owner-comment", limit=COMMENTS_AN_HOUR, seconds=3600):
        form.add_error("words", "留言太频繁，请稍后再试，急事请拨打服务热线。")
    if not form.is_valid():
        return _ticket_page(request, ticket, VerifyForm(), status=422, words=form)

    def say() -> None:
        data, at = form.cleaned_data, now()
        workflow.note(ticket=ticket, name="comment", by=_actor(ticket), at=at, reason=data["words"])
        if data["photos"]:
            fieldwork.add_photos(
                ticket=ticket,
                photos=data["photos"],
                stage=Evidence.Stage.OTHER,
                by=_actor(ticket),
                at=at,
            )

    try:
        return _act(request, ticket, form, say, "留言已送达。")
    except RefusedFile as refused:
        form.add_error("photos", str(refused))
        return _ticket_page(request, ticket, VerifyForm(), status=422, words=form)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, number: str) -> HttpResponse:
    """Read the plan card and sign it with a finger (EX-02)."""
    ticket = _proven(request, number)
    form = SignForm(
        request.POST if request.method == "POST" else None, initial={"signer": ticket.reporter_name}
    )
    card = plans.current(ticket)
    if card is None:
        raise Http404
    if request.method == "GET" or not form.is_valid():
        context = {
            "ticket": ticket,
            "plan": card,
            "form": form,
            "open": ticket.status == Status.OWNER_CONSENT,
        }
        return _form_page(request, "tickets/owner_plan.html", context)

    def sign() -> None:
        data = form.cleaned_data
        plans.sign(
            ticket=ticket, signature=data["signature"], signer=data["signer"], by=_actor(ticket), at=now()
        )

    return _act(request, ticket, form, sign, "已确认方案，师傅将开始维修。")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def acceptance(request: HttpRequest, number: str) -> HttpResponse:
    """Look at the finished work, give stars and sign (EX-09)."""
    ticket = _proven(request, number)
    form = AcceptForm(
        request.POST if request.method == "POST" else None, initial={"signer": ticket.reporter_name}
    )
    if request.method == "GET" or not form.is_valid():
        after = ticket.evidence.filter(stage=Evidence.Stage.AFTER, owner_may_see=True)
        context = {
            "ticket": ticket,
            "form": form,
            "open": ticket.status == Status.OWNER_ACCEPTANCE,
            "sheet": ticket.acceptances.filter(round=ticket.round).first(),
            "evidence": pages.evidence_items(after),
        }
        return _form_page(request, "tickets/owner_acceptance.html", context)

    def accept() -> None:
        data = form.cleaned_data
        acceptances.accept(
            ticket=ticket,
            signature=data["signature"],
            signer=data["signer"],
            stars=data["stars"],
            remark=data["remark"],
            by=_actor(ticket),
            at=now(),
        )

    return _act(request, ticket, form, accept, "验收完成，感谢您的评价。")


@login_not_required
@require_http_methods(["GET", "POST"])
def refuse_plan(request: HttpRequest, number: str) -> HttpResponse:
    """The owner does not agree to the plan, and says why."""
    return _refuse(request, number, "refuse_plan", "不同意维修方案", "已收到您的意见，师傅会重新制定方案。")


@login_not_required
@require_http_methods(["GET", "POST"])
def refuse_acceptance(request: HttpRequest, number: str) -> HttpResponse:
    """The owner finds the work not good, and says what is wrong."""
    return _refuse(request, number, "refuse_acceptance", "验收不通过", "已收到您的意见，师傅会继续整改。")


def _refuse(request: HttpRequest, number: str, step: str, title: str, thanks: str) -> HttpResponse:
    ticket = _proven(request, number)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _form_page(
            request, "tickets/owner_refuse.html", {"ticket": ticket, "form": form, "title": title}
        )

    def refuse() -> None:
        reason = form.cleaned_data["reason"]
        workflow.step(ticket=ticket, name=step, by=_actor(ticket), at=now(), reason=reason)

    return _act(request, ticket, form, refuse, thanks)


def _form_page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _act(request: HttpRequest, ticket: Ticket, form, do: Callable[[], None], thanks: str) -> HttpResponse:
    back = reverse("owner_ticket", args=[ticket.number])

    def act() -> str:
        do()
        messages.success(request, thanks)
        return back

    return act_once(request, form, act, back_url=back)
