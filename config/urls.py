"""All addresses; every one of them stands in the permission matrix (tests/matrix)."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # The desk is asked most often, and addresses are tried in this order.
    path("desk/", include("tickets.urls.desk")),
    path("", include("core.urls_health")),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("notices.urls")),
    path("o/", include("tickets.urls.owner")),
    path("files/", include("tickets.urls.files")),
    path("dispatch/disagreement/", include("reports.disagreement_urls")),
    path("dispatch/", include("dispatch.urls.review")),
    path("partner/", include("partners.urls.phone")),
    path("partners/", include("partners.urls.register")),
    path("dispatch/plan/", include("planning.urls")),
    path("field/", include("dispatch.urls.field")),
    path("coordination/", include("coordination.urls")),
    path("", include("channels.urls")),
    path("reports/", include("reports.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "core.errors.handler400"
handler403 = "core.errors.handler403"
handler404 = "core.errors.handler404"
handler500 = "core.errors.handler500"
