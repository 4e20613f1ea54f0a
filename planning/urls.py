"""The day's plan: asked for, edited, confirmed."""

from django.urls import path

from planning import views

urlpatterns = [
    path("", views.home, name="planning_home"),
    path("<int:pk>/", views.plan_page, name="planning_plan"),
    path("<int:pk>/restart/", views.restart, name="planning_restart"),
    path("<int:pk>/move/", views.move, name="planning_move"),
    path("<int:pk>/undo/", views.undo, name="planning_undo"),
    path("<int:pk>/confirm/", views.confirm, name="planning_confirm"),
]
