"""Lists as CSV: the same sheets as the workbooks, text never taken for a formula, read by Excel as UTF-8."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any

from django.utils import timezone

from hatangso_web.screen.workbooks import Sheet

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets below one another: title, lines that say what is shown, heads, rows; a blank line between.

    Numbers are written with a decimal point and no marks between thousands. Text that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    memory = StringIO()
    writer = csv.writer(memory, lineterminator="\r\n")
    for number, sheet in enumerate(sheets):
        if number:
            writer.writerow([])
        writer.writerows([[_cell(line)] for line in (sheet.title, *sheet.about)])
        writer.writerow([_cell(name) for name, _width in sheet.columns])
        writer.writerows([_cell(value) for value in row] for row in sheet.rows)
    return b"\xef\xbb\xbf" + memory.getvalue().encode()


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(_RISKY) else text
