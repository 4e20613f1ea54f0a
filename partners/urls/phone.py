"""The company's own phone."""

from django.urls import path

from partners.views import acts, phone

urlpatterns = [
    path("", phone.home, name="partner_home"),
    path("k/<str:token>/", phone.enter, name="partner_enter"),
    path("notices/", phone.notices, name="partner_notices"),
    path("notices/<int:pk>/", phone.notice, name="partner_notice"),
    path("t/<str:number>/", phone.ticket, name="partner_ticket"),
    path("t/<str:number>/take/", phone.take, name="partner_take"),
    path("t/<str:number>/dispute/", phone.dispute, name="partner_dispute"),
    path("t/<str:number>/call/", acts.call, name="partner_call"),
    path("t/<str:number>/called/", acts.called, name="partner_called"),
    path("t/<str:number>/schedule/", acts.schedule, name="partner_schedule"),
    path("t/<str:number>/do/<slug:name>/", acts.act, name="partner_act"),
]
