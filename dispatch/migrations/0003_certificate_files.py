from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("dispatch", "0002_rosters")]

    operations = [
        migrations.RenameField("certificate", "file_name", "name"),
        migrations.AddField(
            "certificate",
            "kind",
            models.CharField(blank=True, editable=False, max_length=10, verbose_name="文件种类", default=""),
            preserve_default=False,
        ),
    ]
