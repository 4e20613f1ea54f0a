"""Past tickets from Excel: checked, shown, written all or not at all (IN-16)."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now

from channels.history_import import columns, jobs, sample
from channels.models import ImportJob, PastTicket
from core import sheets
from estates.models import PublicPlace
from knowledge.models import FaultCategory
from reports import figures
from reports.periods import Month, Period
from tests.factories_estates import HouseholdFactory, PublicPlaceFactory
from tests.house import House
from tickets import clock_store
from tickets.chain import verify
from tickets.models import Clock, Holder, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-16")]
State = ImportJob.State
TITLES = [column.title for column in columns.COLUMNS]


@pytest.fixture
def house() -> House:
    return House.build("manager", "clerk", "dispatcher")


def row_of(house: House, number: int = 1, **changes) -> dict:
    """A row about the house's own dwelling."""
    unit = house.household.unit
    facts = {
        "原单号": f"OLD-{number}",
        "项目代码": house.estate.code,
        "楼栋": unit.building.name,
        "单元": unit.entrance,
        "房号": unit.room,
        "登记时间": "2025-05-08 09:05",
        "完成时间": "2025-05-08 16:30",
        "关闭时间": "2025-05-09 10:00",
        "故障描述": "厨房龙头，一直滴水（两天）",
        "故障分类": "WS01",
        "级别": "2级",
        "渠道": "前台",
        "受理端口": "客服部",
        "报修人": "张伟",
        "联系电话": "138 0013 8000",
        "维修人员": "李师傅",
        "满意度": "5星",
    }
    return facts | changes


def book(*rows: dict, header=None) -> SimpleUploadedFile:
    header, target = header or TITLES, io.BytesIO()
    cells = [[row.get(title, "") for title in header] for row in rows]
    sheets.write_xlsx(target, title="历史", header=header, rows=cells)
    return SimpleUploadedFile("旧单.xlsx", target.getvalue())


def checked(house: House, *rows: dict, by: str = "manager", header=None) -> ImportJob:
    job = jobs.upload(file=book(*rows, header=header), by=house.people[by], at=now())
    jobs.check(job_id=job.pk, now=now)
    job.refresh_from_db()
    return job


def written(house: House, *rows: dict) -> ImportJob:
    job = checked(house, *rows)
    jobs.confirm(job=job, at=now())
    jobs.write(job_id=job.pk, now=now)
    job.refresh_from_db()
    return job


def test_a_row_becomes_an_archived_ticket_of_the_dwelling(house):
    job = written(house, row_of(house))

    ticket = Ticket.objects.get()
    assert (job.state, job.rows, job.new, job.same, job.wrong) == (State.DONE, 1, 1, 0, 0)
    assert (ticket.status, ticket.unit, ticket.fault, ticket.level) == (
        Status.ARCHIVED,
        house.household.unit,
        house.fault,
        2,
    )
    assert ticket.description == "厨房龙头，一直滴水（两天）"
    assert (ticket.reporter_phone, ticket.report.port, ticket.report.channel) == (
        "13800138000",
        "service",
        "front_desk",
    )
    assert [
        f"{at:%Y-%m-%d %H:%M}" for at in (ticket.registered_at, ticket.completed_at, ticket.closed_at)
    ] == ["2025-05-08 01:05", "2025-05-08 08:30", "2025-05-09 02:00"]
    assert (ticket.past.old_number, ticket.past.job) == ("OLD-1", job)


def test_its_only_event_says_where_it_came_from_and_the_chain_holds(house):
    written(house, row_of(house))

    ticket = Ticket.objects.get()
    event = ticket.events.get()
    assert (event.name, event.actor, event.to_status) == ("bring_in", house.people["manager"], "archived")
    assert event.reason == "原单号 OLD-1；维修人员 李师傅；满意度 5"
    assert verify() == []


def test_no_clock_runs_nobody_holds_it_and_no_figure_counts_it(house):
    written(house, row_of(house), row_of(house, 2, 结果="作废"))

    month = Period(Month.of(now().replace(year=2025, month=5, day=8)), now())
    ticket = Ticket.objects.get(past__old_number="OLD-1")
    assert (Clock.objects.count(), Holder.objects.count()) == (0, 0)
    assert clock_store.compute(ticket, clock_store.facts_of(ticket)) == []
    assert [
        figures.closed(Ticket.objects.all(), month).count(),
        figures.left_out(Ticket.objects.all(), month).count(),
    ] == [0, 0]
    assert Ticket.objects.get(past__old_number="OLD-2").status == Status.CANCELLED


def test_a_public_place_that_nobody_entered_keeps_its_words(house):
    lift = PublicPlaceFactory(building=house.household.unit.building, name="1号电梯")
    written(
        house,
        row_of(house, 1, 房号="", 单元="", 公共部位="1号电梯"),
        row_of(house, 2, 楼栋="", 房号="", 单元="", 公共部位="老泵房"),
    )

    places = Ticket.objects.order_by("pk").values_list("place", "place_label")
    assert list(places) == [(lift.pk, f"{lift.building.name}1号电梯"), (None, "老泵房")]


