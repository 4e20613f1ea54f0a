import csv
import io
from datetime import timedelta

import pytest
from django.utils.timezone import now
from python_calamine import CalamineWorkbook

from reports import pages, queries, runs
from reports.catalogue import BY_SLUG, FIGURES
from reports.models import ReportRun
from reports.periods import Month, Period
from tests.house import House
from tests.reports.conftest import content_of
from tests.reports.rows import clock, ticket
from tickets.models import Report

pytestmark = [pytest.mark.django_db, pytest.mark.row("RE-01")]
HTMX = {"HTTP_HX_REQUEST": "true"}
State = ReportRun.State


@pytest.fixture
def last_month():
    return Month.of(now()).later(-1)


@pytest.fixture
def filled(estates, last_month):
    """Two tickets of the first estate, one of them late, and one of the second."""
    moment = last_month.start + timedelta(days=3)
    due = moment + timedelta(hours=1)
    found = []
    for estate, stopped in ((estates[0], due), (estates[0], None), (estates[1], due)):
        row = ticket(estate, moment, reporter_phone="13812345678", reporter_name="=1+1")
        clock(row, "contact", due, stopped)
        found.append(row)
    return found


def signed_in(client, user):
    client.force_login(user)
    return client


def form_of(answer, name="fresh_form"):
    form = answer.context[name]
    data = {"month": form["month"].value(), "form_key": str(form["form_key"].value())}
    return data | {"estates": form["estates"].value() or []}


def numbers(answer):
    return [ticket.number for ticket in answer.context["tickets"]]


class TestFigures:
    def test_the_screen_shows_what_was_counted(self, client, director, filled, estates, last_month):
        answer = signed_in(client, director).get("/reports/", {"month": str(last_month)})

        sheet = queries.monthly(estates, Period(last_month, now()))
        shown = {tile["label"]: tile["value"] for tile in answer.context["shares"] + answer.context["counts"]}
        assert shown == {figure.label: pages.words(figure, sheet.total(figure)) for figure in FIGURES}
        assert (shown["响应及时率"], shown["维修满意度"]) == ("66.7%", "无数据")
        assert [row["name"] for row in answer.context["rows"]] == ["滨江花园", "东湖嘉苑"]

    def test_a_supervisor_of_one_estate_sees_that_one_alone(self, client, supervisor, filled, last_month):
        answer = signed_in(client, supervisor).get("/reports/", {"month": str(last_month)})

        assert [row["name"] for row in answer.context["rows"]] == ["滨江花园"]
        assert answer.context["sheet"].total(BY_SLUG["response"]) == (1, 2)

    def test_chosen_estates_narrow_the_figures_and_every_link(
        self, client, director, filled, estates, last_month
    ):
        asked = {"month": str(last_month), "estates": [estates[1].pk]}
        answer = signed_in(client, director).get("/reports/", asked)

        assert answer.context["sheet"].total(BY_SLUG["response"]) == (1, 1)
        assert answer.context["shares"][0]["href"] == (
            f"/reports/behind/response/?month={last_month}&estates={estates[1].pk}"
        )

    def test_without_a_month_it_is_the_current_one(self, client, director):
        answer = signed_in(client, director).get("/reports/")

        assert answer.context["sheet"].period.month == Month.of(now())

    def test_htmx_gets_the_figures_alone(self, client, director):
        answer = signed_in(client, director).get("/reports/", **HTMX)

        assert "reports/home.html" not in [each.name for each in answer.templates]

    def test_a_foreign_estate_is_not_there(self, client, supervisor, estates):
        assert signed_in(client, supervisor).get("/reports/", {"estates": estates[1].pk}).status_code == 404

    def test_a_month_that_is_none_is_named_at_the_field(self, client, director):
        answer = signed_in(client, director).get("/reports/", {"month": "2026-99"})

        assert (answer.status_code, "2026-99 不在可用的选项中" in answer.content.decode()) == (422, True)

    def test_without_the_permission_there_are_no_reports(self, client, estates):
        answer = signed_in(client, House.person("worker", *estates)).get("/reports/")

        assert answer.status_code == 403

    def test_without_an_estate_the_page_says_so(self, client, estates):
        answer = signed_in(client, House.person("supervisor")).get("/reports/")

        assert "还没有负责的项目" in answer.content.decode()

    def test_the_surface_is_in_the_top_bar_of_those_who_may(self, client, director, estates):
        assert (
            'href="/reports/" aria-current="page"'
            in signed_in(client, director).get("/reports/").content.decode()
        )


