"""Kết luận về tốc độ của một địa bàn (Verdict on the speed of an area)

Yêu cầu "ít nhất 80 % lần đo đạt từ 40 Mb/s". Khoảng tin cậy 95 % (Wilson) phải nằm hẳn một bên mức 80 % mới kết luận
được; dưới 30 lần đo thì không kết luận.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from hatangso.speed.summaries import summarise
from hatangso.speed.verdicts import VERDICT_WORDS, Requirement, verdicts


def test_share_reaching_the_floor_with_its_interval(table):
    """Số lần đo đạt và không đạt 40 Mb/s, khoảng tin cậy của tỷ lệ đạt và kết luận.

    Sai hay gặp: so ngay tỷ lệ của mẫu với 80 %, hoặc lấy tốc độ trung bình (mỗi lần đạt ở đây là 150, không đạt là 10 Mb/s).

    | đạt | không đạt | cận dưới % | cận trên % | kết luận | so tỷ lệ mẫu (sai) | so trung bình (sai) |
    |---|---|---|---|---|---|---|
    | 10 | 0 | 72,2 | 100 | Chưa đủ dữ liệu | Đạt | Đạt |
    | 83 | 17 | 74,5 | 89,1 | Chưa đủ dữ liệu | Đạt | Đạt |
    | 190 | 10 | 91,0 | 97,3 | Đạt | Đạt | Đạt |
    | 50 | 50 | 40,4 | 59,6 | Không đạt | Không đạt | Đạt |
    """
    for row in table:
        good, bad = int(row["đạt"]), int(row["không đạt"])
        count = good + bad
        samples = pl.DataFrame(
            {"time": [datetime(2026, 3, 1, 8)] * count, "area_code": ["xã"] * count, "operator": ["nhà mạng"] * count, "technology": ["4G"] * count,
             "download_mbps": [150.0] * good + [10.0] * bad, "tool": ["i-Speed"] * count, "method": [""] * count}
        )  # fmt: skip
        judged = verdicts(summarise(samples), Requirement(40.0, 0.8)).row(0, named=True)
        low, high = (float(row[name].replace(",", ".")) for name in ("cận dưới %", "cận trên %"))
        assert 100 * judged["low"] == pytest.approx(low, abs=0.06)
        assert 100 * judged["high"] == pytest.approx(high, abs=0.06)
        assert VERDICT_WORDS[judged["verdict"]] == row["kết luận"]
        by_share = "Đạt" if good / count >= 0.8 else "Không đạt"
        by_mean = "Đạt" if judged["mean"] >= 40 else "Không đạt"
        assert (by_share, by_mean) == (row["so tỷ lệ mẫu (sai)"], row["so trung bình (sai)"])
