"""Duties to report: who, to whom, by which day, how often."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Document, Where
from hatangso.plans.offices import begins_with_office, office_of_heading
from hatangso.vietnamese import fold, fold_same_length

YEAR, HALF_YEAR, QUARTER, MONTH, WEEK, PERIODIC, ONCE = (
    "year",
    "half-year",
    "quarter",
    "month",
    "week",
    "periodic",
    "once",
)
_SENTENCE_END = re.compile(r"(?<!\d)[.;]|[.;](?!\d)|\n")
_WORDS = re.compile(r"báo cáo|gửi|nộp|cung cấp")
_REPORT = re.compile(r"\bbao cao\b")
_HANDS_IN = re.compile(
    r"\b(?:gui|nop|cung cap (?:day du )?(?:so lieu|thong tin|danh sach|bao cao|du lieu))\b"
)  # a list, a plan, figures: a duty only where a day is set
_AND = re.compile(r"\s*(?:,|va|;)\s*")
_NO_DUTY = re.compile(
    r"\bbao cao (?:so \d|thong ke so lieu danh gia|danh gia phat trien|tai chinh)\b|\bhe thong (?:thong tin )?bao cao\b|\bche do bao cao\b(?!.*\bngay\b)"
)
_DATES = re.compile(
    r"(?:truoc|cham nhat(?: vao)?|muon nhat|vao|den|qua)?\s*(?:ngay\s+)?(?<!\d)(?P<day>\d{1,2})\s*(?:/\s*(?P<month>\d{1,2})(?!\d)(?:\s*/\s*(?P<year>20\d\d))?"
    r"|\s+thang\s+(?P<month2>\d{1,2})(?!\d)(?:\s*(?:,\s*)?nam\s+(?P<year2>20\d\d))?"
    r"|\s*(?:cua\s+)?(?:thang\s+)?(?P<last>cuoi (?:moi )?(?:quy|ky|nam)|(?:hang|hang|moi|dau) thang|thang cuoi(?: cua)? (?:quy|ky)|thang dau(?: cua)? quy))"
)
_BEFORE_WORDS = re.compile(r"(?:truoc|cham nhat|muon nhat|den|qua|vao)\s*(?:vao\s+)?(?:ngay\s*)?$|ngay\s*$")
_EVERY = (
    (HALF_YEAR, re.compile(r"\b(?:06|6|sau) thang\b|\bnua nam\b|\bban nien\b")),
    (
        QUARTER,
        re.compile(
            r"\b(?:hang|moi|cuoi|tung|theo)?\s?quy\b(?! che| dinh| hoach| mo| luat| chuan| dat| \d| [iv]+\b)|\b(?:03|3|ba) thang\b"
        ),
    ),
    (MONTH, re.compile(r"\b(?:hang|moi|tung) thang\b|\bdinh ky thang\b")),
    (WEEK, re.compile(r"\b(?:hang|moi) tuan\b")),
    (YEAR, re.compile(r"\b(?:hang|moi|tung|cuoi) nam\b|\bhang nam\b|\bmot nam\b|,\s*nam\b|\bva nam\b")),
    (PERIODIC, re.compile(r"\bdinh ky\b")),
)
_TO = re.compile(
    r"\b(?:bao cao|gui|ve|trinh|cho|toi|len)\s+(?:ve\s+|cho\s+|gui\s+|ket qua (?:thuc hien )?(?:ve|cho|gui|toi|voi)\s+|dinh ky (?:ve|cho)\s+)?"
)
_OFFICE = re.compile(
    r"(?:ubnd|uy ban nhan dan|so|bo|phong|van phong|tinh uy|huyen uy|dang uy|thanh uy|thi uy|ban chi dao|hdnd|hoi dong nhan dan|chu tich ubnd|thu tuong|chinh phu|thuong truc|trung tam|ban thuong vu|cong an|cuc|to cong tac)(?![a-z])"
)
_OFFICE_END = re.compile(
    r"\s+(?:theo|truoc|vao|dinh ky|de|xem xet|ket qua|tinh hinh|ve|qua|thong qua|cham nhat|hang|hang nam|tien do|chi dao|trong|khi|nhung|cac noi dung|cac van de|noi dung|gui|kip thoi|viec|bang|quyet dinh|cho|giai quyet|tong hop|phe duyet|bo sung|ban hanh|trien khai|thuc hien|tham muu|bo tri|phuc vu|dieu chinh|co|duoc|la|neu|doi voi|dong thoi|nham|tren)\b|[;:.()]|,\s+(?!(?:ubnd|uy ban|so|bo|phong|van phong|tinh uy|huyen uy|hdnd|ban chi dao|khoa hoc|van hoa|the thao|du lich|thuong binh|nong nghiep|tai nguyen)\b)"
)
_FAR = 160  # letters: "Gửi kết quả … về Sở A trước ngày … để tổng hợp báo cáo"
_VIA = re.compile(r"\(?\s*(?:thong )?qua\s+(?P<via>(?:so|phong|van phong|bo|ban|trung tam)\b[^,;.()]{3,80})")


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty to report.

    Parameters
    ----------
    who : office that reports, None where the plan does not say
    to : office that receives
    month, day, year : by when; year is None for a day of every year
    every : "year", "half-year", "quarter", "month", "week", "periodic" (no period given) or "once"
    via : office through which the report goes, or None
    where : the sentence
    """

    who: str | None
    to: str | None
    month: int | None
    day: int | None
    year: int | None
    every: str
    via: str | None
    where: Where


