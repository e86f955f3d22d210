"""The register: which units exist on a day, under which name and parent."""

from __future__ import annotations

import datetime

import pytest

from hatangso.areas.register import Area, Change, Register, in_force, national_register
from hatangso.errors import InputError

OLD, NEW, NOW = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1), datetime.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("on", "provinces", "districts", "communes"),
    [(OLD, 63, 696, 10_035), (NEW, 34, 0, 3_321), (NOW, 34, 0, 3_321)],
)
def test_counts_are_the_official_ones(on, provinces, districts, communes):
    counts = [len(in_force(on, level=level)) for level in ("province", "district", "commune")]
    assert counts == [provinces, districts, communes]


def test_types_of_2026_are_697_wards_and_seven_cities():
    """2,611 communes, 697 wards, 13 special zones; 7 cities since Đồng Nai became one."""
    communes = [area.kind for area in in_force(NOW, level="commune")]
    assert [communes.count(kind) for kind in ("Xã", "Phường", "Đặc khu")] == [2611, 697, 13]
    assert sum(area.kind == "Thành phố" for area in in_force(NOW, level="province")) == 7


def test_a_new_commune_may_keep_an_old_code_with_a_grown_border():
    register = national_register()
    old, new = register.versions("25345")
    assert (old.name, old.parent_code, old.valid_until) == ("Tân Hưng", "694", NEW)
    assert (new.name, new.parent_code, new.valid_from) == ("Tân Hưng", "75", NEW)
    assert {change.from_code for change in register.changes_to("25345")} > {"25345"}


def test_ancestors_depend_on_the_day():
    register = national_register()
    assert [area.full_name for area in register.ancestors("25345", on=OLD)] == [
        "Huyện Hớn Quản",
        "Tỉnh Bình Phước",
    ]
    assert [area.full_name for area in register.ancestors("25345", on=NEW)] == ["Tỉnh Đồng Nai"]
    assert [area.full_name for area in register.ancestors("25345", on=NOW)] == ["Thành phố Đồng Nai"]


def test_descendants_of_a_district_and_of_a_province():
    register = national_register()
    assert len(register.descendants("694", on=OLD)) == 13
    assert len(register.descendants("67", on=OLD, level="commune")) == 71
    assert len(register.descendants("46", on=NEW)) == 40
    assert register.descendants("694", on=NEW) == []


def test_every_unit_stands_under_one_in_force_on_the_same_day():
    register = national_register()
    for on in (OLD, NEW, NOW):
        codes = {area.code for area in register.in_force(on)}
        assert all(area.parent_code in codes for area in register.in_force(on) if area.level != "province")


def test_every_unit_that_ends_says_what_became_of_it_and_every_new_one_where_it_came_from():
    register = national_register()
    for area in register.areas:
        if area.valid_until:
            assert any(change.on == area.valid_until for change in register.changes_from(area.code)), area
        if area.valid_from:
            assert any(change.on == area.valid_from for change in register.changes_to(area.code)), area


def test_known_shares_of_a_unit_add_up_to_one():
    register = national_register()
    for code in {change.from_code for change in register.changes}:
        for day in {change.on for change in register.changes_from(code)}:
            pieces = [change for change in register.changes_from(code) if change.on == day and change.to_code]
            for shares in ([c.share for c in pieces], [c.population_share for c in pieces]):
                known = [share for share in shares if share is not None]
                assert len(known) in (0, len(pieces)), code
                assert not known or sum(known) == 1, code


def test_changes_carry_their_legal_act():
    register = national_register()
    acts = {change.legal_act for change in register.changes_to("25345")}
    assert acts == {"1662/NQ-UBTVQH15"}
    assert [c.legal_act for c in register.changes_from("75") if c.kind == "level_change"] == ["30/2026/QH16"]
    assert all(change.legal_act for change in register.changes)


def test_the_change_of_2026_made_ten_wards():
    changes = [c for c in national_register().changes if c.legal_act == "237/NQ-UBTVQH16"]
    assert len(changes) == 10
    assert {national_register().area(c.to_code, on=NOW).kind for c in changes} == {"Phường"}


def test_a_code_not_in_force_on_the_day_is_refused_with_the_days_it_was():
    with pytest.raises(InputError, match=r"Huyện Hớn Quản.*trước 01/07/2025.*areas show 694"):
        national_register().area("694", on=NOW)


def test_an_unknown_code_is_refused_with_a_hint_about_lost_zeros():
    with pytest.raises(InputError, match="bỏ số 0 ở đầu"):
        national_register().versions("4")


def test_two_rows_of_one_code_may_not_overlap():
    first = Area("00001", "commune", "Xã", "A", "01", None, NOW)
    second = Area("00001", "commune", "Xã", "B", "01", NEW, None)
    with pytest.raises(InputError, match="cùng hiệu lực"):
        Register([first, second])


def test_an_extended_register_closes_a_unit_and_leaves_the_first_untouched():
    register = Register([Area("00001", "commune", "Xã", "A", "", None, None)])
    day = datetime.date(2027, 1, 1)
    later = register.extended(
        [
            Area("00001", "commune", "Xã", "A", "", None, day),
            Area("00001", "commune", "Phường", "A", "", day, None),
        ],
        [Change("level_change", "00001", "00001", day, 1.0, 1.0, "NQ 1")],
    )
    assert [area.kind for area in later.in_force(day)] == ["Phường"]
    assert [area.kind for area in register.in_force(day)] == ["Xã"]
    assert later.changes_between(NOW, day) == [later.changes[0]]
