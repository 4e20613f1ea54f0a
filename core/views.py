"""The page that shows every component."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.samples import SampleForm, sample_context


@require_http_methods(["GET", "HEAD", "POST"])
def ui(request: HttpRequest) -> HttpResponse:
    """Every component on one page, staff only; a POST shows the sample form with its errors."""
    if not request.user.is_staff:
        raise PermissionDenied("组件页只对后台人员开放。")
    form = SampleForm(request.POST, request.FILES) if request.method == "POST" else SampleForm()
    invalid = form.is_bound and not form.is_valid()
    context = sample_context(now=timezone.now()) | {
        "form": form,
        "page_obj": Paginator(range(487), 50).get_page(request.GET.get("page")),
        "soon": timezone.now() + timedelta(minutes=12),
    }
    return render(request, "core/ui.html", context, status=422 if invalid else 200)
