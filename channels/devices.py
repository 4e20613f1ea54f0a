"""Secrets of devices: made here, shown once, never stored (T40)."""

import secrets
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from channels.models import Device
from core.db import joined


@joined
def renew_secret(*, device: Device, by: User, at: datetime) -> str:
    """Give the device a new secret and return it; the one before signs nothing from now on.

    Who did it and when stays in the log of the admin.
    """
    device.salt, device.secret_made_at = secrets.token_hex(16), at
    device.save(update_fields=["salt", "secret_made_at"])
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(Device),
        object_id=str(device.pk),
        object_repr=str(device)[:200],
        action_flag=CHANGE,
        change_message="更换设备密钥",
    )
    return device.secrets()[0]
