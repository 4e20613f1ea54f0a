from django.urls import path

from core import views

urlpatterns = [path("ui/", views.ui, name="ui")]
