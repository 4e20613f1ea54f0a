"""Figures for Prometheus, read from the database at the moment they are asked for.

Every web process gives the same answer, so nothing is counted in memory. A
floor adds its own by naming a function in settings.METRIC_SOURCES; it takes
nothing and yields metric families of prometheus_client.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.utils.module_loading import import_string
from django.utils.timezone import now
from django_q.models import Failure, OrmQ
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Sources())
    return generate_latest(registry)


def job_queues() -> Iterator[Metric]:
    """Jobs waiting per queue, the age of the oldest in seconds, and jobs that failed for good."""
    at = now()
    waiting = GaugeMetricFamily("fangxiu_jobs_waiting", "Jobs nobody has taken yet", labels=["queue"])
    oldest = GaugeMetricFamily("fangxiu_jobs_oldest_seconds", "Wait of the oldest of them", labels=["queue"])
    rows = (
        OrmQ.objects.filter(lock__lt=at)
        .order_by()
        .values("key")
        .annotate(rows=Count("pk"), first=Min("lock"))
    )
    found = {row["key"]: row for row in rows}
    for queue in [settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]]:
        row = found.get(queue, {"rows": 0, "first": at})
        waiting.add_metric([queue], row["rows"])
        oldest.add_metric([queue], (at - row["first"]).total_seconds())
    yield waiting
    yield oldest
    yield GaugeMetricFamily("fangxiu_jobs_failed", "Failed jobs kept", value=Failure.objects.count())


class _Sources:
    def collect(self) -> Iterator[Metric]:
        for source in settings.METRIC_SOURCES:
            yield from import_string(source)()

    def describe(self) -> list[Metric]:
        return []
