"""The owner's phone: sign in, report, follow (IN-05)."""

from django.urls import path, register_converter

from channels.views import owner, owner_sign_in
from tickets import kinds
from tickets.models import Kind


class OwnersKind:
    """A kind that owners may report beside repairs, which have a form of their own."""

    regex = "|".join(kind.value for kind in kinds.FOR_OWNERS if kind != Kind.REPAIR)

    def to_python(self, value: str) -> Kind:
        return Kind(value)

    def to_url(self, value: str) -> str:
        return Kind(value).value


register_converter(OwnersKind, "owners_kind")

urlpatterns = [
    path("", owner.home, name="owner_home"),
    path("q/<str:code>/", owner.scan, name="owner_scan"),
    path("login/", owner_sign_in.login, name="owner_login"),
    path("login/code/", owner_sign_in.code, name="owner_code"),
    path("login/resend/", owner_sign_in.resend, name="owner_resend"),
    path("login/captcha.wav", owner_sign_in.captcha_sound, name="owner_captcha_sound"),
    path("logout/", owner_sign_in.logout, name="owner_logout"),
    path("report/", owner.report, name="owner_report"),
    path("report/<owners_kind:kind>/", owner.matter, name="owner_matter"),
    path("report/faults/", owner.faults, name="owner_faults"),
    path("report/advice/", owner.advice, name="owner_advice"),
    path("follow/<str:number>/", owner.follow, name="owner_follow"),
    path("mine/", owner.reports, name="owner_reports"),
]
