"""The steps of a ticket inside the admin: the buttons on its page and the page of one step."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers, widgets
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now

from core.store import RefusedFile
from core.widgets import SegmentedRadio
from tickets import pages, workflow
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.views import steps as simple
from tickets.views.shared import act_once, replays, step_taken


def offered(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """The steps this person may take now: here, on another page, or only on the worker's phone."""
    links: dict[str, dict[str, str]] = {}
    on_site = []
    for button in workflow.buttons(ticket, by):
        if button.needs in simple.SIMPLE:
            url = reverse("admin:tickets_ticket_step", args=[ticket.pk, button.name])
            links[button.name] = {"label": button.label, "url": url, "tone": button.tone}
        elif button.needs in pages.PAGES:
            name = pages.PAGES[button.needs]
            label = pages.PAGE_LABELS.get(name, button.label)
            links.setdefault(
                name, {"label": label, "url": reverse(name, args=[ticket.number]), "tone": "primary"}
            )
        else:
            on_site.append(button.label)
    return {"step_links": list(links.values()), "on_site": "、".join(on_site)}


@replays
def _take(request: HttpRequest, model_admin: admin.ModelAdmin, ticket: Ticket, name: str) -> HttpResponse:
    by = Actor.staff(request.user)
    back = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    try:
        button = simple.find_button(ticket, name, by)
    except workflow.StepTaken as error:
        return step_taken(request, error, back_url=back)
    data = request.POST if request.method == "POST" else None
    form = simple.form_for(button, data, ticket=ticket, user=request.user, files=request.FILES)
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, model_admin, ticket, button, form)

    def act() -> str:
        simple.take(ticket, button, form, by, now())
        model_admin.log_change(request, ticket, button.label)
        messages.success(request, f"{ticket.number}：{button.label}已完成。")
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _form_page(request, model_admin, ticket, button, form)


def page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Show the form of a step, or take it; 404 out of scope, 403 without the right, 409 when taken."""
    if request.method not in {"GET", "POST"}:
        return HttpResponse(status=405, headers={"Allow": "GET, POST"})
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    ticket = get_object_or_404(model_admin.get_queryset(request).select_related("policy"), pk=pk)
    return _take(request, model_admin, ticket, name)


def _form_page(request, model_admin, ticket, button, form) -> HttpResponse:
    for field in form.fields.values():
        if isinstance(field.widget, SegmentedRadio):
            field.widget = widgets.AdminRadioSelect(choices=field.choices)
        elif isinstance(field.widget, forms.Textarea):
            field.widget.attrs["class"] = "vLargeTextField"
    visible = [field.name for field in form.visible_fields()]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": ticket,
        "title": f"{button.label} {ticket.number}",
        "button": button,
        "form": form,
        "adminform": helpers.AdminForm(form, [(None, {"fields": visible})], {}),
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/tickets/ticket/step.html", context, status=status)
