"""The pages of what is refused or missing: they speak to who reads them, and lead to their own door."""

import pytest
from django.test import RequestFactory
from django.urls import reverse_lazy

from core import errors

pytestmark = pytest.mark.django_db


class Nobody:
    """Who an owner's request comes from."""

    is_authenticated = False


def page(view, path: str) -> str:
    request = RequestFactory().get(path)
    request.user = Nobody()
    return view(request).content.decode()


@pytest.mark.parametrize("view", [errors.handler403, errors.handler404, errors.csrf_failure])
@pytest.mark.parametrize(("path", "door"), [("/o/t/XYZ/", "/o/"), ("/desk/nothing/", "/")])
def test_the_button_leads_to_the_readers_own_door(view, path, door):
    assert f'<a class="btn btn-primary" href="{door}">回到首页</a>' in page(view, path)


def test_an_owner_who_is_refused_is_not_sent_to_an_administrator():
    words = page(errors.handler403, "/o/t/XYZ/plan/")

    assert ("管理员" in words, "岗位" in words) == (False, False)


@pytest.mark.parametrize(
    ("address", "door"), [("/o/t/BJHY-260105-0001/urge/", "/o/"), (reverse_lazy("inbox_read_all"), "/")]
)
def test_the_address_of_a_button_says_so_when_it_is_opened(admin_client, address, door):
    opened = admin_client.get(address, headers={"accept": "text/html"})
    by_machine = admin_client.get(address, headers={"accept": "application/json"})

    assert (opened.status_code, opened.headers["Allow"]) == (405, "POST")
    assert f'<a class="btn btn-primary" href="{door}">回到首页</a>' in opened.content.decode()
    assert (by_machine.status_code, by_machine.content) == (405, b"")
