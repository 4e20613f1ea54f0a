"""Each view does the one thing its figure is about, in the way of Django's tutorial."""

from datetime import timedelta
from uuid import uuid4

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from bench.yardstick.models import Clock, Event, Message, Row, Ticket


class TicketForm(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ["unit", "name", "phone", "description"]


def register(request: HttpRequest) -> HttpResponse:
    """A valid form becomes four rows in one transaction."""
    form = TicketForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_json(), status=422)
    with transaction.atomic():
        form.instance.number = str(uuid4())
        ticket = form.save()
        Event.objects.create(ticket=ticket, label="register", payload={"level": 3})
        Clock.objects.create(ticket=ticket, kind="dispatch", due_at=now() + timedelta(hours=2))
        Message.objects.create(ticket=ticket, address=ticket.phone, body=f"已登记 {ticket.number}")
    return HttpResponseRedirect(f"/ticket/{ticket.number}/")


def tickets(request: HttpRequest) -> HttpResponse:
    """The newest 50 tickets."""
    rows = Row.objects.select_related("estate").order_by("-registered_at", "-pk")[:50]
    return render(request, "yardstick/tickets.html", {"tickets": rows})


def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket with its history and clocks."""
    row = get_object_or_404(Row.objects.select_related("estate"), number=number)
    context = {"ticket": row, "events": row.events.order_by("-seq"), "clocks": row.clocks.all()}
    return render(request, "yardstick/ticket.html", context)
