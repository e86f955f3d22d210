"""Runs in a process of its own with bounded memory and time: a PDF → its lines and table rows as JSON.

``python -m hatangso.plans.sources.pdf_pages FILE`` prints ``{"pages": [[item, …], …]}`` or ``{"fault": "encrypted" | "broken" | "scanned" |
"long"}``. An item is ``{"text", "gap"}`` for a line or ``{"row": [[column, text], …], "table": number}``.
"""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect, PDFTextExtractionNotAllowed
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from hatangso.plans.sources.unruled import Columns, find_unruled

MOST_PAGES = 600
_FEWEST_LETTERS_A_PAGE = 25


def main(path: str) -> dict[str, Any]:
    """Return what is to be printed for one file."""
    try:
        with pdfplumber.open(path) as opened:
            if len(opened.pages) > MOST_PAGES:
                return {"fault": "long"}
            return _read(opened)
    except (PDFPasswordIncorrect, PDFEncryptionError, PDFTextExtractionNotAllowed):
        return {"fault": "encrypted"}
    except PdfminerException as fault:
        inner = fault.args[0] if fault.args else None
        secret = isinstance(inner, PDFPasswordIncorrect | PDFEncryptionError)
        return {"fault": "encrypted" if secret else "broken"}
    except MemoryError:
        return {"fault": "long"}
    except (
        PDFException,
        MalformedPDFException,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OSError,
        RecursionError,
        AssertionError,
        ArithmeticError,
    ):
        return {"fault": "broken"}


def _read(opened: Any) -> dict[str, Any]:
    pages: list[list[dict[str, Any]]] = []
    pictures, letters, empty = 0, 0, 0
    counter = _Counter()
    for number, page in enumerate(opened.pages):
        count = len(page.chars)
        letters += count
        pictures += bool(page.images)
        empty += bool(count < _FEWEST_LETTERS_A_PAGE and page.images)
        pages.append(_page(page, first=number == 0, counter=counter))
        page.close()
    scanned = letters < _FEWEST_LETTERS_A_PAGE * max(len(pages), 1) or empty * 2 > len(pages)
    if scanned and pictures:
        return {"fault": "scanned"}
    return {"pages": pages}


@dataclass
class _Counter:
    """How many tables were found so far, and the columns of one without lines that may go on on the next page."""

    tables: int = 0
    columns: Columns | None = None


def _page(page: Any, *, first: bool, counter: _Counter) -> list[dict[str, Any]]:
    found = page.find_tables() if len(page.edges) >= 6 else []
    kept = [table for table in found if len(table.rows) >= 1 and len(table.columns) >= 2]
    boxes = [table.bbox for table in kept]
    words = page.extract_words(x_tolerance_ratio=0.15, y_tolerance=3, keep_blank_chars=False)
    outside = _rows([word for word in words if not any(_inside(word, box) for box in boxes)])
    outside, placed = _without_tables(outside, counter, height=float(page.height))
    placed += [
        (item["top"], item)
        for item in _lines(outside, width=float(page.width), height=float(page.height), first=first)
    ]
    for table in kept:
        counter.tables += 1
        rows = table.extract(x_tolerance_ratio=0.15)
        for at, row in enumerate(rows):
            cells = [[column, text] for column, text in enumerate(row) if text is not None]
            placed.append((float(table.bbox[1]) + at * 1e-3, {"row": cells, "table": counter.tables}))
    placed.sort(key=lambda each: each[0])
    return [item for _, item in placed]


_Placed = list[tuple[float, dict[str, Any]]]


def _without_tables(
    rows: list[list[dict[str, Any]]], counter: _Counter, *, height: float
) -> tuple[list[list[dict[str, Any]]], _Placed]:
    """Take the tables without lines out of the lines of a page; the number of the page stays a line of its own."""
    marks = [
        row
        for row in rows
        if len(row) == 1 and row[0]["text"].isdigit() and not 0.1 < row[0]["top"] / height < 0.9
    ]
    lines = [row for row in rows if row not in marks]
    found = find_unruled(lines, counter.columns)
    placed: _Placed = []
    for table in found:
        counter.tables += 1
        for top, cells in table.rows:
            row = [[column, text] for column, text in enumerate(cells)]
            placed.append((top, {"row": row, "table": counter.tables}))
    ends_with_one = bool(found) and found[-1].after == len(lines)
    counter.columns = found[-1].columns if ends_with_one else None
    taken = {at for table in found for at in range(table.first, table.after)}
    left = [row for at, row in enumerate(lines) if at not in taken]
    return sorted([*left, *marks], key=lambda row: row[0]["bottom"]), placed


def _inside(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    across, down = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def _rows(words: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the words line by line, from the top and from the left."""
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda each: (round(each["bottom"], 0), each["x0"])):
        if rows and abs(rows[-1][0]["bottom"] - word["bottom"]) <= 3.5:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda each: each["x0"])
    return rows


def _lines(
    rows: list[list[dict[str, Any]]], *, width: float, height: float, first: bool
) -> list[dict[str, Any]]:
    left = min((word["x0"] for row in rows for word in row), default=0.0)
    gaps = sorted(after[0]["top"] - before[0]["bottom"] for before, after in itertools.pairwise(rows))
    usual = gaps[len(gaps) // 3] if gaps else 0.0
    items: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    below = None
    for row in rows:
        columns = _columns(row, wide=11.0 if first and row[0]["top"] < height * 0.3 else 28.0)
        gap = (
            below is None
            or row[0]["top"] - below > max(usual + 3.0, usual * 1.5)
            or row[0]["x0"] > left + 18.0
        )
        below = max(word["bottom"] for word in row)
        top = min(word["top"] for word in row)
        if len(columns) == 2 and columns[1][0]["x0"] > width * 0.33:
            items.append({"text": _text(columns[0]), "gap": True, "top": top})
            beside.append({"text": _text(columns[1]), "gap": True, "top": top})
            continue
        for late in beside:
            items.append({**late, "top": top - 0.01})
        beside = []
        items.append({"text": _text(row), "gap": bool(gap), "top": top})
    bottom = items[-1]["top"] + 0.01 if items else 0.0
    items += [{**late, "top": bottom} for late in beside]
    return items


def _columns(row: list[dict[str, Any]], *, wide: float) -> list[list[dict[str, Any]]]:
    columns = [[row[0]]]
    for before, word in itertools.pairwise(row):
        if word["x0"] - before["x1"] > wide:
            columns.append([word])
        else:
            columns[-1].append(word)
    return columns


def _text(words: list[dict[str, Any]]) -> str:
    return " ".join(word["text"] for word in words)


def _bound() -> None:
    """Bound memory and processor time where the system allows it."""
    try:
        import resource  # noqa: PLC0415  only where the system has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (150, 160))


if __name__ == "__main__":
    _bound()
    sys.stdout.write(json.dumps(main(str(Path(sys.argv[1])))))