def read_duties(document: Document) -> list[Duty]:
    """Return the duties to report that carry a day or a period.

    A report "when asked" or "in time" has neither and is no entry of a calendar. A sentence with several days gives
    one duty for each.
    """
    found: list[Duty] = []
    for clause in document.clauses:
        if clause.part in {kinds.LETTERHEAD, kinds.BASES, kinds.CLOSING} or not _WORDS.search(
            clause.text.lower()
        ):
            continue
        begin = 0
        before: list[Duty] = []
        for end in [*(match.end() for match in _SENTENCE_END.finditer(clause.text)), len(clause.text)]:
            if clause.text[begin:end].strip():
                duties = _of_sentence(document, clause, (begin, end), before[-1] if before else None)
                found += duties
                before = duties or before
            begin = end
    return _without_doubles(found)


def _of_sentence(
    document: Document, clause: Clause, span: tuple[int, int], before: Duty | None
) -> list[Duty]:
    """Return the duties of a sentence; one that only names another day goes to the receiver named before it."""
    start, end = span
    text = clause.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    end = start + len(text)
    folded = fold_same_length(text)
    report = _REPORT.search(folded)
    if report is None and _DATES.search(folded):
        report = _HANDS_IN.search(folded)
    if report is None or _NO_DUTY.search(folded):
        return []
    to, via = _recipient(text, folded, report.start())
    if to is None and before is not None and _DATES.search(folded, report.start()):
        to, via = before.to, before.via
    if to is None:
        return []
    who = _reporter(document, clause, text)
    where = clause.span(start, end)
    dates = _days(folded)
    duties: list[Duty] = []
    later = next((m["year"] or m["year2"] for m in reversed(dates) if m["year"] or m["year2"]), None)
    for match in dates:
        month, year = match["month"] or match["month2"], match["year"] or match["year2"]
        if month and later and not year and not re.search(r"\b(?:hang|moi) nam\b", folded):
            year = later  # "trước ngày 15/6 và ngày 05/12/2026": the year is said once
        day = int(match["day"])
        if not 1 <= day <= 31 or (month and not 1 <= int(month) <= 12):
            continue
        every = ONCE if year else _every(folded, match, bool(month))
        duties.append(
            Duty(who, to, int(month) if month else None, day, int(year) if year else None, every, via, where)
        )
    if duties:
        return duties
    period = _period(folded) if _REPORT.search(folded) else None
    return [Duty(who, to, None, None, None, period, via, where)] if period else []


def _days(folded: str) -> list[re.Match[str]]:
    """Return the days by which a sentence asks for something: "trước ngày 20/6 và 20/12" are two."""
    days: list[re.Match[str]] = []
    for match in _DATES.finditer(folded):
        begins = match.end() - len(match.group().lstrip())
        listed = bool(days) and _AND.fullmatch(folded, days[-1].end(), begins) is not None
        if _is_deadline(folded, match) or (listed and (match["month"] or match["month2"])):
            days.append(match)
    return days


