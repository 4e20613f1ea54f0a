"""The reviewer's desk: queue, one ticket's review, reassignment, workers."""

from django.urls import path

from dispatch.views import queue, review

urlpatterns = [
    path("", queue.queue, name="dispatch_queue"),
    path("workers/", queue.workers, name="dispatch_workers"),
    path("t/<str:number>/", review.review, name="dispatch_review"),
    path("t/<str:number>/approve/", review.approve, name="dispatch_approve"),
    path("t/<str:number>/change/", review.change, name="dispatch_change"),
    path("t/<str:number>/send-back/", review.send_back, name="dispatch_send_back"),
    path("t/<str:number>/renew/", review.renew, name="dispatch_renew"),
    path("t/<str:number>/reassign/", review.reassign, name="dispatch_reassign"),
]
