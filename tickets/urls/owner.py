"""The owner's phone pages; reached by the link of a message."""

from django.urls import path

from tickets.views import owner

urlpatterns = [
    path("s/<str:token>/", owner.enter, name="owner_enter"),
    path("t/<str:number>/", owner.ticket, name="owner_ticket"),
    path("t/<str:number>/verify/", owner.verify, name="owner_verify"),
    path("t/<str:number>/urge/", owner.urge, name="owner_urge"),
    path("t/<str:number>/comment/", owner.comment, name="owner_comment"),
    path("t/<str:number>/plan/", owner.plan, name="owner_plan"),
    path("t/<str:number>/plan/refuse/", owner.refuse_plan, name="owner_refuse_plan"),
    path("t/<str:number>/acceptance/", owner.acceptance, name="owner_acceptance"),
    path("t/<str:number>/acceptance/refuse/", owner.refuse_acceptance, name="owner_refuse_acceptance"),
]
