from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # The outbox is large; nobody should wait for its index.
    atomic = False
    dependencies = [("notices", "0004_wechat")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(fields=["provider_id"], name="message_wechat_id", condition=Q(channel="wechat")),
        ),
    ]
