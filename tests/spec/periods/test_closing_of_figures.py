"""Chốt số liệu báo cáo định kỳ (Closing of periodic reports)

Báo cáo định kỳ của cơ quan hành chính không theo tháng lịch: số liệu chốt ngày 14 của tháng cuối kỳ và mở lại
ngày 15 (Nghị định 09/2019/NĐ-CP, Điều 12). Báo cáo thống kê theo tháng, quý, năm lịch (Nghị định 60/2018/NĐ-CP).
"""

from __future__ import annotations

from datetime import date, datetime

from hatangso.periods import STATISTICAL, Kind, parse_period, period_of


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def test_administrative_periods_run_from_the_15th_to_the_14th(table):
    """Kỳ báo cáo hành chính mở ngày 15 và đóng ngày 14.

    Sai hay gặp: đóng ngày cuối tháng lịch như báo cáo thống kê.

    | kỳ | mở | đóng | sai hay gặp: đóng |
    |---|---|---|---|
    | tháng 9 năm 2025 | 15/08/2025 | 14/09/2025 | 30/09/2025 |
    | tháng 1 năm 2026 | 15/12/2025 | 14/01/2026 | 31/01/2026 |
    | quý I/2025 | 15/12/2024 | 14/03/2025 | 31/03/2025 |
    | quý III/2025 | 15/06/2025 | 14/09/2025 | 30/09/2025 |
    | 6 tháng đầu năm 2026 | 15/12/2025 | 14/06/2026 | 30/06/2026 |
    | 6 tháng cuối năm 2025 | 15/06/2025 | 14/12/2025 | 31/12/2025 |
    | năm 2025 | 15/12/2024 | 14/12/2025 | 31/12/2025 |
    """
    for row in table:
        period = parse_period(row["kỳ"])
        assert period.window().start == day(row["mở"])
        assert period.window().end == day(row["đóng"]) != day(row["sai hay gặp: đóng"])
        assert period.window(STATISTICAL).end == day(row["sai hay gặp: đóng"])


def test_statistical_periods_are_calendar_periods(table):
    """Kỳ báo cáo thống kê là tháng, quý, nửa năm và năm theo lịch.

    | kỳ | mở | đóng |
    |---|---|---|
    | tháng 2 năm 2024 | 01/02/2024 | 29/02/2024 |
    | tháng 2 năm 2025 | 01/02/2025 | 28/02/2025 |
    | quý IV/2025 | 01/10/2025 | 31/12/2025 |
    | 6 tháng đầu năm 2025 | 01/01/2025 | 30/06/2025 |
    | năm 2025 | 01/01/2025 | 31/12/2025 |
    """
    for row in table:
        window = parse_period(row["kỳ"]).window(STATISTICAL)
        assert (window.start, window.end) == (day(row["mở"]), day(row["đóng"]))


def test_a_day_after_the_14th_belongs_to_the_next_period(table):
    """Một trạm phát sóng ngày nào thì tính vào tháng, quý và năm nào của báo cáo hành chính.

    Sai hay gặp: lấy tháng ghi trên tờ lịch.

    | ngày | tháng | quý | năm | sai hay gặp: tháng |
    |---|---|---|---|---|
    | 14/09/2025 | 2025-09 | 2025Q3 | 2025 | 2025-09 |
    | 15/09/2025 | 2025-10 | 2025Q4 | 2025 | 2025-09 |
    | 20/12/2025 | 2026-01 | 2026Q1 | 2026 | 2025-12 |
    | 31/01/2026 | 2026-02 | 2026Q1 | 2026 | 2026-01 |
    """
    for row in table:
        on = day(row["ngày"])
        assert period_of(on, Kind.MONTH).code == row["tháng"]
        assert period_of(on, Kind.QUARTER).code == row["quý"]
        assert period_of(on, Kind.YEAR).code == row["năm"]
        assert period_of(on, Kind.MONTH, STATISTICAL).code == row["sai hay gặp: tháng"] == f"{on:%Y-%m}"