def _is_deadline(folded: str, match: re.Match[str]) -> bool:
    """Tell a day to report by from the day of a cited document ("Quyết định số 36/QĐ-TTg ngày 11/01/2024")."""
    before = folded[max(match.start() - 60, 0) : match.start()]
    written = match.group()
    if re.search(r"\d+[\w/-]*[a-z]{2,}[\w.-]*\s*,?\s*$", before) and not re.match(
        r"\s*(?:truoc|cham nhat|muon nhat)", written
    ):
        return False
    if match["last"]:
        return True
    return _BEFORE_WORDS.search(written[: written.find(match["day"])]) is not None or "truoc" in written


def _every(folded: str, match: re.Match[str], dated: bool) -> str:
    last = match["last"] or ""
    if "quy" in last:
        return QUARTER
    if "thang" in last and "cuoi" not in last:
        return MONTH
    around = folded[max(match.start() - 45, 0) : match.end() + 14]
    nearest = [
        (abs(match.start() - max(match.start() - 45, 0) - found.start()), kind)
        for kind, pattern in _EVERY
        for found in pattern.finditer(around)
        if kind != PERIODIC
    ]
    if nearest:
        return min(nearest)[1]
    return YEAR if dated else PERIODIC


def _period(folded: str) -> str | None:
    if not re.search(r"\bdinh ky\b|\b(?:hang|moi) (?:nam|quy|thang|tuan)\b|\b6 thang\b", folded):
        return None
    for kind, pattern in _EVERY:
        if pattern.search(folded):
            return kind
    return None


def _recipient(text: str, folded: str, report: int) -> tuple[str | None, str | None]:
    via = _VIA.search(folded)
    through = _shown(text[via.start("via") : via.end("via")]) if via else None
    for match in _TO.finditer(folded, max(report - (_FAR if folded.startswith("gui") else 60), 0)):
        office = _OFFICE.match(folded, match.end())
        if office is None or (via and match.end() >= via.start() and match.end() <= via.end()):
            continue
        stop = _OFFICE_END.search(folded, office.end())
        end = stop.start() if stop else len(folded)
        named = _shown(text[office.start() : end])
        if named and len(named) <= 150:
            return named, through
    later = _OFFICE.search(folded, report)
    beyond = re.search(r"(?:ve|gui|cho|len|voi)\s+$", folded[: later.start()]) if later else None
    if later and beyond and not (via and via.start() <= later.start() <= via.end()):
        stop = _OFFICE_END.search(folded, later.end())
        return _shown(text[later.start() : stop.start() if stop else len(folded)]), through
    return None, through


def _shown(text: str) -> str:
    return " ".join(text.split()).strip(" ,;.:()/-–")


def _reporter(document: Document, clause: Clause, text: str) -> str | None:
    own = office_of_heading(re.sub(r"^[-–+•\s]*", "", text))
    if own and len(own[0]) <= 200 and own[1]:
        return own[0]
    asked = re.search(
        r"(?:đề nghị|yêu cầu|giao)\s+((?:các|Các|Sở|UBND|Ủy ban|Phòng|Thủ trưởng)[^.;:]{3,160}?)\s+(?:căn cứ|tổ chức|triển khai|thực hiện|báo cáo|chủ động|nghiêm túc|khẩn trương|chủ trì|định kỳ|theo)\b",
        clause.text,
        re.IGNORECASE,
    )
    if asked:
        return asked[1].strip(" ,")
    first = office_of_heading(clause.text)
    if first and clause.kind != kinds.BULLET and first[1]:
        return first[0]
    for above in document.ancestors(clause):
        named = office_of_heading(above.text)
        if named and begins_with_office(named[0]):
            return named[0]
        if above.kind == kinds.TABLE_ROW:
            break
    return None


def _without_doubles(duties: list[Duty]) -> list[Duty]:
    seen: set[tuple[object, ...]] = set()
    kept: list[Duty] = []
    for duty in duties:
        key = (fold(duty.who or ""), fold(duty.to or ""), duty.month, duty.day, duty.year, duty.every)
        if key not in seen:
            seen.add(key)
            kept.append(duty)
    return kept
