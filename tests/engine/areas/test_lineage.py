"""Lineage: the five issuers of the seed plans traced to who holds their land now."""

from __future__ import annotations

import datetime

import pytest

from hatangso.areas import lineage
from hatangso.areas.register import national_register

OLD, NEW, NOW = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1), datetime.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("code", "successors"),
    [
        ("694", ["25326", "25345", "25349", "25351", "25357"]),  # huyện Hớn Quản
        ("480", ["19996", "20017", "20035"]),  # thị xã Hương Trà
        ("14824", ["14818"]),  # xã Quang Trung, Bỉm Sơn
        ("21172", ["21172"]),  # phường Trương Quang Trọng
        ("67", ["68"]),  # tỉnh Đắk Nông
    ],
)
def test_the_five_issuers_are_traced_to_their_successors(code, successors):
    found = lineage.successors(national_register(), code, since=OLD, to=NOW)
    assert [relative.area.code for relative in found] == successors


def test_a_successor_may_cross_an_old_district_border():
    """Part of Hớn Quản went to the ward of Bình Long, a town outside it."""
    found = lineage.successors(national_register(), "694", since=OLD, to=NOW)
    binh_long = next(relative for relative in found if relative.area.code == "25326")
    assert (binh_long.area.full_name, binh_long.share) == ("Phường Bình Long", None)
    assert len(binh_long.through) == 1


def test_an_island_district_went_on_as_a_special_zone():
    found = lineage.successors(national_register(), "755", since=OLD, to=NOW)
    assert [(relative.area.full_name, relative.share) for relative in found] == [("Đặc khu Côn Đảo", 1.0)]


def test_predecessors_of_a_new_commune_stand_in_two_old_districts():
    """Tân Quan took in Quang Minh of Chơn Thành besides three of Hớn Quản."""
    register = national_register()
    found = lineage.predecessors(register, "25351", since=NOW, to=OLD)
    assert sorted(relative.area.name for relative in found) == [
        "Phước An",
        "Quang Minh",
        "Tân Lợi",
        "Tân Quan",
    ]
    assert {relative.area.parent_code for relative in found} == {"694", "697"}


def test_a_cut_commune_has_no_share():
    found = lineage.successors(national_register(), "00016", since=OLD, to=NOW)
    assert [(relative.area.code, relative.share) for relative in found] == [("00004", None), ("00008", None)]


def test_a_step_says_kind_day_and_act():
    first, last = lineage.steps_after(national_register(), "26248")
    assert first.sentence().startswith(
        "Thị trấn Trảng Bom (26248) → Xã Trảng Bom (26248): nhập từ 01/07/2025"
    )
    assert last.sentence() == (
        "Xã Trảng Bom (26248) → Phường Trảng Bom (26248): đổi loại hoặc cấp từ 30/04/2026, 237/NQ-UBTVQH16"
    )


def test_a_district_step_has_nobody_after_it():
    (step,) = lineage.steps_after(national_register(), "694")
    assert step.after is None
    assert step.sentence() == "Huyện Hớn Quản (694): kết thúc từ 01/07/2025, Luật 72/2025/QH15"


def test_steps_before_name_the_sources():
    steps = lineage.steps_before(national_register(), "20017")
    assert [step.before.name for step in steps] == ["Hương Toàn", "Hương Xuân", "Hương Chữ"] or len(
        steps
    ) == 3
    assert {step.after.full_name for step in steps} == {"Phường Kim Trà"}
