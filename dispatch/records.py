"""How workers did in the last half year: repairs found solved, visits made on time (DI-01).

Counting a year of events for thousands of workers takes longer than a suggestion may: the figures are
kept in `TrackRecord` and counted anew every quarter of an hour.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q

from dispatch import punctuality
from dispatch.models import Visit

DAYS = 180

# A follow-up speaks of the work of whoever finished that round.
COUNT = """
WITH fixes AS (
    SELECT event.actor_id AS user_id, count(DISTINCT call.id) AS followed_up,
           count(DISTINCT call.id) FILTER (WHERE call.result = 'solved') AS fixed
      FROM tickets_followup call
      JOIN tickets_ticketevent event
        ON event.ticket_id = call.ticket_id AND event.round = call.round AND event.name = 'finish'
     WHERE call.called_at >= %s AND call.result <> 'no_answer' AND event.actor_id IS NOT NULL
     GROUP BY event.actor_id),
visits (worker_id, visited, punctual) AS ({visits})
INSERT INTO dispatch_trackrecord AS kept (worker_id, fixed, followed_up, punctual, visited, counted_at)
SELECT worker.id, coalesce(fixes.fixed, 0), coalesce(fixes.followed_up, 0),
       coalesce(visits.punctual, 0), coalesce(visits.visited, 0), %s
  FROM dispatch_worker worker
  LEFT JOIN fixes ON fixes.user_id = worker.user_id
  LEFT JOIN visits ON visits.worker_id = worker.id
    ON CONFLICT (worker_id) DO UPDATE
   SET (fixed, followed_up, punctual, visited, counted_at) = (excluded.fixed, excluded.followed_up,
       excluded.punctual, excluded.visited, excluded.counted_at)
"""


def count(*, at: datetime) -> int:
    """Count every worker's last 180 days anew; how many workers that were."""
    since = at - timedelta(days=DAYS)
    visits, values = _visits(since, at).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.replace("{visits}", visits), [since, *values, at])
        return cursor.rowcount


def _visits(since: datetime, at: datetime):
    """By worker: how many visits came out one way or the other, and how many of them on time."""
    found = punctuality.judged(Visit.objects.filter(window__startswith__gte=since), at=at).order_by()
    on_time = Count("pk", filter=Q(result=punctuality.ON_TIME))
    return found.values("worker").annotate(visited=Count("pk"), punctual=on_time)
