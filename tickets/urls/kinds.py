"""What kinds and classes add to the desk (IN-11, SL-06)."""

from django.urls import path

from tickets.views import classes, kinds

urlpatterns = [
    path("intake/kind/", kinds.opening, name="intake_kind"),
    path("approvals/", classes.approvals, name="desk_approvals"),
    path("t/<str:number>/sheet/<slug:name>/", kinds.sheet, name="ticket_sheet"),
    path("t/<str:number>/contact/", kinds.contact, name="ticket_contact"),
    path("t/<str:number>/reply/", kinds.reply, name="ticket_reply"),
    path("t/<str:number>/class/", classes.change, name="ticket_class"),
    path("t/<str:number>/overrun/", classes.overrun, name="ticket_overrun"),
    path("t/<str:number>/answer/", classes.answer, name="ticket_answer"),
    path("t/<str:number>/statement/", classes.statement, name="ticket_statement"),
    path("t/<str:number>/statement/decide/", classes.decide, name="ticket_statement_decide"),
]
