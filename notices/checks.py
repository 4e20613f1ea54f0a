"""What `check --deploy` says about the ways out."""

from django.conf import settings
from django.core.checks import Warning as Caution
from django.core.checks import register


@register("sms", deploy=True)
def sms_provider(app_configs, **kwargs) -> list[Caution]:
    """A warning while owners cannot be reached by SMS: the house runs without, but poorly."""
    if settings.SMS_SENDER != "notices.channels.NoSms":
        return []
    return [
        Caution(
            "No SMS provider is configured: messages to owners are given up.",
            hint="Name a class in SMS_SENDER (docs/operations.md).",
            id="fangxiu.W_SMS_SENDER",
        )
    ]
