"""Workers from Excel: found by job number or phone, all or nothing, and never more than a worker's role."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from core import sheets
from dispatch import worker_book, worker_write
from dispatch.models import Skill, Worker
from dispatch.worker_columns import ROWS, TITLES, read_list
from estates.columns import typed
from knowledge import presets as knowledge
from knowledge.models import Trade
from tests.factories_estates import EstateFactory
from tests.house import House
from warranty.models import Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-16")]


@pytest.fixture
def house():
    made = House.build("supervisor", "manager")
    User.objects.filter(pk=made.worker.user_id).update(job_number="W1", phone="13800030001")
    return made


def row(house, **cells) -> dict:
    usual = {"工号": "W2", "姓名": "李梅", "手机号": "13800020002"}
    return usual | {"片区": house.estate.area.name, "负责项目": house.estate.code, "工种": "水电工"} | cells


def plan(house, *rows: dict, who: str = "supervisor") -> worker_book.Plan:
    cells = [(number, [each.get(title, "") for title in TITLES]) for number, each in enumerate(rows, start=2)]
    user = User.objects.get(pk=house.people[who].pk)
    return worker_book.plan_import(user=user, header=TITLES, rows=cells, at=now())


def write(house, *rows: dict, who: str = "supervisor") -> worker_book.Plan:
    made = plan(house, *rows, who=who)
    worker_write.write(made, by=house.people[who])
    return made


def problems(made: worker_book.Plan) -> list[tuple[int, str, str]]:
    return [
        (line.number, title, told)
        for line in made.refused
        for title, messages in line.errors.items()
        for told in messages
    ]


def test_somebody_new_gets_an_account_a_role_estates_and_skills(house):
    write(
        house,
        row(house, 技能等级="高级", 在手上限="4", 入职日期="2026-01-05"),
        row(house, 工种="水电工", 证书编号="T1", 发证日期="2024-06-30", 有效期至="2027-06-29"),
    )

    user = User.objects.get(username="W2")
    worker = user.worker
    assert (user.full_name, user.phone, user.has_usable_password(), user.is_staff) == (
        "李梅",
        "13800020002",
        False,
        False,
    )
    assert list(user.groups.values_list("role__code", flat=True)) == ["worker"]
    assert list(user.estates.all()) == [house.estate]
    assert (worker.grade, worker.capacity, str(worker.hired_on)) == (3, 4, "2026-01-05")
    skill = worker.skills.get()
    assert (skill.trade.name, skill.certificate, skill.certificates.count()) == ("水电工", "T1", 1)


def test_known_people_are_updated_by_number_or_phone_and_empty_cells_leave_what_is(house):
    before = User.objects.get(pk=house.worker.user_id)
    cells = {"姓名": "张强", "手机号": "", "片区": "", "负责项目": "", "工种": ""}

    made = write(house, row(house, 工号="W1", 在手上限="3", **cells))

    user, worker = User.objects.get(pk=before.pk), Worker.objects.get(pk=house.worker.pk)
    assert (user.full_name, user.phone, user.password, worker.capacity) == (
        "张强",
        "13800030001",
        before.password,
        3,
    )
    assert made.lines[0].changes == ["姓名：马永康 → 张强", "在手上限：50 → 3"]


def test_the_same_sheet_again_changes_nothing(house):
    sheet = [row(house), row(house, 工号="W3", 手机号="13800020003", 证书编号="T1")]
    write(house, *sheet)

    assert dict(plan(house, *sheet).totals) == {"skip": 2}


def test_a_renewed_certificate_keeps_the_old_one(house):
    Skill.objects.update(certificate="T0")

    write(house, row(house, 工号="W1", 姓名="马永康", 手机号="", 证书编号="T1"))

    skill = house.worker.skills.get()
    assert (skill.certificate, sorted(skill.certificates.values_list("number", flat=True))) == (
        "T1",
        ["T0", "T1"],
    )


def test_every_mistake_is_named_by_row_and_column(house):
    far = EstateFactory()

    made = plan(
        house,
        row(house, 手机号="12345"),
        row(house, 工号="", 手机号=""),
        row(house, 工号="W4", 手机号="13800020004", 片区="没有的片区", 负责项目=far.code, 工种="木匠"),
        row(house, 工号="W5", 手机号="13800020005", 有效期至="2027-01-01", 技能等级="特级"),
        row(house, 工号="W6", 手机号="13800030001"),
    )

    assert problems(made) == [
        (2, "手机号", "应为 11 位手机号，或带区号的座机号（填写的是“12345”）"),
        (3, "工号", "工号与手机号至少填一个"),
        (4, "片区", "后台没有这个片区（填写的是“没有的片区”）"),
        (4, "负责项目", f"没有项目 {far.code}，或不在您的权限内（填写的是“{far.code}”）"),
        (4, "工种", "后台没有工种“木匠”（填写的是“木匠”）"),
        (5, "技能等级", "只能填：初级、中级、高级（填写的是“特级”）"),
        (5, "有效期至", "没有证书编号时不填（填写的是“2027-01-01”）"),
        (6, "工号", "这个手机号的工号是 W1（填写的是“W6”）"),
    ]
    with pytest.raises(ValueError, match="not written"):
        worker_write.write(made, by=house.people["supervisor"])
    assert Worker.objects.count() == 1


def test_rows_of_one_person_that_differ_are_refused(house):
    made = plan(house, row(house), row(house, 姓名="李美", 工种="水电工"))

    assert problems(made) == [(3, "姓名", "与第 2 行同一人的姓名不一致（填写的是“李美”）")]


def test_accounts_above_the_importer_and_beyond_their_estates_stay_as_they_are(house):
    boss = house.people["manager"]
    User.objects.filter(pk=boss.pk).update(job_number="M1")
    stranger = House.new_worker("far", house.household, house.fault)
    stranger.user.estates.set([EstateFactory()])
    User.objects.filter(pk=stranger.user_id).update(job_number="F1")

    made = plan(
        house,
        row(house, 工号="M1", 姓名="改了名", 手机号=""),
        row(house, 工号="F1", 姓名="改了名", 手机号=""),
    )

    assert problems(made) == [
        (2, "姓名", "您不能修改这个账号的资料（填写的是“改了名”）"),
        (3, "工号", "已被您权限之外的账号使用（填写的是“F1”）"),
    ]


# -- over HTTP ---------------------------------------------------------------


def book(house, *rows: dict) -> SimpleUploadedFile:
    stream = io.BytesIO()
    cells = [[each.get(title, "") for title in TITLES] for each in rows]
    sheets.write_xlsx(stream, title="人员", header=TITLES, rows=cells)
    return SimpleUploadedFile("人员.xlsx", stream.getvalue())


def upload(client, file):
    return client.post(reverse("dispatch_import"), {"workbook": file, "form_key": str(uuid4())})


def test_nothing_is_written_before_the_word_and_a_second_press_changes_nothing(house, client):
    client.force_login(house.people["supervisor"])
    preview = upload(client, book(house, row(house)))
    confirm = {"token": preview.context["confirm"].initial["token"], "form_key": str(uuid4())}
    before = Worker.objects.count()

    answers = [client.post(reverse("dispatch_import_confirm"), confirm).status_code for _ in range(2)]

    assert (preview.status_code, before, answers, Worker.objects.count()) == (200, 1, [303, 303], 2)


def test_another_persons_preview_cannot_be_confirmed(house, client):
    client.force_login(house.people["supervisor"])
    token = upload(client, book(house, row(house))).context["confirm"].initial["token"]
    client.force_login(house.people["manager"])

    answer = client.post(reverse("dispatch_import_confirm"), {"token": token, "form_key": str(uuid4())})

    assert (answer.status_code, Worker.objects.count()) == (422, 1)


def test_a_sheet_with_mistakes_shows_them_and_cannot_be_confirmed(house, client):
    client.force_login(house.people["supervisor"])

    page = upload(client, book(house, row(house, 姓名="")))

    assert (page.status_code, "必填" in page.content.decode(), page.context.get("confirm")) == (
        422,
        True,
        None,
    )


def test_the_sample_can_be_read_by_the_import(house, client):
    client.force_login(house.people["supervisor"])
    sample = b"".join(client.get(reverse("dispatch_import_sample")).streaming_content)

    page = upload(client, SimpleUploadedFile("样例.xlsx", sample))

    columns = {title for line in page.context["plan"].refused for title in line.errors}
    assert columns == {"片区", "负责项目", "工种"}


def test_names_with_wide_brackets_are_found_however_the_cell_was_typed(house):
    trade = Trade.objects.create(code="electrician", name="电工（低压电工证）")
    house.estate.area.name = "滨江（一期）"
    house.estate.area.save()
    company = Contractor.objects.create(name="宏基建筑（集团）有限公司", kind="contractor")
    usual = {"工种": "电工（低压电工证）", "用工方": "保修单位", "单位名称": company.name}

    write(house, row(house, **usual), row(house, 工号="W3", 手机号="13800020003", 工种="电工(低压电工证)"))

    workers = Worker.objects.filter(user__job_number__in=["W2", "W3"]).order_by("user__job_number")
    assert [(worker.skills.get().trade, worker.contractor) for worker in workers] == [
        (trade, company),
        (trade, None),
    ]
    assert Contractor.objects.count() == 1


def test_the_sample_names_only_trades_that_ship():
    knowledge.load()
    shipped = {typed(name) for name in Trade.objects.values_list("name", flat=True)}

    named = {typed(name) for cells in ROWS for name in read_list(cells[TITLES.index("工种")])}

    assert named - shipped == set()


def test_many_rows_cost_hardly_more_queries_than_few(house):
    def queries(first: int, last: int) -> int:
        sheet = [
            row(house, 工号=f"N{number}", 手机号=f"139{number:08}", 姓名=f"师傅{number}")
            for number in range(first, last)
        ]
        with CaptureQueriesContext(connection) as asked:
            write(house, *sheet)
        return len(asked)

    few, many = queries(0, 2), queries(2, 300)

    assert (Worker.objects.count(), many) == (301, few)
