"""Forms of signing in, passwords, codes, and of the admin's users and roles."""

from itertools import groupby

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateForm
from django import forms
from django.apps import apps
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.models import Permission
from django.forms.models import ModelChoiceIterator

from accounts.models import Role, User
from core.forms import ChineseMessages
from core.phones import normalise

PASSWORD_HELP = "至少 10 位，不能全是数字，也不要用姓名、手机号或常见的密码。"
VERBS = {"add": "新增", "change": "修改", "delete": "删除", "view": "查看"}


def _tidy(field: forms.Field, label: str, help_text: str = "", **attrs: str) -> None:
    """Our label and help in the place of the library's; no placeholder that repeats the label."""
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def _ask_for_passwords(form: forms.Form) -> None:
    """Words for passwords that were left out; the label of the second is no thing to fill in."""
    form.fields["password1"].error_messages["required"] = "请填写密码。"
    form.fields["password2"].error_messages["required"] = "请再输一次密码。"


class StaffLoginForm(ChineseMessages, LoginForm):
    """User name or phone number, and the password (OR-01)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.fields["login"]
        _tidy(name, "用户名或手机号", autocapitalize="none", spellcheck="false", autofocus="autofocus")
        _tidy(self.fields["password"], "密码")
        name.error_messages["required"] = "请填写用户名或手机号。"
        self.fields["password"].error_messages["required"] = "请填写密码。"


class StaffPasswordForm(ChineseMessages, ChangePasswordForm):
    """The user's own password, with the old one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": "当前密码", "password1": "新密码", "password2": "再输一次新密码"}
        for name, label in labels.items():
            _tidy(self.fields[name], label, PASSWORD_HELP if name == "password1" else "")
            self.fields[name].error_messages["required"] = f"请填写{label.removeprefix('再输一次')}。"
        self.fields["password2"].error_messages["required"] = "请再输一次新密码。"


class ConfirmPasswordForm(ChineseMessages, ReauthenticateForm):
    """The password once more, before something delicate."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _tidy(self.fields["password"], "密码", autofocus="autofocus")
        self.fields["password"].error_messages["required"] = "请填写密码。"


class _CodeField:
    """The six digits of an authenticator app; a mixin for the forms that ask for them."""

    code_label = "验证码"
    code_help = "身份验证器 App 上显示的 6 位数字。"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        _tidy(field, self.code_label, self.code_help, inputmode="numeric", autofocus="autofocus")
        field.error_messages["required"] = "请填写验证码。"


class ActivateCodeForm(_CodeField, AllauthActivateForm):
    """The first code, which proves that the app has read the QR code."""


class SignInCodeForm(_CodeField, mfa_forms.AuthenticateForm):
    """The code asked for after the password."""

    code_help = "身份验证器 App 上显示的 6 位数字；手机不在身边时，可输入一个 8 位恢复码。"


class ConfirmCodeForm(_CodeField, mfa_forms.ReauthenticateForm):
    """A code once more, before something delicate."""

    code_help = SignInCodeForm.code_help


class _PhoneClean:
    """A staff phone number in the one form it is kept in; empty is null, for it must be unique."""

    def clean_phone(self):
        typed = self.cleaned_data.get("phone")
        if not typed:
            return None
        number = normalise(typed)
        if not number:
            raise forms.ValidationError("请填写 11 位手机号，或带区号的座机号。")
        return number


class StaffChangeForm(_PhoneClean, forms.ModelForm):
    """A user in the admin; the password has a page of its own."""


class StaffCreationForm(_PhoneClean, BaseUserCreationForm):
    """A new user in the admin."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ["username", "full_name", "phone", "job_number"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _tidy(self.fields["password1"], "初始密码", PASSWORD_HELP)
        _tidy(self.fields["password2"], "再输一次密码")
        _ask_for_passwords(self)


class StaffResetPasswordForm(AdminPasswordChangeForm):
    """A new password set by an administrator; an account without a password is of no use here."""

    def __init__(self, user, *args, **kwargs):
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        _tidy(self.fields["password1"], "新密码", PASSWORD_HELP)
        _tidy(self.fields["password2"], "再输一次新密码")
        for name in ("password1", "password2"):
            self.fields[name].required = True
        _ask_for_passwords(self)


class _ByFloor(ModelChoiceIterator):
    """The choices of permissions, one group for each app."""

    def __iter__(self):
        rows = sorted(self.queryset, key=lambda row: row.content_type.app_label)
        for label, group in groupby(rows, key=lambda row: row.content_type.app_label):
            yield apps.get_app_config(label).verbose_name, [self.choice(row) for row in group]


class PermissionsField(forms.ModelMultipleChoiceField):
    """Permissions to tick, by Chinese names; Django's own are called "Can add …"."""

    widget = forms.CheckboxSelectMultiple
    iterator = _ByFloor

    def label_from_instance(self, permission: Permission) -> str:
        return permission_label(permission)


def permission_label(permission: Permission) -> str:
    """What a permission allows, in Chinese: 新增用户, 派单与改派."""
    kind = permission.content_type
    verb, _, model = permission.codename.partition("_")
    return f"{VERBS[verb]}{kind.name}" if verb in VERBS and model == kind.model else permission.name


class RoleForm(forms.ModelForm):
    """A role and, in the same form, the name and permissions of its group."""

    name = forms.CharField(label="角色名称", max_length=150)
    permissions = PermissionsField(Permission.objects.none(), label="权限", required=False)

    class Meta:
        model = Role
        fields = ["code", "duty", "outside", "admin"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("name", self.instance.group.name)
            self.initial.setdefault("permissions", self.instance.group.permissions.all())

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        taken = Role.objects.filter(group__name=name).exclude(pk=self.instance.pk)
        if taken.exists():
            raise forms.ValidationError("已有同名的角色。")
        return name
