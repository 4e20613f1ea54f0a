"""Regular work of no particular floor; each may run twice without harm."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils.timezone import now
from django_q.models import Task

from core.beats import beat
from core.models import FormKey

# A form left open over a long holiday may still be sent.
FORM_KEYS_KEPT = timedelta(days=30)
RESULTS_KEPT = timedelta(days=3)
FAILURES_KEPT = timedelta(days=30)


def heartbeat() -> None:
    """Say that the job cluster works: this very line is a job."""
    beat("cluster", at=now())


def purge() -> str:
    """Delete used form keys and expired sessions; returns how many, for the job's record."""
    at = now()
    keys, _ = FormKey.objects.filter(created_at__lt=at - FORM_KEYS_KEPT).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=at).delete()
    return f"form keys {keys}, sessions {sessions}"


def purge_results() -> str:
    """Delete old records of jobs, of failed ones later; returns how many, for the job's record."""
    at = now()
    done, _ = Task.objects.filter(success=True, stopped__lt=at - RESULTS_KEPT).delete()
    failed, _ = Task.objects.filter(success=False, stopped__lt=at - FAILURES_KEPT).delete()
    return f"results {done}, failures {failed}"
