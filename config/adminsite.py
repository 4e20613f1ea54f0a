"""The admin site: Chinese titles, our login page."""

from django.apps import apps as installed
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

# The floors in their order, each with what it is for; what is not named here comes last.
FLOORS = {
    "accounts": "谁能登录，担任什么岗位，负责哪些项目",
    "estates": "项目、楼栋、房屋与住户；房屋清册在“房屋”里导入",
    "notices": "发出的消息，以及消息的文字模板",
    "knowledge": "工种、故障分类，接报时的话术与指引",
    "warranty": "保修期限与采暖供冷季，判断保修责任的依据",
    "tickets": "工单与报事的台账，时效策略与工作日历",
    "dispatch": "维修人员与技能证书，派单建议与上门预约",
    "planning": "整日排程：谁在什么时间去哪里",
    "partners": "外部单位的扣分规则与得分记录",
    "coordination": "协作对象与各自的默认期限",
    "channels": "智能设备与告警，转房修接收人",
    "reports": "生成过的报表",
    "core": "后台服务是否在正常运行",
    "django_q": "定时执行的任务",
}
# What people come for before what governs it; models that are not here follow as their app registers them.
LEADING = (
    *("tickets.Ticket", "tickets.Report", "tickets.PolicySet", "tickets.LevelRule", "tickets.ClassRule"),
    *("warranty.Contractor", "warranty.Agreement", "dispatch.Worker"),
)
# Lists kept for sets of rights: roles are few, and a house may mix them.
MOST_LISTS = 200


class FangxiuAdminSite(AdminSite):
    """Django's admin with the product's name on it.

    It has no login, logout or password page of its own: those would go round
    the throttling and the second factor of ours.
    """

    site_title = "房修"
    site_header = "房修 管理后台"
    index_title = "数据与配置"
    site_url = "/"
    empty_value_display = "—"

    def __init__(self, name="admin"):
        super().__init__(name)
        self.known_lists = {}

    def register(self, model_or_iterable, admin_class=None, **options):
        """As Django's, but django-q2's own pages stay out: there a function's name could be typed (F6)."""
        if admin_class is None or admin_class.__module__ != "django_q.admin":
            super().register(model_or_iterable, admin_class, **options)

    def get_app_list(self, request, app_label=None):
        """As Django's, in the floors' order and each with its ``hint``.

        Every page of the admin lists all it has. What that is depends on nothing but the user's
        rights, so it is put together once for each set of them.
        """
        user = request.user
        key = (app_label, user.is_active, user.is_superuser, frozenset(user.get_all_permissions()))
        if key not in self.known_lists:
            if len(self.known_lists) >= MOST_LISTS:
                self.known_lists.clear()
            self.known_lists[key] = self._app_list(request, app_label)
        return [app | {"models": list(app["models"])} for app in self.known_lists[key]]

    def _app_list(self, request, app_label):
        places = {label: place for place, label in enumerate(FLOORS)}
        # Django sorts by name, and Chinese names by their code points are in no order that people know.
        models = [*map(installed.get_model, LEADING), *self._registry]
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["hint"] = FLOORS.get(app["app_label"], "")
            app["models"].sort(key=lambda each: models.index(each["model"]))
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(places)))

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
