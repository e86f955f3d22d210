"""Figures on another day's map: merged units are added exactly, a cut unit only under an assumption that is told."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area, Change
from hatangso_web.indicators.computing import compute_period
from hatangso_web.indicators.models import Figure, Value
from hatangso_web.indicators.queries.breaks import breaks_between, inner_changes
from hatangso_web.indicators.restating import Wanted, restated

pytestmark = pytest.mark.django_db
CHANGED = datetime.date(2026, 1, 1)
TODAY = datetime.date(2026, 6, 30)
PERIODS = ["2025Q4", "2026Q2"]
MOB_02 = catalogue.indicator("MOB-02")


@pytest.fixture
def old_map(places: Any, specialist: User) -> Area:
    """Return the province: on 1 January 2026 A and B became M, and C was cut into D (60 % of its people) and E."""
    province = places.province
    Area.objects.filter(parent=province).update(valid_until=datetime.date(2025, 1, 1))
    places.commune.versions.update(valid_until=datetime.date(2025, 1, 1))
    places.other_commune.versions.update(valid_until=datetime.date(2025, 1, 1))
    old = {code: enter_area(code=code, name=f"Xã {code}", level="commune", parent=province, valid_from=datetime.date(2025, 1, 1), valid_until=CHANGED) for code in "ABC"}  # fmt: skip
    new = {code: enter_area(code=code, name=f"Xã {code}", level="commune", parent=province, valid_from=CHANGED) for code in "MDE"}  # fmt: skip
    for kind, before, after, share, people in (
        ("merge", "A", "M", 1.0, 1.0), ("merge", "B", "M", 1.0, 1.0), ("split", "C", "D", None, 0.6), ("split", "C", "E", None, 0.4),
    ):  # fmt: skip
        Change.objects.create(kind=kind, from_area=old[before], to_area=new[after], on=CHANGED, share=share, population_share=people, legal_act="NQ 1")  # fmt: skip
    figures = {("A", "2025Q4"): (8, 10), ("B", "2025Q4"): (2, 30), ("C", "2025Q4"): (6, 10), ("M", "2026Q2"): (20, 40), ("D", "2026Q2"): (5, 6), ("E", "2026Q2"): (3, 4)}  # fmt: skip
    for (code, period), parts in figures.items():
        for variable, value in zip(("villages_with_4g", "villages"), parts, strict=True):
            Value.objects.create(area=(old | new)[code], variable=variable, period=period, value=value, source="bảng cũ", by=specialist, at=timezone.now())  # fmt: skip
    for period in PERIODS:
        compute_period(province, period)
    return province


def _below(area: Area, period: str, *, day: datetime.date = TODAY, assume: str = "") -> dict[str, Figure]:
    found = restated(MOB_02, area, PERIODS, wanted=Wanted(day, assume, period))
    return {figure.area.code: figure for figure in found.below[period]}


def test_merged_units_are_added_and_divided_never_averaged(old_map: Area) -> None:
    merged = _below(old_map, "2025Q4")["M"]
    assert (merged.numerator, merged.denominator, merged.value, merged.assumed) == (10, 40, 25.0, 0.0)


def test_a_cut_unit_has_no_figure_without_an_assumption_and_the_reason_is_told(old_map: Area) -> None:
    found = restated(MOB_02, old_map, PERIODS, wanted=Wanted(TODAY, period="2025Q4"))
    assert {figure.area.code for figure in found.below["2025Q4"]} == {"M"}
    assert dict(found.missing).keys() == {"Xã D", "Xã E"}
    assert "không biết tỷ lệ" in dict(found.missing)["Xã D"]
    assert sorted((each.name, each.amount) for each in found.left) == [("Xã C", 6.0), ("Xã C", 10.0)]


def test_a_cut_unit_is_divided_by_people_when_asked_and_says_how_much_is_assumed(old_map: Area) -> None:
    found = _below(old_map, "2025Q4", assume="dan-so")
    assert found["D"].numerator == pytest.approx(3.6)
    assert (found["D"].value, found["D"].assumed) == (pytest.approx(60.0), 1.0)
    assert found["M"].assumed == 0.0


def test_the_whole_is_exact_where_nothing_crossed_its_border(old_map: Area) -> None:
    found = restated(MOB_02, old_map, PERIODS, wanted=Wanted(TODAY))
    assert [(figure.numerator, figure.denominator) for figure in found.own] == [(16, 50), (28, 50)]


def test_back_on_the_old_map_the_cut_unit_is_whole_and_the_merged_one_stays_behind(old_map: Area) -> None:
    found = restated(MOB_02, old_map, PERIODS, wanted=Wanted(datetime.date(2025, 12, 31), period="2026Q2"))
    by_code = {figure.area.code: figure for figure in found.below["2026Q2"]}
    assert (by_code["C"].numerator, by_code["C"].denominator) == (8, 10)
    assert set(by_code) == {"C"}
    assert {each.name for each in found.left} == {"Xã M"}


def test_originals_are_untouched(old_map: Area) -> None:
    before = (sorted(Value.objects.values_list()), sorted(Figure.objects.values_list("pk", "value", "area")))
    _below(old_map, "2025Q4", assume="dan-so")
    assert (
        sorted(Value.objects.values_list()),
        sorted(Figure.objects.values_list("pk", "value", "area")),
    ) == before


def test_an_area_that_is_not_on_the_map_is_refused_and_the_page_says_so(
    old_map: Area, client_of: Callable[[User], Client], leader: User
) -> None:
    with pytest.raises(InputError, match="chưa có vào ngày 31/12/2025"):
        restated(MOB_02, Area.objects.get(code="M"), PERIODS, wanted=Wanted(datetime.date(2025, 12, 31)))
    page = client_of(leader).get("/chi-tieu/MOB-02/?dia-ban=M&ban-do=2025-12-31").content.decode()
    assert "Xã M không có trên bản đồ ngày 31/12/2025" in page and "50,0" in page
    today = client_of(leader).get(f"/chi-tieu/MOB-02/?dia-ban=M&ban-do={TODAY}").content.decode()
    assert "25,0" in today and "bản đồ hành chính ngày 30/06/2026" in today


def test_breaks_are_of_the_area_itself_and_inner_changes_are_told_apart(old_map: Area) -> None:
    merged = Area.objects.get(code="M")
    assert "Xã A → Xã M" in breaks_between(merged, PERIODS)["2026Q2"]
    assert breaks_between(old_map, PERIODS) == {}
    assert len(inner_changes(old_map, *PERIODS)) == 4


def test_comparison_of_periods_marks_the_break_and_compares_on_one_map(
    old_map: Area, client_of: Callable[[User], Client], leader: User
) -> None:
    client = client_of(leader)
    page = client.get("/so-sanh/ky/?dia-ban=M&ky=2025Q4&ky=2026Q2&chi-tieu=MOB-02").content.decode()
    assert "Không so thẳng được" in page and "điểm %" not in page
    same = client.get(
        f"/so-sanh/ky/?dia-ban=M&ky=2025Q4&ky=2026Q2&chi-tieu=MOB-02&ban-do={TODAY}"
    ).content.decode()
    assert "+25,0" in same and "tử số +10" in same and "mẫu số 0" in same


def test_an_indicator_nobody_reported_has_no_figures_on_any_map(old_map: Area) -> None:
    found = restated(catalogue.indicator("USE-01"), old_map, PERIODS, wanted=Wanted(TODAY))
    assert (found.own, found.missing, found.left) == ((), (), ())
    assert found.below == dict.fromkeys(PERIODS, ())
