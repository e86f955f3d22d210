"""Heads of plans in the styles offices and law sites write them."""

from __future__ import annotations

import datetime as dt

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.header import Header, read_header

DISTRICT = """ỦY BAN NHÂN DÂN
HUYỆN HỚN QUẢN

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số:      /KH-UBND

Hón Quản, ngày      tháng     năm 2025

KẾ HOẠCH
Phát triển hạ tầng số giai đoạn 2025 - 2030, tầm nhìn đến năm 2045

Căn cứ Luật Viễn thông số 24/2023/QH15 ngày 24/11/2023;

Thực hiện Kế hoạch số 17/KH-UBND ngày 16/01/2025 của UBND tỉnh Bình Phước về phát triển hạ tầng số;

Theo đề nghị của Phòng Văn hóa tại Tờ trình số 89/TTr-VHTT ngày 11/3/2025;

I. MỤC TIÊU
"""
LAW_SITE = """Từ khoá: Số Hiệu, Tiêu đề hoặc Nội dung ngắn gọn của Văn Bản...

Đăng nhập

| Số hiệu | 99/KH-UBND |
| Cơ quan ban hành | Tỉnh Bắc Ninh |
|
ỦY BAN NHÂN DÂN |
CỘNG HÒA XÃ HỘI
CHỦ NGHĨA VIỆT NAM |
|
Số: 99/KH-UBND |
Bắc Ninh, ngày 29 tháng 12 năm 2025 |
KẾ HOẠCH
PHÁT TRIỂN HẠ TẦNG SỐ TỈNH BẮC NINH GIAI ĐOẠN 2026-2030
Căn cứ Nghị quyết số 57-NQ/TW ngày 22/12/2024 của Bộ Chính trị về đột phá phát triển khoa học;
Căn cứ Quyết định số 912/QĐ-BKHCN ngày
18/5/2025 của Bộ trưởng Bộ Khoa học và Công nghệ ban hành Kế hoạch phát triển hạ
tầng số thời kỳ 2025 - 2030;
Ủy ban nhân dân tỉnh ban hành Kế hoạch, cụ thể như sau:
I. MỤC ĐÍCH
"""
COMMUNE = """Kế hoạch Phát triển Hạ tầng số xã Tịnh Giang đến năm 2025 và định hướng đến năm 2030

Thực hiện Kế hoạch số 20/KH-UBND ngày 07/02/2025 của huyện Sơn Tịnh về phát triển hạ tầng số, UBND xã ban hành Kế hoạch như sau:

1. Mục đích
"""
SCANNED = """ỦY
BAN NHÂN DÂN
TỈNH PHÚ THỌ
--------
|
CỘNG
HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
|
Số:
2805/QĐ-UBND
|
Phú
Thọ, ngày 28 tháng 10 năm 2016
|
QUYẾT ĐỊNH
V/V PHÊ DUYỆT ĐỀ ÁN HẠ TẦNG VIỄN THÔNG GIAI ĐOẠN
2016-2020
ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ
Căn cứ Luật Viễn thông ngày
04/12/2009;
QUYẾT ĐỊNH:
Điều 1. Phê duyệt Đề án.
"""


def head(text: str) -> Header:
    return read_header(document_from_text(text))


def test_blank_number_and_date_stay_empty_and_the_vision_is_no_period() -> None:
    header = head(DISTRICT)
    assert (header.kind, header.number, header.date) == ("KẾ HOẠCH", None, None)
    assert (header.issuer, header.level, header.place) == ("UBND huyện Hớn Quản", "district", "Hớn Quản")
    assert header.period == (2025, 2030)
    assert header.area is not None
    assert (header.area.name, header.area.code) == ("huyện Hớn Quản", "694")


def test_bases_keep_number_day_and_issuer_and_a_proposal_is_none() -> None:
    law, parent = head(DISTRICT).bases
    assert (law.number, law.date, law.issuer, law.parent) == (
        "24/2023/QH15",
        dt.date(2023, 11, 24),
        "Quốc hội",
        False,
    )
    assert (parent.number, parent.date, parent.issuer) == (
        "17/KH-UBND",
        dt.date(2025, 1, 16),
        "UBND tỉnh Bình Phước",
    )
    assert parent.parent


def test_a_law_site_page_with_facts_pipes_and_capitals_is_read() -> None:
    header = head(LAW_SITE)
    assert (header.kind, header.number, header.date) == ("KẾ HOẠCH", "99/KH-UBND", dt.date(2025, 12, 29))
    assert (header.issuer, header.level) == ("UBND tỉnh Bắc Ninh", "province")
    assert header.title == "PHÁT TRIỂN HẠ TẦNG SỐ TỈNH BẮC NINH GIAI ĐOẠN 2026-2030"
    assert [(basis.number, basis.parent) for basis in header.bases] == [
        ("57-NQ/TW", False),
        ("912/QĐ-BKHCN", True),
    ]


def test_a_commune_page_without_letterhead_is_read_from_its_title() -> None:
    header = head(COMMUNE)
    assert (header.kind, header.issuer, header.level) == ("KẾ HOẠCH", "UBND xã Tịnh Giang", "commune")
    assert header.period == (2025, 2030)
    assert [(basis.number, basis.issuer, basis.parent) for basis in header.bases] == [
        ("20/KH-UBND", "huyện Sơn Tịnh", True)
    ]


