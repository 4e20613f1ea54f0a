"""The register of companies for our staff."""

from django.urls import path

from partners.views import register, slow

urlpatterns = [
    path("", register.home, name="partners_home"),
    path("answers/", register.answers, name="partners_answers"),
    path("slow/", slow.slow, name="partners_slow"),
    path("disputes/", slow.objections, name="partners_disputes"),
    path("disputes/<int:pk>/", slow.objection, name="partners_dispute"),
    path("t/<str:number>/backup/", slow.backup, name="partners_backup"),
    path("contacts/<int:pk>/link/", register.link, name="partners_link"),
    path("contacts/<int:pk>/revoke/", register.revoke, name="partners_revoke"),
    path("letters/<int:pk>/", register.letter_file, name="partners_letter_file"),
    path("<int:pk>/", register.company, name="partners_company"),
    path("<int:pk>/notice/", register.notice, name="partners_notice"),
    path("<int:pk>/letter/", register.letter, name="partners_letter"),
]
