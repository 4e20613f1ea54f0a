"""Addresses put together from parts are those that Django works out."""

import uuid

import pytest
from django.urls import NoReverseMatch, reverse

from core.addresses import address


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("home", []),
        ("ticket", ["BJHY-261126-0001"]),
        ("ticket", [7]),
        ("ticket_explain", ["BJHY-261126-0001", 12]),
        ("evidence", [uuid.UUID("00000000-0000-4000-8000-000000000001")]),
        ("ticket", ["单号 一/二"]),
    ],
)
def test_an_address_is_what_django_says(name, args):
    try:
        expected = reverse(name, args=args)
    except NoReverseMatch:
        with pytest.raises(NoReverseMatch):
            address(name, *args)
        return

    assert (address(name, *args), address(name, *args)) == (expected, expected)


@pytest.mark.parametrize("args", [[], ["A-1", "B-2"]])
def test_what_leads_nowhere_is_refused_as_django_does(args):
    with pytest.raises(NoReverseMatch):
        address("ticket", *args)
