"""Written places find the area they mean: twins, former names, abbreviations, slips of people and scanners."""

from __future__ import annotations

import datetime
import random

import pytest

from bench.placename_noise import noisy_place
from hatangso.areas.register import Area, Change, Register, national_register
from hatangso.errors import InputError
from hatangso.placenames.search import PlaceIndex, find

NOW, OLD = datetime.date(2026, 11, 21), datetime.date(2025, 6, 30)


def top(text: str, **more) -> str:
    matches = find(text, **({"on": NOW} | more))
    return matches[0].area.code if matches else ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("phường Hương Trà, Huế", "19996"),
        ("phường Hương Trà, Đà Nẵng", "20350"),
        ("phuong huong tra, da nang", "20350"),
        ("TX. Hương Trà", "480"),
        ("xã Quang Trung, thị xã Bỉm Sơn, Thanh Hóa", "14824"),
        ("Quang Trung, Bỉm Sơn, Thanh Hóa", "14818"),
        ("Phường Trương Quang Trọng", "21172"),
        ("huyện Hón Quản", "694"),
        ("Hón Quản", "694"),
        ("tỉnh Đăk Nông", "67"),
        ("Đak Nông", "67"),
        ("xa tan hung huyen hon quan tinh binh phuoc", "25345"),
        ("thôn 3, xã Tân Hưng, Đồng Nai", "25345"),
        ("P.5, Q.3, TP.HCM", "27151"),
        ("Phường 05, Quận 03, TPHCM", "27151"),
        ("UBND tỉnh Sóc Trăng", "94"),
        ("huyện Quản Bạ, Hà Giang", "029"),
        ("quan ba, ha giang", "00874"),
        ("BR-VT", "77"),
        ("TT Huế", "46"),
        ("Xã Hoà Thuận, An Giang", "30949"),
        ("XÃ BÌNH ĐIỀN, THÀNH PHỐ HUẾ", "20035"),
        ("thành phố Đồng Nai", "75"),
        ("xã Trảng Bom, tỉnh Đồng Nai", "26248"),
        ("xã Ba Chẽ (Quảng Ninh)", "06970"),
        ("X.Châu \u0309Pha, thành phố Hồ Chí Minh", "26728"),  # a mark that stands alone
    ],
)
def test_a_written_place_finds_its_area(text, code):
    assert top(text) == code


def test_the_day_decides_between_the_old_and_the_new_unit_of_a_name():
    old, new = find("xã Tân Hưng, Bình Phước", on=OLD)[0], find("xã Tân Hưng, Bình Phước", on=NOW)[0]
    assert (old.area.code, old.area.parent_code, new.area.code, new.area.parent_code) == (
        "25345",
        "694",
        "25345",
        "75",
    )


def test_former_in_brackets_asks_for_the_old_unit():
    assert find("phường Tân Khai", on=NOW)[0].area.kind == "Phường"
    assert find("thị trấn Tân Khai, huyện Hớn Quản (cũ)", on=NOW)[0].area.parent_code == "694"


def test_twins_are_all_returned_and_a_known_province_ranks_them():
    codes = [match.area.code for match in find("phường Hương Trà", on=NOW)]
    assert codes[:2] == ["19996", "20350"]
    assert top("phường Hương Trà", within="48") == "20350"
    assert top("xã Tân Hưng", within="70") == "25345"  # Bình Phước, ended, still narrows


def test_reasons_are_sentences():
    best = find("P. Hương Trà, Huế", on=NOW)[0]
    assert (best.score, best.why) == (1.0, ("đúng tên Phường Hương Trà", "thuộc Thành phố Huế"))
    former = find("tỉnh Bình Phước", on=NOW)[0]
    assert former.why == ("đúng tên Tỉnh Bình Phước", "hết hiệu lực từ 01/07/2025, nay là Tỉnh Đồng Nai")
    other = find("phường Hương Trà, Hà Nội", on=NOW)[0]
    assert "không thuộc 'Hà Nội'" in other.why
    assert "gần giống tên" in find("xã Trản Bom, Đồng Nai", on=OLD)[0].why[0]


def test_another_official_spelling_finds_the_same_unit():
    assert top("thị trấn N.T Liên Sơn, huyện Văn Chấn", on=OLD) == "04621"
    assert top("Xã Bha Lê, huyện Tây Giang", on=OLD) == "20458"


def test_nothing_alike_gives_nothing_and_nothing_written_is_refused():
    assert find("xyzw qqqq", on=NOW) == []
    with pytest.raises(InputError, match="rỗng"):
        find("  ")


def test_an_unknown_province_code_is_refused():
    with pytest.raises(InputError, match="không có trong danh mục"):
        find("xã Tân Hưng", within="99")


def test_a_village_is_found_in_an_index_that_has_it():
    day = datetime.date(2025, 7, 1)
    register = Register(
        [Area("90", "province", "Tỉnh", "Thử", "", None, None), Area("00001", "commune", "Xã", "Một", "90", day, None),
         Area("00002", "commune", "Xã", "Cũ", "90", None, day)],
        [Change("merge", "00002", "00001", day, 1.0, 1.0, "NQ")],
    )  # fmt: skip
    index = PlaceIndex(
        register.extended([Area("00001-001", "village", "Bon", "Bu Brâng", "00001", None, None)])
    )
    assert index.find("Bu Brang, xã Một")[0].area.code == "00001-001"


@pytest.mark.parametrize(
    ("on", "level", "floor"), [(NOW, "commune", 0.98), (OLD, "commune", 0.98), (OLD, "district", 0.96)]
)
def test_noise_seldom_misleads_when_the_units_above_are_given(on, level, floor):
    source, register = random.Random(7), national_register()
    areas = source.sample(register.in_force(on, level=level), 250)
    hits = sum(top(noisy_place(area, register, source=source), on=on) == area.code for area in areas)
    assert hits / len(areas) >= floor
