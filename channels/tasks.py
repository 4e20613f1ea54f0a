"""Background work of the doors: fetch the time, call one service; each may run twice."""

from datetime import timedelta

from django.utils.timezone import now

from channels import owner_login, relay, sensors
from channels.history_import import jobs
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


def purge_codes() -> int:
    """Each night: sign-in codes and counters that nothing is counted by any more."""
    at = now()
    return owner_login.purge(before=at - timedelta(days=2))


def check_import(job_id):
    """In the long queue: read one workbook of past tickets and note what it would do."""
    return jobs.check(job_id=job_id, now=now)


def write_import(job_id):
    """In the long queue: write one confirmed workbook."""
    return jobs.write(job_id=job_id, now=now)


def sweep_imports():
    """Every five minutes: imports whose job was lost."""
    return jobs.sweep(at=now())


def throw_away_imports():
    """Each night: uploaded files older than a month."""
    return jobs.throw_away(at=now())
