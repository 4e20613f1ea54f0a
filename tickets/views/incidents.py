"""The incident log at the desk: list, page, enter, change, end, and a call that belongs to it (IN-17)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.pages import CappedPaginator
from estates.models import Estate
from tickets import incidents
from tickets.forms.incidents import CallForm, EndForm, IncidentForm
from tickets.models import Incident
from tickets.views.desk import may_see_desk
from tickets.views.shared import act_once, replays

PER_PAGE = 50
CRUMBS = [("突发事件", reverse_lazy("desk_incidents"))]
may_write = permission_required(
    ["tickets.register_ticket", "tickets.view_estate_tickets"], raise_exception=True
)


def _find(request: HttpRequest, pk: int) -> Incident:
    rows = Incident.objects.visible_to(request.user).select_related("estate", "entered_by")
    return get_object_or_404(rows.prefetch_related("buildings", "faults"), pk=pk)


@require_GET
@may_see_desk
def index(request: HttpRequest) -> HttpResponse:
    """What is going on now, and what was."""
    rows = Incident.objects.visible_to(request.user).select_related("estate")
    over = rows.exclude(ended_at=None).order_by("-ended_at")
    context = {
        "going_on": rows.going_on().prefetch_related("buildings"),
        "page_obj": CappedPaginator(over.prefetch_related("buildings"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "tickets/incidents.html", context)


@require_GET
@may_see_desk
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: what to say, whom it touches, who called."""
    return _detail(request, _find(request, pk), EndForm())


def _detail(request: HttpRequest, incident: Incident, form: EndForm, status: int = 200) -> HttpResponse:
    calls = incident.calls.select_related("taken_by")
    context = {
        "incident": incident,
        "sentence": incidents.sentence(incident),
        "page_obj": CappedPaginator(calls, PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "may_write": request.user.has_perm(incidents.MAY),
        "crumbs": CRUMBS,
    }
    return render(request, "tickets/incident.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may_write
@replays
def new(request: HttpRequest) -> HttpResponse:
    """Enter an incident once, for everybody who will call."""
    estate = _estate(request)
    if request.method == "GET" and estate is None:
        context = {"estates": Estate.objects.visible_to(request.user), "crumbs": CRUMBS}
        return render(request, "tickets/incident_estate.html", context)
    if request.method == "GET":
        initial = {"started_at": localtime(), "estate": estate}
        return _form_page(request, IncidentForm(initial=initial, user=request.user, estate=estate))
    form = IncidentForm(request.POST, user=request.user, estate=estate)
    if not form.is_valid():
        return _form_page(request, form, status=422)

    def act() -> str:
        incident = incidents.enter(facts=form.facts(), by=request.user, at=now())
        messages.success(request, "已登记。影响范围内的来电，登记页会自动提示。")
        return reverse("desk_incident", args=[incident.pk])

    return act_once(request, form, act, back_url=reverse("desk_incidents"))


def _estate(request: HttpRequest) -> Estate | None:
    """The estate that was chosen, or the only one."""
    estates = Estate.objects.visible_to(request.user)
    chosen = request.POST.get("estate") or request.GET.get("estate", "")
    if chosen.isdigit() and (found := estates.filter(pk=chosen[:18]).first()):
        return found
    two = list(estates[:2])
    return two[0] if len(two) == 1 else None


@require_http_methods(["GET", "POST"])
@may_write
@replays
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Other words, another reach, another expected end."""
    incident = _find(request, pk)
    back = reverse("desk_incident", args=[pk])
    if request.method == "GET":
        initial = IncidentForm.initial_of(incident)
        form = IncidentForm(initial=initial, user=request.user, incident=incident)
        return _form_page(request, form, incident=incident)
    form = IncidentForm(request.POST, user=request.user, incident=incident)
    if not form.is_valid():
        return _form_page(request, form, incident=incident, status=422)

    def act() -> str:
        incidents.change(incident=incident, facts=form.facts(), by=request.user)
        messages.success(request, "已更新，正在通话的同事会看到新的说法。")
        return back

    return _or_over(request, back, form, act)


def _form_page(
    request: HttpRequest, form: IncidentForm, *, incident: Incident | None = None, status: int = 200
) -> HttpResponse:
    crumbs = [*CRUMBS]
    if incident:
        crumbs.append((incident.title, reverse("desk_incident", args=[incident.pk])))
    context = {"form": form, "incident": incident, "crumbs": crumbs}
    return render(request, "tickets/incident_form.html", context, status=status)


@require_POST
@may_write
@replays
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """It is over: everybody who called is told once."""
    incident = _find(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _detail(request, incident, form, status=422)
    back = reverse("desk_incident", args=[pk])

    def act() -> str:
        words = form.cleaned_data["words"]
        told = incidents.end(incident=incident, words=words, by=request.user, at=now())
        messages.success(request, f"已结束，将短信告知{told}位来电人。" if told else "已结束。")
        return back

    return _or_over(request, back, form, act)


@require_POST
@may_write
@replays
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """The call of the intake page belongs to this incident: written down, no ticket."""
    incident = _find(request, pk)
    form = CallForm(request.POST, user=request.user)
    if not form.is_valid():
        context = {
            "title": "没有记下这通来电",
            "text": "页面已过期，请重新打开来电登记再记一次。",
            "back_url": reverse("desk_intake"),
        }
        return render(request, "core/taken.html", context, status=422)

    def act() -> str:
        call = incidents.attach(incident=incident, caller=form.caller(), by=request.user, at=now())
        who = call.name or call.place_label or "来电人"
        again = f"（第{call.times}次来电）" if call.times > 1 else ""
        messages.success(request, f"已记到“{incident.title}”：{who}{again}，恢复后短信告知。没有另开工单。")
        # Not back to the form: it would take its own draft for a call that was not finished.
        return reverse("desk_incident", args=[pk])

    return _or_over(request, reverse("desk_intake"), form, act)


def _or_over(request: HttpRequest, back: str, form, act) -> HttpResponse:
    try:
        return act_once(request, form, act, back_url=back)
    except incidents.AlreadyEnded as error:
        context = {"title": "事件已经结束", "text": str(error), "back_url": back}
        return render(request, "core/taken.html", context, status=409)
