"""Documents cited in a plan: their number, day, issuer and subject."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import dataclass

from hatangso.plans.numbering import CAPITALS
from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold

_DAY = re.compile(
    r"ngày\s+(?P<day>\d{1,2})(?:\s+tháng\s+(?P<month>\d{1,2})\s*,?\s+năm\s+(?P<year>\d{4})"
    r"|\s*[/.-]\s*(?P<month2>\d{1,2})\s*[/.-]\s*(?P<year2>\d{4}))",
    re.IGNORECASE,
)
# 1004/QĐ-UBND · 85/2016/NĐ-CP · 57-NQ/TW · 10-CTr/TU · 24/2023/QH15 · 89/TTr-P.VHKHTT · 885/QĐ-BTTTT
_SIGN = rf"[{CAPITALS}][\w.]*(?:\s?[-–&]\s?[{CAPITALS}][\w.]*)*"
NUMBER = re.compile(
    rf"(?<![\w/])(?P<serial>\d{{1,5}}[a-zA-Z]?)(?:\s?/\s?(?P<year>(?:19|20)\d\d))?"
    rf"(?:\s?/\s?(?P<sign>{_SIGN})|\s?[-–]\s?(?P<party>[{CAPITALS}][\w]*)\s?/\s?(?P<body>[{CAPITALS}][\w]*))"
)
_KINDS = (
    "Quyết định|Kế hoạch|Nghị quyết|Nghị định|Thông tư liên tịch|Thông tư|Luật|Bộ luật|Pháp lệnh|Chỉ thị|Công văn|Công điện|"
    "Chương trình hành động|Chương trình|Đề án|Hướng dẫn|Thông báo|Kết luận|Tờ trình|Văn bản|Báo cáo|Quy chế|Công điện|Chiến lược"
)
_CITED = re.compile(rf"\b(?P<kind>{_KINDS})\b", re.IGNORECASE)
_SPLIT = re.compile(
    rf";\s*(?:và\s+)?(?=(?:các\s+|căn cứ\s+)?(?:{_KINDS})\b)|(?:,|\bvà)\s+(?=(?:{_KINDS})\s+(?:số\s+)?\d)",
    re.IGNORECASE,
)
_ISSUER_ENDS = re.compile(
    r"\s+(?:về|v/v|phê duyệt|ban hành|quy định|hướng dẫn|sửa đổi|triển khai|thực hiện|công bố|phát triển|tăng cường|"
    r"đẩy mạnh|khóa|khoá|cho|gửi|đã|tại|giao|đề nghị|bổ sung|kèm theo)\b|[;:,(.]|\s[-–]\s"
)
_SUBJECT = re.compile(
    r"\b(?:về việc|về|v/v|phê duyệt|ban hành|quy định|hướng dẫn|sửa đổi|triển khai|công bố)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Citation:
    """A document cited: kind as written, number, day, issuer, subject and the span of the words that cite it."""

    kind: str
    number: str | None
    date: dt.date | None
    issuer: str | None
    subject: str
    start: int
    end: int


def read_day(text: str) -> dt.date | None:
    """Return the first full day written in ``text`` ("ngày 05/6/2023", "ngày 11 tháng 01 năm 2024"), or None."""
    match = _DAY.search(text)
    return _date(match) if match else None


def squeeze_number(written: str) -> str:
    """Return a document number without blanks and with plain hyphens."""
    return re.sub(r"\s+", "", written).replace("–", "-").rstrip(".-")


def read_citations(text: str) -> list[Citation]:
    """Return the documents cited in one paragraph, in order.

    A paragraph may cite several, parted by semicolons or by "và Quyết định số …".
    """
    found: list[Citation] = []
    start = 0
    for end in [*(match.start() for match in _SPLIT.finditer(text)), len(text)]:
        citation = _read_one(text, start, end)
        if citation is not None:
            found.append(citation)
            start = end
        elif not found:
            continue
        else:
            start = end
    return found


def _read_one(text: str, start: int, end: int) -> Citation | None:
    part = text[start:end]
    kind = _CITED.search(part)
    number = NUMBER.search(part)
    if kind is None or (number is None and not kind["kind"].casefold().endswith("luật")):
        return None
    if number is not None and number.start() < kind.start():
        return None
    head = part[kind.start() :]
    day = _DAY.search(part, kind.start())
    written = squeeze_number(number.group()) if number else None
    after = max(
        number.end() if number else kind.end(), day.end() if day and day.start() < kind.start() + 200 else 0
    )
    stop = start + len(part.rstrip(" ;.,"))
    begin = start + kind.start()
    return Citation(
        kind["kind"][0].upper() + kind["kind"][1:].lower(),
        written,
        _date(day) if day else None,
        _issuer(part[after:], written, kind["kind"]),
        _subject(part[after:] if number else head),
        begin,
        max(stop, begin),
    )


def _issuer(rest: str, number: str | None, kind: str) -> str | None:
    match = re.match(r"\s*,?\s*(?:của|do)\s+", rest)
    if match:
        words = rest[match.end() :]
        stop = _ISSUER_ENDS.search(words)
        named = words[: stop.start()] if stop else words
        named = re.sub(r"\s+ban hành$", "", named.strip())
        if 2 < len(named) < 90:
            return named
    if kind.casefold().endswith("luật"):
        return "Quốc hội"
    return issuer_of_number(number)


def issuer_of_number(number: str | None) -> str | None:
    """Return the central body whose papers end their number so ("36/QĐ-TTg"), None for any other."""
    for sign, issuer in word_list("issuers")["signs"].items():
        if number and re.search(rf"(?:[-/]){sign}$", number):
            return str(issuer)
    return None


def _subject(rest: str) -> str:
    rest = re.split(r"\.\s+(?=(?:Ủy|Uỷ|UBND|Nay)\b)", rest, maxsplit=1)[0]
    match = _SUBJECT.search(rest)
    subject = rest[match.start() :] if match else rest
    return subject.strip(' ,;.“”"()')


def _date(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(
            int(match["year"] or match["year2"]),
            int(match["month"] or match["month2"]),
            int(match["day"]),
        )
    except ValueError:
        return None


def likeness(subject: str, title: str) -> float:
    """Return which share of the word pairs of ``subject`` also stand in ``title``, from 0 to 1."""
    own = _pairs(subject)
    return len(own & _pairs(title)) / len(own) if own else 0.0


def _pairs(text: str) -> set[tuple[str, str]]:
    idle = set(word_list("issuers")["idle"])
    words = [word for word in re.findall(r"\w+", fold(text)) if word not in idle and not word.isdigit()]
    return set(itertools.pairwise(words))
