from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.utils.timezone import now
from django_q.models import OrmQ

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-08")]


@pytest.fixture(autouse=True)
def memory_cache(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def test_a_running_process_is_live_without_login(client):
    answer = client.get("/healthz/live")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_a_complete_installation_is_ready_without_login(client):
    answer = client.get("/healthz/ready")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "cache": "ok", "files": "ok"}


def test_a_read_only_file_store_is_not_ready(client, tmp_path):
    plain_file = tmp_path / "file"
    plain_file.touch(mode=0o400)
    with override_settings(MEDIA_ROOT=plain_file):
        answer = client.get("/healthz/ready")

    assert (answer.status_code, answer.json()["files"]) == (503, "not writable")


def test_missing_clusters_are_told(client):
    answer = client.get("/healthz/worker")

    assert answer.status_code == 503
    assert answer.json() == {"clusters": "0 of 2 alive", "fangxiu": "ok", "long": "ok"}


def test_a_queue_whose_oldest_job_waits_a_minute_is_stalled(client):
    OrmQ.objects.create(key="long", payload="x", lock=now() - timedelta(seconds=61))
    OrmQ.objects.create(key="fangxiu", payload="x", lock=now() - timedelta(seconds=50))

    answer = client.get("/healthz/worker")

    assert answer.json() == {"clusters": "0 of 2 alive", "fangxiu": "ok", "long": "stalled"}


def test_the_figures_count_waiting_jobs(client):
    OrmQ.objects.create(key="long", payload="x", lock=now() - timedelta(seconds=61))

    lines = client.get("/metrics").content.decode().splitlines()

    assert [line for line in lines if line.startswith("fangxiu_jobs_waiting{")] == [
        'fangxiu_jobs_waiting{queue="fangxiu"} 0.0',
        'fangxiu_jobs_waiting{queue="long"} 1.0',
    ]


def test_the_figures_are_hidden_from_other_machines(client):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404


def test_the_figures_are_hidden_from_visitors_behind_the_proxy(client):
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="10.0.0.7").status_code == 404


def test_the_token_opens_the_figures_to_another_machine(client, monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", "t0ken")

    known = client.get("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer t0ken")
    unknown = client.get("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer other")

    assert (known.status_code, unknown.status_code) == (200, 404)
