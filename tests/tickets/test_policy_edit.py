"""The limits of a policy are typed into a table, in words; the rest of the rules stays (SL-02)."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.house import House
from tickets.admin.policy_edit import read_limit
from tickets.models import PolicySet

pytestmark = pytest.mark.row("SL-02")


@pytest.mark.parametrize(
    ("typed", "limit"),
    [
        ("15", 15),
        ("15 分钟", 15),
        ("２小时", 120),
        ("2 小时 5 分", 125),
        ("0.5小时", 30),
        ("3 天", 4320),
        ("按约定", None),
        ("不计", "none"),
        ("尽快", "尽快"),
        ("1.3 分", "1.3 分"),
        ("", ""),
        ("²小时", 120),
    ],
)
def test_a_limit_is_read_as_people_write_it(typed, limit):
    assert read_limit(typed) == limit


def test_a_day_of_working_time_is_no_number_of_minutes():
    assert (read_limit("1天", working=True), read_limit("9小时", working=True)) == ("1天", 540)


@pytest.fixture
def root() -> Client:
    House.build("front_desk")
    client = Client()
    client.force_login(User.objects.create_superuser("root-edit", full_name="管理员"))
    return client


def form_of(root: Client, url: str) -> dict[str, str]:
    """What a browser would send of a new version, every cell as it stands there."""
    formset = root.get(url).context["inline_admin_formsets"][0].formset
    form, prefix = formset.empty_form, f"{formset.prefix}-0"
    widget = form["rules"].field.widget.get_context(f"{prefix}-rules", form["rules"].value(), {})["widget"]
    cells = {cell["name"]: cell["words"] for row in widget["rows"] for cell in row["cells"]}
    cells |= {row["kept"]: "on" for row in widget["rows"]}
    return cells | {
        f"{formset.prefix}-TOTAL_FORMS": "1",
        f"{formset.prefix}-INITIAL_FORMS": "0",
        "versions-2-TOTAL_FORMS": "0",
        "versions-2-INITIAL_FORMS": "0",
        f"{prefix}-number": form["number"].value(),
        f"{prefix}-valid_from": "2026-01-01",
        f"{prefix}-rules": widget["value"],
        f"{prefix}-rules-was": widget["was"],
    }


@pytest.mark.django_db
class TestANewVersion:
    ADD = "/admin/tickets/policyset/add/"
    SET = {"code": "P-BJ", "name": "滨江试行", "nature": "internal", "active": "on"}

    def test_starts_as_a_copy_and_one_cell_changes_one_limit(self, root):
        typed = form_of(root, self.ADD) | self.SET | {"versions-0-rules-dispatch-2": "45 分钟"}

        answer = root.post(self.ADD, typed)

        was = PolicySet.objects.get(code="P-DEFAULT").versions.get().rules
        now = PolicySet.objects.get(code="P-BJ").versions.get().rules
        was["clocks"]["dispatch"]["limits"]["2"] = 45
        assert (answer.status_code, now) == (302, was)

    def test_of_an_existing_set_copies_its_newest_and_takes_the_next_number(self, root):
        policy = PolicySet.objects.get(code="P-S1")

        typed = form_of(root, reverse("admin:tickets_policyset_change", args=[policy.pk]))

        assert (typed["versions-0-number"], json.loads(typed["versions-0-rules"])) == (
            2,
            policy.versions.get().rules,
        )

    def test_a_promise_keeps_the_rows_that_are_ticked(self, root):
        typed = form_of(root, self.ADD) | self.SET | {"nature": "promise"}
        typed = {name: value for name, value in typed.items() if not name.endswith("-kept")}

        root.post(
            self.ADD, typed | {"versions-0-rules-contact-kept": "on", "versions-0-rules-contact-1": "10"}
        )

        clocks = PolicySet.objects.get(code="P-BJ").versions.get().rules["clocks"]
        assert {key: spec["limits"] for key, spec in clocks.items()} == {
            "contact": {"1": 10, "2": 30, "3": 30, "4": 240}
        }

    def test_what_nobody_can_read_is_named_and_stands_there_again(self, root):
        typed = form_of(root, self.ADD) | self.SET | {"versions-0-rules-dispatch-2": "尽快"}

        page = root.post(self.ADD, typed).content.decode()

        assert "派单 2级：看不懂“尽快”" in page
        assert 'name="versions-0-rules-dispatch-2" value="尽快"' in page
        assert 'aria-label="派单 2级" autocomplete="off" aria-invalid="true"' in page

    def test_a_change_of_the_json_holds_where_the_table_was_left_alone(self, root):
        typed = form_of(root, self.ADD) | self.SET
        rules = json.loads(typed["versions-0-rules"])
        rules["clocks"]["dispatch"]["limits"]["1"] = 7
        typed |= {"versions-0-rules": json.dumps(rules), "versions-0-rules-dispatch-2": "50"}

        root.post(self.ADD, typed)

        limits = PolicySet.objects.get(code="P-BJ").versions.get().rules["clocks"]["dispatch"]["limits"]
        assert (limits["1"], limits["2"]) == (7, 50)
