from django.db import migrations, models

KINDS = [
    ("acknowledge", "受理确认"),
    ("register", "登记"),
    ("relay", "转告"),
    ("dispatch", "派单"),
    ("contact", "首联"),
    ("arrive", "到场"),
    ("contain", "应急止损"),
    ("plan", "方案"),
    ("complete", "完成"),
    ("report_back", "完工反馈"),
    ("inspect", "验收"),
    ("follow_up", "回访"),
    ("reply", "答复"),
]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_related")]

    operations = [
        migrations.AlterField(
            model_name="clock",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12, verbose_name="时钟"),
        ),
    ]
