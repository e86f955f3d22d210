"""Plain text and Markdown: the file's text itself, line by line."""

from __future__ import annotations

import codecs

from hatangso.errors import InputError
from hatangso.plans.sources.extract import MOST_LETTERS, MOST_LINES, Extract, Line, nothing_to_read, too_long

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control letters that never stand in a text, save tab, line feed, carriage return, form and vertical feed.
_NOT_TEXT = frozenset(chr(code) for code in range(32)) - set("\t\n\r\f\v\x1c\x1d\x1e\x1f")


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, else Windows-1258 as old files are.

    Raises
    ------
    InputError
        when the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(content.decode(encoding, errors="replace"))
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if b"\x00" in content:
        raise _no_text()
    text = content.decode("cp1258", errors="replace")
    strange = sum(text.count(letter) for letter in _NOT_TEXT) + text.count("\ufffd")
    if strange > len(text) / 200:
        raise _no_text()
    return _checked(text)


def extract_text(text: str, *, file_kind: str = "txt") -> Extract:
    """Return the lines of ``text``; the text itself is kept letter by letter."""
    if len(text) > MOST_LETTERS:
        raise too_long()
    if not text.strip("\ufeff\u200b \t\r\n\f\v\u00a0"):
        raise nothing_to_read()
    lines: list[Line] = []
    position, page, blank = 0, 1, True
    paged = "\f" in text
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        bare = line.strip()
        if bare:
            start = position + line.index(bare[0])
            lines.append(
                Line(start, start + len(bare), number, page if paged else None, False, blank)
                if "\t" not in line
                else Line(
                    position,
                    position + len(line.rstrip("\r\n")),
                    number,
                    page if paged else None,
                    False,
                    blank,
                )
            )
            if len(lines) > MOST_LINES:
                raise too_long()
        blank = not bare
        page += line.count("\f")
        position += len(line)
    return Extract(text, tuple(lines), file_kind)


def _checked(text: str) -> str:
    strange = sum(text.count(letter) for letter in _NOT_TEXT)
    if strange > max(len(text) / 200, 2):
        raise _no_text()
    return text


def _no_text() -> InputError:
    return InputError(
        "Tệp không phải là văn bản",
        found="dữ liệu nhị phân",
        expected="tệp .docx, .pdf có chữ, .txt, .md hoặc .html",
        remedy="Hãy mở tệp bằng Word rồi lưu lại thành .docx",
    )
