"""Sheets as CSV: text is never taken for a formula, numbers stay numbers, days are written the same everywhere."""

from __future__ import annotations

from datetime import date

import pytest

from hatangso_web.screen.csvfiles import write_csv
from hatangso_web.screen.workbooks import Sheet


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1 thôn", "@x", "\t=1", "  =1", "＝1"])
def test_text_a_spreadsheet_would_compute_begins_with_an_apostrophe(text: str) -> None:
    content = write_csv([Sheet("Bảng", [("Tên", 10)], [[text]])]).decode("utf-8-sig")
    assert content.endswith(f"'{text}\r\n") or f'"\'{text}"' in content


def test_numbers_days_and_unknown_are_written_plainly_below_what_the_sheet_says() -> None:
    sheet = Sheet(
        "Bảng", [("A", 1), ("B", 1), ("C", 1)], [[-1.5, date(2026, 6, 30), None]], ["Kỳ: quý II/2026"]
    )
    content = write_csv([sheet, sheet])
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[:5] == ["Bảng", "Kỳ: quý II/2026", "A,B,C", "-1.5,2026-06-30,", ""]
    assert lines[5] == "Bảng"