def test_nothing_is_written_before_it_is_confirmed(house):
    job = checked(house, row_of(house))

    assert (job.state, job.new, Ticket.objects.count()) == (State.READY, 1, 0)
    assert job.preview[0][0] == "OLD-1"
    assert jobs.write(job_id=job.pk, now=now) is False


WRONG = [
    ({"原单号": ""}, "原单号", "必填"),
    ({"项目代码": "NONE"}, "项目代码", "找不到项目，或不在您的负责范围（填写的是“NONE”）"),
    ({"房号": "9999"}, "房号", "没有这套房屋，请先导入房屋或改正写法"),
    ({"房号": ""}, "房号", "房号与公共部位至少填一项"),
    ({"公共部位": "大堂"}, "公共部位", "已填房号，公共部位请留空（填写的是“大堂”）"),
    ({"登记时间": "昨天"}, "登记时间", "应为时间，例如 2024-06-30 09:05（填写的是“昨天”）"),
    ({"登记时间": "2025-02-30"}, "登记时间", "应为时间，例如 2024-06-30 09:05（填写的是“2025-02-30”）"),
    ({"登记时间": "2099-01-01", "完成时间": "", "关闭时间": ""}, "登记时间", "在将来"),
    ({"完成时间": "2025-05-07"}, "完成时间", "早于登记时间"),
    ({"关闭时间": "2025-05-08"}, "关闭时间", "早于完成时间"),
    ({"故障分类": "外星人"}, "故障分类", "对不上，请填代码，或留空（填写的是“外星人”）"),
    ({"级别": "9"}, "级别", "应为 1 到 4 级（填写的是“9”）"),
    ({"满意度": "6"}, "满意度", "应为 1 到 5（填写的是“6”）"),
    ({"结果": "维修中"}, "结果", "只能填：完成、作废；未完成的工单请在系统中重新登记（填写的是“维修中”）"),
]


@pytest.mark.parametrize(("changes", "title", "words"), WRONG)
def test_a_wrong_cell_is_named_by_row_and_column_and_refuses_the_sheet(house, changes, title, words):
    job = checked(house, row_of(house), row_of(house, 2, **changes))

    number, _, mistakes = job.mistakes[0]
    found = [said for column, said in mistakes if column == title]
    assert (job.state, job.wrong, number) == (State.REFUSED, 1, 3)
    assert found[0].startswith(words)
    assert jobs.confirm(job=job, at=now()).state == State.REFUSED


def test_a_number_twice_in_a_sheet_is_a_mistake_and_one_from_before_is_skipped(house):
    twins = checked(house, row_of(house), row_of(house))
    written(house, row_of(house))
    again = written(house, row_of(house), row_of(house, 2))

    assert twins.mistakes == [
        [3, f"{house.estate.code} OLD-1", [["原单号", "与第 2 行重复（填写的是“OLD-1”）"]]]
    ]
    assert (again.state, again.new, again.same, PastTicket.objects.count()) == (State.DONE, 1, 1, 2)


def test_a_mistake_that_came_up_since_the_check_writes_nothing(house):
    job = checked(house, row_of(house), row_of(house, 2))
    jobs.confirm(job=job, at=now())
    house.household.unit.households.all().delete()
    house.household.unit.delete()

    jobs.write(job_id=job.pk, now=now)

    job.refresh_from_db()
    assert (job.state, job.wrong, Ticket.objects.count()) == (State.REFUSED, 2, 0)


def test_a_failure_in_the_middle_leaves_nothing(house, settings):
    settings.TIME_ZONE = settings.TIME_ZONE
    job = checked(house, *[row_of(house, number) for number in range(1, 5)])
    jobs.confirm(job=job, at=now())
    default_storage.delete(job.file)

    with pytest.raises(FileNotFoundError):
        jobs.write(job_id=job.pk, now=now)

    job.refresh_from_db()
    assert (job.state, Ticket.objects.count()) == (State.FAILED, 0)


def test_written_twice_it_is_there_once(house):
    job = written(house, row_of(house))

    assert (jobs.write(job_id=job.pk, now=now), jobs.check(job_id=job.pk, now=now)) == (False, False)
    assert Ticket.objects.count() == 1


def test_dwellings_of_another_estate_are_not_there(house):
    far = HouseholdFactory().unit
    far_row = row_of(house, 2, 项目代码=far.estate.code, 楼栋=far.building.name, 房号=far.room)

    job = checked(house, row_of(house), far_row)

    assert [[number, mistakes[0][0]] for number, _, mistakes in job.mistakes] == [[3, "项目代码"]]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["原单号", "项目代码"], "缺少列：楼栋、房号、登记时间、故障描述。"),
        ([*TITLES, "备注"], "不认识的列：备注。"),
        ([*TITLES, "级别"], "重复的列：级别。"),
    ],
)
def test_a_wrong_header_is_named(house, header, words):
    job = checked(house, row_of(house), header=header)

    assert (job.state, words in job.error) == (State.REFUSED, True)


