"""The addresses of the yardsticks."""

from django.urls import path

from bench.yardstick import views

urlpatterns = [
    path("register/", views.register),
    path("tickets/", views.tickets),
    path("ticket/<str:number>/", views.ticket),
]
