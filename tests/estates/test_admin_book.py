import csv
import io
import re
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.workbooks import open_workbook_safely
from estates import presets
from estates.columns import TITLES
from estates.models import Household, Owner, Unit
from tests.core.test_sheets import PAYLOADS
from tests.estates.books import HEAD, row, workbook
from tests.factories_estates import (
    BatchFactory,
    BuildingFactory,
    CareFlagFactory,
    EstateFactory,
    HouseholdFactory,
    OwnerFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:estates_unit_import")
CONFIRM = reverse("admin:estates_unit_process_import")
EXPORT = reverse("admin:estates_unit_export")
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)(?![^>]*json)|<style|\sstyle=|\son\w+=")


@pytest.fixture
def estate():
    estate = EstateFactory(code="BJHY", name="滨江花园")
    BatchFactory(estate=estate, name="一期")
    return estate


@pytest.fixture
def clerk(client, keeper, estate):
    client.force_login(keeper(estate))
    return client


def upload(client, *rows, content=None, name="房屋.xlsx"):
    content = workbook(*rows).getvalue() if content is None else content
    return client.post(IMPORT, {"import_file": SimpleUploadedFile(name, content)})


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.row("IN-16")
def test_a_sheet_is_previewed_then_confirmed(clerk):
    preview = upload(clerk, row(), row(房号="1202"))
    before = Unit.objects.count()
    confirmed = clerk.post(CONFIRM, {"token": preview.context["token"]})

    assert (preview.status_code, before) == (200, 0)
    assert preview.context["result"].shown_changes[0].changes == ["新增楼栋 3栋", "新增房屋", "新增业主 张伟"]
    assert (confirmed.status_code, confirmed.url) == (302, reverse("admin:estates_unit_changelist"))
    assert told(confirmed) == ["导入完成：新增 2 行，更新 0 行，0 行没有变化。"]
    assert Unit.objects.count() == 2
    assert [entry.object_repr for entry in LogEntry.objects.all()] == [
        "导入“房屋.xlsx”：新增 2 行，更新 0 行，0 行没有变化"
    ]


def test_a_second_press_imports_nothing_and_says_so(clerk):
    token = upload(clerk, row()).context["token"]
    clerk.post(CONFIRM, {"token": token})
    again = clerk.post(CONFIRM, {"token": token})

    assert (again.url, told(again)[-1]) == (
        IMPORT,
        "这份文件已经导入，或预览已过期；如需再次导入，请重新上传。",
    )
    assert Unit.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd"])
def test_a_made_up_token_confirms_nothing(clerk, token):
    assert clerk.post(CONFIRM, {"token": token}).url == IMPORT


def test_a_preview_of_somebody_else_cannot_be_confirmed(clerk, keeper, estate):
    token = upload(clerk, row()).context["token"]
    clerk.force_login(keeper(estate))

    assert clerk.post(CONFIRM, {"token": token}).status_code == 403
    assert Unit.objects.count() == 0


def test_what_became_wrong_since_the_preview_is_not_imported(clerk, estate):
    token = upload(clerk, row()).context["token"]
    estate.batches.update(name="首期")
    response = clerk.post(CONFIRM, {"token": token})

    assert (response.status_code, Unit.objects.count()) == (422, 0)
    assert "滨江花园没有这个交付批次" in response.content.decode()


