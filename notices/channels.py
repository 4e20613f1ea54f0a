"""The ways out of the house: SMS by the class of settings.SMS_SENDER, mail, WeChat (OR-03).

A way out answers in one of three manners: a receipt, SendFailed (nothing went
out, for certain) or SendUnknown (nobody can tell). Anything else is a mistake
in the program and ends the job.
"""

import hashlib
import json
import logging
import smtplib
from email.errors import MessageError
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string
from django.utils.timezone import localtime

from core import phones
from notices import wechat
from notices.models import Channel, Message, WeChatUser

logger = logging.getLogger(__name__)


class SendFailed(Exception):
    """Nothing went out. `retry` tells whether a later try may succeed."""

    def __init__(self, reason: str, *, retry: bool):
        super().__init__(reason)
        self.retry = retry


class SendUnknown(Exception):
    """The connection broke or timed out after the message was handed over."""


class Sms(Protocol):
    """What a provider of SMS has to offer; it answers within three seconds (T50)."""

    def send(self, phone: str, text: str, key: str) -> str:
        """Send the text and return the provider's receipt; `key` lets it drop a repetition (T49).

        Raises SendFailed or SendUnknown.
        """
        ...


class NoSms:
    """No provider is configured: every message is given up with that reason, and can be sent again later."""

    def send(self, phone: str, text: str, key: str) -> str:
        raise SendFailed("未配置短信通道", retry=False)


class ConsoleSms:
    """For development: appends every message to sms.log in the data folder, one JSON object a line."""

    def send(self, phone: str, text: str, key: str) -> str:
        entry = {"to": phone, "text": text, "key": key, "time": localtime().isoformat(timespec="seconds")}
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        path = settings.DATA_DIR / "sms.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write to a file opened for appending: lines of several processes do not mix.
        path.touch(mode=0o600)
        with path.open("ab", buffering=0) as file:
            file.write(line.encode())
        logger.info("SMS to %s is in %s", phones.mask(phone), path.name)
        return f"console-{_digest(key)}"


def send(message: Message) -> str:
    """Hand a message to its way out and return the receipt; raises SendFailed or SendUnknown."""
    if message.channel == Channel.SMS:
        sender: Sms = import_string(settings.SMS_SENDER)()
        return sender.send(message.address, message.body, message.key)
    if message.channel == Channel.EMAIL:
        return send_mail(message)
    if message.channel == Channel.WECHAT:
        return send_wechat(message)
    raise SendFailed("站内消息无需发送", retry=False)


def send_mail(message: Message) -> str:
    """Send by the configured mail server and return the Message-ID, which is the same at a resend."""
    receipt = f"<{_digest(message.key)}@{urlsplit(settings.SITE_URL).hostname}>"
    # So that no machine answers us, and we answer none that says the same (RFC 3834).
    headers = {"Message-ID": receipt, "Auto-Submitted": "auto-generated"}
    if answers := (message.extra or {}).get("answers"):
        headers |= {"Auto-Submitted": "auto-replied", "In-Reply-To": answers, "References": answers}
    mail = EmailMessage(message.title, message.body, to=[message.address], headers=headers)
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # smtplib's errors are OSErrors too
        raise SendFailed(f"邮件服务器连接失败：{error}", retry=True) from error
    try:
        server.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise SendFailed(f"收件地址被拒收：{codes}", retry=max(codes) < 500) from error
    except smtplib.SMTPResponseException as error:
        raise SendFailed(f"邮件服务器拒收：{error.smtp_code}", retry=error.smtp_code < 500) from error
    except (ValueError, MessageError) as error:
        raise SendFailed(f"邮件无法生成：{error}", retry=False) from error
    except OSError as error:
        raise SendUnknown(f"邮件发送中断：{error}") from error
    finally:
        server.close()
    return receipt


def send_wechat(message: Message) -> str:
    """Send a template message, or plain words to somebody who wrote within two days; returns WeChat's id."""
    extra = message.extra or {}
    try:
        if "template" not in extra:
            return wechat.send_text(message.address, message.body)
        return wechat.send_template(
            message.address,
            template=extra["template"],
            fields=extra["fields"],
            url=extra["url"],
            key=_digest(message.key),
        )
    except wechat.Refused as error:
        if error.code in wechat.NOT_SUBSCRIBED:
            WeChatUser.objects.filter(openid=message.address).update(subscribed=False)
        raise SendFailed(str(error), retry=error.retry) from error
    except wechat.Unclear as error:
        raise SendUnknown(str(error)) from error


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
