"""Level 2 is called 较急, as its badge says; 重要 is a class. Words alone: the database runs nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0018_responsibility"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="level",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "1级 紧急"), (2, "2级 较急"), (3, "3级 一般"), (4, "4级 预约")],
                default=3,
                verbose_name="级别",
            ),
        ),
    ]
