import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # A house book of a million owners must stay open while its indexes are built.
    atomic = False

    dependencies = [("estates", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "unit",
            models.Index(fields=["room"], opclasses=["varchar_pattern_ops"], name="unit_room_prefix"),
        ),
        AddIndexConcurrently(
            "owner",
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="owner_name_prefix"),
        ),
        AddIndexConcurrently(
            "owner",
            models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse("phone"), name="text_pattern_ops"
                ),
                name="owner_phone_tail",
            ),
        ),
    ]
