"""Năm mức tiến độ của một chỉ tiêu (Five verdicts)

Trước hạn, số liệu được so với đường thẳng từ số gốc đến mục tiêu: đi được từ 95 % bước phải đi trở lên là có khả năng
đạt, dưới là chậm. Sau hạn chỉ còn đạt, không đạt hoặc chưa đủ dữ liệu.
"""

from __future__ import annotations

from datetime import datetime

from hatangso.indicators.progress import VERDICT_WORDS, Observation, Target, judge


def day(text: str):
    return datetime.strptime(text, "%d/%m/%Y").date()


def number(text: str) -> float:
    return float(text.replace(",", "."))


def test_verdict_from_baseline_target_and_latest_figure(table):
    """Mục tiêu đến 31/12/2030, số gốc ngày 31/12/2025, số liệu ngày 31/12/2027 (được hai phần năm thời gian).

    Sai hay gặp: so số liệu với mục tiêu cuối kỳ và báo "không đạt" khi chưa đến hạn, hoặc quên chiều của chỉ tiêu.

    | mục tiêu | số gốc | số liệu | ngày xem | kết luận | sai hay gặp |
    |---|---|---|---|---|---|
    | >= 100 | 50 | 70 | 15/01/2028 | Có khả năng đạt | Không đạt |
    | >= 100 | 50 | 60 | 15/01/2028 | Chậm | Không đạt |
    | >= 100 | 50 | 100 | 15/01/2028 | Đạt | Có khả năng đạt |
    | <= 0 | 40 | 24 | 15/01/2028 | Có khả năng đạt | Chậm |
    | <= 0 | 40 | 35 | 15/01/2028 | Chậm | Đạt |
    | >= 100 | - | 70 | 15/01/2028 | Chưa đủ dữ liệu | Chậm |
    | >= 100 | 50 | 70 | 15/01/2032 | Chưa đủ dữ liệu | Không đạt |
    """
    for row in table:
        comparator, value = row["mục tiêu"].split()
        baseline = None if row["số gốc"] == "-" else (day("31/12/2025"), number(row["số gốc"]))
        target = Target(comparator, number(value), day("31/12/2030"), "%", baseline=baseline)
        progress = judge(
            target, [Observation(day("31/12/2027"), number(row["số liệu"]))], as_of=day(row["ngày xem"])
        )
        assert VERDICT_WORDS[progress.verdict] == row["kết luận"], progress.words
        assert VERDICT_WORDS[progress.verdict] != row["sai hay gặp"]


def test_a_target_to_maintain_is_broken_by_one_period(table):
    """Mục tiêu "tiếp tục duy trì 100 %" qua bốn quý năm 2024.

    Sai hay gặp: chỉ nhìn quý cuối.

    | quý I | quý II | quý III | quý IV | kết luận | nhìn quý cuối (sai) |
    |---|---|---|---|---|---|
    | 100 | 100 | 100 | 100 | Đạt | Không đạt |
    | 100 | 98 | 100 | 100 | Không đạt | Đạt |
    | 100 | 100 | 100 | 97 | Không đạt | Đạt |
    """
    ends = [day(text) for text in ("31/03/2024", "30/06/2024", "30/09/2024", "31/12/2024")]
    for row in table:
        values = [number(row[name]) for name in ("quý I", "quý II", "quý III", "quý IV")]
        target = Target(">=", 100, day("31/12/2024"), "%", maintain=True)
        progress = judge(
            target,
            [Observation(end, value) for end, value in zip(ends, values, strict=True)],
            as_of=day("15/01/2025"),
        )
        assert VERDICT_WORDS[progress.verdict] == row["kết luận"] != row["nhìn quý cuối (sai)"]
