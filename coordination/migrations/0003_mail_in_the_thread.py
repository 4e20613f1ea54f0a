"""A mail of the counterpart may be a line of the thread: a choice more, nothing in the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coordination", "0002_append_only")]
    operations = [
        migrations.AlterField(
            model_name="requestevent",
            name="name",
            field=models.CharField(
                choices=[
                    ("asked", "发起协作"),
                    ("reminded", "催办"),
                    ("answered", "对方回复"),
                    ("mailed", "对方来信"),
                    ("changed", "变更"),
                    ("reopened", "退回继续催办"),
                    ("done", "办结"),
                    ("cancelled", "撤销"),
                ],
                max_length=10,
                verbose_name="事件",
            ),
        )
    ]
