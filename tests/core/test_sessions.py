"""The first question of a request is asked on a connection that lives."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.house import House


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("OR-08")
def test_a_request_after_the_database_was_restarted_is_answered(client):
    client.force_login(House.build("front_desk").people["front_desk"])
    assert client.get("/desk/tickets/").status_code == 200

    _end_our_connection()
    # As between two requests of a server.
    connection.health_check_done = False

    assert client.get("/desk/tickets/").status_code == 200


def _end_our_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    values = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=values["NAME"], host=values["HOST"] or values["OPTIONS"].get("host"), user=values["USER"]
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
