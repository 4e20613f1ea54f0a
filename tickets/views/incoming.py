"""What came in by mail and WeChat: look, register, put aside (IN-01)."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST, require_safe

from core.pages import CappedPaginator
from estates.queries import search_units
from tickets import incoming
from tickets.forms.incoming import AddForm, DismissForm, RestoreForm
from tickets.models import Incoming, IncomingFile
from tickets.views.files import show_file, show_small
from tickets.views.shared import act_once, actor_of, may_register

PER_PAGE = 20


@require_GET
@may_register
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first; or what was dealt with, newest first."""
    handled = request.GET.get("show") == "handled"
    found = Incoming.objects.visible_to(request.user).select_related("estate", "handled_by", "ticket")
    if handled:
        found = found.exclude(state=Incoming.State.NEW).order_by("-handled_at", "-received_at")
    else:
        found = found.filter(state=Incoming.State.NEW).order_by("received_at", "pk")
    page = CappedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = page.object_list.prefetch_related(Prefetch("files"))
    context = {"page_obj": page, "handled": handled, "tabs": _tabs(request, handled), "now": now()}
    return render(request, "tickets/incoming_list.html", context)


def _tabs(request: HttpRequest, handled: bool) -> list[dict]:
    waiting = Incoming.objects.visible_to(request.user).filter(state=Incoming.State.NEW).count()
    url = reverse("desk_incoming")
    return [
        {"label": "待处理", "url": url, "current": not handled, "count": waiting},
        {"label": "已处理", "url": f"{url}?show=handled", "current": handled},
    ]


@require_GET
@may_register
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message in full, with the way to register it or put it aside."""
    return _page(request, _visible_or_404(request, pk))


@require_POST
@may_register
def dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a message aside with a reason."""
    row = _visible_or_404(request, pk)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)

    def act() -> str:
        incoming.dismiss(pk=row.pk, reason=form.why(), by=actor_of(request), at=now())
        messages.success(request, f"已忽略{row.sender}的来件，可在“已处理”中恢复。")
        return reverse("desk_incoming")

    return _acted(request, form, act)


@require_POST
@may_register
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The message tells more about a ticket that there is already."""
    row = _visible_or_404(request, pk)
    form = AddForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, row, add_form=form, status=422)
    ticket = form.cleaned_data["number"]

    def act() -> str:
        incoming.add_to_ticket(pk=row.pk, ticket=ticket, by=actor_of(request), at=now())
        messages.success(request, f"来件已补充到 {ticket.number}。")
        return reverse("ticket", args=[ticket.number])

    return _acted(request, form, act)


@require_POST
@may_register
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring back what was put aside."""
    row = _visible_or_404(request, pk)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422)

    def act() -> str:
        incoming.restore(pk=row.pk)
        messages.success(request, f"{row.sender}的来件已恢复为待处理。")
        return reverse("desk_incoming_item", args=[row.pk])

    return _acted(request, form, act)


def _acted(request: HttpRequest, form, act) -> HttpResponse:
    try:
        return act_once(request, form, act, back_url=reverse("desk_incoming"))
    except incoming.Handled as error:
        return handled_page(request, error.incoming)


def handled_page(request: HttpRequest, row: Incoming) -> HttpResponse:
    """Who was faster, and where the message went (409)."""
    context = {
        "title": "这条来件已经有人处理了",
        "text": "您打开页面之后，同事已经处理了这条来件，所以没有重复登记。",
        "actor": row.handled_by or "系统",
        "at": row.handled_at,
        "state": row.get_state_display(),
        "back_url": reverse("desk_incoming"),
        "back_label": "返回来件列表",
    }
    if row.ticket:
        context |= {"back_url": reverse("ticket", args=[row.ticket.number]), "back_label": "查看工单"}
        context["state"] = f"{row.get_state_display()} {row.ticket.number}"
    return render(request, "core/taken.html", context, status=409)


@require_safe
@may_register
def file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What may be shown of an attachment."""
    return show_file(request, _file_or_404(request, pk))


@require_safe
@may_register
def thumb(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The small picture of a photo; 404 for what has none."""
    return show_small(request, _file_or_404(request, pk))


def named_by(request: HttpRequest) -> Incoming | None:
    """The message that an intake form is about, handled or not; None where it names none or none in scope."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        pk = UUID(asked.get("incoming", ""))
    except ValueError:
        return None
    return _visible(request).filter(pk=pk).first()


def sender_of(request: HttpRequest) -> dict[str, str]:
    """Name and number of whoever wrote the message that the form is about; empty without a number."""
    row = named_by(request)
    if row is None or not row.sender_phone:
        return {}
    return {"reporter_name": row.sender_name, "reporter_phone": row.sender_phone}


def initial_of(request: HttpRequest, row: Incoming) -> dict:
    """What the intake form may begin with; the dwelling where the number leads to one alone."""
    initial = {
        "incoming": row.pk,
        "channel": row.channel,
        "reporter_name": row.sender_name,
        "reporter_phone": row.sender_phone,
        "description": "\n".join(filter(None, [row.subject, row.text]))[:2000],
    }
    if row.estate_id:
        initial["estate"] = row.estate_id
    homes = search_units(request.user, row.sender_phone) if row.sender_phone else []
    if len(homes) == 1:
        initial["unit"] = homes[0].unit.pk
        if homes[0].owner:
            initial |= {"owner": homes[0].owner.pk, "reporter_name": homes[0].owner.name}
    return initial


def _visible(request: HttpRequest):
    return Incoming.objects.visible_to(request.user).select_related("estate", "handled_by", "ticket")


def _visible_or_404(request: HttpRequest, pk: UUID) -> Incoming:
    return get_object_or_404(_visible(request), pk=pk)


def _file_or_404(request: HttpRequest, pk: UUID) -> IncomingFile:
    files = IncomingFile.objects.filter(incoming__in=Incoming.objects.visible_to(request.user))
    return get_object_or_404(files, pk=pk)


def _page(
    request: HttpRequest,
    row: Incoming,
    *,
    form: DismissForm | None = None,
    add_form: AddForm | None = None,
    status: int = 200,
) -> HttpResponse:
    meant = incoming.ticket_meant(request.user, row) if row.state == Incoming.State.NEW else None
    context = {
        "incoming": row,
        "files": row.files.all(),
        "form": form or DismissForm(),
        "meant": meant,
        "add_form": add_form or AddForm(user=request.user, initial={"number": meant.number if meant else ""}),
        "restore": RestoreForm(),
        "crumbs": [("来件", reverse("desk_incoming"))],
    }
    return render(request, "tickets/incoming.html", context, status=status)
