"""What the surfaces share: find a ticket in scope, act once, say kindly that somebody was faster."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from core import keys
from tickets import reads
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.workflow import NotReady, StepTaken

# A worker may report what they find on a round, but the search shows every owner of the estate.
may_register = permission_required(
    ["tickets.register_ticket", "tickets.view_estate_tickets"], raise_exception=True
)


def ticket_or_404(request: HttpRequest, number: str) -> Ticket:
    """The ticket of this number if this user may see it; a foreign one is as missing as none (T01)."""
    ticket = reads.find(request.user, number)
    if ticket is None:
        raise Http404
    return ticket


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in user as an actor."""
    return Actor.staff(request.user)


def act_once(request: HttpRequest, form, act: Callable[[], str], *, back_url: str = "") -> HttpResponse:
    """Run `act` under the form's one-time key and go where it says.

    A second click gets the first one's answer; a step that somebody else has
    taken is a friendly page (409), a key used for something else another (422).
    """
    return _answered(
        request, lambda: keys.once(request=request, key=form.cleaned_data["form_key"], act=act), back_url
    )


def write_once(
    request: HttpRequest, form, act: Callable[[keys.Claim], str], *, done: Callable[[], None]
) -> HttpResponse:
    """What `act_once` does, for what `keys.once_written` is for; `done` says what was done, if it was."""

    def write() -> keys.Answer:
        answer = keys.once_written(request=request, key=form.cleaned_data["form_key"], act=act)
        if not answer.replayed:
            done()
        return answer

    return _answered(request, write)


def _answered(request: HttpRequest, ask: Callable[[], keys.Answer], back_url: str = "") -> HttpResponse:
    try:
        return _go_to(ask())
    except StepTaken as error:
        return step_taken(request, error, back_url=back_url)
    except NotReady as error:
        return not_ready(request, error, back_url=back_url)
    except keys.KeyReused as error:
        return _spent(request, error.path, back_url)


def _spent(request: HttpRequest, path: str, back_url: str = "") -> HttpResponse:
    """The form was sent before with other words: the way to what it made."""
    context = {
        "title": "这张表单已经提交过",
        "text": "同一页面已经提交过一次，内容又有改动。请打开最新页面再办理，以免重复。",
        "back_url": path or back_url or request.path,
        "back_label": "查看提交过的" if path else "",
    }
    return render(request, "core/taken.html", context, status=422)


def replays(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For views that look at the ticket before `act_once` does: a second click is no error there either.

    Once the first click has moved the ticket, their own checks refuse the second one.
    """

    @wraps(view)
    def with_replay(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except (PermissionDenied, Http404):
            if request.method == "POST" and (answer := keys.answered(request)):
                return _go_to(answer)
            raise
        if request.method == "POST" and response.status_code >= 400:
            if answer := keys.answered(request):
                return _go_to(answer)
            if response.status_code == 422 and (answer := keys.spent(request)):
                return _spent(request, answer.path)
        return response

    return with_replay


def _go_to(answer: keys.Answer) -> HttpResponse:
    # 303: the browser fetches the next page with GET, whatever this request was.
    return HttpResponseRedirect(answer.path, status=303)


def pressed_at(request: HttpRequest, *, at: datetime, kept_for: timedelta) -> datetime:
    """When the button was pressed of what waited in the phone for the network (static/js/outbox.js).

    `at` where nothing says so, or says a time to come or longer ago than `kept_for`.
    """
    try:
        pressed = datetime.fromisoformat(request.headers.get("X-Outbox-At", ""))
    except ValueError:
        return at
    return pressed if pressed.tzinfo and at - kept_for <= pressed <= at else at


def step_taken(request: HttpRequest, error: StepTaken, *, back_url: str = "") -> HttpResponse:
    """Who took the step and when, with the way back to the ticket."""
    context = {
        "actor": error.last.actor_name,
        "at": error.last.at,
        "state": error.ticket.get_status_display(),
        "back_url": back_url or request.path,
    }
    return render(request, "core/taken.html", context, status=409)


def not_ready(request: HttpRequest, error: NotReady, *, back_url: str = "") -> HttpResponse:
    """What the step waits for, by name, each with the page where it is filled in (IN-11)."""
    context = {
        "ticket": error.ticket,
        "label": error.label,
        "lacking": error.missing,
        "back_url": back_url or request.path,
    }
    return render(request, "tickets/not_ready.html", context, status=422)
