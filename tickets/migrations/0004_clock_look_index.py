from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

# Clocks that run on without having been computed anew: their moments by share of the limit. What is
# over already counts as told, so that an upgrade rings no bells. Closed clocks need none.
FILL = """
UPDATE tickets_clock clock
   SET looks = found.looks, told = found.told,
       next_look_at = CASE WHEN clock.paused_at IS NULL THEN found.looks[found.told + 1] END
  FROM (SELECT each.id, array_agg(look ORDER BY look) AS looks,
               count(*) FILTER (WHERE look <= now()) AS told
          FROM tickets_clock each
          JOIN tickets_ticket ticket ON ticket.id = each.ticket_id
          JOIN tickets_policyversion policy ON policy.id = ticket.policy_id
         CROSS JOIN LATERAL (
               SELECT each.started_at + (each.due_at - each.started_at) * percent / 100 AS look
                 FROM (SELECT value::int AS percent
                         FROM jsonb_array_elements_text(
                              coalesce(policy.rules #> ARRAY['clocks', each.kind, 'warn'], '[50, 80]'::jsonb))
                        UNION SELECT unnest(ARRAY[100, 150, 200])) points) moments
         WHERE each.stopped_at IS NULL AND each.due_at IS NOT NULL
         GROUP BY each.id) found
 WHERE clock.id = found.id
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0003_clock_looks")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        RemoveIndexConcurrently("clock", "clock_running_due"),
        AddIndexConcurrently(
            "clock",
            models.Index(
                condition=Q(next_look_at__isnull=False), fields=["next_look_at"], name="clock_next_look"
            ),
        ),
        AddIndexConcurrently(
            "clock",
            models.Index(
                condition=Q(paused_at__isnull=True, stopped_at__isnull=True),
                fields=["due_at"],
                name="clock_open_due",
            ),
        ),
        AddIndexConcurrently(
            "clock",
            models.Index(
                condition=Q(breached_at__isnull=False, explained_at__isnull=True),
                fields=["breached_at"],
                name="clock_unexplained",
            ),
        ),
    ]
