"""The pages a person sees when something is refused, missing or broken."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template

OWNERS = "/o/"


def _home(request: HttpRequest) -> str:
    """Where the page's button leads: an owner has nothing to do at the staff's door."""
    return OWNERS if request.path_info.startswith(OWNERS) else "/"


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "core/400.html", {"home": _home(request)}, status=400)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say why, when the view that refused gave a reason."""
    reason = str(exception) if exception and exception.args else ""
    return render(request, "core/403.html", {"reason": reason, "home": _home(request)}, status=403)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """One body for what is missing and what belongs to others, so that it tells nobody which."""
    return render(request, "core/404.html", {"home": _home(request)}, status=404)


def not_allowed(request: HttpRequest, *, allow: str) -> HttpResponse:
    """For an address that only a button may ask for; `allow` are the methods it takes."""
    page = render(request, "core/405.html", {"home": _home(request)}, status=405)
    page.headers["Allow"] = allow
    return page


def handler500(request: HttpRequest) -> HttpResponse:
    # No context processors: they may be what is broken.
    return HttpResponseServerError(get_template("core/500.html").render())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "core/403_csrf.html", {"home": _home(request)}, status=403)
