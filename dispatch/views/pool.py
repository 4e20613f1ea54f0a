"""The pool on the worker's phone: what may be taken, and the taking (DI-04)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from core.forms import KeyedForm
from dispatch import assign, pool
from dispatch.models import Worker
from tickets.views.shared import act_once, replays

works = permission_required("tickets.work_ticket", raise_exception=True)


def _worker(request: HttpRequest) -> Worker | None:
    return Worker.objects.select_related("user").filter(user=request.user).first()


@require_GET
@works
def offers(request: HttpRequest) -> HttpResponse:
    """What this worker may take, by deadline; and why not the rest."""
    worker, at = _worker(request), now()
    found = pool.open_to(worker, at=at) if worker else pool.Pool([], [])
    context = {"worker": worker, "pool": found, "now": at, "key_form": KeyedForm}
    return render(request, "dispatch/field_pool.html", context)


@require_POST
@works
@replays
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """The first one gets it; whoever comes later is told who has it and since when."""
    worker = get_object_or_404(Worker.objects.select_related("user"), user=request.user)
    proposal = get_object_or_404(pool.offered(worker), pk=pk)
    back = reverse("field_pool")
    form = KeyedForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，请重新点击“接下这单”。")
        return redirect(back)

    def act() -> str:
        ticket = pool.take(proposal=proposal, worker=worker, at=now())
        messages.success(request, "已接下，请尽快联系业主。")
        return reverse("field_ticket", args=[ticket.number])

    try:
        return act_once(request, form, act, back_url=back)
    except assign.NotEligible as error:
        messages.error(request, str(error))
        return redirect(back)
