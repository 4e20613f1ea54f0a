"""Indexes that another one begins with, or that hold NULL for nearly every ticket.

A ticket was written into 23 indexes, its first five clocks into 30. Django would drop and check the
foreign keys again to take an index from them; here only the index goes, and nobody waits.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import CASCADE, PROTECT, Q

OPTIONAL = {"null": True, "blank": True}
TICKET, CLOCK, EVENT = "tickets_ticket", "tickets_clock", "tickets_ticketevent"
# Name and column of each index that goes.
GOING = {
    "tickets_ticket_estate_id_51e8b895": (TICKET, "estate_id"),
    "tickets_ticket_unit_id_1af5ff64": (TICKET, "unit_id"),
    "tickets_ticket_handler_id_ded0cc37": (TICKET, "handler_id"),
    "tickets_ticket_place_id_f46b3cbf": (TICKET, "place_id"),
    "tickets_ticket_repeat_of_id_edf25b6c": (TICKET, "repeat_of_id"),
    "tickets_ticket_merged_into_id_3a36ad40": (TICKET, "merged_into_id"),
    "tickets_clock_ticket_id_dc58d018": (CLOCK, "ticket_id"),
    "tickets_ticketevent_ticket_id_b572d14b": (EVENT, "ticket_id"),
}


def partial(column: str, name: str) -> Operation:
    """An index of the rows alone that have something in this column."""
    condition = Q((f"{column}__isnull", False))
    return AddIndexConcurrently("ticket", models.Index(condition=condition, fields=[column], name=name))


def unindexed(model: str, name: str, to: str, related: str, label: str, **more) -> Operation:
    """The field as the models have it now; what the database does is said above."""
    known = {"to": to, "related_name": related, "verbose_name": label, "on_delete": PROTECT}
    return migrations.AlterField(model, name, models.ForeignKey(**(known | more), db_index=False))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0019_level_words")]
    operations = [
        partial("place", "ticket_of_place"),
        partial("repeat_of", "ticket_repeat_of"),
        partial("merged_into", "ticket_merged_into"),
        *(
            migrations.RunSQL(
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({column})",
            )
            for name, (table, column) in GOING.items()
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                unindexed("ticket", "estate", "estates.estate", "tickets", "项目"),
                unindexed("ticket", "unit", "estates.unit", "tickets", "房屋", **OPTIONAL),
                unindexed("ticket", "handler", "accounts.user", "tickets", "维修人员", **OPTIONAL),
                unindexed("ticket", "place", "estates.publicplace", "tickets", "公共部位", **OPTIONAL),
                unindexed("ticket", "repeat_of", "tickets.ticket", "repeats", "二次返修原单", **OPTIONAL),
                unindexed("ticket", "merged_into", "tickets.ticket", "merged", "并入工单", **OPTIONAL),
                unindexed("clock", "ticket", "tickets.ticket", "clocks", "工单", on_delete=CASCADE),
                unindexed("ticketevent", "ticket", "tickets.ticket", "events", "工单"),
            ]
        ),
    ]
