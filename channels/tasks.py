"""Background work of the doors: fetch the time, call one service; each may run twice."""

from django.utils.timezone import now

from channels import relay, sensors
from channels.mailbox import polling
from channels.wechat import media


def look_after_alarms():
    """Each minute: machines that were watched, and what their tickets do not say yet."""
    return sensors.look_after(at=now())


def poll_mailbox() -> int:
    """Each minute: mails become drafts; nothing without a configured mailbox."""
    return polling.poll()


def tell_relays():
    """Each minute: what another port took and nobody in the repair department has received."""
    return relay.tell_waiting(at=now())


def fetch_wechat_media() -> int:
    """After a photo message and each minute: photos and recordings that WeChat still keeps for us."""
    return media.fetch_due(at=now())
