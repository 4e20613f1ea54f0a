"""How often a run was tried and when it last moved: what the sweeper and a second build go by."""

from django.db import migrations, models
from django.db.models import F


def moved_when_asked(apps, schema_editor):
    apps.get_model("reports", "ReportRun").objects.update(moved_at=F("requested_at"))


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [
        migrations.AddField(
            "reportrun", "attempt", models.PositiveSmallIntegerField("第几次生成", default=0)
        ),
        migrations.AddField("reportrun", "moved_at", models.DateTimeField("最近进展", null=True)),
        migrations.RunPython(moved_when_asked, migrations.RunPython.noop),
        migrations.AlterField("reportrun", "moved_at", models.DateTimeField("最近进展")),
    ]
