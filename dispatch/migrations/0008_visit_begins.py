"""The month's counts of punctuality find their visits by when they begin (DI-07)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("dispatch", "0007_emergency"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(Func(F("window"), function="lower"), name="visit_begins"),
        ),
    ]
