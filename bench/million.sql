-- A million owners in a hundred estates and a million tickets, for the desk's search.
-- %(rows)s of each. Without triggers and with the big index last: this is for reading only.

SET LOCAL session_replication_role = replica;

SET LOCAL work_mem = '256MB';

SET LOCAL maintenance_work_mem = '512MB';

CREATE TEMP TABLE surname ON COMMIT DROP AS
SELECT n - 1 AS n, split_part(word, ' ', 1) AS name, split_part(word, ' ', 2) AS letter
  FROM unnest(ARRAY['王 w', '李 l', '张 z', '刘 l', '陈 c', '杨 y', '黄 h', '赵 z', '吴 w', '周 z', '徐 x', '孙 s',
       '马 m', '朱 z', '胡 h', '郭 g', '何 h', '高 g', '林 l', '罗 l', '郑 z', '梁 l', '谢 x', '宋 s', '唐 t', '许 x',
       '韩 h', '冯 f', '邓 d', '曹 c', '彭 p', '曾 z']) WITH ORDINALITY AS each(word, n);

CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT n - 1 AS n, split_part(word, ' ', 1) AS name, split_part(word, ' ', 2) AS letter
  FROM unnest(ARRAY['伟 w', '芳 f', '娜 n', '敏 m', '静 j', '丽 l', '强 q', '磊 l', '军 j', '洋 y', '勇 y', '艳 y',
       '杰 j', '娟 j', '涛 t', '明 m', '超 c', '秀 x', '霞 x', '平 p', '刚 g', '桂 g', '文 w', '华 h', '红 h', '玉 y',
       '建 j', '国 g', '海 h', '波 b', '宇 y', '晨 c', '欣 x', '怡 y', '浩 h', '然 r', '子 z', '涵 h', '梓 z', '萱 x'])
       WITH ORDINALITY AS each(word, n);

-- What callers add to the fault, some of it often and some of it once in thousands.
CREATE TEMP TABLE phrase ON COMMIT DROP AS
SELECT n - 1 AS n, word
  FROM unnest(ARRAY['昨晚开始，已影响使用', '请尽快安排师傅上门', '已经第三天了，家里有老人', '楼下邻居来反映过',
       '上个月修过又坏了', '只有周末在家，请提前联系', '物业看过说要报修', '声音很大睡不着', '雨天更明显', '刚收房就发现',
       '卫生间顶板渗水', '客厅墙角有水迹', '阳台地漏返味', '主卧空调外机位松动', '玄关灯一开就跳闸', '门锁反锁打不开',
       '儿童房窗户关不严', '厨房台下水盆漏水', '热水器不点火', '燃气灶打火困难']) WITH ORDINALITY AS each(word, n);

INSERT INTO estates_area (id, code, name) SELECT 900001, 'million', '百万片区';

INSERT INTO estates_estate (id, code, name, pinyin, address, hotline, design_life_years, area_id)
SELECT 900000 + n, 'E' || lpad(n::text, 3, '0'), '和苑' || n || '期', 'heyuan' || n || 'qi hy' || n || 'q', '', '', 50, 900001
  FROM generate_series(0, 99) AS n;

INSERT INTO estates_batch (id, name, completed_on, handover_from, handover_to, estate_id)
SELECT 900000 + n, '一期', '2022-01-01', '2022-06-01', '2022-07-01', 900000 + n FROM generate_series(0, 99) AS n;

INSERT INTO estates_building (id, name, batch_id, estate_id)
SELECT 900000 + n, 1 + n / 100 || '栋', 900000 + mod(n, 100), 900000 + mod(n, 100) FROM generate_series(0, 2499) AS n;

