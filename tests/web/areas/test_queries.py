"""The tree of areas by paths."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import ancestor_paths, ancestors_of, covers, descendants_of, in_force
from tests.people import Places

pytestmark = pytest.mark.django_db


def test_descendants_are_found_at_any_depth_and_not_by_a_like_code(places: Places) -> None:
    village = enter_area(code="99001.1", name="Thôn 1", level=Level.VILLAGE, parent=places.commune)
    enter_area(code="990", name="Mã gần giống", level=Level.PROVINCE)
    assert set(descendants_of(places.province)) == {
        places.province,
        places.commune,
        places.other_commune,
        village,
    }
    assert set(descendants_of(places.commune, itself=False)) == {village}
    assert village.depth == 2


def test_descendants_cost_one_query(places: Places, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(descendants_of(places.province)) == 3


def test_ancestors_stand_from_the_top_down(places: Places) -> None:
    assert list(ancestors_of(places.commune)) == [places.province]
    assert list(ancestors_of(places.commune, itself=True)) == [places.province, places.commune]
    assert ancestor_paths("/67/1/") == ["/67/", "/67/1/"]


def test_covers_needs_the_whole_code() -> None:
    assert covers(["/67/"], "/67/1/")
    assert not covers(["/67/"], "/671/")
    assert covers(["/"], "/671/")


def test_in_force_ends_before_valid_until(places: Places) -> None:
    places.commune.valid_from, places.commune.valid_until = date(2020, 1, 1), date(2025, 7, 1)
    places.commune.save()
    here = Area.objects.filter(pk=places.commune.pk)
    assert in_force(here, on=date(2025, 6, 30)).exists()
    assert not in_force(here, on=date(2025, 7, 1)).exists()
    assert not in_force(here, on=date(2019, 12, 31)).exists()


def test_area_cannot_end_before_it_begins(places: Places) -> None:
    with pytest.raises(ValidationError, match="Ngày hết hiệu lực phải sau"):
        enter_area(
            code="x", name="X", level=Level.COMMUNE, valid_from=date(2025, 1, 1), valid_until=date(2025, 1, 1)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.filter(pk=places.commune.pk).update(
            valid_from=date(2025, 1, 1), valid_until=date(2024, 1, 1)
        )
