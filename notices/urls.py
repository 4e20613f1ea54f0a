from django.urls import path

from notices import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/count/", views.count, name="inbox_count"),
    path("inbox/read/", views.read_all, name="inbox_read_all"),
    path("inbox/<int:pk>/open/", views.open_message, name="inbox_open"),
    path("inbox/<int:pk>/read/", views.read, name="inbox_read"),
]