-- The i-th dwelling and who lives there: building, entrance, floor and door from its number.
CREATE TEMP TABLE home ON COMMIT DROP AS
SELECT i AS n, 10000000 + i AS id, 900000 + mod(i, 2500) AS building_id, 900000 + mod(i, 100) AS estate_id,
       1 + mod(i, 2500) / 100 AS building, 1 + i / 2500 / 4 / 25 AS entrance,
       1 + mod(i / 2500 / 4, 25) || '0' || 1 + mod(i / 2500, 4) AS room,
       surname.name || one.name || coalesce(two.name, '') AS name,
       surname.letter || one.letter || coalesce(two.letter, '') AS pinyin,
       (13000000000 + mod(i::bigint * 104729, 6999999999))::text AS phone
  FROM generate_series(0, %(rows)s - 1) AS i
  JOIN surname ON surname.n = abs(mod(hashint4(i), 32))
  JOIN given one ON one.n = abs(mod(hashint4(i + 17), 40))
  LEFT JOIN given two ON two.n = abs(mod(hashint4(i + 31), 60));

INSERT INTO estates_unit (id, entrance, room, floor, label, layout, building_id, estate_id)
SELECT id, entrance || '单元', room, 1, building || '-' || entrance || '-' || room, '', building_id, estate_id FROM home;

INSERT INTO estates_owner (id, name, phone, pinyin) SELECT id, name, phone, pinyin FROM home;

INSERT INTO estates_household (id, relation, owner_id, unit_id) SELECT id, 'owner', id, id FROM home;

INSERT INTO estates_directoryentry (household_id, estate_id, name, phone, tail, pinyin)
SELECT id, estate_id, name, phone, reverse(phone), pinyin FROM home;

CREATE TEMP TABLE text_of ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY fault.id, phrase.n) - 1 AS n, fault.id AS fault_id,
       fault.fault || '，' || phrase.word AS words,
       ARRAY(SELECT DISTINCT substr(run[1], place, 2)
               FROM regexp_matches(fault.fault || '，' || phrase.word || '，' || fault.area || '，' || fault.component,
                                   '[一-鿿]+', 'g') AS run,
                    generate_series(1, length(run[1]) - 1) AS place) AS pieces
  FROM knowledge_faultcategory fault CROSS JOIN phrase WHERE fault.active;

CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT i AS n, 10000000 + i AS id, home.estate_id, home.building_id, home.id AS unit_id, home.name, home.phone,
       home.building || '栋' || home.entrance || '单元' || home.room AS place_label, home.room, text_of.fault_id,
       text_of.words, text_of.pieces, now() - (%(rows)s - i) * interval '2 minutes' AS at, 1000000 + i AS serial
  FROM generate_series(0, %(rows)s - 1) AS i
  JOIN home ON home.n = mod(i * 7919::bigint, %(rows)s)
  JOIN text_of ON text_of.n = abs(mod(hashint4(i), (SELECT count(*)::int FROM text_of)))
 ORDER BY i;

INSERT INTO tickets_report (id, estate_id, channel, port, started_at, saved_at)
SELECT id, estate_id, 'phone', 'property', at, at FROM plan;

INSERT INTO tickets_ticket (id, number, report_id, kind, status, suspended_from, version, round, estate_id, building_id,
    unit_id, place_label, owner_id, reporter_name, reporter_phone, fault_id, description, wanted, level, level_reason,
    severity, rework, policy_id, phase, covered, verdict, registered_at, destructive, follower_count, urged)
SELECT id, 'E' || lpad((estate_id - 900000)::text, 3, '0') || '-' || to_char(at, 'YYMMDD') || '-' || serial, id, 'repair',
       'archived', '', 1, 1, estate_id, building_id, unit_id, place_label, unit_id, name, phone, fault_id, words, '明天上午',
       3, '', 'daily', false, (SELECT min(id) FROM tickets_policyversion), 'S4', 'yes', '{}', at,
       false, 0, 0
  FROM plan;

DROP INDEX ticket_words;

INSERT INTO tickets_ticketwords (ticket_id, estate_id, pieces)
SELECT id, estate_id,
       ARRAY(SELECT estate_id || ':' || piece
               FROM unnest(pieces || ARRAY['单元', room, substr(name, 1, 2), coalesce(nullif(substr(name, 2, 2), substr(name, 2, 1)), '单元')]
                    || ARRAY(SELECT '#' || right(serial::text, digits) FROM generate_series(3, 7) AS digits)) AS piece)
  FROM plan;

CREATE INDEX ticket_words ON tickets_ticketwords USING gin (pieces);
