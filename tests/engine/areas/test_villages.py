"""Villages and other areas that people load from a table."""

from __future__ import annotations

import datetime

import pytest

from hatangso.areas.register import national_register
from hatangso.areas.villages import read_other_areas, read_villages, split_kind
from hatangso.errors import ManyInputErrors

ON = datetime.date(2026, 1, 1)


def load(tmp_path, text, reader=read_villages):
    path = tmp_path / "thon.csv"
    path.write_text(text, encoding="utf-8")
    return reader(path, register=national_register(), on=ON)


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("Thôn 3", "Thôn", "3"), ("TDP Nghĩa Phú", "Tổ dân phố", "Nghĩa Phú"), ("Tổ dân phố số 5", "Tổ dân phố", "số 5"),
        ("buôn Ja Ráh", "Buôn", "Ja Ráh"), ("Bon Bu Brâng", "Bon", "Bu Brâng"), ("Ấp 1A", "Ấp", "1A"),
        ("KP. Phú Thịnh", "Khu phố", "Phú Thịnh"), ("Khối phố 2", "Khối phố", "2"), ("Sóc 5", "Sóc", "5"),
        ("Phum Ka", "Phum", "Ka"), ("Khóm 4", "Khóm", "4"), ("Bản Pù Mằn", "Bản", "Pù Mằn"), ("Quang Trung", "", "Quang Trung"),
    ],
)  # fmt: skip
def test_the_kind_stands_before_the_name(written, kind, name):
    assert split_kind(written) == (kind, name)


def test_villages_get_a_code_under_their_commune(tmp_path):
    loaded = load(
        tmp_path, "Tên thôn,Mã xã,Dân số\nThôn 3,24611,812\nBon Bu Brâng,24611,\nTổ dân phố 1,4,55\n"
    )
    assert [(area.code, area.kind, area.name, area.parent_code) for area in loaded.areas] == [
        ("24611-001", "Thôn", "3", "24611"),
        ("24611-002", "Bon", "Bu Brâng", "24611"),
        ("00004-001", "Tổ dân phố", "1", "00004"),
    ]
    assert loaded.figures["population"].to_list() == [812.0, None, 55.0]


def test_loaded_villages_stand_below_their_commune(tmp_path):
    loaded = load(tmp_path, "name,area_code\nThôn 3,24611\n")
    register = national_register().extended(loaded.areas)
    assert [area.full_name for area in register.children("24611", on=ON)] == ["Thôn 3"]
    assert [area.name for area in register.ancestors("24611-001", on=ON)] == ["Bắc Gia Nghĩa", "Lâm Đồng"]
    assert "24611-001" not in national_register()


def test_every_fault_is_named_with_its_line(tmp_path):
    text = "name,area_code\nQuang Trung,24611\nThôn 1,99999\nThôn 2,24611\nthôn 2,24611\n"
    with pytest.raises(ManyInputErrors) as caught:
        load(tmp_path, text)
    found = [str(error) for error in caught.value.errors]
    assert "dòng 2" in found[0] and "không rõ 'Quang Trung'" in found[0]
    assert "dòng 3" in found[1] and "mã xã '99999'" in found[1]
    assert len(found) == 3 and "trùng với dòng" in found[2]


def test_a_commune_that_ended_is_refused(tmp_path):
    with pytest.raises(ManyInputErrors, match="mã xã có hiệu lực ngày 01/01/2026"):
        load(tmp_path, "name,area_code\nThôn 1,00001\n")


def test_other_kinds_of_areas_lie_in_a_commune_or_a_province(tmp_path):
    text = "Tên khu vực,Loại,Mã đơn vị\nKCN Nhân Cơ,KCN,24637\nQuốc lộ 14,quốc lộ,68\n"
    loaded = load(tmp_path, text, read_other_areas)
    assert [(area.code, area.kind, area.name, area.level) for area in loaded.areas] == [
        ("24637-K001", "Khu công nghiệp", "KCN Nhân Cơ", "other"),
        ("68-K001", "Hành lang đường bộ", "Quốc lộ 14", "other"),
    ]
    with pytest.raises(ManyInputErrors, match="mã đơn vị có hiệu lực"):
        load(tmp_path, "Tên khu vực,Loại,Mã đơn vị\nKCN X,KCN,70\n", read_other_areas)
