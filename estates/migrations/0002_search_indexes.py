import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # A house book of a million owners stays open while its indexes are built.
    atomic = False

    dependencies = [
        ('estates', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='owner',
            name='name',
            field=models.CharField(db_collation='C', max_length=60, verbose_name='姓名'),
        ),
        migrations.AlterField(
            model_name='owner',
            name='phone',
            field=models.CharField(db_collation='C', max_length=20, verbose_name='电话'),
        ),
        migrations.AlterField(
            model_name='owner',
            name='pinyin',
            field=models.CharField(blank=True, db_collation='C', help_text='留空自动生成', max_length=30, verbose_name='拼音首字母'),
        ),
        migrations.AlterField(
            model_name='unit',
            name='label',
            field=models.CharField(db_collation='C', help_text='例如 3-2-1201，前台检索用', max_length=60, verbose_name='房屋简称'),
        ),
        migrations.AlterField(
            model_name='unit',
            name='room',
            field=models.CharField(db_collation='C', max_length=20, verbose_name='房号'),
        ),
        AddIndexConcurrently(
            model_name='owner',
            index=models.Index(fields=['name'], name='owner_name'),
        ),
        AddIndexConcurrently(
            model_name='owner',
            index=models.Index(fields=['phone'], name='owner_phone'),
        ),
        AddIndexConcurrently(
            model_name='owner',
            index=models.Index(fields=['pinyin'], name='owner_pinyin'),
        ),
        AddIndexConcurrently(
            model_name='owner',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Reverse('phone'), name='text_pattern_ops'), name='owner_phone_tail'),
        ),
        AddIndexConcurrently(
            model_name='unit',
            index=models.Index(fields=['label'], name='unit_label'),
        ),
        AddIndexConcurrently(
            model_name='unit',
            index=models.Index(fields=['room'], name='unit_room'),
        ),
    ]
