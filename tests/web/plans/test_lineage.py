"""The chain of plans, and where a target differs from the level above."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hatangso import catalogue
from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import Verdict, decide
from hatangso_web.plans.models import Action, LegalBasis, Plan, Target, Version
from hatangso_web.plans.queries.lineage import chain_of, deviations_of, linked_bases, verdict
from tests.web.plans.sample import Store, findings, reading_of

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("own", "upper", "expected"),
    [
        ((">=", 95, "%"), (">=", 100, "%"), "lower"),
        ((">=", 100, "%"), (">=", 95, "%"), "higher"),
        ((">=", 40, "Mb/s"), (">=", 40, "Mbit/s"), "equal"),
        (("<=", 3, "km"), ("<=", 1, "km"), "lower"),  # a longer way to the post point demands less
        (("<=", 1, "km"), ("<=", 3, "km"), "higher"),
        ((">=", 95, "%"), (">=", 95, "hộ"), "other"),
    ],
)
def test_a_target_demands_less_or_more(own: tuple, upper: tuple, expected: str) -> None:
    target = Target(comparator=own[0], value=own[1], unit=own[2])
    assert verdict(target, *upper) == expected


def _confirm(version: Version, by: User) -> None:
    for found in version.findings.select_related("version__plan__area", "former"):
        decide(finding=found, verdict=Verdict(Action.ACCEPT, found.revision), by=by)


@pytest.fixture
def family(store: Store, places: Any, specialist: User) -> tuple[Plan, Plan]:
    """Return a province's plan (95 %) and the plan of its commune (90 %) that rests on it."""
    province = store(places.province)
    found = findings()
    found["header"] |= {
        "number": "7/KH-UBND",
        "date": "2025-12-01",
        "title": "Kế hoạch xã",
        "level": "commune",
    }
    found["header"]["bases"][0] |= {"number": "112/KH-UBND", "date": "2025-10-15", "parent": True}
    found["targets"][0]["value"] = 90
    commune = store(places.commune, reading_of(**found))
    for version in (province, commune):
        _confirm(version, specialist)
    return Plan.objects.get(pk=province.plan_id), Plan.objects.get(pk=commune.plan_id)


@pytest.mark.django_db
def test_parent_and_child_find_each_other_by_number_and_date(
    family: tuple[Plan, Plan], specialist: User
) -> None:
    province, commune = family
    assert chain_of(specialist, commune).above == [province]
    assert chain_of(specialist, province).below == [commune]
    bases = list(LegalBasis.objects.filter(plan=commune))
    assert [linked for _basis, linked in linked_bases(specialist, bases)] == [province]


@pytest.mark.django_db
def test_the_same_number_on_another_day_is_another_plan(family: tuple[Plan, Plan], specialist: User) -> None:
    province, commune = family
    Plan.objects.filter(pk=province.pk).update(signed_date=date(2024, 1, 1))
    assert chain_of(specialist, commune).above == []
    assert chain_of(specialist, Plan.objects.get(pk=province.pk)).below == []


@pytest.mark.django_db
def test_a_parent_the_person_may_not_see_is_not_named(family: tuple[Plan, Plan], clerk: User) -> None:
    assert chain_of(clerk, family[1]).above == []


@pytest.mark.django_db
def test_a_lower_figure_than_the_parents_is_told(family: tuple[Plan, Plan], specialist: User) -> None:
    province, commune = family
    targets = list(Target.objects.filter(plan=commune).order_by("pk"))
    against_parent = [
        (deviation.target.indicator, deviation.verdict, deviation.upper_value)
        for deviation in deviations_of(specialist, commune, targets, parent=province, on=TODAY)
        if deviation.upper_plan == province
    ]
    assert against_parent == [("FIX-02", "lower", 95), ("SPD-03", "equal", 40)]


@pytest.mark.django_db
def test_a_lower_figure_than_the_nations_is_told(family: tuple[Plan, Plan], specialist: User) -> None:
    national = next(
        entry
        for entry in catalogue.national_targets(on=TODAY)
        if entry.indicator and entry.scope == "each_area" and entry.condition is None and entry.value > 1
    )
    target = Target(
        pk=1, indicator=national.indicator, comparator=">=", value=national.value - 1, unit=national.unit,
        year=national.due.year,
    )  # fmt: skip
    found = deviations_of(specialist, family[0], [target], parent=None, on=TODAY)
    assert [(deviation.verdict, deviation.upper_name) for deviation in found] == [
        ("lower", national.basis.document)
    ]
