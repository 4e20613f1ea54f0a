"""The admin site: Chinese titles, our login page."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache


class FangxiuAdminSite(AdminSite):
    """Django's admin with the product's name on it.

    It has no login, logout or password page of its own: those would go round
    the throttling and the second factor of ours.
    """

    site_title = "房修"
    site_header = "房修 管理后台"
    index_title = "数据与配置"
    site_url = "/"

    def register(self, model_or_iterable, admin_class=None, **options):
        """As Django's, but django-q2's own pages stay out: there a function's name could be typed (F6)."""
        if admin_class is None or admin_class.__module__ != "django_q.admin":
            super().register(model_or_iterable, admin_class, **options)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        """Send strangers to our login page; refuse those who may not enter the admin."""
        if not request.user.is_authenticated:
            target = request.GET.get("next") or reverse("admin:index")
            return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied("您的岗位不能进入管理后台。")

    def logout(self, request, extra_context=None):
        """Sign out through our own view."""
        from accounts.views import sign_out

        return sign_out(request)

    def password_change(self, request, extra_context=None):
        """Change the password on our own page."""
        return redirect("account_change_password")
