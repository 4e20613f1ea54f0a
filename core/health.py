"""What a load balancer, a supervisor and a monitoring system ask (OR-08).

`live`: this process answers. `ready`: it can serve people. `worker`: the
background work moves. All three are open and tell nothing about the data.
"""

import os
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ
from django_q.status import Stat

from core import metrics

# Beyond this the oldest waiting job means that nobody works: the watchdog acts after 15 s.
WAIT_LIMIT = timedelta(seconds=60)
_LOOPBACK = {"127.0.0.1", "::1"}


@login_not_required
@never_cache
@require_safe
def live(request):
    """200 as long as the process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request):
    """200 when database, tables, cache and file store work; else 503 naming the one that does not."""
    return _answer({"database": database(), "migrations": migrations(), "cache": _cache(), "files": files()})


@login_not_required
@never_cache
@require_safe
def worker(request):
    """200 when every cluster lives and no job has waited longer than WAIT_LIMIT; else 503."""
    return _answer(clusters(now()))


@login_not_required
@never_cache
@require_safe
def metrics_text(request):
    """Figures for Prometheus, for this machine alone or with the bearer token METRICS_TOKEN; else 404."""
    if not _may_read_metrics(request):
        return HttpResponse(status=404)
    return HttpResponse(metrics.render(), content_type=metrics.CONTENT_TYPE)


def database() -> str:
    """ "ok", or what is wrong with the database connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


_migrated = False


def migrations() -> str:
    """ "ok", or "pending" while tables lag behind the code; asked until it is ok, then remembered."""
    global _migrated
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
        except DatabaseError:
            return "unreachable"
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "pending"


def files() -> str:
    """ "ok", or "not writable" for the folder of the evidence (made on first use)."""
    folder = settings.MEDIA_ROOT
    while not folder.exists():
        folder = folder.parent
    return "ok" if os.access(folder, os.W_OK | os.X_OK) else "not writable"


def clusters(at: datetime) -> dict[str, str]:
    """How many clusters live, and for each queue "ok" or "stalled" at the given time."""
    try:
        oldest = dict(OrmQ.objects.filter(lock__lt=at).order_by().values_list("key").annotate(Min("lock")))
        # A cluster renews its entry in the cache twice a second; the entry expires after three.
        alive = len(Stat.get_all())
    except DatabaseError:
        return {"database": "unreachable"}
    queues = [settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]]
    states = {"clusters": "ok" if alive >= len(queues) else f"{alive} of {len(queues)} alive"}
    for name in queues:
        states[name] = "stalled" if oldest.get(name, at) < at - WAIT_LIMIT else "ok"
    return states


def _cache() -> str:
    try:
        cache.set("health", "ok", 10)
        return cache.get("health", "lost")
    except DatabaseError:
        return "unreachable"


def _answer(parts: dict[str, str]) -> JsonResponse:
    healthy = set(parts.values()) == {"ok"}
    return JsonResponse(parts, status=200 if healthy else 503)


def _may_read_metrics(request) -> bool:
    token = os.environ.get("METRICS_TOKEN", "")
    if token and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return True
    # Behind a proxy on this machine every visitor comes from the loopback address.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not forwarded
