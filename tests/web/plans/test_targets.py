"""Targets of plans as the pages of figures ask for them, held against computed figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.plans.models import Target
from hatangso_web.plans.queries.targets import targets_held

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(finding: Callable[..., Any], read_version: Any, specialist: User) -> Target:
    """Return a confirmed target of the province's plan: MOB-01 at least 90 by the end of 2027."""
    return Target.objects.create(
        plan=read_version.plan, finding=finding("target"), lineage=finding("target").lineage, indicator="MOB-01",
        comparator=">=", value=90, unit="%", due_date=date(2027, 12, 31), confirmed_by=specialist,
        confirmed_at=timezone.now(),
    )  # fmt: skip


def test_targets_of_the_province_bind_its_communes(target: Target, clerk: User, places: Any) -> None:
    held = targets_held(clerk, places.commune)
    assert held == {}  # the plan of the province is not the clerk's to see
    above = targets_held(target.confirmed_by, places.commune)
    assert [each.target.value for each in above["MOB-01"]] == [90]
    assert targets_held(target.confirmed_by, places.other_province) == {}


def test_an_ended_or_restricted_target_is_not_told(
    target: Target, leader: User, viewer: User, places: Any
) -> None:
    Target.objects.filter(pk=target.pk).update(restricted=True)
    assert "MOB-01" in targets_held(leader, places.province)
    assert targets_held(viewer, places.province) == {}


def test_the_leader_sees_the_verdict_beside_the_figure(
    target: Target,
    leader: User,
    places: Any,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    run = Run.objects.create(area=places.province, period="2026Q3", engine_version="1", at=timezone.now())
    Figure.objects.create(
        run=run,
        indicator="MOB-01",
        area=places.province,
        period="2026Q3",
        value=95,
        numerator=19,
        denominator=20,
        reported=2,
        expected=2,
    )
    client = client_of(leader)
    with django_assert_max_num_queries(14):
        page = client.get("/chi-tieu/").content.decode()
    words = targets_held(leader, places.province)["MOB-01"][0].words
    assert "90" in words and words in page
    assert "Đạt" in page and "95,0" in page
    assert "đã đạt mục tiêu" in client.get("/chi-tieu/MOB-01/").content.decode()
