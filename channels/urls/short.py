"""The patrol's phone and the relay from the other ports (IN-06, IN-13)."""

from django.urls import path

from channels.views import patrol, relay

urlpatterns = [
    path("patrol/", patrol.new, name="patrol_new"),
    path("patrol/places/", patrol.places, name="patrol_places"),
    path("patrol/faults/", patrol.faults, name="patrol_faults"),
    path("patrol/mine/", patrol.mine, name="patrol_mine"),
    path("desk/relay/", relay.waiting, name="relay_list"),
    path("desk/relay/new/", relay.new, name="relay_new"),
    path("desk/relay/places/", relay.places, name="relay_places"),
    path("desk/relay/t/<str:number>/receive/", relay.receive, name="relay_receive"),
]
