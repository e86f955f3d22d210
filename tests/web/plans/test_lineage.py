"""The chain of plans, and where a target differs from the level above."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from hatangso import catalogue
from hatangso_web.accounts.models import User
from hatangso_web.accounts.roles import Role
from hatangso_web.plans.actions.review import Verdict, decide
from hatangso_web.plans.models import Action, LegalBasis, Plan, Target, Version
from hatangso_web.plans.queries.lineage import chain_of, deviations_of, linked_bases, verdict
from tests.web.plans.sample import SECRET_WORDS, Store, findings, reading_of

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
def test_the_plan_above_binds_and_is_named_once_its_header_is_confirmed(
    family: tuple[Plan, Plan], clerk: User
) -> None:
    province, commune = family
    assert chain_of(clerk, commune).above == [province]
    Plan.objects.filter(pk=province.pk).update(header_confirmed_at=None, header_confirmed_by=None)
    assert chain_of(clerk, commune).above == []


@pytest.mark.django_db
def test_a_clerk_sees_how_her_targets_stand_to_the_province(family: tuple[Plan, Plan], clerk: User) -> None:
    province, commune = family
    targets = list(Target.objects.filter(plan=commune).order_by("pk"))
    found = deviations_of(clerk, commune, targets, parent=province, on=TODAY)
    assert ("FIX-02", "lower", province) in [
        (deviation.target.indicator, deviation.verdict, deviation.upper_plan) for deviation in found
    ]
    Target.objects.filter(plan=province, indicator="FIX-02").update(restricted=True)
    found = deviations_of(clerk, commune, targets, parent=province, on=TODAY)
    assert all(deviation.target.indicator != "FIX-02" for deviation in found if deviation.upper_plan)


@pytest.mark.django_db
def test_of_a_plan_above_its_page_opens_and_nothing_else(
    family: tuple[Plan, Plan], clerk: User, neighbour: User, person: Any, places: Any, client_of: Any
) -> None:
    province, commune = family
    outsider = person("outsider", Role.COMMUNE_CLERK, places.other_province)
    for somebody, of_province, of_commune in ((clerk, 200, 200), (neighbour, 200, 404), (outsider, 404, 404)):
        client = client_of(somebody)
        assert client.get(reverse("plans:plan", args=[province.pk])).status_code == of_province
        assert client.get(reverse("plans:plan", args=[commune.pk])).status_code == of_commune
    client = client_of(clerk)
    page = client.get(reverse("plans:plan", args=[province.pk])).content.decode()
    assert "Tỷ lệ hộ có khả năng tiếp cận cáp quang" in page
    assert "Phủ sóng các thôn lõm sóng" in page
    assert not any(word in page for word in SECRET_WORDS)
    assert "/ke-hoach/phat-hien/" not in page
    version = Version.objects.get(plan=province)
    for name, key in (
        ("plans:version", version.pk),
        ("plans:review", version.pk),
        ("plans:original", version.pk),
        ("plans:compare", version.pk),
        ("plans:add", version.pk),
        ("plans:new_version", province.pk),
        ("plans:sentence", version.findings.order_by("pk")[0].pk),
    ):
        assert client.get(reverse(name, args=[key])).status_code == 404, name
    assert client.get(reverse("plans:plan_download", args=[province.pk])).status_code == 403
    listed = client.get(reverse("plans:list")).content.decode()
    assert reverse("plans:plan", args=[province.pk]) in listed
    due = client.get(reverse("plans:due") + "?trong=36500").content.decode()
    assert reverse("plans:plan", args=[province.pk]) not in due


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
