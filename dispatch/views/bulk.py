"""Several proposals approved in one go, each with its own result (DI-03, T46)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dispatch import handing
from dispatch.forms import BulkForm
from dispatch.views.queue import may_dispatch
from tickets.views.shared import act_once, actor_of

# So many refusals are said one by one; of the others the number.
SAID = 12


@require_POST
@may_dispatch
def approve(request: HttpRequest) -> HttpResponse:
    """Send the first candidate of each ticked ticket."""
    home = reverse("dispatch_queue")
    form = BulkForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, "；".join(error for errors in form.errors.values() for error in errors))
        return redirect(home)

    def act() -> str:
        results = handing.approve_all(seen=form.cleaned_data["pick"], by=actor_of(request), at=now())
        _tell(request, results)
        return home

    try:
        return act_once(request, form, act, back_url=home)
    except handing.Busy as error:
        messages.error(request, str(error))
        return redirect(home)


def _tell(request: HttpRequest, results: Sequence[handing.Result]) -> None:
    done = [each for each in results if each.done]
    failed = [each for each in results if not each.done]
    if done:
        listed = "；".join(f"{each.number} {each.words}" for each in done[:SAID])
        messages.success(request, f"{len(done)} 单已办理：{listed}{_more(len(done))}。")
    if failed:
        listed = "；".join(f"{each.number} {each.words}" for each in failed[:SAID])
        messages.warning(request, f"{len(failed)} 单没有派出：{listed}{_more(len(failed))}。")


def _more(number: int) -> str:
    return f"；另有 {number - SAID} 单" if number > SAID else ""