def test_a_letterhead_cut_between_words_is_put_together() -> None:
    header = head(SCANNED)
    assert (header.kind, header.number, header.place) == ("QUYẾT ĐỊNH", "2805/QĐ-UBND", "Phú Thọ")
    assert (header.issuer, header.date, header.period) == (
        "UBND tỉnh Phú Thọ",
        dt.date(2016, 10, 28),
        (2016, 2020),
    )


@pytest.mark.parametrize(
    ("day", "level"), [("ngày 6 tháng 5 năm 2024", "district"), ("ngày 6 tháng 5 năm 2025", "province")]
)
def test_hue_is_a_district_city_before_2025_and_a_central_city_since(day: str, level: str) -> None:
    text = f"ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HUẾ\n\nSố: 1/KH-UBND\n\nHuế, {day}\n\nKẾ HOẠCH\nPhát triển hạ tầng số\n\nI. MỤC TIÊU\n"
    assert head(text).level == level


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Phát triển hạ tầng số năm 2026", (2026, 2026)),
        ("Phát triển hạ tầng số năm 2025 và định hướng đến năm 2030", (2025, 2030)),
        ("Phát triển hạ tầng số đến năm 2030", (2026, 2030)),
        ("Thực hiện Nghị quyết số 57-NQ/TW ngày 22/12/2024 giai đoạn 2026-2030", (2026, 2030)),
        ("Phát triển hạ tầng số", (None, None)),
    ],
)
def test_the_period_is_read_from_the_title(title: str, period: tuple[int | None, int | None]) -> None:
    text = f"ỦY BAN NHÂN DÂN\nXÃ TÂN KHAI\n\nSố: 3/KH-UBND\n\nTân Khai, ngày 2 tháng 2 năm 2026\n\nKẾ HOẠCH\n{title}\n\nI. MỤC TIÊU\n"
    assert head(text).period == period


def test_bases_under_a_heading_of_their_own_are_found() -> None:
    text = "KẾ HOẠCH\nChuyển đổi số năm 2026\n\nI. CĂN CỨ LẬP KẾ HOẠCH\n- Nghị định số 85/2016/NĐ-CP ngày 01/7/2016 của Chính phủ;\nII. MỤC TIÊU\n"
    (basis,) = head(text).bases
    assert (basis.number, basis.date, basis.issuer) == ("85/2016/NĐ-CP", dt.date(2016, 7, 1), "Chính phủ")


def test_a_paper_of_the_government_is_told_from_its_number() -> None:
    text = (
        "CHÍNH PHỦ\n\nSố: 03/NQ-CP\n\nHà Nội, ngày 09 tháng 01 năm 2025\n\nNGHỊ QUYẾT\nBan hành Chương trình hành động\n\n"
        "CHÍNH PHỦ\n\nCăn cứ Luật Tổ chức Chính phủ;\n\nQUYẾT NGHỊ:\n\nĐiều 1. Ban hành Chương trình hành động.\n"
    )
    header = head(text)
    assert (header.issuer, header.level, header.title) == (
        "Chính phủ",
        "centre",
        "Chương trình hành động",
    )
    assert header.area is None


def test_numbered_bases_and_an_issuer_with_a_verb_in_its_name() -> None:
    text = (
        "KẾ HOẠCH\nChuyển đổi số năm 2026\n\nI. CĂN CỨ XÂY DỰNG\nKẾ HOẠCH\n1. Thông tư số 05/2022/TT-BNNPTNT ngày 25/7/2022 của Bộ Nông nghiệp và "
        "Phát triển nông thôn về hướng dẫn;\n2. Nghị quyết số 5-NQ/TU ngày 1/2/2026 của Tỉnh ủy.\nII. MỤC TIÊU\n"
    )
    found = [(basis.number, basis.issuer) for basis in head(text).bases]
    assert found == [("05/2022/TT-BNNPTNT", "Bộ Nông nghiệp và Phát triển nông thôn"), ("5-NQ/TU", "Tỉnh ủy")]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Ban hành Kế hoạch phát triển hạ tầng số năm 2026", "Kế hoạch phát triển hạ tầng số năm 2026"),
        ("Về việc phê duyệt Đề án xóa vùng lõm sóng", "Đề án xóa vùng lõm sóng"),
        ("BAN HÀNH KẾ HOẠCH PHÁT TRIỂN HẠ TẦNG SỐ", "KẾ HOẠCH PHÁT TRIỂN HẠ TẦNG SỐ"),
        ("Ban hành Quy chế quản lý trạm phát sóng", "Ban hành Quy chế quản lý trạm phát sóng"),  # no plan
    ],
)
def test_the_title_is_that_of_the_plan_not_of_the_act(written: str, title: str) -> None:
    assert head(f"QUYẾT ĐỊNH\n{written}\n\nCăn cứ Luật Viễn thông;\n").title == title


@pytest.mark.parametrize("motto", ["CỘNG HÒA", "CỘNG HOÀ", "CỘNG HOA"])
def test_the_motto_is_no_part_of_the_issuer_however_its_accents_stand(motto: str) -> None:
    text = f"ỦY BAN NHÂN DÂN\nTHÀNH PHỐ CẦN THƠ {motto} XÃ HỘI CHỦ NGHĨA VIỆT NAM\nKẾ HOẠCH\nHạ tầng số năm 2026\n"
    assert (head(text).issuer, head(text).level) == ("UBND thành phố Cần Thơ", "province")
