"""Long lists are counted as far as anybody pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.pages import CappedPaginator


class ShortPaginator(CappedPaginator):
    LIMIT = 5


@pytest.fixture
def users(db):
    User.objects.bulk_create(User(username=f"u{number}", full_name="甲") for number in range(6))
    return User.objects.order_by("username")


def test_a_list_within_the_limit_is_counted_to_its_end(users):
    paginator = ShortPaginator(users.exclude(username="u5"), 2)

    assert (paginator.count, paginator.num_pages, paginator.total, paginator.is_capped) == (5, 3, "5", False)


def test_a_longer_list_ends_at_the_limit_and_says_so(users):
    paginator = ShortPaginator(users, 2)

    assert (paginator.count, paginator.num_pages, paginator.total, paginator.is_capped) == (5, 3, "5+", True)
    assert [user.username for user in paginator.get_page(99)] == ["u4"]


def test_counting_is_one_query_whatever_is_asked(users):
    paginator = ShortPaginator(users, 2)

    with CaptureQueriesContext(connection) as queries:
        assert (paginator.count, paginator.total, paginator.is_capped) == (5, "5+", True)

    assert len(queries) == 1
