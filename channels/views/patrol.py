"""The patrol's phone: a public place, a photo, a few words (IN-06)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods

from channels import patrol, qr, where
from channels.forms.short import PatrolForm, faults_for
from channels.views.owner import to_script
from core.store import RefusedFile
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of, replays

may_report = permission_required("tickets.register_ticket", raise_exception=True)
PER_PAGE = 30


@to_script
@require_http_methods(["GET", "POST"])
@may_report
@replays
def new(request: HttpRequest) -> HttpResponse:
    """The form; a place whose code was scanned is picked already."""
    if request.method == "GET":
        return _page(request, PatrolForm(user=request.user, initial=_scanned(request)))
    form = PatrolForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)

    def act() -> str:
        at = now()
        ticket = patrol.report(
            found=form.intake(at=at), photos=form.cleaned_data["photos"], by=actor_of(request), at=at
        )
        messages.success(request, f"已上报 {ticket.number}，{ticket.get_level_display()}。")
        return reverse("patrol_mine")

    try:
        return act_once(request, form, act, back_url=reverse("patrol_new"))
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _page(request, form, status=422)


def _scanned(request: HttpRequest) -> dict:
    spot = qr.remembered(request)
    if spot is None or spot.place is None:
        return {}
    # Somebody who walks through a foreign estate scans its codes in vain.
    place = where.named(request.user, f"p{spot.place.pk}")
    return {"where": f"p{place.pk}"} if place else {}


def _page(request: HttpRequest, form: PatrolForm, status: int = 200) -> HttpResponse:
    hits = form.hits() or where.used_lately(request.user)
    picked = str(form["where"].value() or "")
    context = {"form": form, "hits": hits, "picked": picked, "faults": form.faults()}
    context["typed"] = form["q"].value() or ""
    return render(request, "channels/patrol.html", context, status=status)


@require_GET
@may_report
def places(request: HttpRequest) -> HttpResponse:
    """Public places for what was typed."""
    typed = request.GET.get("q", "")
    hits = where.find(request.user, typed) if typed.strip() else where.used_lately(request.user)
    context = {"hits": hits, "typed": typed, "picked": request.GET.get("where", "")}
    return render(request, "channels/_where_hits.html", context)


@require_GET
@may_report
def faults(request: HttpRequest) -> HttpResponse:
    """Faults that the words so far may mean; the desk chooses when none is tapped."""
    picked = where.named(request.user, request.GET.get("where", ""))
    found = faults_for(request.GET.get("description", "")[:100], picked)
    return render(request, "channels/_fault_choice.html", {"faults": found})


@require_GET
@may_report
def mine(request: HttpRequest) -> HttpResponse:
    """What this person has reported on rounds."""
    page = Paginator(patrol.mine(request.user), PER_PAGE).get_page(request.GET.get("page"))
    visible = Ticket.objects.visible_to(request.user).filter(pk__in=[each.pk for each in page])
    context = {"page_obj": page, "visible": set(visible.values_list("pk", flat=True))}
    return render(request, "channels/patrol_mine.html", context)
