"""A register becomes rows: once, quickly, without touching what people entered."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from hatangso.areas.register import Area as Unit
from hatangso.areas.register import Change as UnitChange
from hatangso.areas.register import Register, national_register
from hatangso_web.areas.loading import Loaded, load_register
from hatangso_web.areas.models import Area, AreaVersion, Change
from hatangso_web.areas.present import bring_present
from hatangso_web.areas.registers import current_register, place_index

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 1)


def small_register() -> Register:
    """Return two provinces of which one takes over the other; commune 10001 grows and keeps its code."""
    return Register(
        [
            Unit("10", "province", "Tỉnh", "Lớn", "", None, None),
            Unit("11", "province", "Tỉnh", "Nhỏ", "", None, DAY),
            Unit("101", "district", "Huyện", "Giữa", "11", None, DAY),
            Unit("10001", "commune", "Xã", "Một", "101", None, DAY),
            Unit("10002", "commune", "Xã", "Hai", "101", None, DAY),
            Unit("10001", "commune", "Phường", "Một Hai", "10", DAY, None),
        ],
        [
            UnitChange("merge", "11", "10", DAY, 1.0, 1.0, "202/2025/QH15"),
            UnitChange("merge", "10001", "10001", DAY, 1.0, 1.0, "1/NQ"),
            UnitChange("merge", "10002", "10001", DAY, 1.0, 1.0, "1/NQ"),
            UnitChange("dissolve", "101", None, DAY, None, None, "203/2025/QH15"),
        ],
    )


def test_a_unit_that_grew_keeps_one_row_with_two_versions() -> None:
    assert load_register(on=date(2026, 1, 1), register=small_register()) == Loaded(5, 6, 4, 0)
    grown = Area.objects.get(code="10001")
    assert (grown.name, grown.path, grown.parent.code) == ("Phường Một Hai", "/10/10001/", "10")
    assert {version.full_name for version in grown.versions.all()} == {"Xã Một", "Phường Một Hai"}
    assert AreaVersion.objects.get(area=grown, valid_until=DAY).path == "/11/101/10001/"
    ended = Area.objects.get(code="10002")
    assert (ended.name, ended.path, ended.valid_until) == ("Xã Hai", "/11/101/10002/", DAY)


def test_loading_twice_writes_nothing() -> None:
    load_register(on=date(2026, 1, 1), register=small_register())
    assert load_register(on=date(2026, 1, 1), register=small_register()) == Loaded(0, 0, 0, 0)


def test_before_the_day_areas_stand_as_they_were() -> None:
    load_register(on=date(2025, 6, 30), register=small_register())
    assert Area.objects.get(code="10001").path == "/11/101/10001/"
    assert bring_present(on=DAY) == 1
    assert Area.objects.get(code="10001").path == "/10/10001/"
    assert bring_present(on=DAY) == 0


def test_a_new_edition_closes_what_it_closes_and_keeps_what_people_closed() -> None:
    whole = small_register()
    earlier = Register(
        [
            Unit(area.code, area.level, area.kind, area.name, area.parent_code, None, None)
            for area in whole.areas
            if area.valid_from is None
        ]
    )
    load_register(on=date(2025, 6, 1), register=earlier)
    own = AreaVersion.objects.get(area__code="10002")
    AreaVersion.objects.filter(pk=own.pk).update(valid_until=date(2025, 6, 15), closed_by=uuid.uuid4())
    loaded = load_register(on=date(2025, 6, 1), register=whole)
    assert (loaded.versions, loaded.closed) == (1, 3)  # 11, 101 and 10001; not 10002, which a person closed
    own.refresh_from_db()
    assert own.valid_until == date(2025, 6, 15)


def test_the_register_of_the_database_is_the_one_loaded_and_follows_new_rows() -> None:
    register = small_register()
    load_register(on=date(2026, 1, 1), register=register)
    assert set(current_register().areas) == set(register.areas)
    assert set(current_register().changes) == set(register.changes)
    before = current_register()
    assert current_register() is before
    Change.objects.all().delete()
    assert current_register().changes == ()


def test_old_names_are_found_in_the_database() -> None:
    load_register(on=date(2026, 1, 1), register=small_register())
    best = place_index().find("xa hai, huyen giua, tinh nho", on=date(2026, 1, 1))[0]
    assert (best.area.code, best.area.valid_until) == ("10002", DAY)


def test_the_national_register_loads_whole() -> None:
    national = national_register()
    loaded = load_register(on=date(2026, 11, 21))
    assert (loaded.versions, loaded.changes) == (len(national.areas), len(national.changes))
    assert AreaVersion.objects.filter(level="commune", valid_until=None).count() == 3321
    assert set(current_register().areas) == set(national.areas)
    assert load_register(on=date(2026, 11, 21)) == Loaded(0, 0, 0, 0)
