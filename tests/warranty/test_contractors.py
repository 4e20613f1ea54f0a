"""Who answers for a building and a trade, and who stands in."""

from datetime import date

import pytest

from tests.factories_dispatch import TradeFactory
from tests.factories_estates import BatchFactory, BuildingFactory, EstateFactory
from warranty import contractors
from warranty.models import Agreement, CompletionLimit, Contractor

pytestmark = pytest.mark.django_db
ON = date(2026, 5, 8)


def signed(estate, name, *, kind="contractor", trades=(), buildings=(), **terms) -> Agreement:
    firm, _ = Contractor.objects.get_or_create(name=name, kind=kind)
    row = Agreement.objects.create(
        contractor=firm,
        number=f"{name}-{Agreement.objects.count()}",
        estate=estate,
        **{"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)} | terms,
    )
    row.trades.set(trades)
    row.buildings.set(buildings)
    return row


@pytest.fixture
def estate():
    return EstateFactory()


def asked(estate, *trades, on=ON):
    keys = [trade.pk for trade in trades]
    return contractors.with_agreement(estate_id=estate.pk, trade_ids=keys, on=on)


@pytest.mark.row("WA-06")
def test_a_company_has_an_agreement_for_its_estate_trades_and_days(estate):
    plumber, mason = TradeFactory(), TradeFactory(code="mason")
    pipes = signed(estate, "水暖公司", trades=[plumber]).contractor_id
    signed(EstateFactory(), "外地公司", trades=[plumber])
    signed(estate, "到期公司", trades=[plumber], valid_to=date(2026, 5, 7))

    assert asked(estate, plumber) == {pipes}
    assert asked(estate, plumber, mason) == {pipes}
    assert asked(estate, mason) == frozenset()
    assert asked(estate, plumber, on=date(2027, 1, 1)) == frozenset()


@pytest.mark.row("WA-06")
def test_an_agreement_holds_on_its_first_and_its_last_day_and_only_for_an_active_company(estate):
    row = signed(estate, "水暖公司")

    assert asked(estate, on=date(2026, 1, 1)) == asked(estate, on=date(2026, 12, 31)) == {row.contractor_id}
    Contractor.objects.update(active=False)
    assert asked(estate) == frozenset()


@pytest.mark.row("WA-06")
def test_the_responsible_contractor_is_found_by_building_and_trade(estate):
    batch = BatchFactory(estate=estate)
    one, two = (BuildingFactory(estate=estate, batch=batch, name=name) for name in ("1栋", "2栋"))
    plumber = TradeFactory()
    signed(estate, "一栋总包", trades=[plumber], buildings=[one])
    signed(estate, "整区总包", trades=[plumber], backup_order=1)

    def name(building):
        found = contractors.responsible_for(
            estate_id=estate.pk, trade_ids=[plumber.pk], on=ON, building=building
        )
        return found.contractor.name

    assert [name(one), name(two), name(None)] == ["一栋总包", "整区总包", "整区总包"]


@pytest.mark.row("WA-06")
def test_an_agreement_for_a_batch_covers_its_buildings(estate):
    batch = BatchFactory(estate=estate)
    building = BuildingFactory(estate=estate, batch=batch)
    signed(estate, "一期总包").batches.add(batch)
    elsewhere = BuildingFactory(estate=estate, batch=BatchFactory(estate=estate))

    found = [
        contractors.responsible_for(estate_id=estate.pk, trade_ids=[], on=ON, building=each)
        for each in (building, elsewhere)
    ]
    assert [row and row.contractor.name for row in found] == ["一期总包", None]


@pytest.mark.row("WA-12")
def test_who_stands_in_comes_in_the_order_of_the_agreements_without_the_one_that_failed(estate):
    first = signed(estate, "首选")
    signed(estate, "第二备选", kind="third_party", backup_order=2)
    signed(estate, "第一备选", backup_order=1)

    found = contractors.backups_for(estate_id=estate.pk, trade_ids=[], on=ON, besides=[first.contractor_id])
    assert [firm.name for firm in found] == ["第一备选", "第二备选"]


@pytest.mark.row("WA-06")
def test_the_days_to_complete_are_the_agreements_else_the_strictest_of_the_trades(estate):
    plumber, mason = TradeFactory(), TradeFactory(code="mason")
    CompletionLimit.objects.create(trade=plumber, days=3)
    CompletionLimit.objects.create(trade=mason, days=7)
    CompletionLimit.objects.create(trade=mason, days=2, estate=estate)
    row, own = signed(estate, "总包"), signed(estate, "急修", complete_days=1)

    days = [
        contractors.complete_days(agreement=agreement, trade_ids=trades)
        for agreement, trades in (
            (row, [plumber.pk]),
            (row, [plumber.pk, mason.pk]),
            (row, []),
            (own, [mason.pk]),
        )
    ]
    assert days == [3, 2, 7, 1]
