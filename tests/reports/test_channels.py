"""New reports by the door they came through."""

import pytest

from reports import channels, queries
from reports.catalogue import BY_SLUG
from reports.periods import Month, Period
from tests.reports.rows import at, ticket
from tickets.models import Report

NOVEMBER = Period(Month(2026, 11), at("2027-02-01 00:00"))
CAME = [("phone", "repair"), ("wechat", "property"), ("phone", "repair")]


@pytest.mark.django_db
@pytest.mark.row("IN-01")
def test_new_reports_are_told_by_channel_and_port_and_add_up(estates):
    for number, (channel, port) in enumerate(CAME):
        row = ticket(estates[number % 2], at("11-03 09:00"))
        Report.objects.filter(pk=row.report_id).update(channel=channel, port=port)

    lines = channels.by_channel(estates, NOVEMBER)

    found = [(line.label, dict(zip(channels.PORTS, line.counts, strict=True)), line.total) for line in lines]
    none = dict.fromkeys(channels.PORTS, 0)
    assert found == [
        ("电话", none | {"repair": 2}, 2),
        ("微信", none | {"property": 1}, 1),
        ("合计", none | {"repair": 2, "property": 1}, 3),
    ]
    received = queries.monthly(estates, NOVEMBER).total(BY_SLUG["received"])
    assert received.numerator == lines[-1].total
