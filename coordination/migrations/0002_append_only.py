"""The thread of a request is written once: the database refuses every change."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER coordination_event_append_only BEFORE UPDATE OR DELETE ON coordination_requestevent
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse();
CREATE TRIGGER coordination_event_no_truncate BEFORE TRUNCATE ON coordination_requestevent
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_refuse();
CREATE TRIGGER coordination_file_append_only BEFORE UPDATE OR DELETE ON coordination_requestfile
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse();
CREATE TRIGGER coordination_request_no_delete BEFORE DELETE ON coordination_request
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse();
"""

BACKWARD = """
DROP TRIGGER coordination_request_no_delete ON coordination_request;
DROP TRIGGER coordination_file_append_only ON coordination_requestfile;
DROP TRIGGER coordination_event_no_truncate ON coordination_requestevent;
DROP TRIGGER coordination_event_append_only ON coordination_requestevent;
"""


class Migration(migrations.Migration):
    dependencies = [("coordination", "0001_initial"), ("tickets", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
