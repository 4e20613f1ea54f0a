"""The lists of the reviewer: what waits, what was sent, who is where."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from dispatch import facts, proposals, queries
from dispatch.forms import BulkForm, QueueFilter, WorkerFilter
from dispatch.models import Worker
from dispatch.rosters import duty_of
from tickets import precedence
from tickets import queries as ticket_queries
from tickets.models import Clock, Ticket

PER_PAGE = 50
may_dispatch = permission_required("tickets.dispatch_ticket", raise_exception=True)


@require_GET
@may_dispatch
@vary_on_headers("HX-Request")
def queue(request: HttpRequest) -> HttpResponse:
    """Tickets that wait for a decision by their dispatch limit, or those sent and not yet begun (DI-03)."""
    form = QueueFilter(request.GET, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    tab = chosen.get("tab", "")
    lists = {
        "": queries.waiting(request.user),
        "after": queries.after(request.user),
        "sent": queries.sent(request.user),
    }
    counts = {name: rows.order_by().count() for name, rows in lists.items()}
    page = Paginator(_filtered(lists[tab], chosen), PER_PAGE).get_page(request.GET.get("page"))
    at = now()
    context = {
        "form": form,
        "tab": tab,
        "tabs": _tabs(tab, counts),
        "page_obj": page,
        "rows": [(ticket, _state(ticket, at)) for ticket in _with_words(page, at)],
        "now": at,
        "bulk": BulkForm() if not tab else None,
    }
    template = "dispatch/_queue.html" if request.htmx else "dispatch/queue.html"
    return render(request, template, context)


def _tabs(tab: str, counts: dict[str, int]) -> list[dict]:
    home = reverse("dispatch_queue")
    return [
        {"label": "待复核", "url": home, "current": tab == "", "count": counts[""]},
        {
            "label": "事后复核",
            "url": f"{home}?tab=after",
            "current": tab == "after",
            "count": counts["after"],
        },
        {"label": "已派未上门", "url": f"{home}?tab=sent", "current": tab == "sent", "count": counts["sent"]},
    ]


def _filtered(tickets: QuerySet[Ticket], chosen: dict) -> QuerySet[Ticket]:
    tickets = ticket_queries.search(tickets, chosen.get("q", ""))
    if chosen.get("estate"):
        tickets = tickets.filter(estate=chosen["estate"])
    if chosen.get("level"):
        tickets = tickets.filter(level=chosen["level"])
    return tickets


def _with_words(tickets: Iterable[Ticket], at) -> list[Ticket]:
    """The tickets, each with why it goes first ("" for most) and why nobody can go (DI-09, DI-13)."""
    found, rules = list(tickets), precedence.in_force(at)
    for ticket in found:
        ticket.first = precedence.words_for(rules, estate_id=ticket.estate_id, fault_id=ticket.fault_id)
        rows = getattr(ticket, "open_proposals", ())
        waits = any(proposals.awaits_engineer(each) for row in rows for each in row.excluded)
        kind = getattr(ticket, "due_kind", None)
        # The column is about dispatch; any other limit is named.
        ticket.due_words = Clock.Kind(kind).label if kind and kind != Clock.Kind.DISPATCH else ""
        ticket.nobody = "待工程师确认" if waits else "没有可派人选"
    return found


def _state(ticket: Ticket, at) -> str:
    """How the row's clock stands: running, warn, breach or waiting."""
    if ticket.due is None:
        return "waiting"
    left = ticket.due - at
    if left < timedelta():
        return "breach"
    span = ticket.due - ticket.registered_at
    return "warn" if left <= span / 2 else "running"


@require_GET
@may_dispatch
@vary_on_headers("HX-Request")
def workers(request: HttpRequest) -> HttpResponse:
    """Who is where, on what, until when; load and certificates (DI-03, DI-08)."""
    form = WorkerFilter(request.GET, user=request.user)
    found = Worker.objects.visible_to(request.user).filter(user__is_active=True)
    if form.is_valid():
        found = chosen_workers(found, form.cleaned_data)
    found = found.select_related("user", "area", "contractor").prefetch_related("skills__trade")
    page = Paginator(found.order_by("area__code", "employer", "user__full_name", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    at = now()
    context = {
        "form": form,
        "page_obj": page,
        "posts": queries.posts(page, request.user, at=at),
        "may_import": request.user.has_perm("dispatch.import_worker"),
        "now": at,
    }
    template = "dispatch/_workers.html" if request.htmx else "dispatch/workers.html"
    return render(request, template, context)


def chosen_workers(found: QuerySet[Worker], chosen: dict) -> QuerySet[Worker]:
    """The workers that this filter of `WorkerFilter` leaves."""
    if text := chosen["q"].strip():
        found = found.filter(
            Q(user__full_name__contains=text)
            | Q(user__job_number__iexact=text)
            | Q(contractor__name__contains=text)
        )
    if chosen["estate"]:
        found = found.filter(pk__in=facts.workers_of(chosen["estate"].pk).values("pk"))
    if chosen["trade"]:
        found = found.filter(skills__trade=chosen["trade"])
    if chosen["show"] == "on_duty":
        duties = duty_of(list(found.distinct()), at=now())
        found = found.filter(pk__in=[pk for pk, duty in duties.items() if duty.on])
    elif chosen["show"] == "expiring":
        soon = localdate() + timedelta(days=queries.WARN_DAYS)
        found = found.filter(skills__expires_on__lte=soon).distinct()
    return found
