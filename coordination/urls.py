"""Cross-department requests and the weekly list (DI-11)."""

from django.urls import path, register_converter

from coordination.exports import KINDS
from coordination.views import requests, weekly


class FileKind:
    """xlsx or csv."""

    regex = "|".join(KINDS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(FileKind, "coordination_file_kind")

urlpatterns = [
    path("", requests.listing, name="coordination_list"),
    path("export.<coordination_file_kind:kind>", requests.export, name="coordination_export"),
    path("new/", requests.new, name="coordination_new"),
    path("t/<str:number>/new/", requests.of_ticket, name="coordination_ticket"),
    path("<int:pk>/", requests.detail, name="coordination_request"),
    path("<int:pk>/remind/", requests.remind, name="coordination_remind"),
    path("<int:pk>/answer/", requests.answer, name="coordination_answer"),
    path("<int:pk>/change/", requests.change, name="coordination_change"),
    path("<int:pk>/end/", requests.end, name="coordination_end"),
    path("files/<uuid:pk>/", requests.file, name="coordination_file"),
    path("files/<uuid:pk>/thumb/", requests.thumb, name="coordination_file_thumb"),
    path("weekly/", weekly.listing, name="coordination_weeks"),
    path("weekly/make/", weekly.make, name="coordination_week_make"),
    path("weekly/<int:pk>/", weekly.detail, name="coordination_week"),
    path("weekly/<int:pk>/print/", weekly.printed, name="coordination_week_print"),
    path("weekly/<int:pk>/close/", weekly.close, name="coordination_week_close"),
    path("weekly/items/<int:pk>/decide/", weekly.decide, name="coordination_decide"),
    path("weekly/items/<int:pk>/follow/", weekly.follow, name="coordination_follow"),
]
