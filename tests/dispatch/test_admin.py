from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils.timezone import now

from dispatch import assign, proposals
from dispatch.models import Proposal, Skill, Visit, Worker
from dispatch.visits import window_words
from tests.factories_dispatch import TradeFactory, house, registered, staff, worker
from tests.factories_estates import EstateFactory

pytestmark = pytest.mark.django_db
NOW = now()


@pytest.fixture
def place(client):
    """A house whose manager is signed in."""
    made = house()
    client.force_login(staff("manager", made.estate))
    return made


def get(client, name, *args):
    return client.get(reverse(f"admin:dispatch_{name}", args=args))


@pytest.mark.row("OR-02")
def test_a_manager_sees_the_workers_of_their_estates_only(client, place):
    worker(EstateFactory(), name="外人")

    body = get(client, "worker_changelist").content.decode()

    assert ("张大勇" in body, "外人" in body) == (True, False)


@pytest.mark.row("OR-02", "DI-08")
def test_a_manager_changes_duty_and_adds_a_skill_with_its_certificate(client, place):
    electrician = TradeFactory(code="electrician")
    skill = place.worker.skills.get()
    data = {
        "area": place.worker.area_id,
        "employer": "own",
        "contractor": "",
        "grade": 3,
        "capacity": 4,
        "skills-TOTAL_FORMS": 2,
        "skills-INITIAL_FORMS": 1,
        "skills-0-id": skill.pk,
        "skills-0-worker": place.worker.pk,
        "skills-0-trade": skill.trade_id,
        "skills-1-worker": place.worker.pk,
        "skills-1-trade": electrician.pk,
        "skills-1-certificate": "T330001",
        "skills-1-expires_on": "2028-05-01",
    }

    answer = client.post(reverse("admin:dispatch_worker_change", args=[place.worker.pk]), data)

    changed = Worker.objects.get(pk=place.worker.pk)
    assert answer.status_code == 302
    assert (changed.grade, changed.capacity, changed.on_duty) == (3, 4, False)
    assert Skill.objects.get(trade=electrician).certificate == "T330001"


def test_the_person_behind_a_worker_stays(client, place):
    other = staff("worker", place.estate)

    client.post(reverse("admin:dispatch_worker_change", args=[place.worker.pk]), {"user": other.pk})

    assert Worker.objects.get(pk=place.worker.pk).user == place.worker.user


@pytest.mark.row("OR-02")
def test_proposals_are_shown_with_reasons_and_never_changed(client, place):
    proposal = proposals.ensure(ticket=registered(place), at=NOW)
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)

    shown = get(client, "proposal_change", proposal.pk)
    added = get(client, "proposal_add")
    changed = client.post(reverse("admin:dispatch_proposal_change", args=[proposal.pk]), {"round": 9})

    assert "张大勇（同项目，" in shown.content.decode()
    assert (shown.status_code, added.status_code, changed.status_code) == (200, 403, 403)
    assert Proposal.objects.get().round == 1


@pytest.mark.row("OR-02")
def test_visits_are_shown_and_never_changed(client, place):
    window = DateTimeTZRange(NOW, NOW + timedelta(hours=2))
    visit = Visit.objects.create(ticket=registered(place), worker=place.worker, window=window, created_at=NOW)

    listed = get(client, "visit_changelist")
    shown = get(client, "visit_change", visit.pk)

    assert window_words(NOW, NOW + timedelta(hours=2)) in listed.content.decode()
    assert (shown.status_code, get(client, "visit_add").status_code) == (200, 403)


def test_certificates_are_listed_by_expiry(client, place):
    place.worker.skills.update(expires_on="2027-01-31", certificate="T33")

    assert "T33" in get(client, "skill_changelist").content.decode()