class TestBehind:
    def test_a_figure_opens_its_tickets(self, client, director, filled, last_month):
        client = signed_in(client, director)
        path, month = "/reports/behind/response/", str(last_month)

        assert len(numbers(client.get(path, {"month": month}))) == 3
        assert numbers(client.get(path, {"month": month, "only": "miss"})) == [filled[1].number]
        assert len(numbers(client.get(path, {"month": month, "only": "hit"}))) == 2

    @pytest.mark.parametrize("slug", list(BY_SLUG))
    def test_every_link_of_the_screen_leads_to_a_list_of_that_length(
        self, client, director, filled, last_month, slug
    ):
        client = signed_in(client, director)
        home = client.get("/reports/", {"month": str(last_month)})
        tile = next(
            tile
            for tile in home.context["shares"] + home.context["counts"]
            if tile["label"] == BY_SLUG[slug].label
        )
        found = home.context["sheet"].total(BY_SLUG[slug])

        answer = client.get(tile["href"])

        expected = found.numerator if found.denominator is None else found.denominator
        assert answer.context["page_obj"].paginator.count == expected

    @pytest.mark.row("IN-01")
    def test_a_number_of_a_channel_and_port_opens_its_tickets(self, client, director, filled, last_month):
        Report.objects.filter(pk=filled[1].report_id).update(channel="owner_h5", port="service")
        client = signed_in(client, director)

        rows = client.get("/reports/", {"month": str(last_month)}).context["channels"]

        asked = [cell for row in rows for cell in row["cells"] if not cell["empty"]]
        found = [client.get(cell["href"]).context["page_obj"].paginator.count for cell in asked]
        assert [row["name"] for row in rows][-2:] == ["业主手机端", "合计"]
        assert found == [int(cell["text"]) for cell in asked]

    @pytest.mark.row("IN-01")
    def test_the_list_and_its_file_are_filtered_by_channel_and_port(
        self, client, director, filled, last_month
    ):
        Report.objects.filter(pk=filled[1].report_id).update(channel="owner_h5", port="service")
        client = signed_in(client, director)

        answer = client.get(
            f"/reports/behind/response/?month={last_month}&only=miss&channel=owner_h5&port=service"
        )
        file = client.get(answer.context["downloads"][1][1])

        assert numbers(answer) == [filled[1].number]
        assert [row[0] for row in csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))][1:] == [
            filled[1].number
        ]
        assert all("channel=owner_h5&port=service" in tab["url"] for tab in answer.context["tabs"])

    def test_only_tickets_of_the_readers_estates_are_listed(self, client, supervisor, filled, last_month):
        answer = signed_in(client, supervisor).get("/reports/behind/response/", {"month": str(last_month)})

        assert sorted(numbers(answer)) == sorted([filled[0].number, filled[1].number])

    @pytest.mark.parametrize(
        "query", ["month=2026-99", "", "month={month}&estates=999999", "month={month}&only=x"]
    )
    def test_an_address_that_means_nothing_is_404(self, client, director, last_month, query):
        path = "/reports/behind/response/?" + query.format(month=last_month)

        assert signed_in(client, director).get(path).status_code == 404

    def test_an_unknown_figure_is_404(self, client, director, last_month):
        path = f"/reports/behind/nothing/?month={last_month}"

        assert signed_in(client, director).get(path).status_code == 404


@pytest.mark.row("RE-07")
class TestExport:
    def test_the_list_comes_as_a_workbook_with_masked_phones(self, client, director, filled, last_month):
        answer = signed_in(client, director).get(f"/reports/behind/response/export.xlsx?month={last_month}")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue())).get_sheet_by_index(0).to_python()

        assert len(rows) == 4
        assert {row[9] for row in rows[1:]} == {"138****5678"}
        assert answer["Cache-Control"] == "private, no-store"

    def test_the_list_comes_as_csv_without_formulas(self, client, director, filled, last_month):
        answer = signed_in(client, director).get(
            f"/reports/behind/response/export.csv?month={last_month}&only=miss"
        )
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))

        assert [(row[0], row[8], row[11]) for row in rows[1:]] == [(filled[1].number, "'=1+1", "超时")]

    def test_it_needs_a_permission_of_its_own(self, client, estates, last_month):
        path = f"/reports/behind/response/export.csv?month={last_month}"

        assert signed_in(client, House.person("front_desk", *estates)).get(path).status_code == 403

    def test_other_kinds_of_files_are_not_there(self, client, director, last_month):
        path = f"/reports/behind/response/export.pdf?month={last_month}"

        assert signed_in(client, director).get(path).status_code == 404


