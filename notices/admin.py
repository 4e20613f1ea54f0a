"""Messages to look into, templates to edit (OR-03). Owners' links and numbers are never shown in full."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.utils.timezone import now

from core import logs
from core.admin import HouseAdmin, ReadOnlyAdmin
from core.queue import wake
from notices import delivery, wording
from notices.models import Message, Template


class TemplateFilter(admin.SimpleListFilter):
    """By template, each under its name; asking the outbox which there are would read all of it."""

    title = "模板"
    parameter_name = "template"

    def lookups(self, request, model_admin):
        return list(Template.objects.order_by("code").values_list("code", "name"))

    def queryset(self, request, queryset):
        return queryset.filter(template=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """The outbox, read-only; what was given up can be sent again."""

    list_display = ["created_at", "named", "channel", "recipient", "title", "state", "attempts", "error"]
    list_filter = ["state", "channel", TemplateFilter, "created_at"]
    search_fields = ["=ticket__number", "=user__username", "user__full_name", "=address"]
    search_help_text = "工单编号、接收人姓名，或完整的手机号"
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-pk"]
    list_select_related = ["user"]
    list_per_page = 50
    actions = ["send_again"]
    fields = [
        *["named", "channel", "recipient", "ticket_number", "title", "masked_body", "state", "attempts"],
        *["resent", "next_try_at", "created_at", "sent_at", "read_at", "provider_id", "error"],
    ]

    def get_queryset(self, request):
        """Messages of tickets within the user's estates; those of no ticket for group-level staff only."""
        name = Template.objects.filter(code=OuterRef("template")).values("name")[:1]
        found = super().get_queryset(request).select_related("user", "ticket")
        found = found.annotate(template_name=Subquery(name))
        if request.user.sees_all_estates:
            return found
        return found.filter(ticket__estate_id__in=request.user.estate_ids())

    def has_resend_permission(self, request) -> bool:
        """Whether messages may be sent again."""
        return request.user.has_perm("notices.change_message")

    @admin.display(description="模板", ordering="template")
    def named(self, message):
        return message.template_name or message.template

    @admin.display(description="接收人")
    def recipient(self, message):
        return message.user or logs.mask(message.address)

    @admin.display(description="工单")
    def ticket_number(self, message):
        return message.ticket.number if message.ticket else "—"

    @admin.display(description="正文")
    def masked_body(self, message):
        return logs.mask(message.body)

    @admin.action(description="重新发送", permissions=["resend"])
    def send_again(self, request, queryset):
        dead = list(queryset.filter(state=Message.State.DEAD))
        count = delivery.resend(Message.objects.filter(pk__in=[message.pk for message in dead]), at=now())
        for message in dead:
            self.log_change(request, message, "重新发送")
        if count:
            wake("notices.tasks.deliver")
            self.message_user(request, f"已安排重新发送 {count} 条消息。", messages.SUCCESS)
        else:
            self.message_user(request, "所选消息中没有发送失败的。", messages.WARNING)


class TemplateForm(forms.ModelForm):
    """Refuses variables that nobody fills in and braces that do not pair."""

    class Meta:
        model = Template
        fields = ["name", "title", "body", "active", "wechat_template", "wechat_fields"]

    def clean_title(self):
        return _checked(self.cleaned_data["title"])

    def clean_body(self):
        return _checked(self.cleaned_data["body"])

    def clean_wechat_fields(self):
        fields = self.cleaned_data["wechat_fields"] or {}
        if not isinstance(fields, dict) or not all(isinstance(text, str) for text in fields.values()):
            raise forms.ValidationError('请按 {"字段名": "内容"} 填写，内容可用变量。')
        for text in fields.values():
            _checked(text)
        return fields


def _checked(text: str) -> str:
    if unknown := wording.unknown_in(text):
        names = "、".join(f"{{{name}}}" for name in unknown)
        raise forms.ValidationError(f"没有这样的变量：{names}。可用的变量见下方。")
    if wording.has_stray_brace(text):
        raise forms.ValidationError("花括号没有成对。")
    return text


@admin.register(Template)
class TemplateAdmin(HouseAdmin):
    """The words of messages, with a preview; which templates there are is decided by the program."""

    form = TemplateForm
    list_display = ["code", "name", "title", "active", "parts"]
    list_filter = ["active"]
    search_fields = ["code", "name", "body"]
    ordering = ["code"]
    readonly_fields = ["code", "variables", "preview_title", "preview_body", "parts"]
    fieldsets = [
        (None, {"fields": ["code", "name", "active", "title", "body", "variables"]}),
        ("微信模板消息（留空则发短信）", {"fields": ["wechat_template", "wechat_fields"]}),
        (
            "预览（示例数据，保存后更新）",
            {"fields": ["preview_title", "preview_body", "parts"]},
        ),
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Save, and use the new words at once in this process."""
        super().save_model(request, obj, form, change)
        wording.forget()

    @admin.display(description="可用变量")
    def variables(self, template):
        return " ".join(f"{{{name}}}" for name in wording.VARIABLES)

    @admin.display(description="标题")
    def preview_title(self, template):
        return wording.fill(template, wording.VARIABLES)[0]

    @admin.display(description="正文")
    def preview_body(self, template):
        return wording.fill(template, wording.VARIABLES)[1]

    @admin.display(description="短信条数")
    def parts(self, template):
        """How many messages the text would be billed as."""
        # The sample's link is shortened for the eye; a real one is as long as its secret.
        link = f"{settings.SITE_URL}/o/{'x' * 43}/"
        _, body = wording.fill(template, wording.VARIABLES | {"链接": link})
        return f"{wording.sms_parts(body)} 条（{len(body)} 字）"
