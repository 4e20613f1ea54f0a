"""Background work of the doors: fetch the time, call one service; each may run twice."""

from django.utils.timezone import now

from channels import sensors


def look_after_alarms():
    """Each minute: machines that were watched, and what their tickets do not say yet."""
    return sensors.look_after(at=now())
