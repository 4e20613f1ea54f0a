import pytest
from django.db import transaction
from django_q.models import OrmQ

from core.queue import wake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("OR-07")]


def jobs():
    return [(job.key, job.func(), job.args()) for job in OrmQ.objects.order_by("pk")]


def test_a_job_carries_a_path_and_ids():
    wake("dispatch.tasks.propose", 7)

    assert jobs() == [("fangxiu", "dispatch.tasks.propose", (7,))]


def test_long_work_goes_to_its_own_queue():
    wake("reports.tasks.build", 7, cluster="long")

    assert jobs() == [("long", "reports.tasks.build", (7,))]


def test_one_transaction_wakes_the_same_job_once():
    with transaction.atomic():
        wake("notices.tasks.deliver")
        with transaction.atomic():
            wake("notices.tasks.deliver")
        wake("dispatch.tasks.propose", 7)
        wake("dispatch.tasks.propose", 8)

    assert [(func, args) for _, func, args in jobs()] == [
        ("notices.tasks.deliver", ()),
        ("dispatch.tasks.propose", (7,)),
        ("dispatch.tasks.propose", (8,)),
    ]


def test_the_next_transaction_wakes_it_again():
    for _ in range(2):
        with transaction.atomic():
            wake("notices.tasks.deliver")

    assert len(jobs()) == 2


def test_outside_a_transaction_every_call_counts():
    wake("notices.tasks.deliver")
    wake("notices.tasks.deliver")

    assert len(jobs()) == 2


def test_a_rolled_back_savepoint_takes_its_job_along_and_is_not_mistaken_for_one():
    with transaction.atomic():
        with transaction.atomic():
            wake("notices.tasks.deliver")
            transaction.set_rollback(True)
        wake("notices.tasks.deliver")

    assert len(jobs()) == 1


def test_a_rolled_back_transaction_queues_nothing():
    with transaction.atomic():
        wake("notices.tasks.deliver")
        transaction.set_rollback(True)

    assert jobs() == []


@pytest.mark.parametrize("path", ["os.system", "notices.delivery.deliver_due", "tasks"])
def test_only_functions_of_tasks_modules_can_be_woken(path):
    with pytest.raises(ValueError, match="is not a function of a tasks module"):
        wake(path)


@pytest.mark.parametrize("argument", ["rm -rf /", None, 1.5, True, object()])
def test_only_ids_can_be_given_along(argument):
    with pytest.raises(TypeError, match="ids only"):
        wake("notices.tasks.deliver", argument)
