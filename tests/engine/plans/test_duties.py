"""Duties to report: who, to whom, by when, how often."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.duties import Duty, read_duties


def duties(sentence: str) -> list[Duty]:
    return read_duties(
        document_from_text(f"I. TỔ CHỨC THỰC HIỆN\n\n1. Phòng Văn hóa - Xã hội\n\n- {sentence}\n")
    )


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Định kỳ trước ngày 20/12 hằng năm báo cáo kết quả tổng hợp về UBND xã.", [("UBND xã", 12, 20, None, "year")]),
        ("Tổng hợp, báo cáo Sở Khoa học và Công nghệ trước ngày 30/11/2026.", [("Sở Khoa học và Công nghệ", 11, 30, 2026, "once")]),
        ("Báo cáo UBND tỉnh trước ngày 15 tháng 12 hàng năm.", [("UBND tỉnh", 12, 15, None, "year")]),
        ("Hằng quý, trước ngày 20 của tháng cuối quý, gửi báo cáo về UBND xã.", [("UBND xã", None, 20, None, "quarter")]),
        ("Báo cáo UBND xã kết quả thực hiện trước ngày 25 hằng tháng.", [("UBND xã", None, 25, None, "month")]),
        (
            "Định kỳ 6 tháng (trước ngày 15/6), hằng năm (trước ngày 15/12) báo cáo UBND tỉnh.",
            [("UBND tỉnh", 6, 15, None, "half-year"), ("UBND tỉnh", 12, 15, None, "year")],
        ),
        (
            "Định kỳ 6 tháng, hằng năm báo cáo UBND tỉnh trước ngày 20/6 và 20/12.",
            [("UBND tỉnh", 6, 20, None, "year"), ("UBND tỉnh", 12, 20, None, "year")],
        ),
        ("Lập danh sách thôn lõm sóng gửi Sở Khoa học và Công nghệ trước ngày 31/3/2026.", [("Sở Khoa học và Công nghệ", 3, 31, 2026, "once")]),
        ("Cung cấp số liệu trạm BTS cho Phòng Kinh tế trước ngày 05 hằng tháng.", [("Phòng Kinh tế", None, 5, None, "month")]),
        ("Gửi danh sách cho UBND xã khi có yêu cầu.", []),
        ("Định kỳ hằng năm gửi tài liệu cho Sở Tài chính.", []),  # no day and no report
        ("Định kỳ báo cáo kết quả về UBND tỉnh theo quy định.", [("UBND tỉnh", None, None, None, "periodic")]),
        ("Kịp thời báo cáo UBND tỉnh những khó khăn, vướng mắc.", []),
        ("Báo cáo UBND tỉnh khi có yêu cầu.", []),
        ("Thực hiện Quyết định số 36/QĐ-TTg ngày 11/01/2024, báo cáo UBND tỉnh.", []),
        ("Hoàn thiện hệ thống thông tin báo cáo của tỉnh trước ngày 30/6/2026.", []),
    ],
)  # fmt: skip
def test_days_periods_and_receivers_are_read(sentence: str, expected: list[tuple[object, ...]]) -> None:
    found = [(duty.to, duty.month, duty.day, duty.year, duty.every) for duty in duties(sentence)]
    assert found == expected


def test_the_reporter_is_the_office_above_or_the_one_asked() -> None:
    (duty,) = duties("Trước ngày 10/12 hằng năm báo cáo UBND xã.")
    assert duty.who == "Phòng Văn hóa - Xã hội"
    text = "I. KHÁC\n\nTrên đây là Kế hoạch. Đề nghị các cơ quan, đơn vị căn cứ chức năng báo cáo UBND thị xã (qua Phòng Văn hóa và Thông tin) trước **ngày 30/11/2024**./.\n"
    (asked,) = read_duties(document_from_text(text))
    assert (asked.who, asked.to, asked.via) == (
        "các cơ quan, đơn vị",
        "UBND thị xã",
        "Phòng Văn hóa và Thông tin",
    )
    assert (asked.month, asked.day, asked.year) == (11, 30, 2024)
