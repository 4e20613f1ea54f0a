"""Doors of the house besides the desk: owners' phones, machines, patrols, what was done before.

One module for each door; this file only strings them together.
"""

from django.urls import include, path

urlpatterns = [
    path("", include("channels.urls.short")),
    path("desk/history/", include("channels.urls.history")),
    path("api/alarms/", include("channels.urls.sensors")),
    path("o/", include("channels.urls.owner")),
    path("desk/", include("channels.urls.desk")),
    path("wechat/", include("channels.urls.wechat")),
]
