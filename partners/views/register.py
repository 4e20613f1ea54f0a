"""Companies for our staff: who they are, how they stand, their doors and papers (WA-06, WA-12)."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from core import store
from core.db import joined
from core.forms import KeyedForm
from core.store import RefusedFile
from partners import access, letters, queries, scores
from partners.forms import AnswersForm, LetterForm, LinkForm, NoticeForm, RegisterFilter
from partners.models import Notice, ScoreEntry
from tickets.models import Ticket
from tickets.views.files import show_file
from tickets.views.shared import act_once, actor_of
from warranty import contractors
from warranty.models import Agreement, AuthorisationLetter, Contact, Contractor

PER_PAGE = 50
may_see = permission_required(
    ["warranty.view_contractor", "tickets.view_estate_tickets"], raise_exception=True
)
may_manage = permission_required(
    ["partners.manage_partner", "tickets.view_estate_tickets"], raise_exception=True
)


@require_GET
@may_see
def home(request: HttpRequest) -> HttpResponse:
    """Every company in scope: last visit, unread letters, open and overdue tickets, points."""
    form = RegisterFilter(request.GET)
    firms = form.chosen(Contractor.objects.visible_to(request.user).order_by("-active", "kind", "name"))
    page = Paginator(firms, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": queries.standings(page, request.user, today=localdate()),
        "may_manage": request.user.has_perm("partners.manage_partner"),
    }
    return render(request, "partners/register.html", context)


@require_GET
@may_see
def answers(request: HttpRequest) -> HttpResponse:
    """Who answers for a building and a component: the responsible contractor, then who stands in (WA-06)."""
    form = AnswersForm(request.GET or None, user=request.user)
    rows: list[Agreement] = []
    if form.is_valid():
        building, fault = form.cleaned_data["building"], form.cleaned_data["fault"]
        rows = list(
            contractors.agreements_for(
                estate_id=building.estate_id,
                trade_ids=list(fault.trades.values_list("pk", flat=True)),
                on=localdate(),
                building=building,
            ).prefetch_related("contractor__contacts")
        )
    crumbs = [("单位台账", reverse("partners_home")), ("谁负责", "")]
    context = {"form": form, "rows": rows, "asked": form.is_bound and form.is_valid(), "crumbs": crumbs}
    return render(request, "partners/answers.html", context)


def _firm(request: HttpRequest, pk: int) -> Contractor:
    return get_object_or_404(Contractor.objects.visible_to(request.user), pk=pk)


@require_GET
@may_see
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """One company: contacts with their doors, agreements with points, tickets, letters with receipts."""
    firm = _firm(request, pk)
    user = request.user
    held = queries.held_by(firm).filter(pk__in=Ticket.objects.visible_to(user).values("pk"))
    agreements = Agreement.objects.visible_to(user).filter(contractor=firm).select_related("estate")
    context = {
        "firm": firm,
        "now": now(),
        "standing": queries.standings([firm], user, today=localdate())[0],
        "contacts": queries.contacts_of(firm),
        "agreements": scores.with_points(agreements.prefetch_related("trades", "buildings", "batches")),
        "letters": firm.letters.all(),
        "tickets": held[:PER_PAGE],
        "notices": queries.notices_of(firm).filter(pk__in=Notice.objects.visible_to(user).values("pk"))[:30],
        "scores": ScoreEntry.objects.visible_to(user).filter(contractor=firm).select_related("by")[:30],
        "may_manage": user.has_perm("partners.manage_partner"),
        "link_form": LinkForm(),
        "key_form": KeyedForm,
        "crumbs": [("单位台账", reverse("partners_home")), (firm.name, "")],
    }
    return render(request, "partners/company.html", context)


def _contact(request: HttpRequest, pk: int) -> Contact:
    people = Contact.objects.visible_to(request.user).select_related("contractor", "user")
    return get_object_or_404(people, pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
@may_manage
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a contact's personal link and send it; shown once, to who may see all that it opens (T04)."""
    contact = _contact(request, pk)
    back = reverse("partners_company", args=[contact.contractor_id])
    form = LinkForm(request.POST if request.method == "POST" else None)
    context = {"contact": contact, "form": form, "back": back}
    if request.method == "GET" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "partners/link.html", context, status=status)
    made: list[str] = []

    def run() -> str:
        days = form.cleaned_data["days"]
        made.append(access.make(contact=contact, days=days, by=request.user, at=now()))
        return back

    try:
        response = act_once(request, form, run, back_url=back)
    except access.NoDoor as error:
        form.add_error(None, str(error))
        return render(request, "partners/link.html", context, status=422)
    if not made:
        # A second click: the secret is not kept, so it cannot be shown again.
        return response
    context["address"] = made[0] if queries.covers(request.user, contact.contractor) else ""
    return render(request, "partners/link_made.html", context)