def test_a_file_without_rows_or_that_is_no_table_is_refused(house):
    empty = checked(house)
    broken = jobs.upload(
        file=SimpleUploadedFile("x.xlsx", b"PK\x03\x04nothing"), by=house.people["manager"], at=now()
    )
    jobs.check(job_id=broken.pk, now=now)
    broken.refresh_from_db()

    assert (empty.state, empty.error) == (State.REFUSED, "表头下面没有数据。")
    assert (broken.state, broken.error[:5]) == (State.REFUSED, "文件已损坏")


def test_formulas_stay_text_in_and_out(house):
    written(house, row_of(house, 故障描述="=HYPERLINK(1)", 报修人="@张"))

    ticket = Ticket.objects.get()
    assert (ticket.description, ticket.reporter_name) == ("=HYPERLINK(1)", "@张")


def test_the_page_takes_a_file_shows_the_findings_and_confirms(house, client):
    client.force_login(house.people["clerk"])
    key = "0b6c1d0e-0000-4000-8000-00000000000{}"
    sent = client.post("/desk/history/", {"workbook": book(row_of(house)), "form_key": key.format(1)})
    job = ImportJob.objects.get()
    jobs.check(job_id=job.pk, now=now)
    page = client.get(sent.url).content.decode()

    confirmed = client.post(f"{sent.url}confirm/", {"form_key": key.format(2)})
    jobs.write(job_id=job.pk, now=now)

    assert (sent.status_code, sent.url) == (303, f"/desk/history/{job.pk}/")
    assert [page.count(word) for word in ("确认导入 1 单", "OLD-1")] == [1, 1]
    assert (confirmed.status_code, Ticket.objects.count()) == (303, 1)
    assert client.get(sent.url).content.decode().count("已导入") > 0


def test_what_is_no_workbook_is_refused_at_once(house, client):
    client.force_login(house.people["clerk"])
    upload = SimpleUploadedFile("a.xlsx", b"hello")

    answer = client.post(
        "/desk/history/", {"workbook": upload, "form_key": "0b6c1d0e-0000-4000-8000-000000000009"}
    )

    assert (answer.status_code, ImportJob.objects.count()) == (422, 0)


def test_the_sample_reads_without_a_mistake_in_its_header(house):
    target = io.BytesIO()
    sample.write(target)
    job = jobs.upload(
        file=SimpleUploadedFile("样例.xlsx", target.getvalue()), by=house.people["manager"], at=now()
    )
    jobs.check(job_id=job.pk, now=now)
    job.refresh_from_db()

    # The sample's estate is not the house's: nothing else is wrong with it.
    assert (job.error, job.rows) == ("", 2)
    assert {title for _, _, mistakes in job.mistakes for title, _ in mistakes} == {"项目代码"}


def test_a_lost_job_is_queued_again_and_given_up_after_three_tries(house):
    job = jobs.upload(file=book(row_of(house)), by=house.people["manager"], at=now())
    later = now() + timedelta(hours=1)

    first = jobs.sweep(at=later)
    ImportJob.objects.update(attempt=3)
    second = jobs.sweep(at=later + timedelta(hours=1))

    job.refresh_from_db()
    assert (first, second, job.state) == (1, 1, State.FAILED)


def test_files_with_names_and_phones_go_after_a_month(house):
    job = checked(house, row_of(house))

    gone = [jobs.throw_away(at=now() + timedelta(days=days)) for days in (29, 31)]

    assert (gone, default_storage.exists(job.file)) == ([0, 1], False)


def test_a_letter_that_no_table_holds_is_refused_at_its_column(house):
    job = checked(house, row_of(house), row_of(house, 2, 维修人员="李\0师傅"), row_of(house, 3, 结果="\0"))

    assert (job.state, [mistakes for _, _, mistakes in job.mistakes]) == (
        State.REFUSED,
        [[["维修人员", "不能有控制字符"]], [["结果", "不能有控制字符"]]],
    )


def test_a_fault_and_a_place_with_wide_brackets_are_found(house):
    fault = house.fault
    FaultCategory.objects.filter(pk=fault.pk).update(fault="大量漏水（应急止水）")
    place = PublicPlace.objects.create(estate=house.estate, name="大堂（东）")
    facts = {"楼栋": "", "单元": "", "房号": "", "公共部位": place.name, "故障分类": "大量漏水（应急止水）"}

    written(house, row_of(house, **facts))

    ticket = Ticket.objects.get()
    assert (ticket.fault, ticket.place) == (fault, place)
