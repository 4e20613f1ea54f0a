"""Where allauth asks us: closed sign-up, safe redirects, one key per account, Chinese words."""

import base64
import hashlib
from io import BytesIO

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.backends import username_for

TOO_MANY = "输错次数过多，请 15 分钟后再试；急用请联系管理员重设密码。"


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff accounts are made by administrators, never by strangers."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "用户名（或手机号）或密码不正确。",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "incorrect_password": "密码不正确。",
        "enter_current_password": "当前密码不正确。",
        "incorrect_code": "验证码不正确，或已经用过，请输入最新的一组。",
    }

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Only addresses of this very host (allauth would also take every allowed host)."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def respond_user_inactive(self, request, user):
        messages.error(request, "此账号已停用，请联系管理员。")
        return redirect("account_login")

    def get_password_change_redirect_url(self, request):
        return reverse("me")

    def _get_login_attempts_cache_key(self, request, **credentials):
        # Name and phone number of one person count together, whatever host was asked.
        return f"login:{username_for(credentials.get('username') or '').lower()}"


class StaffMFAAdapter(DefaultMFAAdapter):
    """The second factor: our QR code, secrets encrypted at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "验证码不正确，或已经用过，请输入最新的一组。",
        "cannot_delete_authenticator": "不能停用两步验证。",
        "cannot_generate_recovery_codes": "请先启用两步验证，再生成恢复码。",
    }

    def get_totp_label(self, user):
        """Issuer and account, the form that authenticator apps show as two lines."""
        return f"{self.get_totp_issuer()}:{user.get_username()}"

    def build_totp_svg(self, url):
        """Dark modules on white in either theme, with the quiet zone scanners need."""
        picture = BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", xmldecl=False, scale=4, light="#fff")
        return picture.getvalue().decode()

    def encrypt(self, text):
        """Encrypt a secret so that a copy of the database alone opens no second factor."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    # Old keys still decrypt while they stand in SECRET_KEY_FALLBACKS.
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"fangxiu.mfa").digest()
    return base64.urlsafe_b64encode(key)
