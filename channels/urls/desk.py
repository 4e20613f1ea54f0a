"""What the desk does about the other doors: confirm what came in, print the codes on the walls."""

from django.urls import path

from channels.views import desk

urlpatterns = [
    path("online/", desk.online, name="desk_online"),
    path("online/<str:number>/", desk.acknowledge, name="desk_acknowledge"),
    path("qr/", desk.qr_codes, name="desk_qr"),
]
