"""The desk's search directory, kept by the database itself (IN-03)."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

KEPT = r"""
CREATE FUNCTION estates_directory_put(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO estates_directoryentry (household_id, estate_id, name, phone, tail, pinyin, until)
    SELECT home.id, unit.estate_id, owner.name, owner.phone, reverse(owner.phone), owner.pinyin, home.until
      FROM estates_household home
      JOIN estates_owner owner ON owner.id = home.owner_id
      JOIN estates_unit unit ON unit.id = home.unit_id
     WHERE home.id = ANY(ids)
        ON CONFLICT (household_id) DO UPDATE
       SET estate_id = excluded.estate_id, name = excluded.name, phone = excluded.phone,
           tail = excluded.tail, pinyin = excluded.pinyin, until = excluded.until
$$;

-- One statement for all rows that a statement wrote: an import writes thousands at once.
CREATE FUNCTION estates_directory_household() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM estates_directory_put(array_agg(id)) FROM written;
    RETURN NULL;
END $$;

CREATE FUNCTION estates_directory_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM estates_directoryentry entry USING gone WHERE entry.household_id = gone.id;
    RETURN NULL;
END $$;

CREATE FUNCTION estates_directory_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM estates_directory_put(array_agg(home.id))
       FROM estates_household home JOIN written ON written.id = home.owner_id;
    RETURN NULL;
END $$;

CREATE FUNCTION estates_directory_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM estates_directory_put(array_agg(home.id))
       FROM estates_household home JOIN written ON written.id = home.unit_id
       JOIN estates_directoryentry entry ON entry.household_id = home.id
      WHERE entry.estate_id <> written.estate_id;
    RETURN NULL;
END $$;

CREATE TRIGGER directory_insert AFTER INSERT ON estates_household
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION estates_directory_household();
CREATE TRIGGER directory_update AFTER UPDATE ON estates_household
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION estates_directory_household();
CREATE TRIGGER directory_delete AFTER DELETE ON estates_household
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION estates_directory_gone();
CREATE TRIGGER directory_owner AFTER UPDATE ON estates_owner
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION estates_directory_owner();
CREATE TRIGGER directory_unit AFTER UPDATE ON estates_unit
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION estates_directory_unit();
"""

BACK = r"""
DROP TRIGGER directory_insert ON estates_household;
DROP TRIGGER directory_update ON estates_household;
DROP TRIGGER directory_delete ON estates_household;
DROP TRIGGER directory_owner ON estates_owner;
DROP TRIGGER directory_unit ON estates_unit;
DROP FUNCTION estates_directory_household();
DROP FUNCTION estates_directory_gone();
DROP FUNCTION estates_directory_owner();
DROP FUNCTION estates_directory_unit();
DROP FUNCTION estates_directory_put(bigint[]);
"""

# After the triggers: what changes meanwhile is written by them and stays as they wrote it.
FILL = r"""
INSERT INTO estates_directoryentry (household_id, estate_id, name, phone, tail, pinyin, until)
SELECT home.id, unit.estate_id, owner.name, owner.phone, reverse(owner.phone), owner.pinyin, home.until
  FROM estates_household home
  JOIN estates_owner owner ON owner.id = home.owner_id
  JOIN estates_unit unit ON unit.id = home.unit_id
    ON CONFLICT (household_id) DO NOTHING
"""


def key(length: int, label: str, **more):
    return models.CharField(db_collation="C", max_length=length, verbose_name=label, **more)


class Migration(migrations.Migration):
    # The desk works on while a million households are copied.
    atomic = False

    dependencies = [("estates", "0002_search_indexes")]

    operations = [
        migrations.CreateModel(
            name="DirectoryEntry",
            fields=[
                (
                    "household",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="estates.household",
                        verbose_name="住户关系",
                    ),
                ),
                ("name", key(60, "姓名")),
                ("phone", key(20, "电话")),
                ("tail", key(20, "电话倒序")),
                ("pinyin", key(30, "拼音首字母", blank=True)),
                ("until", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                (
                    "estate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="estates.estate",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={"verbose_name": "住户检索目录", "verbose_name_plural": "住户检索目录"},
        ),
        migrations.RunSQL(KEPT, BACK),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *[
            migrations.AddIndex(
                model_name="directoryentry",
                index=models.Index(fields=["estate", name, "household"], name=f"directory_{name}"),
            )
            for name in ("name", "pinyin", "phone", "tail")
        ],
        AddIndexConcurrently(
            model_name="unit",
            index=models.Index(fields=["estate", "room", "building"], name="unit_room_of_estate"),
        ),
        RemoveIndexConcurrently(model_name="unit", name="unit_room"),
    ]
