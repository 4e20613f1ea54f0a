"""The desk of who can go: queue, one ticket's review, people, rosters, leave, learning, import."""

from django.urls import path

from dispatch.views import after, bulk, leave, people, queue, review, roster, worker_import

urlpatterns = [
    path("", queue.queue, name="dispatch_queue"),
    path("approve/", bulk.approve, name="dispatch_approve_all"),
    path("workers/", queue.workers, name="dispatch_workers"),
    path("workers/<int:pk>/", people.worker, name="dispatch_worker"),
    path("workers/<int:pk>/exam/", people.exam, name="dispatch_exam"),
    path("workers/import/", worker_import.upload, name="dispatch_import"),
    path("workers/import/confirm/", worker_import.confirm, name="dispatch_import_confirm"),
    path("workers/import/sample/", worker_import.sample, name="dispatch_import_sample"),
    path("load/", people.load, name="dispatch_load"),
    path("certificates/", people.certificate_list, name="dispatch_certificates"),
    path("certificates/<int:pk>/scan/", people.scan, name="dispatch_certificate_scan"),
    path("skills/<int:pk>/certificate/", people.certificate, name="dispatch_certificate"),
    path("training/", people.trainings, name="dispatch_trainings"),
    path("training/new/", people.train, name="dispatch_train"),
    path("roster/", roster.show, name="dispatch_roster"),
    path("roster/save/", roster.save, name="dispatch_roster_save"),
    path("roster/copy/", roster.copy, name="dispatch_roster_copy"),
    path("roster/print/", roster.paper, name="dispatch_roster_print"),
    path("roster/day/", roster.day, name="dispatch_roster_day"),
    path("leave/", leave.index, name="dispatch_leaves"),
    path("leave/new/", leave.ask_for, name="dispatch_leave_new"),
    path("leave/<int:pk>/", leave.one, name="dispatch_leave"),
    path("t/<str:number>/", review.review, name="dispatch_review"),
    path("t/<str:number>/send-first/", after.send_first, name="dispatch_send_first"),
    path("t/<str:number>/after/", after.after, name="dispatch_after"),
    path("t/<str:number>/after/confirm/", after.confirm, name="dispatch_after_confirm"),
    path("t/<str:number>/after/wrong/", after.wrong, name="dispatch_after_wrong"),
    path("t/<str:number>/approve/", review.approve, name="dispatch_approve"),
    path("t/<str:number>/change/", review.change, name="dispatch_change"),
    path("t/<str:number>/send-back/", review.send_back, name="dispatch_send_back"),
    path("t/<str:number>/renew/", review.renew, name="dispatch_renew"),
    path("t/<str:number>/reassign/", review.reassign, name="dispatch_reassign"),
]
