"""PDF files with text, read in a process of its own so that a hostile file can take neither memory nor time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatangso.errors import InputError
from hatangso.plans.sources.extract import Extract, Writer, nothing_to_read

_READER = "hatangso.plans.sources.pdf_pages"
_LONGEST_SECONDS = 170
_FAULTS = {
    "scanned": InputError(
        "Tệp PDF chỉ có ảnh quét, không có chữ",
        expected="PDF có lớp chữ",
        remedy="Hãy nhận dạng chữ trước: ocrmypdf -l vie ke-hoach.pdf ke-hoach-co-chu.pdf, rồi đọc tệp mới",
    ),
    "encrypted": InputError(
        "Tệp PDF được đặt mật khẩu hoặc cấm chép chữ",
        expected="tệp mở được",
        remedy="Hãy bỏ mật khẩu (qpdf --decrypt vao.pdf ra.pdf) rồi đọc lại",
    ),
    "broken": InputError(
        "Không mở được tệp .pdf",
        found="tệp hỏng hoặc bị cắt ngắn",
        expected="tệp PDF nguyên vẹn",
        remedy="Hãy tải lại tệp, hoặc lưu văn bản thành .docx",
    ),
    "long": InputError(
        "Tệp PDF quá dài hoặc quá nặng để đọc",
        expected="một kế hoạch (thường dưới 200 trang)",
        remedy="Hãy tách riêng các trang của kế hoạch rồi đọc lại",
    ),
}


def extract_pdf(path: Path) -> Extract:
    """Return the text of a PDF, page by page: lines with their wraps, tables as rows.

    Raises
    ------
    InputError
        when the file is scanned (the remedy names ``ocrmypdf``), encrypted, broken or far too long.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", _READER, str(path.resolve())],
            capture_output=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise _FAULTS["long"] from fault
    try:
        answer: dict[str, Any] = json.loads(done.stdout or b"{}")
    except ValueError as fault:
        raise _FAULTS["broken"] from fault
    if "pages" not in answer:
        raise _FAULTS[answer.get("fault", "long" if done.returncode < 0 else "broken")]
    writer = Writer("pdf")
    _write(writer, answer["pages"])
    extract = writer.finish()
    if not extract.lines:
        raise nothing_to_read()
    return extract


def _write(writer: Writer, pages: list[list[dict[str, Any]]]) -> None:
    """Write lines and rows; a table that goes on at the top of the next page keeps its number."""
    kept, width, seen = 0, 0, 0
    for number, items in enumerate(pages, start=1):
        for at, item in enumerate(items):
            if "text" in item:
                kept = kept if item["text"].strip().isdigit() else 0
                writer.paragraph(item["text"], page=number, whole=False, blank=bool(item["gap"]))
                continue
            cells = [(int(column), str(text)) for column, text in item["row"]]
            if item["table"] != seen:
                goes_on = kept and len(cells) == width and _only_page_marks(items[:at])
                kept, seen = (kept if goes_on else item["table"]), item["table"]
            width = len(cells)
            writer.row(cells, table=kept, page=number)


def _only_page_marks(items: list[dict[str, Any]]) -> bool:
    return all("text" in item and item["text"].strip().isdigit() for item in items)
