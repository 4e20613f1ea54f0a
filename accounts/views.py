"""Signing in and out, the own account, the second factor; and where each role starts its day."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Role, User

LIMIT_CODES = {"too_many_login_attempts", "rate_limited"}
# Where a day begins: the first row of which the user holds a permission. The
# pages stand on higher floors, so they are known here by name alone.
STARTS = [
    # Who decides sees first what fails in each estate and what waits for a word (SL-09).
    ("desk_home", ["tickets.supervise_ticket", "tickets.direct_accident"]),
    ("dispatch_queue", ["tickets.dispatch_ticket"]),
    ("desk_home", ["tickets.triage_ticket", "tickets.follow_up_ticket", "tickets.judge_ticket"]),
    ("field_home", ["tickets.work_ticket"]),
    ("desk_home", ["tickets.register_ticket"]),
    ("reports_home", ["reports.run_report"]),
]


def start_page(user: User) -> str:
    """The name of the URL where this user's work begins (OR-01)."""
    if user.is_superuser:
        return "admin:index"
    for name, permissions in STARTS:
        if any(user.has_perm(permission) for permission in permissions):
            return name
    return "admin:index" if user.is_staff else "me"


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door: send everybody where their work is, strangers to the login page."""
    return redirect(start_page(request.user) if request.user.is_authenticated else "account_login")


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The own account: who am I here, what may I see, how is it locked."""
    user = request.user
    rows = [
        ("姓名", user.full_name),
        ("用户名", user.username),
        ("手机号", user.phone),
        ("工号", user.job_number),
    ]
    context = {
        "rows": rows,
        "roles": Role.objects.filter(group__user=user).select_related("group").order_by("pk"),
        "estates": () if user.sees_all_estates else user.estates.order_by("code"),
        "second_factor": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first(),
    }
    return render(request, "account/me.html", context)


class Refusing:
    """An invalid form answers 422, and 429 when there were too many tries."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        response.status_code = 429 if codes & LIMIT_CODES else 422
        return response


class LoginView(Refusing, account.LoginView):
    """Name or phone number and password (OR-01)."""


class PasswordChangeView(Refusing, account.PasswordChangeView):
    """The own password; other sessions of the user end with the old one (T29)."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise PermissionDenied("此账号没有设置密码，请联系管理员。")
        return super().dispatch(request, *args, **kwargs)


class ReauthenticateView(Refusing, account.ReauthenticateView):
    """The password once more."""


class CodeView(Refusing, mfa.AuthenticateView):
    """The second step of signing in."""


class CodeAgainView(Refusing, mfa.ReauthenticateView):
    """A code once more."""


class ActivateView(Refusing, totp.ActivateTOTPView):
    """Scan, type the first code, done."""


sign_in = LoginView.as_view()
sign_out = account.logout
change_password = PasswordChangeView.as_view()
confirm_password = ReauthenticateView.as_view()
code = CodeView.as_view()
confirm_code = CodeAgainView.as_view()
second_factor = mfa.index
activate = ActivateView.as_view()
deactivate = totp.deactivate_totp
recovery_codes = recovery.view_recovery_codes
new_recovery_codes = recovery.generate_recovery_codes
download_recovery_codes = recovery.download_recovery_codes
