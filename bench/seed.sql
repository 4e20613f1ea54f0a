-- 100,000 tickets of a year, with the history, holders and clocks that each must have.
-- %(tickets)s tickets: the newest 6 in 100 are open, one in every state by turns; the next
-- 10 in 100 are closed, the rest archived. The deferred triggers check every row at commit.

CREATE TEMP TABLE way (seq int PRIMARY KEY, name text, label text, from_status text, to_status text,
                       actor text, desk text) ON COMMIT DROP;
INSERT INTO way VALUES
    (1, 'register', '登记', '', 'registered', 'front_desk', 'review'),
    (2, 'submit_review', '提交复核', 'registered', 'in_review', 'dispatcher', 'review'),
    (3, 'dispatch', '派单', 'in_review', 'dispatched', 'dispatcher', 'worker'),
    (4, 'accept', '接单', 'dispatched', 'accepted', 'worker', 'worker'),
    (5, 'schedule', '预约上门', 'accepted', 'scheduled', 'worker', 'worker'),
    (6, 'arrive', '到场', 'scheduled', 'surveying', 'worker', 'worker'),
    (7, 'submit_plan', '提交方案', 'surveying', 'owner_consent', 'worker', 'owner'),
    (8, 'consent', '签字同意', 'owner_consent', 'repairing', 'worker', 'worker'),
    (9, 'finish', '完工上报', 'repairing', 'pre_inspection', 'worker', 'engineer'),
    (10, 'pass_inspection', '预验收合格', 'pre_inspection', 'owner_acceptance', 'engineer', 'owner'),
    (11, 'pass_acceptance', '验收合格', 'owner_acceptance', 'completed', 'worker', 'follow_up'),
    (12, 'close', '闭环', 'completed', 'closed', 'front_desk', 'front'),
    (13, 'archive', '归档', 'closed', 'archived', 'engineer', NULL);

CREATE TEMP TABLE home ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY unit.id) - 1 AS n, unit.id AS unit_id, unit.building_id, unit.estate_id,
       estate.code, building.name || unit.entrance || unit.room AS place_label,
       owner.id AS owner_id, owner.name, owner.phone
  FROM estates_unit unit
  JOIN estates_building building ON building.id = unit.building_id
  JOIN estates_estate estate ON estate.id = unit.estate_id
  JOIN LATERAL (SELECT owner.id, owner.name, owner.phone
                  FROM estates_household home JOIN estates_owner owner ON owner.id = home.owner_id
                 WHERE home.unit_id = unit.id ORDER BY home.id LIMIT 1) owner ON true;

CREATE TEMP TABLE fault ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, fault, default_level FROM knowledge_faultcategory WHERE active;

CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT id, username, full_name FROM accounts_user WHERE username IN ('front_desk', 'dispatcher', 'worker', 'engineer');

-- The i-th newest ticket; `steps` is how far it has come.
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT i, now() - i * interval '5 minutes' - interval '1 minute' AS at,
       CASE WHEN i < %(tickets)s * 0.06 THEN 1 + mod(i, 11) WHEN i < %(tickets)s * 0.16 THEN 12 ELSE 13 END AS steps,
       -- Steps follow each other within the time that there was.
       least(interval '40 minutes', (i * interval '5 minutes' + interval '1 minute') / 14) AS pace,
       nextval('tickets_serial') AS serial, home.*, fault.id AS fault_id, fault.fault, fault.default_level,
       nextval('tickets_report_id_seq') AS report_id, nextval('tickets_ticket_id_seq') AS ticket_id
  FROM generate_series(0, %(tickets)s - 1) AS i
  JOIN home ON home.n = mod(i * 7919, (SELECT count(*) FROM home))
  JOIN fault ON fault.n = mod(i * 31, (SELECT count(*) FROM fault));

INSERT INTO tickets_report (id, estate_id, channel, port, taken_by_id, started_at, saved_at)
SELECT report_id, estate_id, 'phone', 'property', person.id, at - interval '3 minutes', at
  FROM plan JOIN person ON person.username = 'front_desk';

INSERT INTO tickets_ticket (id, number, report_id, kind, status, suspended_from, version, round, estate_id,
    building_id, unit_id, place_label, owner_id, reporter_name, reporter_phone, fault_id, description, wanted,
    level, level_reason, severity, rework, handler_id, policy_id, phase, covered, verdict, registered_at,
    dispatched_at, completed_at, closed_at)
