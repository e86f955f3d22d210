"""The leader's page: urgent targets first, who has not reported, what is late, the widest gaps; few queries."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hatangso import catalogue
from hatangso.indicators.progress import Observation, Progress, Target
from hatangso_web.accounts.models import User
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.indicators.queries.figures import Line
from hatangso_web.indicators.queries.judging import HeldTarget, gap_of
from hatangso_web.overview import TargetLine, biggest_gaps, target_lines, unreported

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 10, 1)


def held(value: float, *, year: int = 2026, comparator: str = ">=") -> HeldTarget:
    """Return a target of some plan."""
    return HeldTarget(Target(comparator, value, datetime.date(year, 12, 31), "%"), f"{value}", "", "/")


def test_the_most_urgent_verdict_comes_first_then_the_earliest_due() -> None:
    indicator = catalogue.indicator("MOB-02")
    judged = (
        (held(1), Progress("met", "")), (held(2, year=2030), Progress("late", "")), (held(3, year=2027), Progress("late", "")), (held(4), Progress("not_met", "")),
    )  # fmt: skip
    lines = target_lines([Line(indicator, None, None, judged)])
    assert [line.held.target.value for line in lines] == [4, 3, 2, 1]


def test_a_gap_is_counted_in_the_direction_of_the_target_and_never_negative() -> None:
    seen = Progress("late", "", Observation(datetime.date(2026, 6, 30), 70))
    assert gap_of(held(90), seen) == 20
    assert gap_of(held(50), seen) == 0
    assert gap_of(held(50, comparator="<="), seen) == 20
    assert gap_of(held(90), Progress("cannot_tell", "")) is None


@pytest.fixture
def shown(places: Any, specialist: User) -> Any:
    """Return the places with an open round nobody answered and a computed period."""
    call = Call(
        name="Số liệu quý III", area=places.province, period="2026Q3", variables=("villages",), opens_on=datetime.date(2026, 9, 1), due_on=datetime.date(2026, 9, 20),
    )  # fmt: skip
    open_round(call=call, by=specialist)
    run = Run.objects.create(area=places.province, period="2026Q2", engine_version="1", at=timezone.now())
    for area, value in ((places.province, 60.0), (places.commune, 40.0), (places.other_commune, 80.0)):
        Figure.objects.create(run=run, indicator="MOB-02", area=area, period="2026Q2", value=value, numerator=value, denominator=100, reported=1, expected=1)  # fmt: skip
    return places


def test_units_that_have_not_sent_are_counted_and_named(shown: Any, specialist: User, clerk: User) -> None:
    (found,) = unreported(specialist, shown.province, as_of=DAY)
    assert (found.missing, found.units, found.late, found.rest) == (2, 2, True, 0)
    assert [each.missing for each in unreported(clerk, shown.commune, as_of=DAY)] == [1]
    assert unreported(specialist, shown.other_province, as_of=DAY) == []


def test_gaps_are_of_the_areas_right_below_and_the_widest_comes_first(shown: Any) -> None:
    line = TargetLine(catalogue.indicator("MOB-02"), None, held(90), Progress("late", ""))
    gaps = biggest_gaps(shown.province, "2026Q2", [line])
    assert [(gap.area.code, gap.missing) for gap in gaps] == [("99001", 50.0), ("99002", 10.0)]


def test_the_leader_sees_it_in_few_queries_and_a_stranger_does_not(
    shown: Any,
    client_of: Callable[[User], Client],
    leader: User,
    stranger: User,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(leader)
    with django_assert_max_num_queries(20):
        page = client.get("/tong-quan/").content.decode()
    assert "Chưa báo cáo" in page and "2/2" in page and "Phường Đồng Ân" in page
    assert client_of(stranger).get("/tong-quan/").status_code == 403
