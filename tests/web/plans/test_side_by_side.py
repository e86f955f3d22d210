"""The same indicator in several plans; baselines, units and counts as the verdicts use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.plans.models import Finding, LegalBasis, Plan, Target
from hatangso_web.plans.queries.side_by_side import comparable_plans, families_of, side_by_side
from hatangso_web.plans.queries.targets import baseline_of, targets_held

pytestmark = pytest.mark.django_db
DAY = date(2026, 8, 1)


@pytest.fixture
def wanted(store: Any, places: Any, specialist: User) -> Callable[..., Target]:
    """Return a function that writes a target of a plan of an area; the plan is made on first asking, header confirmed."""
    plans: dict[int, Plan] = {}

    def write(area: Area, indicator: str, value: float, **columns: Any) -> Target:
        if area.pk not in plans:
            plans[area.pk] = store(area).plan
            plans[area.pk].signed_date = date(2026, 1, 1)
            plans[area.pk].header_confirmed_by, plans[area.pk].header_confirmed_at = (
                specialist,
                timezone.now(),
            )
            plans[area.pk].save()
        plan = plans[area.pk]
        number = 100 + plan.targets.count()
        finding = Finding.objects.create(
            version=plan.versions.get(), kind="target", position=number, value={}
        )
        columns = {"comparator": ">=", "unit": "%", "due_date": date(2026, 12, 31)} | columns
        return Target.objects.create(
            plan=plan, finding=finding, lineage=finding.lineage, indicator=indicator, value=value, confirmed_by=specialist, confirmed_at=timezone.now(), **columns
        )  # fmt: skip

    return write


@pytest.fixture
def figures(places: Any) -> None:
    """Write 60 % of villages with fibre for the province and 90 % for the commune, for the second quarter of 2026."""
    run = Run.objects.create(area=places.province, period="2026Q2", engine_version="1", at=timezone.now())
    for area, value in ((places.province, 60.0), (places.commune, 90.0)):
        Figure.objects.create(run=run, indicator="FIX-01", area=area, period="2026Q2", value=value, numerator=value, denominator=100, reported=1, expected=1)  # fmt: skip


def test_each_plan_is_held_against_its_own_area_and_differences_are_marked(
    wanted: Callable[..., Target], figures: None, places: Any, specialist: User
) -> None:
    wanted(places.province, "FIX-01", 80, baseline=40)
    wanted(places.commune, "FIX-01", 85)
    plans = comparable_plans(specialist, places.province)
    (row,) = side_by_side(specialist, plans, as_of=DAY)
    province, commune = (cell[0] for cell in row.cells)
    # 40 on 1 January to 80 on 31 December: half way at the end of June, 60 is on course; 90 has met 85
    assert (province.progress.verdict, commune.progress.verdict) == ("on_course", "met")
    assert "số gốc ghi trong kế hoạch" in province.progress.words
    assert row.disagrees
    assert [each.code for each in row.national] and row.indicator.code == "FIX-01"


def test_without_a_baseline_and_with_one_figure_nothing_can_be_told(
    wanted: Callable[..., Target], figures: None, places: Any, specialist: User
) -> None:
    wanted(places.province, "FIX-01", 80)
    (row,) = side_by_side(specialist, comparable_plans(specialist, places.province), as_of=DAY)
    assert row.cells[0][0].progress.verdict == "cannot_tell"
    assert "chưa có số gốc" in row.cells[0][0].progress.words


def test_a_target_in_another_unit_cannot_be_told(
    wanted: Callable[..., Target], figures: None, places: Any, specialist: User
) -> None:
    wanted(places.province, "FIX-01", 10, unit="thôn")
    (row,) = side_by_side(specialist, comparable_plans(specialist, places.province), as_of=DAY)
    progress = row.cells[0][0].progress
    assert progress.verdict == "cannot_tell" and "đơn vị" in progress.words


def test_a_plan_to_keep_a_level_is_broken_by_one_period(
    wanted: Callable[..., Target], figures: None, places: Any, specialist: User
) -> None:
    wanted(places.province, "FIX-01", 70, maintain=True)
    (row,) = side_by_side(specialist, comparable_plans(specialist, places.province), as_of=DAY)
    assert row.cells[0][0].progress.verdict == "not_met"


def test_a_share_binds_communes_a_count_only_its_own_area_unless_none_may_be_left(
    wanted: Callable[..., Target], places: Any, specialist: User
) -> None:
    wanted(places.province, "FIX-01", 80)
    wanted(places.province, "MOB-12", 500, unit="vị trí")
    wanted(places.province, "GAP-01", 0, comparator="<=", unit="thôn")
    assert set(targets_held(specialist, places.province)) == {"FIX-01", "MOB-12", "GAP-01"}
    assert set(targets_held(specialist, places.commune)) == {"FIX-01", "GAP-01"}


def test_the_baseline_counts_from_signing_else_from_the_eve_of_the_plan(
    wanted: Callable[..., Target], places: Any
) -> None:
    row = wanted(places.province, "FIX-01", 80, baseline=40)
    assert baseline_of(row) == (date(2026, 1, 1), 40.0)
    row.plan.signed_date, row.plan.period_from = None, 2026
    assert baseline_of(row) == (date(2025, 12, 31), 40.0)
    row.plan.period_from = None
    assert baseline_of(row) is None


def test_a_plan_is_of_the_families_whose_documents_it_rests_on(
    wanted: Callable[..., Target], places: Any, specialist: User
) -> None:
    row = wanted(places.province, "FIX-01", 80)
    finding = row.plan.versions.get().findings.filter(kind="target").last()
    LegalBasis.objects.filter(plan=row.plan).delete()
    LegalBasis.objects.create(plan=row.plan, finding=finding, lineage=finding.lineage, number="36/QĐ-TTg", confirmed_by=specialist, confirmed_at=timezone.now())  # fmt: skip
    assert [family.code for family in families_of([row.plan])[row.plan.pk]] == ["C"]


def test_the_page_shows_both_plans_to_the_province_and_the_binding_one_to_the_commune(
    wanted: Callable[..., Target], figures: None, places: Any, client_of: Callable[[User], Client], leader: User, clerk: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    wanted(places.province, "FIX-01", 80, baseline=40)
    wanted(places.commune, "FIX-01", 85)
    client = client_of(leader)
    with django_assert_max_num_queries(16):
        page = client.get("/so-sanh/ke-hoach/").content.decode()
    assert "Có khả năng đạt" in page and "Đạt" in page and "các kế hoạch đặt mức khác nhau" in page
    assert "≥\u00a080\u00a0%" in client_of(clerk).get("/so-sanh/ke-hoach/").content.decode()


def test_the_page_of_a_plan_judges_its_targets_and_leads_to_their_figures(
    wanted: Callable[..., Target], figures: None, places: Any, specialist: User, client: Client
) -> None:
    held = wanted(places.province, "FIX-01", 50.0)
    wanted(places.province, "FIX-01", 100.0, due_date=None)
    client.force_login(specialist)
    page = client.get(f"/ke-hoach/{held.plan_id}/").content.decode()
    assert "Đánh giá" in page
    assert f'href="/chi-tieu/FIX-01/?dia-ban={places.province.code}"' in page
    assert page.count("60") >= 1
    assert "không so bằng số" in page
