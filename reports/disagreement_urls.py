"""人机差异, beside the reviewer's desk."""

from django.urls import path

from reports import disagreement_views as views

urlpatterns = [
    path("", views.show, name="disagreement"),
    path("tickets/", views.tickets, name="disagreement_tickets"),
    path("export/", views.export, name="disagreement_export"),
]
