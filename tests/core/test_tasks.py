from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils.timezone import now
from django_q.models import Task

from core import tasks
from core.models import FormKey, ServiceRun

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-07")]


def test_the_heartbeat_is_one_row_that_moves():
    tasks.heartbeat()
    first = ServiceRun.objects.get(name="cluster").beat_at
    tasks.heartbeat()

    assert ServiceRun.objects.get(name="cluster").beat_at > first


def test_old_form_keys_and_expired_sessions_go_and_others_stay():
    old, new = uuid4(), uuid4()
    for key, age in ((old, 31), (new, 29)):
        FormKey.objects.create(key=key, scope="user:1", digest="x")
        FormKey.objects.filter(key=key).update(created_at=now() - timedelta(days=age))
    Session.objects.create(session_key="over", expire_date=now() - timedelta(seconds=1))
    Session.objects.create(session_key="open", expire_date=now() + timedelta(hours=1))

    assert tasks.purge() == "form keys 1, sessions 1"
    assert [row.key for row in FormKey.objects.all()] == [new]
    assert [row.session_key for row in Session.objects.all()] == ["open"]


def test_failures_are_kept_longer_than_results():
    for number, (success, age) in enumerate([(True, 4), (True, 2), (False, 29), (False, 31)]):
        at = now() - timedelta(days=age)
        Task.objects.create(
            id=str(number), name="x", func="core.tasks.purge", started=at, stopped=at, success=success
        )

    assert tasks.purge_results() == "results 1, failures 1"
    assert sorted(Task.objects.values_list("id", flat=True)) == ["1", "2"]
