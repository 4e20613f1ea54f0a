"""The reviewer's desk: queue, one ticket's review, reassignment, workers."""

from django.urls import path

from dispatch.views import booking, punctual, queue, review

urlpatterns = [
    path("", queue.queue, name="dispatch_queue"),
    path("workers/", queue.workers, name="dispatch_workers"),
    path("punctuality/", punctual.overview, name="dispatch_punctuality"),
    path("punctuality/visits/", punctual.behind, name="dispatch_punctual_visits"),
    path("punctuality/export/<slug:kind>/", punctual.export, name="dispatch_punctual_export"),
    path("t/<str:number>/card/", booking.card, name="dispatch_card"),
    path("t/<str:number>/schedule/", booking.schedule, name="dispatch_schedule"),
    path("t/<str:number>/", review.review, name="dispatch_review"),
    path("t/<str:number>/approve/", review.approve, name="dispatch_approve"),
    path("t/<str:number>/change/", review.change, name="dispatch_change"),
    path("t/<str:number>/send-back/", review.send_back, name="dispatch_send_back"),
    path("t/<str:number>/renew/", review.renew, name="dispatch_renew"),
    path("t/<str:number>/reassign/", review.reassign, name="dispatch_reassign"),
]
