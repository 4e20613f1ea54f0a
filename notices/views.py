"""The inbox: a user's own in-app messages.

Marking as read is the same however often it is done, so these forms carry no one-time key.
"""

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from core import nav
from notices import queries
from notices.models import Message

PAGE = 30


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def inbox(request: HttpRequest) -> HttpResponse:
    """The messages, unread first; `?show=unread` leaves out the others."""
    found = queries.inbox(request.user)
    unread = queries.unread_count(request.user)
    only_unread = request.GET.get("show") == "unread"
    page = Paginator(found.unread() if only_unread else found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "unread": unread,
        "only_unread": only_unread,
        "tabs": [
            {"label": "全部", "url": "?", "current": not only_unread},
            {"label": "未读", "url": "?show=unread", "current": only_unread},
        ],
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "notices/_inbox.html", context)
    return render(request, "notices/inbox.html", context | _frame_for(request.user))


@require_safe
@never_cache
def count(request: HttpRequest) -> HttpResponse:
    """The bell with its number, for the page to swap in each minute."""
    return render(request, "components/bell.html")


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go where the message leads; back to the inbox when it leads nowhere of ours."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    _mark(Message.objects.filter(pk=message.pk))
    # Relative addresses only: a message must never lead off the site (T26).
    if url_has_allowed_host_and_scheme(message.link, allowed_hosts=None):
        return redirect(message.link)
    return redirect("inbox")


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read; htmx gets its row again."""
    message = get_object_or_404(queries.inbox(request.user), pk=pk)
    _mark(Message.objects.filter(pk=message.pk))
    if not request.htmx:
        return redirect("inbox")
    message.unread = False
    response = render(request, "notices/_row.html", {"message": message})
    response["HX-Trigger"] = "inbox-changed"
    return response


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all of the user's messages as read."""
    marked = _mark(Message.objects.visible_to(request.user))
    flash.success(request, f"已将 {marked} 条消息标为已读。" if marked else "没有未读消息。")
    return redirect("inbox")


def _mark(messages) -> int:
    return messages.unread().update(read_at=now())


def _frame_for(user) -> dict[str, str]:
    """The base template of the place where this user works: the phone's for those who only repair."""
    at_desk = any(item.slug == "desk" for item in nav.items_for(user))
    in_field = user.has_perm("tickets.work_ticket") and not at_desk
    return {"base": "field_base.html" if in_field else "desk_base.html"}
