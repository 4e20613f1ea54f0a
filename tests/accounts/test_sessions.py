"""The first question of a request is asked once, for session and user, on a connection that lives."""

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
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


@pytest.mark.django_db
@pytest.mark.row("OR-01")
def test_session_and_user_are_read_by_one_question_from_the_second_request_on(client):
    client.force_login(House.build("front_desk").people["front_desk"])
    first, second = _questions(client), _questions(client)

    assert (first, second) == (2, 1)


@pytest.mark.django_db
@pytest.mark.row("OR-01")
def test_what_is_read_with_the_session_is_of_this_moment(client):
    house = House.build("front_desk")
    user = house.people["front_desk"]
    client.force_login(user)
    assert client.get("/desk/tickets/").status_code == 200

    user.groups.clear()
    assert client.get("/desk/tickets/").status_code == 403

    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/desk/tickets/").headers["Location"] == "/login/?next=/desk/tickets/"


@pytest.mark.django_db
@pytest.mark.row("OR-01")
def test_a_session_that_became_somebody_elses_is_theirs(client):
    house = House.build("front_desk", "dispatcher")
    client.force_login(house.people["front_desk"])
    assert client.get("/desk/tickets/").wsgi_request.user == house.people["front_desk"]

    session = client.session
    other = house.people["dispatcher"]
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(other.pk), other.get_session_auth_hash()
    session.save()

    assert client.get("/desk/tickets/").wsgi_request.user == other


def _questions(client) -> int:
    """How many statements ask for the session or the user of a request."""
    asked = []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get("/desk/tickets/")
    return sum("FROM django_session" in sql or "FROM accounts_user account" in sql for sql in asked)
