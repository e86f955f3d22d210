"""How a place in a plan is said in words: clause ``i.2.b.-1`` is "mục I.2.b"."""

from __future__ import annotations

import re

from hatangso.plans.document import Document, Where

_PARTS = (
    (re.compile(r"^pl(\d*)$"), "Phụ lục {}"),
    (re.compile(r"^dieu(\d+)$"), "Điều {}"),
    (re.compile(r"^r(\d+)$"), "dòng {}"),
    (re.compile(r"^t(\d+)$"), "bảng {}"),
    (re.compile(r"^(?:-|p|c)\d+$"), ""),
    (re.compile(r"^dau$"), "phần mở đầu"),
    (re.compile(r"^cuoi$"), "phần cuối"),
)
_LONGEST_QUOTE = 120


def place_of(where: Where) -> str:
    """Return the place as a person would point at it: "mục I.2.b", "Phụ lục 1, dòng 7"."""
    numbers: list[str] = []
    named: list[str] = []
    for part in where.clause.split("."):
        for pattern, words in _PARTS:
            match = pattern.match(part)
            if match:
                named.append(words.format(*match.groups()).strip())
                break
        else:
            numbers.append(part.upper() if re.fullmatch(r"[ivxl]+", part) and not numbers else part)
    if numbers:
        named.append(f"mục {'.'.join(numbers)}")
    return ", ".join(part for part in named if part) or "văn bản"


def quote(document: Document, where: Where) -> str:
    """Return the words at a place, blanks squeezed, shortened, in quotation marks."""
    words = " ".join(document.original(where).split())
    words = re.sub(r"<[^>]{0,80}>", " ", words).strip(" -–•*+;.,")
    if len(words) > _LONGEST_QUOTE:
        words = words[: _LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
    return f"“{words}”"
