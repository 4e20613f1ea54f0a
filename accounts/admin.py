"""People and roles in the admin; nobody hands on more than they hold (OR-01, OR-02)."""

import allauth.account.admin  # registers what is taken back below
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Q
from django.utils.html import format_html, format_html_join

from accounts import rules, services
from accounts.forms import (
    RoleForm,
    StaffChangeForm,
    StaffCreationForm,
    StaffResetPasswordForm,
    permission_label,
)
from accounts.models import Role, User
from core.admin_lists import HouseAdmin

# E-mail addresses are not used, second factors are reset on the user's page, groups edited as roles.
for model in (EmailAddress, Authenticator, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

# A change of any of these ends the user's sessions (T29).
RIGHTS = {"groups", "is_staff", "is_superuser", "is_active", "estates", "all_estates"}
# Floors whose permissions make sense in a role; the rest is machinery.
MACHINERY = Q(content_type__app_label__in=["account", "mfa", "auth", "contenttypes", "sessions", "sites"])
MACHINERY |= Q(content_type__app_label="admin") & ~Q(codename="view_logentry")
MACHINERY |= Q(content_type__app_label="django_q", content_type__model="task")


class RoleFilter(admin.RelatedOnlyFieldListFilter):
    """The filter by group, under the name people use."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = "角色"


@admin.register(User)
class StaffAdmin(HouseAdmin, UserAdmin):
    """Staff accounts: roles, estates, a new password, the second factor."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = StaffResetPasswordForm
    add_form_template = None
    change_user_password_template = "admin/accounts/user/change_password.html"
    list_display = ["username", "full_name", "phone", "job_number", "role_names", "is_staff", "is_active"]
    list_filter = ["is_active", "is_staff", ("groups", RoleFilter)]
    search_fields = ["username", "full_name", "phone", "job_number"]
    ordering = ["username"]
    autocomplete_fields = ["estates"]
    filter_horizontal = []
    readonly_fields = ["password_link", "second_factor", "role_names", "last_login", "date_joined"]
    actions = ["end_sessions", "reset_second_factor"]
    list_per_page = 50

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        person = ["username", "full_name", "phone", "job_number"]
        lock = ["password1", "password2"] if obj is None else ["password_link", "second_factor"]
        scope = ["estates", "all_estates"] if request.user.sees_all_estates else ["estates"]
        rights = ["is_active", "is_staff", "groups"]
        if obj is not None and not self.has_change_permission(request, obj):
            # Who only looks is offered no button that would be refused.
            lock, rights = ["second_factor"], ["is_active", "is_staff", "role_names"]
        if request.user.is_superuser:
            rights.append("is_superuser")
        sets = [("人员", person), ("登录", lock), ("权限", rights), ("数据范围", scope)]
        if obj is not None:
            sets.append(("时间", ["last_login", "date_joined"]))
        return [(title, {"fields": fields}) for title, fields in sets]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            kwargs["queryset"] = rules.grantable_groups(request.user).order_by("role__pk", "name")
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = "用户拥有所选角色的全部权限。只列出您可以授予的角色。"
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label = "角色"
        if db_field.name == "estates":
            field.queryset = field.queryset.visible_to(request.user)
        return field

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or rules.may_manage(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        # History names its people for ever; an account that is no longer used is switched off.
        return False

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change and RIGHTS & set(form.changed_data):
            services.end_sessions(user=form.instance)

    @admin.display(description="角色")
    def role_names(self, user):
        return "、".join(group.name for group in user.groups.all()) or "—"

    @admin.display(description="密码")
    def password_link(self, user):
        return format_html('<a class="button" href="{}">{}</a>', "../password/", "重设密码")

    @admin.display(description="两步验证")
    def second_factor(self, user):
        on = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        return "已启用" if on else "未启用"

    @admin.action(description="强制退出所选用户的所有登录", permissions=["change"])
    def end_sessions(self, request, queryset):
        chosen = self._manageable(request, queryset)
        for user in chosen:
            services.end_sessions(user=user)
        self.message_user(request, f"已让 {len(chosen)} 位用户退出登录。")

    @admin.action(description="清除所选用户的两步验证（手机丢失时）", permissions=["change"])
    def reset_second_factor(self, request, queryset):
        reset = [
            user for user in self._manageable(request, queryset) if services.reset_second_factor(user=user)
        ]
        for user in reset:
            self.log_change(request, user, "清除两步验证")
        self.message_user(request, f"已清除 {len(reset)} 位用户的两步验证。")

    def _manageable(self, request, queryset) -> list[User]:
        """Those of the chosen whom this user may manage; says how many were left out."""
        chosen = [user for user in queryset if rules.may_manage(request.user, user)]
        if left := queryset.count() - len(chosen):
            self.message_user(request, f"{left} 位用户的权限或项目超出您的范围，没有处理。", messages.WARNING)
        return chosen


@admin.register(Role)
class RoleAdmin(HouseAdmin):
    """Roles with the permissions of their groups."""

    form = RoleForm
    fields = ["name", "code", "duty", "outside", "admin", "permissions"]
    list_display = ["title", "duty", "members", "admin", "outside", "code"]
    search_fields = ["code", "group__name"]
    ordering = ["pk"]
    actions = None

    class Media:
        css = {"all": ["css/admin-roles.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("group").annotate(people=Count("group__user"))

    def get_fields(self, request, obj=None):
        if obj is not None and not self.has_change_permission(request, obj):
            return ["title", "code", "duty", "outside", "admin", "permission_names"]
        return self.fields

    def get_readonly_fields(self, request, obj=None):
        return ["title", "code", "permission_names"] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if "permissions" in form.base_fields:
            field = form.base_fields["permissions"]
            field.queryset = (
                rules.delegable_permissions(request.user)
                .exclude(MACHINERY)
                .select_related("content_type")
                .order_by("content_type__app_label", "content_type__model", "codename")
            )
        return form

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        return rules.grantable_groups(request.user).filter(pk=obj.group_id).exists()

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (self.has_change_permission(request, obj) and not obj.people))

    def save_model(self, request, obj, form, change):
        services.save_role(
            role=obj, name=form.cleaned_data["name"], permissions=form.cleaned_data["permissions"]
        )

    def delete_model(self, request, obj):
        obj.group.delete()

    @admin.display(description="角色", ordering="group__name")
    def title(self, role):
        return role.group.name

    @admin.display(description="权限")
    def permission_names(self, role):
        names = [permission_label(row) for row in role.group.permissions.select_related("content_type")]
        return format_html_join("", "{}<br>", ((name,) for name in names)) or "—"

    @admin.display(description="人数", ordering="people")
    def members(self, role):
        return role.people
