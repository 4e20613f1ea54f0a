"""The reviewer's desk: queue, one ticket's review, reassignment, workers."""

from django.urls import path

from dispatch.views import emergency, emergency_acts, emergency_record, queue, review

urlpatterns = [
    path("", queue.queue, name="dispatch_queue"),
    path("workers/", queue.workers, name="dispatch_workers"),
    path("emergency/", emergency.index, name="emergencies"),
    path("emergency/new/", emergency.new, name="emergency_new"),
    path("emergency/<int:pk>/", emergency.show, name="emergency"),
    path("emergency/<int:pk>/held/", emergency.held, name="emergency_held"),
    path("emergency/<int:pk>/order/", emergency_acts.order, name="emergency_order"),
    path("emergency/<int:pk>/move-end/", emergency_acts.move_end, name="emergency_move_end"),
    path("emergency/<int:pk>/end/", emergency_acts.end, name="emergency_end"),
    path("emergency/<int:pk>/squad/", emergency_acts.squad, name="emergency_squad"),
    path("emergency/<int:pk>/supplies/", emergency_acts.supplies, name="emergency_supplies"),
    path("emergency/<int:pk>/checks/", emergency_acts.checks, name="emergency_checks"),
    path("emergency/<int:pk>/except/<str:number>/", emergency_acts.let_go, name="emergency_except"),
    path("emergency/<int:pk>/record/", emergency_record.show, name="emergency_record"),
    path("emergency/<int:pk>/record/decide/", emergency_record.decide, name="emergency_decide"),
    path("emergency/<int:pk>/record/print/", emergency_record.printed, name="emergency_print"),
    path("t/<str:number>/", review.review, name="dispatch_review"),
    path("t/<str:number>/approve/", review.approve, name="dispatch_approve"),
    path("t/<str:number>/change/", review.change, name="dispatch_change"),
    path("t/<str:number>/send-back/", review.send_back, name="dispatch_send_back"),
    path("t/<str:number>/renew/", review.renew, name="dispatch_renew"),
    path("t/<str:number>/reassign/", review.reassign, name="dispatch_reassign"),
]
