"""Several senders at the same outbox, with real connections."""

import os
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.db import connection, connections

from notices import delivery
from notices.models import Message
from tests.notices import senders
from tests.notices.rows import make_due, sms, state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("OR-03")]


def together(count, work):
    """Run the work in threads that start at the same moment; answer what each returned."""
    gate = threading.Barrier(count)
    answers = []

    def run():
        gate.wait()
        try:
            answers.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_senders_send_each_message_once():
    keys = [f"t:{n:02}" for n in range(40)]
    for key in keys:
        sms(key=key)

    tried = together(2, delivery.deliver_due)

    assert sum(tried) == 40
    assert sorted(key for _, _, key in senders.KeepingSms.sent) == keys
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_senders_that_do_not_lock_would_send_twice():
    """The test above can fail: the same race without the row lock."""
    sms()
    seen = threading.Barrier(2)

    def send_without_lock():
        message = Message.objects.filter(state="new").first()
        seen.wait()
        senders.KeepingSms().send(message.address, message.body, message.key)

    together(2, send_without_lock)

    assert len(senders.KeepingSms.sent) == 2


def test_a_message_held_by_one_sender_does_not_keep_another_waiting():
    held, free = sms(key="t:held"), sms(key="t:free")
    taken, done = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select 1 from notices_message where id = %s for update", [held.pk])
            taken.set()
            done.wait(30)
            cursor.execute("rollback")
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(30)
    tried = delivery.deliver_due()
    done.set()
    holder.join()

    assert tried == 1
    assert [key for _, _, key in senders.KeepingSms.sent] == [free.key]


def test_the_try_is_counted_for_everybody_to_see_before_the_provider_is_called(settings):
    settings.SMS_SENDER = "tests.notices.test_delivery_races.LookingSms"
    sms()

    delivery.deliver_due()

    assert LookingSms.found == [("sending", 1)]


class LookingSms:
    """Reads the outbox by a connection of its own while it sends."""

    found = []

    def send(self, phone, text, key):
        def look():
            self.found.extend(Message.objects.filter(key=key).values_list("state", "attempts"))
            connections.close_all()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return ""


def test_a_sender_killed_in_the_middle_leaves_a_late_message_and_no_lost_one():
    message = sms()
    program = (
        "import django; django.setup(); from django.conf import settings;"
        "settings.SMS_SENDER = 'tests.notices.senders.SuicidalSms';"
        "from notices.delivery import deliver_due; deliver_due()"
    )
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    killed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=configured.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"},
        timeout=60,
    )

    assert killed.returncode == -signal.SIGKILL
    assert (state_of(message), delivery.deliver_due()) == (("sending", 1), 0)
    make_due(message)
    assert (delivery.deliver_due(), state_of(message)) == (1, ("sent", 2))
