"""Sign-in codes, the captcha before a third one, and how often something was done lately (T06, T07)."""

from django.db import models


class LoginCode(models.Model):
    """A code sent to a phone: for one purpose, one browser session and five minutes.

    The code itself is kept nowhere but in the message; `holder` is a secret of the
    session that asked for it, hashed like the code.
    """

    phone = models.CharField("手机号", max_length=20)
    purpose = models.CharField("用途", max_length=12)
    holder = models.CharField("会话", max_length=64)
    digest = models.CharField("验证码摘要", max_length=64)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    created_at = models.DateTimeField("发送时间", db_index=True)
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录验证码"
        indexes = [models.Index(fields=["phone", "-created_at"], name="logincode_phone")]

    def __str__(self):
        return f"{self.phone[-4:]} {self.created_at:%H:%M}"


class Tally(models.Model):
    """How often something was done in the window that began at `since`; written by one statement alone."""

    name = models.CharField("计数对象", max_length=80, primary_key=True)
    since = models.DateTimeField("窗口开始", db_index=True)
    count = models.PositiveIntegerField("次数")

    class Meta:
        verbose_name = verbose_name_plural = "频次计数"

    def __str__(self):
        return f"{self.name} {self.count}"


class Captcha(models.Model):
    """The question that one session has to answer before its next code is sent; it gets one answer.

    `holder` is the secret of the session, hashed like the digits; a right answer is
    deleted when a code is sent for it.
    """

    holder = models.CharField("会话", max_length=64, primary_key=True)
    digest = models.CharField("数字摘要", max_length=64)
    drawn_at = models.DateTimeField("出题时间", db_index=True)
    answered_at = models.DateTimeField("回答时间", null=True, blank=True)
    passed = models.BooleanField("答对", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "图形验证"

    def __str__(self):
        return f"{self.drawn_at:%H:%M} {self.passed}"
