"""Lists by kind and department, and the states that answered kinds are held to, without stopping writers."""

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0011_kinds")]

    operations = [
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('department__isnull', False)), fields=['department', '-registered_at'], name='ticket_department_list'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('kind', 'repair'), _negated=True), fields=['kind', '-registered_at'], name='ticket_kind_list'),
        ),
        AddConstraintNotValid(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('complaint', 'suggestion', 'consultation')), _negated=True), ('status__in', ('incomplete', 'registered', 'completed', 'closed', 'archived', 'deferred', 'cancelled', 'merged', 'transferred')), _connector='OR'), name='ticket_answered_is_not_sent'),
        ),
        ValidateConstraint("ticket", "ticket_answered_is_not_sent"),
    ]
