"""Figures, the lists behind them, workbooks."""

from django.urls import path

from reports import forecast_views, views

urlpatterns = [
    path("", views.home, name="reports_home"),
    path("forecast/", forecast_views.show, name="reports_forecast"),
    path("runs/<int:pk>/", views.run_page, name="report_run"),
    path("runs/<int:pk>/restart/", views.restart, name="report_restart"),
    path("runs/<int:pk>/download/", views.download, name="report_download"),
    path("behind/<slug:slug>/", views.behind, name="reports_behind"),
    path("behind/<slug:slug>/export.<slug:kind>", views.export, name="reports_export"),
]
