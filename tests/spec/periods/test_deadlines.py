"""Hạn gửi báo cáo (Deadlines of reports)

Bộ và tỉnh gửi Chính phủ trước ngày 25 của tháng cuối kỳ (Nghị định 09/2019/NĐ-CP, Điều 13); từ ngày chốt số liệu
đến hạn gửi phải có ít nhất một ngày làm việc (Điều 8 khoản 5). Cấp dưới theo văn bản giao báo cáo.
"""

from __future__ import annotations

from datetime import date, datetime

from hatangso.periods import deadline, due_warnings, parse_period
from hatangso.workdays import add_working_days, is_working_day, working_days_between


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def test_reports_are_due_on_the_25th(table):
    """Hạn là ngày 25; hạn rơi vào ngày nghỉ thì phải gửi từ ngày làm việc trước đó.

    Sai hay gặp: để đến ngày làm việc sau.

    | kỳ | chốt số liệu | hạn | gửi chậm nhất | sai hay gặp |
    |---|---|---|---|---|
    | quý III/2025 | 14/09/2025 | 25/09/2025 | 25/09/2025 | 30/09/2025 |
    | tháng 10 năm 2025 | 14/10/2025 | 25/10/2025 | 24/10/2025 | 27/10/2025 |
    | 6 tháng đầu năm 2026 | 14/06/2026 | 25/06/2026 | 25/06/2026 | 30/06/2026 |
    | tháng 1 năm 2026 | 14/01/2026 | 25/01/2026 | 23/01/2026 | 26/01/2026 |
    | năm 2025 | 14/12/2025 | 25/12/2025 | 25/12/2025 | 31/12/2025 |
    """
    for row in table:
        answer = deadline(parse_period(row["kỳ"]))
        assert (answer.closing, answer.due) == (day(row["chốt số liệu"]), day(row["hạn"]))
        assert answer.submit_by == day(row["gửi chậm nhất"]) < day(row["sai hay gặp"])
        assert is_working_day(answer.submit_by)


def test_dates_that_plans_set_themselves(table):
    """Ngày báo cáo ghi trong kế hoạch được đối chiếu với ngày chốt số liệu của kỳ.

    before_closing: gửi trước khi chốt; day_off: ngày nghỉ; after_rule: sau hạn của bộ, tỉnh; không: hợp lệ.

    | kế hoạch | kỳ | hạn trong kế hoạch | cảnh báo |
    |---|---|---|---|
    | huyện Hớn Quản, trước 20/12 hằng năm | năm 2025 | 20/12/2025 | day_off |
    | huyện Hớn Quản, trước 20/12 hằng năm | năm 2024 | 20/12/2024 | không |
    | thị xã Hương Trà, trước 30/11/2024 | năm 2024 | 30/11/2024 | before_closing, day_off |
    | phường Trương Quang Trọng, trước 10/12 | năm 2025 | 10/12/2025 | before_closing |
    | gửi ngay ngày chốt | quý III/2025 | 14/09/2025 | before_closing, day_off |
    | để sang năm sau | năm 2025 | 05/01/2026 | after_rule |
    """
    for row in table:
        codes = [
            warning.code for warning in due_warnings(day(row["hạn trong kế hoạch"]), parse_period(row["kỳ"]))
        ]
        assert ", ".join(codes) == ("" if row["cảnh báo"] == "không" else row["cảnh báo"])


def test_working_days_leave_out_weekends_and_holidays(table):
    """Ngày làm việc không tính thứ Bảy, Chủ nhật, ngày lễ, Tết và ngày nghỉ bù.

    Sai hay gặp: đếm ngày lịch, hoặc chỉ bỏ thứ Bảy và Chủ nhật.

    | sau ngày | đến hết ngày | số ngày làm việc | sai hay gặp: ngày lịch | vì sao |
    |---|---|---|---|---|
    | 12/09/2025 | 19/09/2025 | 5 | 7 | một tuần thường |
    | 24/01/2025 | 03/02/2025 | 1 | 10 | Tết Ất Tỵ nghỉ 27/01 đến 31/01 |
    | 25/04/2025 | 05/05/2025 | 4 | 10 | nghỉ 30/4, 01/5; 02/5 đổi với thứ Bảy 26/4 |
    | 28/04/2023 | 05/05/2023 | 2 | 7 | Giỗ Tổ thứ Bảy, 30/4 Chủ nhật: nghỉ bù 02/5, 03/5 |
    | 29/08/2025 | 03/09/2025 | 1 | 5 | Quốc khánh nghỉ 01/9 và 02/9 |
    """
    for row in table:
        first, last = day(row["sau ngày"]), day(row["đến hết ngày"])
        count = int(row["số ngày làm việc"])
        assert (
            working_days_between(first, last)
            == count
            < int(row["sai hay gặp: ngày lịch"])
            == (last - first).days
        )
        assert add_working_days(first, count) <= last
