"""The registry of machines: who may post alarms, with a secret that is shown once (IN-07, T40)."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.timezone import now
from django.views.decorators.cache import never_cache

from channels import devices
from channels.models import Alarm, Device
from core.admin import ReadOnlyAdmin, ScopedAdmin
from estates.forms import SameEstateForm


@admin.register(Device)
class DeviceAdmin(ScopedAdmin):
    """Machines of the user's estates; a new one cannot speak until it has got its secret."""

    form = SameEstateForm
    follow = ("estate", "place__building", "place__estate", "unit__building", "fault")
    list_display = ("code", "name", "where", "fault", "active", "has_secret", "seen", "running")
    list_filter = ("active", "estate")
    search_fields = ("code", "name")
    autocomplete_fields = ("estate", "place", "unit", "equipment", "fault")
    fieldsets = (
        (None, {"fields": ("code", "name", "active")}),
        ("位置", {"fields": ("estate", "place", "unit", "equipment")}),
        ("告警", {"fields": ("fault", "quiet_minutes")}),
        ("状态", {"fields": ("secret", "last_seen_at", "running")}),
    )
    readonly_fields = ("secret", "last_seen_at", "running")
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        counted = Count("alarms", filter=Q(alarms__running=True))
        return super().get_queryset(request).annotate(open_alarms=counted)

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> tuple:
        # The secret hangs on the code: another code would silence the machine.
        return (*self.readonly_fields, "code") if obj else self.readonly_fields

    def get_urls(self) -> list:
        own = path(
            "<int:pk>/secret/", self.admin_site.admin_view(self.new_secret), name="channels_device_secret"
        )
        return [own, *super().get_urls()]

    @admin.display(description="位置")
    def where(self, device: Device) -> str:
        return str(device.place or device.unit)

    @admin.display(description="密钥", boolean=True)
    def has_secret(self, device: Device) -> bool:
        return bool(device.salt)

    @admin.display(description="最近上报")
    def seen(self, device: Device) -> Any:
        return device.last_seen_at or "从未"

    @admin.display(description="未了结告警")
    def running(self, device: Device) -> str:
        return str(getattr(device, "open_alarms", 0) or "无")

    @admin.display(description="密钥")
    def secret(self, device: Device) -> str:
        if device.pk is None:
            return "保存后生成"
        url = reverse("admin:channels_device_secret", args=[device.pk])
        made = f"{device.secret_made_at:%Y-%m-%d} 生成，不再显示。" if device.secret_made_at else "尚未生成。"
        return format_html('{} <a href="{}">{}</a>', made, url, "更换密钥" if device.salt else "生成密钥")

    def new_secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then make a secret and show it this once; the old one stops at once."""
        device = self.get_object(request, str(pk))
        if device is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.has_change_permission(request, device):
            raise PermissionDenied
        words = ""
        if request.method == "POST":
            words = devices.renew_secret(device=device, by=request.user, at=now())
        context = {
            **self.admin_site.each_context(request),
            "title": "更换密钥" if device.salt and not words else "设备密钥",
            "opts": self.opts,
            "original": device,
            "secret": words,
            "address": settings.SITE_URL + reverse("sensor_alarm"),
        }
        request.current_app = self.admin_site.name
        return never_cache(lambda request: TemplateResponse(request, _PAGE, context))(request)


_PAGE = "admin/channels/device/secret.html"


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin, ScopedAdmin):
    """What the machines said: one line for each fault, with how often and whether it still calls."""

    follow = ("device__estate", "ticket")
    list_display = (
        "device", "kind", "state", "number", "value", "counted", "last_at", "running", "in_storm",
    )  # fmt: skip
    list_filter = ("kind", "state", "running", "in_storm", "device__estate")
    search_fields = ("device__code", "device__name", "ticket__number")
    date_hierarchy = "first_at"

    @admin.display(description="工单")
    def number(self, alarm: Alarm) -> str:
        if alarm.ticket is None:
            return "观察中" if alarm.running else "已自行恢复"
        return format_html(
            '<a href="{}">{}</a>', reverse("ticket", args=[alarm.ticket.number]), alarm.ticket.number
        )
