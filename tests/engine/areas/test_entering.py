"""A new change is checked and its effect seen before it is in force."""

from __future__ import annotations

import datetime

import pytest

from hatangso.areas.carrying import Carrier
from hatangso.areas.entering import NewChange, NewUnit, enter_change
from hatangso.areas.register import national_register
from hatangso.errors import ManyInputErrors

DAY = datetime.date(2027, 1, 1)
EVE = datetime.date(2026, 12, 31)
MERGE = NewChange(
    "merge", DAY, "99/NQ-UBTVQH16", {("25345", "25345"): 1.0, ("25349", "25345"): 1.0},
    (NewUnit("25345", "Phường", "Tân Hưng", "75"),),
)  # fmt: skip


def test_a_merge_is_seen_before_it_is_in_force():
    register = national_register()
    entered = enter_change(register, change=MERGE)
    assert entered.effect[0] == "Từ 01/01/2027: 3321 đơn vị còn 3320, 99/NQ-UBTVQH16."
    assert "Phường Tân Hưng (25345) gồm Xã Tân Hưng (25345), Xã Minh Đức (25349)." in entered.effect
    later = entered.applied_to(register)
    assert len(later.in_force(DAY, level="commune")) == 3320
    assert later.area("25345", on=DAY).kind == "Phường"
    assert later.area("25345", on=EVE).kind == "Xã"
    assert len(register.in_force(DAY, level="commune")) == 3321
    carried = Carrier(later, since=EVE, to=DAY).carry({"25345": 10, "25349": 5})
    assert [(row.area_code, row.value) for row in carried.rows] == [("25345", 15.0)]


def test_a_cut_without_shares_warns():
    change = NewChange(
        "split", DAY, "99/NQ", {("25345", "25345"): None, ("25345", "99991"): None},
        (NewUnit("25345", "Xã", "Tân Hưng", "75"), NewUnit("99991", "Xã", "Mới", "75")),
    )  # fmt: skip
    effect = enter_change(national_register(), change=change).effect
    assert "chưa biết tỷ lệ của Tân Hưng" in effect[2]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "explode"}, "Loại thay đổi"),
        ({"legal_act": " "}, "số và ký hiệu nghị quyết"),
        ({"flows": {}}, "ít nhất một cặp"),
        ({"units": ()}, "mỗi đơn vị mới một dòng"),
        ({"flows": {("25345", "25345"): 0.4, ("25349", "25345"): 1.0}}, "tổng bằng 1"),
        ({"flows": {("25345", "25345"): 1.4, ("25349", "25345"): 1.0}}, "tổng không quá 1"),
        ({"flows": {("694", "25345"): 1.0}}, "không có hiệu lực ngày 31/12/2026"),
        ({"flows": {("75", "25345"): 1.0, ("25345", "25345"): 1.0}}, "cùng một cấp"),
        ({"on": datetime.date(2025, 12, 1), "flows": {("25357", "25345"): 1.0}}, "đã có thay đổi khác từ 30/04/2026"),
        ({"units": (NewUnit("25345", "Xã", "Tân Hưng", "70"),)}, "Đơn vị cấp trên 70"),
        ({"flows": {("25345", "25357"): 1.0}, "units": (NewUnit("25357", "Xã", "X", "75"),)}, "đã dùng cho Phường Tân Khai"),
    ],
)  # fmt: skip
def test_every_fault_is_a_sentence(fields, sentence):
    given = {name: getattr(MERGE, name) for name in ("kind", "on", "legal_act", "flows", "units")} | fields
    with pytest.raises(ManyInputErrors, match=sentence):
        enter_change(national_register(), change=NewChange(**given))