@pytest.mark.row("IN-16")
def test_a_wrong_row_is_shown_with_row_column_reason_and_what_was_typed(clerk):
    response = upload(clerk, row(), row(房号="1202", 电话="123"))
    page = response.content.decode()

    assert (response.status_code, "确认导入</" in page, response.context["token"]) == (422, False, "")
    assert "有 1 行不对，没有写入任何内容" in page
    assert re.findall(r'<td class="num">(\d+)</td>', page) == ["3"]
    assert "应为 11 位手机号，或带区号的座机号（填写的是“123”）" in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的，请重新选择。"),
        (b"MZ\x90\x00", "文件已损坏或不是 Excel 工作簿"),
        (workbook().getvalue(), "工作表“房屋”里没有数据：第一行应为列名，从第二行起为数据。"),
        (workbook(titles=["车位"]).getvalue(), "里没有数据"),
        (workbook({"车位": "1"}, titles=["车位"]).getvalue(), "不认识的列：车位。"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(clerk, content, message):
    response = upload(clerk, content=content)

    assert (response.status_code, message in response.content.decode()) == (422, True)


def test_no_file_at_all_is_named(clerk):
    response = clerk.post(IMPORT, {})

    assert (response.status_code, "请选择要导入的 Excel 文件。" in response.content.decode()) == (422, True)


@pytest.mark.row("IN-16")
def test_the_sample_that_ships_can_be_imported_as_it_is(clerk):
    sample = b"".join(clerk.get(reverse("admin:estates_unit_import_sample")).streaming_content)
    preview = upload(clerk, content=sample)

    assert (preview.status_code, dict(preview.context["result"].totals)["new"]) == (200, 8)


def test_the_sample_is_what_the_command_writes():
    from estates.sample import write_sample

    made = io.BytesIO()
    write_sample(made)

    assert made.getvalue() == presets.SAMPLE.read_bytes()


@pytest.mark.row("OR-01")
@pytest.mark.parametrize("url", [IMPORT, CONFIRM, EXPORT, reverse("admin:estates_unit_import_sample")])
def test_import_and_export_each_need_their_own_permission(client, keeper, estate, url):
    client.force_login(keeper(estate, perms=["view_unit", "change_unit", "add_unit"]))

    assert client.post(url).status_code == 403


def test_only_a_post_imports(clerk):
    assert clerk.get(CONFIRM).status_code == 405


def test_our_pages_carry_no_inline_script_or_style(clerk):
    pages = [clerk.get(IMPORT), upload(clerk, row()), upload(clerk, row(电话="1")), clerk.get(EXPORT)]

    assert [INLINE.findall(page.content) for page in pages] == [[], [], [], []]


@pytest.fixture
def homes(estate):
    building = BuildingFactory(estate=estate, name="3栋", batch=estate.batches.get())
    unit = UnitFactory(building=building, entrance="2单元", room="1201", floor=12)
    owner = HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000")).owner
    CareFlagFactory(owner=owner, kind="vip")
    HouseholdFactory()
    return unit


def exported(client, kind, query=""):
    response = client.post(EXPORT + query, {"file_format": kind})
    return response, io.BytesIO(b"".join(response.streaming_content))


@pytest.mark.row("RE-07")
def test_an_export_holds_what_is_in_scope_and_nothing_else(clerk, homes):
    response, content = exported(clerk, "xlsx")
    home = ["BJHY", "3栋", "2单元", "1201", "12", "", "", "一期", "", ""]

    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert open_workbook_safely(content).cells == [TITLES, [*home, "张伟", "13800138000", "业主", "VIP"]]
    assert LogEntry.objects.get().object_repr == "导出房屋与业主 1 行（xlsx）"


@pytest.mark.row("RE-07")
def test_an_export_follows_the_filters_of_the_list(clerk, homes):
    _, content = exported(clerk, "csv", "?q=9-9")

    assert list(csv.reader(io.StringIO(content.getvalue().decode("utf-8-sig")))) == [TITLES]


@pytest.mark.row("IN-16")
def test_what_was_exported_can_be_imported_again_without_change(clerk, homes):
    _, content = exported(clerk, "xlsx")
    preview = upload(clerk, content=content.getvalue())

    assert {kind: n for kind, n in preview.context["result"].totals.items() if n} == {"skip": 1}


@pytest.mark.row("RE-07")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_no_payload_in_any_field_leaves_as_a_formula(clerk, estate, kind):
    building = BuildingFactory(estate=estate, batch=estate.batches.get(), name="=1+1")
    units = [
        UnitFactory(building=building, room=str(n), layout=text[:40], entrance="@a", label=f"x{n}")
        for n, text in enumerate(PAYLOADS)
    ]
    owners = Owner.objects.bulk_create(Owner(name=text[:60], phone="+1") for text in PAYLOADS)
    Household.objects.bulk_create(
        Household(unit=unit, owner=owner) for unit, owner in zip(units, owners, strict=True)
    )
    _, content = exported(clerk, kind)

    if kind == "xlsx":
        with zipfile.ZipFile(content) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        found = re.findall(r"<(?:f|v|hyperlink)\b", sheet)
        count = sheet.count("<row ")
    else:
        text = content.getvalue().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        found = [cell for line in rows for cell in line if cell.strip()[:1] in tuple("=+-@＝＋－＠")]
        count = len(rows)
    assert ([hit for hit in found if hit], count) == ([], len(PAYLOADS) + 1)


def test_a_choice_that_is_none_is_refused(clerk):
    assert clerk.post(EXPORT, {"file_format": "exe"}).status_code == 422


def test_a_forged_door_of_a_foreign_estate_is_refused_in_the_page(clerk):
    EstateFactory(code="OTHER", name="秘密项目")
    response = upload(clerk, HEAD | {"项目代码": "OTHER"})

    assert (response.status_code, "秘密项目" in response.content.decode()) == (422, False)


@pytest.mark.parametrize("query", ["pk__regex=(", "room__exact=%00"])
def test_an_export_of_a_filter_that_nobody_offers_asks_again_without_it(clerk, query):
    answer = clerk.get(f"{EXPORT}?{query}")

    assert (answer.status_code, answer.headers.get("Location")) == (302, EXPORT)