SELECT ticket_id, code || '-' || to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || '-' || lpad(serial::text, greatest(4, length(serial::text)), '0'),
       report_id, 'repair', way.to_status, '', steps, 1, estate_id, building_id, unit_id, place_label, owner_id,
       plan.name, phone, fault_id, fault || '，昨晚开始，已影响正常使用，请尽快安排师傅上门查看。', '明天上午',
       default_level, '故障分类默认' || default_level || '级', 'daily', false,
       CASE WHEN steps >= 3 THEN worker.id END, policy.id, 'S4', 'yes',
       jsonb_build_object('covered', 'yes', 'phase_label', '保修期', 'reason', '保修期内，由施工单位维修。'),
       at, CASE WHEN steps >= 3 THEN at + 2 * pace END, CASE WHEN steps >= 11 THEN at + 10 * pace END,
       CASE WHEN steps >= 12 THEN at + 11 * pace END
  FROM plan JOIN way ON way.seq = steps JOIN person worker ON worker.username = 'worker'
  JOIN tickets_policyversion policy
    ON policy.id = (SELECT version.id FROM tickets_policyversion version
                      JOIN tickets_policyset policies ON policies.id = version.policy_id
                     WHERE policies.code = 'P-DEFAULT' ORDER BY version.valid_from DESC LIMIT 1)
 -- Written as if in the course of the year: the newest last.
 ORDER BY at;

-- One statement for each step, since an event finds the one before it.
DO $$
DECLARE step record;
BEGIN
    FOR step IN SELECT way.*, person.id AS actor_id, person.full_name FROM way JOIN person ON username = actor ORDER BY seq LOOP
        INSERT INTO tickets_ticketevent (ticket_id, seq, name, label, from_status, to_status, round, actor_kind,
            actor_id, actor_name, at, reason, payload, prev_hash, hash)
        SELECT ticket_id, step.seq, step.name, step.label, step.from_status, step.to_status, 1, 'staff',
               step.actor_id, step.full_name, at + (step.seq - 1) * pace, '',
               CASE WHEN step.seq = 1 THEN jsonb_build_object('level', default_level, 'channel', 'phone') ELSE '{}' END, '', ''
          FROM plan WHERE steps >= step.seq;
    END LOOP;
END $$;

INSERT INTO tickets_holder (ticket_id, desk, user_id, since, until)
SELECT ticket_id, desk, CASE WHEN desk = 'worker' THEN worker.id END, at + (seq - 1) * pace,
       CASE WHEN steps > seq THEN at + seq * pace END
  FROM plan JOIN way ON way.seq <= steps AND way.desk IS NOT NULL JOIN person worker ON worker.username = 'worker'
 WHERE seq > steps - 3;

-- Started with step `first`, stopped with step `last` where the ticket has come so far.
-- What is over by now was told of; the next look is the first moment to come.
INSERT INTO tickets_clock (ticket_id, kind, round, started_at, due_at, stopped_at, paused_seconds, limit_minutes,
    rule, looks, told, next_look_at)
SELECT ticket_id, kind, 1, begun, begun + minutes * interval '1 minute', stopped, 0, minutes,
       kind, looks, told, CASE WHEN stopped IS NULL THEN looks[told + 1] END
  FROM (SELECT plan.ticket_id, kind, minutes, at + (first - 1) * pace AS begun,
               CASE WHEN steps >= last THEN at + (last - 1) * pace END AS stopped
          FROM plan JOIN (VALUES ('dispatch', 1, 3, 120), ('contact', 3, 5, 30), ('arrive', 1, 6, 1440), ('complete', 1, 10, 4320),
                            ('follow_up', 11, 12, 1440)) AS clock(kind, first, last, minutes) ON steps >= first) AS run
 CROSS JOIN LATERAL (SELECT array_agg(begun + minutes * percent * interval '0.6 second' ORDER BY percent) AS looks
                       FROM unnest(ARRAY[50, 80, 100, 150, 200]) AS percent) AS moments
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE look <= now()) AS told FROM unnest(looks) AS look) AS counted;

INSERT INTO tickets_evidence (id, ticket_id, stage, kind, name, content_type, size, sha256, original, preview,
    thumbnail, signer, owner_may_see, added_by_id, added_by_name, added_at)
SELECT gen_random_uuid(), ticket_id, stage, 'photo', 'IMG_0001.jpg', 'image/jpeg', 240000, repeat('0', 64),
       'none', 'none', 'none', '', true, worker.id, worker.full_name, at + (seq - 1) * pace
  FROM plan JOIN (VALUES ('arrive', 6), ('after', 9)) AS photo(stage, seq) ON steps >= seq
  JOIN person worker ON worker.username = 'worker';

INSERT INTO tickets_plancard (ticket_id, number, cause, method, materials, duration_minutes, protection, cost,
    important, made_by_id, made_at)
SELECT ticket_id, 1, '接口密封件老化', '更换密封件并做通水试验', '密封件一套', 60, '铺设保护膜，施工两小时', 0, false,
       worker.id, at + 6 * pace
  FROM plan JOIN person worker ON worker.username = 'worker' WHERE steps >= 7;

INSERT INTO tickets_acceptance (ticket_id, round, work_done, materials, inspected_by_id, inspected_at, stars, remark, signed_at)
SELECT ticket_id, 1, '已更换密封件，通水试验无渗漏', '密封件一套', engineer.id, at + 9 * pace,
       CASE WHEN steps >= 11 THEN 5 END, '', NULL
  FROM plan JOIN person engineer ON engineer.username = 'engineer' WHERE steps >= 10;
