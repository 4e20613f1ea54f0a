import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_guards")]

    operations = [
        migrations.AddField(
            "clock",
            "looks",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(), blank=True, default=list, size=None, verbose_name="提醒时刻"
            ),
        ),
        migrations.AddField(
            "clock", "next_look_at", models.DateTimeField(blank=True, null=True, verbose_name="下次提醒")
        ),
        migrations.AddField(
            "clock", "told", models.PositiveSmallIntegerField(default=0, verbose_name="已提醒次数")
        ),
        migrations.AddField(
            "clock", "explained_at", models.DateTimeField(blank=True, null=True, verbose_name="已说明原因")
        ),
    ]
