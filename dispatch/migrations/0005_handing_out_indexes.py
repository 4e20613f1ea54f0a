from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Proposals grow with the tickets: the indexes are made beside the work.
    atomic = False

    dependencies = [('dispatch', '0004_handing_out')]

    operations = [
        AddIndexConcurrently(
            model_name='proposal',
            index=models.Index(condition=models.Q(('after', 'waiting')), fields=['ticket'], name='proposal_after_waiting'),
        ),
        AddIndexConcurrently(
            model_name='proposal',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at'], name='proposal_decided_at'),
        ),
    ]
