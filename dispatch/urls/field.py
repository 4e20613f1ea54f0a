"""The worker's phone."""

from django.urls import path

from dispatch.views import field, leave, pool

urlpatterns = [
    path("", field.home, name="field_home"),
    path("leave/", leave.mine, name="field_leave"),
    path("leave/<int:pk>/withdraw/", leave.withdraw, name="field_leave_withdraw"),
    path("pool/", pool.offers, name="field_pool"),
    path("pool/<int:pk>/take/", pool.take, name="field_take"),
    path("t/<str:number>/", field.ticket, name="field_ticket"),
    path("t/<str:number>/call/", field.call, name="field_call"),
    path("t/<str:number>/called/", field.called, name="field_called"),
    path("t/<str:number>/schedule/", field.schedule, name="field_schedule"),
    path("t/<str:number>/do/<slug:name>/", field.act, name="field_act"),
]
