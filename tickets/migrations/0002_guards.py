"""What the database itself holds true of a ticket's history.

Events chain by hash and are never changed; a ticket's status and version are
those of its last event; tickets are never deleted; serials of ticket numbers
come from a sequence, so that two registrations never wait for each other.
"""

from django.db import migrations

FORWARD = r"""
CREATE SEQUENCE tickets_serial AS bigint MINVALUE 1 MAXVALUE 999999 CYCLE;

CREATE FUNCTION tickets_event_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    IF NEW.seq > 1 THEN
        SELECT hash, to_status INTO last FROM tickets_ticketevent
         WHERE ticket_id = NEW.ticket_id AND seq = NEW.seq - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'event % of ticket % has no predecessor', NEW.seq, NEW.ticket_id
                  USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF last.to_status <> NEW.from_status THEN
            RAISE EXCEPTION 'event % of ticket % starts at % but the ticket stood at %',
                  NEW.seq, NEW.ticket_id, NEW.from_status, last.to_status
                  USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        NEW.prev_hash := last.hash;
    ELSE
        NEW.prev_hash := '';
    END IF;
    NEW.hash := tickets_event_hash(NEW);
    RETURN NEW;
END $$;

CREATE FUNCTION tickets_event_hash(e tickets_ticketevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\x1f', e.prev_hash, e.ticket_id, e.seq, e.name, e.label,
        e.from_status, e.to_status, e.round, e.actor_kind, coalesce(e.actor_id::text, ''), e.actor_name,
        extract(epoch FROM e.at), e.reason, e.payload::text), 'UTF8')), 'hex')
$$;

CREATE TRIGGER event_chain BEFORE INSERT ON tickets_ticketevent
    FOR EACH ROW EXECUTE FUNCTION tickets_event_chain();

CREATE FUNCTION tickets_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The tests empty tables between runs and say so in their connection.
    IF TG_OP = 'TRUNCATE' AND current_setting('fangxiu.flush', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: history is append-only', TG_OP, TG_TABLE_NAME
          USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON tickets_ticketevent
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON tickets_ticketevent
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_refuse();
CREATE TRIGGER ticket_no_delete BEFORE DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse();

CREATE FUNCTION tickets_status_has_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE t record;
BEGIN
    -- Deferred to commit: a later step of the same transaction may have moved on since.
    SELECT id, status, version INTO t FROM tickets_ticket WHERE id = NEW.id;
    PERFORM 1 FROM tickets_ticketevent e
      WHERE e.ticket_id = t.id AND e.seq = t.version AND e.to_status = t.status
        AND NOT EXISTS (SELECT 1 FROM tickets_ticketevent n WHERE n.ticket_id = t.id AND n.seq = t.version + 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ticket % stands at % version % without its event', t.id, t.status, t.version
              USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ticket_status_has_event AFTER INSERT OR UPDATE OF status, version ON tickets_ticket
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tickets_status_has_event();
"""

BACKWARD = """
DROP TRIGGER ticket_status_has_event ON tickets_ticket;
DROP TRIGGER ticket_no_delete ON tickets_ticket;
DROP TRIGGER event_no_truncate ON tickets_ticketevent;
DROP TRIGGER event_append_only ON tickets_ticketevent;
DROP TRIGGER event_chain ON tickets_ticketevent;
DROP FUNCTION tickets_status_has_event();
DROP FUNCTION tickets_refuse();
DROP FUNCTION tickets_event_chain();
DROP FUNCTION tickets_event_hash(tickets_ticketevent);
DROP SEQUENCE tickets_serial;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