@pytest.mark.row("RE-02")
class TestRuns:
    def test_the_button_makes_a_run_and_a_second_click_the_same(self, client, director, last_month):
        client = signed_in(client, director)
        data = form_of(client.get("/reports/", {"month": str(last_month)}))

        first, second = client.post("/reports/", data), client.post("/reports/", data)

        run = ReportRun.objects.get()
        assert (first.status_code, first.url, second.url) == (303, f"/reports/runs/{run.pk}/", first.url)
        assert (run.month, run.requested_by, run.estates.count()) == (last_month.first, director, 2)

    def test_the_run_has_the_estates_of_the_screen(self, client, director, estates, last_month):
        client = signed_in(client, director)
        asked = {"month": str(last_month), "estates": [estates[1].pk]}

        client.post("/reports/", form_of(client.get("/reports/", asked)))

        assert list(ReportRun.objects.get().estates.all()) == [estates[1]]

    def test_foreign_estates_are_not_there(self, client, supervisor, estates, last_month):
        client = signed_in(client, supervisor)
        data = form_of(client.get("/reports/")) | {"estates": [estates[1].pk]}

        assert client.post("/reports/", data).status_code == 404
        assert ReportRun.objects.count() == 0

    def test_a_month_to_come_is_refused_with_words(self, client, director):
        client = signed_in(client, director)
        data = form_of(client.get("/reports/")) | {"month": str(Month.of(now()).later(1))}

        answer = client.post("/reports/", data)

        assert (answer.status_code, ReportRun.objects.count()) == (422, 0)
        assert "不在可用的选项中" in answer.content.decode()

    def test_who_may_only_look_makes_no_run(self, client, estates):
        client = signed_in(client, House.person("front_desk", *estates))
        data = form_of(client.get("/reports/"))

        assert client.post("/reports/", data).status_code == 403

    def test_a_run_under_way_shows_its_bar_and_asks_again(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)
        ReportRun.objects.update(state=State.RUNNING, progress=55, step="写工单明细")

        answer = signed_in(client, director).get(f"/reports/runs/{run.pk}/", **HTMX)

        text = answer.content.decode()
        assert f'hx-get="/reports/runs/{run.pk}/" hx-trigger="every 2s"' in text
        assert ('value="55"' in text, "写工单明细" in text) == (True, True)

    def test_a_finished_run_stops_asking_and_offers_the_file(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)
        runs.build(run_id=run.pk, now=now)

        text = signed_in(client, director).get(f"/reports/runs/{run.pk}/", **HTMX).content.decode()

        assert ("hx-trigger" in text, f"/reports/runs/{run.pk}/download/" in text) == (False, True)

    def test_the_file_has_a_chinese_name_and_is_kept_by_no_cache(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)
        runs.build(run_id=run.pk, now=now)
        run.refresh_from_db()

        answer = signed_in(client, director).get(f"/reports/runs/{run.pk}/download/")

        name = f"%E6%88%BF%E4%BF%AE%E6%9C%88%E6%8A%A5_{last_month}.xlsx"
        assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
        assert answer["Content-Type"].endswith("spreadsheetml.sheet")
        assert answer.getvalue() == content_of(run)

    def test_there_is_no_file_until_it_is_done(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)

        assert signed_in(client, director).get(f"/reports/runs/{run.pk}/download/").status_code == 404

    @pytest.mark.parametrize("path", ["", "download/"])
    def test_the_runs_of_others_are_not_there(self, client, supervisor, director, estates, last_month, path):
        run = asked_by(director, estates, last_month)
        runs.build(run_id=run.pk, now=now)

        assert signed_in(client, supervisor).get(f"/reports/runs/{run.pk}/{path}").status_code == 404

    def test_group_staff_see_the_runs_of_all(self, client, supervisor, director, estates, last_month):
        run = asked_by(supervisor, estates[:1], last_month)

        assert signed_in(client, director).get(f"/reports/runs/{run.pk}/").status_code == 200

    def test_a_run_of_an_estate_that_is_no_longer_mine_is_gone(self, client, supervisor, estates, last_month):
        run = asked_by(supervisor, estates[:1], last_month)
        supervisor.estates.set(estates[1:])

        assert signed_in(client, supervisor).get(f"/reports/runs/{run.pk}/").status_code == 404

    def test_a_failed_run_says_why_and_is_started_again(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)
        ReportRun.objects.update(state=State.FAILED, error="服务器存储空间已满")
        client = signed_in(client, director)
        page = client.get(f"/reports/runs/{run.pk}/")
        key = str(page.context["form"]["form_key"].value())

        answer = client.post(f"/reports/runs/{run.pk}/restart/", {"form_key": key})

        assert "服务器存储空间已满" in page.content.decode()
        assert (answer.status_code, answer.url) == (303, f"/reports/runs/{run.pk}/")
        assert ReportRun.objects.get().state == State.QUEUED

    def test_restarting_without_a_key_asks_for_a_fresh_page(self, client, director, estates, last_month):
        run = asked_by(director, estates, last_month)

        answer = signed_in(client, director).post(f"/reports/runs/{run.pk}/restart/")

        assert (answer.status_code, "页面已过期" in answer.content.decode()) == (422, True)

    def test_admin_shows_runs_and_changes_none(self, client, director, supervisor, estates, last_month):
        run = asked_by(supervisor, estates[:1], last_month)
        asked_by(director, estates, last_month)
        client = signed_in(client, supervisor)

        listed = client.get("/admin/reports/reportrun/").context["cl"].queryset
        answers = [
            client.get(f"/admin/reports/reportrun/{run.pk}/change/").status_code,
            client.post(f"/admin/reports/reportrun/{run.pk}/change/", {}).status_code,
            client.get("/admin/reports/reportrun/add/").status_code,
        ]

        assert (list(listed), answers) == ([run], [200, 403, 403])


def asked_by(user, estates, month):
    return runs.request_run(by=user, month=month, estates=estates, at=now())
