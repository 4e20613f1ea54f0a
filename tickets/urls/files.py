"""Addresses of evidence."""

from django.urls import path

from tickets.views import files

urlpatterns = [
    path("<uuid:pk>/", files.evidence, name="evidence"),
    path("<uuid:pk>/thumb/", files.evidence_thumb, name="evidence_thumb"),
]
