"""What the pages of coordination share."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from coordination import rules
from coordination.thread import Moved

may_see = permission_required(rules.VIEW, raise_exception=True)
may_work = permission_required([rules.VIEW, rules.WORK], raise_exception=True)
may_decide = permission_required([rules.VIEW, rules.DECIDE], raise_exception=True)
may_follow = permission_required([rules.VIEW, rules.DECIDE, rules.WORK], raise_exception=True)


def moved_page(request: HttpRequest, error: Moved) -> HttpResponse:
    """Who was faster, and where the request stands now (409)."""
    context = {
        "title": "同事已经办理了这张协作单",
        "text": "您打开页面之后，这张协作单已经变化，所以没有重复记录。",
        "actor": error.last.actor_name,
        "at": error.last.at,
        "state": error.request.get_state_display(),
        "back_url": reverse("coordination_request", args=[error.request.pk]),
        "back_label": "查看协作单",
    }
    return render(request, "core/taken.html", context, status=409)