@require_POST
@may_manage
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a contact's link and sessions at once."""
    contact = _contact(request, pk)
    back = reverse("partners_company", args=[contact.contractor_id])
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return render(
            request, "partners/link.html", {"contact": contact, "form": LinkForm(), "back": back}, status=422
        )

    def run() -> str:
        access.revoke(contact=contact, by=request.user, at=now())
        messages.success(request, f"{contact.name}的链接已吊销，已登录的页面同时退出。")
        return back

    return act_once(request, form, run, back_url=back)


@require_http_methods(["GET", "POST"])
@may_manage
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a 催办函 or 整改通知单 on one of the company's open tickets (N12)."""
    firm = _firm(request, pk)
    data = request.POST if request.method == "POST" else None
    form = NoticeForm(data, user=request.user, contractor=firm)
    back = reverse("partners_company", args=[pk])
    if request.method == "GET" or not form.is_valid():
        crumbs = [("单位台账", reverse("partners_home")), (firm.name, back), ("发函", "")]
        context = {"firm": firm, "form": form, "crumbs": crumbs, "back": back}
        return render(
            request, "partners/notice_new.html", context, status=422 if request.method == "POST" else 200
        )

    def run() -> str:
        data = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        sent = letters.send(contractor=firm, by=actor_of(request), at=now(), **data)
        messages.success(request, f"{sent.get_kind_display()}已发给{firm.name}的联系人。")
        return back

    return act_once(request, form, run, back_url=back)


@require_http_methods(["GET", "POST"])
@may_manage
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the scan of an 授权委托书 with its validity (F14)."""
    firm = _firm(request, pk)
    form = LetterForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    back = reverse("partners_company", args=[pk])
    if request.method == "GET" or not form.is_valid():
        return _letter_page(request, firm, form, back)

    def run() -> str:
        _keep_letter(firm, form.cleaned_data, request, now())
        messages.success(request, "授权委托书已登记。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except RefusedFile as error:
        form.add_error("file", str(error))
        return _letter_page(request, firm, form, back)


def _letter_page(request: HttpRequest, firm: Contractor, form: LetterForm, back: str) -> HttpResponse:
    crumbs = [("单位台账", reverse("partners_home")), (firm.name, back), ("授权委托书", "")]
    context = {"firm": firm, "form": form, "crumbs": crumbs, "back": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/letter.html", context, status=status)


@joined
def _keep_letter(firm: Contractor, data: dict, request: HttpRequest, at: datetime) -> None:
    [(upload, info)] = data["file"]
    AuthorisationLetter.objects.create(
        contractor=firm,
        valid_from=data["valid_from"],
        valid_to=data["valid_to"],
        kind=info.kind,
        content_type=info.content_type,
        name=info.name,
        recorded_by=request.user,
        recorded_at=at,
        **vars(store.keep(upload, info, at=at)),
    )


@require_safe
@may_see
def letter_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The scan, to who may know about the company (T14)."""
    row = get_object_or_404(AuthorisationLetter.objects.visible_to(request.user), pk=pk)
    return show_file(request, row)
