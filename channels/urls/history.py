"""The import of past tickets (IN-16)."""

from django.urls import path

from channels.views import history

urlpatterns = [
    path("", history.home, name="history_home"),
    path("sample/", history.sample, name="history_sample"),
    path("<int:pk>/", history.job, name="history_job"),
    path("<int:pk>/confirm/", history.confirm, name="history_confirm"),
]
