"""The head of a plan: kind, number, issuer, place, day, title, period, area, legal bases and the parent plan."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from hatangso.plans import document as kinds
from hatangso.plans.building import BASIS, TITLE_LINE, TITLES
from hatangso.plans.citations import (
    NUMBER,
    Citation,
    issuer_of_number,
    likeness,
    read_citations,
    read_day,
    squeeze_number,
)
from hatangso.plans.document import Clause, Document, Where
from hatangso.plans.numbering import CAPITALS
from hatangso.plans.plan_area import code_of_area
from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold

PROVINCE, DISTRICT, COMMUNE, CENTRE = "province", "district", "commune", "centre"
_LEVELS = {
    "tỉnh": PROVINCE,
    "huyện": DISTRICT,
    "quận": DISTRICT,
    "thị xã": DISTRICT,
    "xã": COMMUNE,
    "phường": COMMUNE,
    "thị trấn": COMMUNE,
    "đặc khu": COMMUNE,
    "thành phố": DISTRICT,
}
_HIGHER = {COMMUNE: (DISTRICT, PROVINCE), DISTRICT: (PROVINCE,), PROVINCE: (CENTRE,), None: ()}
_TYPES = "tỉnh|huyện|quận|thị xã|thị trấn|thành phố|đặc khu|xã|phường"
_NAME = rf"(?:[{CAPITALS}][^\W\d_]*(?:['’][^\W\d_]+)*|\d{{1,2}})(?:(?:\s[-–]\s?|\s|-)(?:[{CAPITALS}][^\W\d_]*(?:['’][^\W\d_]+)*|\d{{1,2}}(?![/\d])))*"
_COMMITTEE = r"(?:[ỦUƯ][ỶỲỷyY]\s+ban\s+[Nn]hân\s+dân|Ủy ban nhân dân|Uỷ ban nhân dân|ủy ban nhân dân|uỷ ban nhân dân|Ủy ban Nhân dân|UBND)"
_ISSUED_BY = re.compile(
    rf"{_COMMITTEE}\s+(?:[Cc]ác\s+)?(?P<type>{_TYPES}|Thành phố|Tỉnh|Huyện|Xã|Phường)\s+(?P<name>{_NAME})"
)
_AREA = re.compile(rf"\b(?P<type>{_TYPES})\s+(?P<name>{_NAME})")
_BARE_ISSUED_BY = re.compile(
    rf"{_COMMITTEE}\s+(?P<type>{_TYPES}|Thành phố|Tỉnh|Huyện|Xã|Phường)\s+(?:ban hành|xây dựng|triển khai|tổ chức)\b"
)
_AREA_IN_CAPITALS = re.compile(
    rf"\b(?P<type>{_TYPES.upper()})\s+(?P<name>(?!HỘI CHỦ NGHĨA|TRÊN|ĐẾN|NĂM|GIAI|VÀ|TRỰC)\S+(?:\s+(?!TRÊN\b|ĐẾN\b|NĂM\b|GIAI ĐOẠN|THỜI KỲ|VỀ\b|ĐỊNH HƯỚNG|TẦM NHÌN|VÀ\b|HUYỆN\b|TỈNH\b|THÀNH PHỐ\b|PHƯỜNG\b|XÃ\b)[^\s\d,;:]+){{0,4}})"
)
_MOTTO = re.compile(r"C[OỘ]NG\s+H(?:[OÒ]A|OÀ)\s+X.*$|ĐỘC LẬP\s*[-–].*$|\|.*$", re.DOTALL | re.IGNORECASE)
_COMMITTEE_LINE = re.compile(
    r"^(?:ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|UBND|UY BAN NHAN DAN)\b[\s:]*(?P<rest>.*)$"
)
_AREA_LINE = re.compile(rf"^(?P<type>{_TYPES.upper()}|TP\.?|THÀNH PHỐ)\s+(?P<name>\S.*)$")
_OFFICE_LINE = re.compile(r"^(?:SỞ|PHÒNG|BAN|CHI CỤC|TRUNG TÂM|VĂN PHÒNG|CỤC|CÔNG AN)\s+\S")
_NUMBER_LINE = re.compile(
    r"^số\s*(?:hiệu)?\s*:?\s*(?P<number>\d*[a-z]?)\s*(?P<rest>(?:/\s*\d{4}\s*)?(?:/|[-–]\s*\w+\s*/)\s*\S.*)$",
    re.IGNORECASE,
)
_PLAIN_TITLE = re.compile(
    r"^(?P<kind>Kế hoạch|Quyết định|Chương trình|Đề án|Phương án|Nghị quyết)\s+(?:số\s+)?(?:\d[\w/-]*/[\w-]+\s+)?(?:năm \d{4}\s+)?(?:về\s+)?(?P<rest>\S.*)$"
)
_PLACE_DAY = re.compile(r"^(?P<place>[^,]{2,60}),\s*(?:ngày\b|ngày)", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?:(?:giai đoạn|thời kỳ|thời kì|từ năm|từ|các năm|năm)\s*)?(?P<from>20\d\d)\s*(?:[-–—÷]|đến(?: năm)?|tới(?: năm)?)\s*(?P<until>20\d\d)",
    re.IGNORECASE,
)
_VISION = re.compile(r"tầm nhìn[^,;.]*?(?:20\d\d)", re.IGNORECASE)
_ONE_YEAR = re.compile(r"(?<!đến )(?<!hết )\bnăm\s+(?P<year>20\d\d)", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:đến|tới)\s+(?:hết\s+)?(?:năm\s+)?(?P<year>20\d\d)|định hướng(?: đến)?(?: năm)?\s+(?P<year2>20\d\d)",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(r"^(?:theo|xét|trên cơ sở)\s+(?:đề nghị|tờ trình|đề xuất)", re.IGNORECASE)
_BASES_HEADING = re.compile(
    r"^(?:các )?(?:căn cứ|cơ sở)(?: (?:pháp lý|lập|xây dựng|ban hành)\b.*)?$", re.IGNORECASE
)
_PROMULGATES = re.compile(
    r"(?:(?:v/v|về việc|về)\s+)?(?:ban hành|phê duyệt)\s+(?=(?:kế hoạch|chương trình|đề án|phương án|quy hoạch|chiến lược)\s+\S)",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"^(?:\(|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|CHỦ TỊCH|CHÍNH PHỦ$|THỦ TƯỚNG CHÍNH PHỦ$|BỘ TRƯỞNG BỘ|UBND|HỘI ĐỒNG|số\s*:|cộng h(?:[oò]a|oà)|độc lập|căn cứ|thực hiện (?:quyết định|kế hoạch|nghị quyết)\b|[-–_*]{3,})",
    re.IGNORECASE,
)
_KIND_OF_SIGN = {
    "KH": "KẾ HOẠCH",
    "QĐ": "QUYẾT ĐỊNH",
    "CTR": "CHƯƠNG TRÌNH",
    "ĐA": "ĐỀ ÁN",
    "NQ": "NGHỊ QUYẾT",
    "CT": "CHỈ THỊ",
    "PA": "PHƯƠNG ÁN",
}


@dataclass(frozen=True, slots=True)
class Area:
    """The area a plan is for: name as written with its type, and code where it can be told."""

    name: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis: number, day and issuer (None where not written), the words, whether it is the parent plan."""

    number: str | None
    date: dt.date | None
    issuer: str | None
    text: str
    parent: bool
    where: Where


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a plan; what is blank in the document is None.

    ``level`` is "province", "district", "commune" or, for papers of the Government and ministries, "centre"; ``period`` is (first year, last year).
    """

    kind: str | None
    number: str | None
    issuer: str | None
    level: str | None
    place: str | None
    date: dt.date | None
    title: str | None
    period: tuple[int | None, int | None]
    area: Area | None
    bases: tuple[Basis, ...]


def read_header(document: Document) -> Header:
    """Return the head of the plan.

    The letterhead comes first; where it lacks the issuer, the words that promulgate the plan and then its title
    are asked. The kind is that of the outer document (a decision that wraps a plan is a decision).
    """
    head = [clause for clause in document.clauses if clause.part == kinds.LETTERHEAD]
    kind, title = _title(head)
    number, place, date = _number(head), _place(head), None
    for clause in head:
        if date is None and fold(clause.text).find("ngay") >= 0 and _PLACE_DAY.match(clause.text):
            date = read_day(clause.text)
    if kind is None and number:
        kind = next(
            (
                _KIND_OF_SIGN[sign]
                for sign in re.findall(r"[^\W\d_]+", number.upper())
                if sign in _KIND_OF_SIGN
            ),
            None,
        )
    central = issuer_of_number(number)
    issuer, area_type, area_name = (central, None, None) if central else _issuer(document, head, title)
    level = CENTRE if central else _level(area_type, area_name, date)
    area = Area(f"{area_type} {area_name}") if area_type and area_name else None
    header = Header(kind, number, issuer, level, place, date, title, (None, None), area, ())
    header = replace(header, period=_period(document, head, title, date))
    header = replace(header, bases=_bases(document, header))
    if area_type and area_name:
        code = _area_code(document, header, area_type, area_name)
        header = replace(header, area=Area(f"{area_type} {area_name}", code))
    return header


def _area_code(document: Document, header: Header, area_type: str, area_name: str) -> str | None:
    """Return the code on the plan's day; without a date, in the year its period begins."""
    first = header.period[0]
    days = (dt.date(first, 1, 1), dt.date(first, 12, 31)) if first else None
    if header.date:
        days = (header.date, header.date)
    hints = [
        clause.text
        for clause in document.clauses
        if clause.part in {kinds.LETTERHEAD, kinds.BASES, kinds.CLOSING}
    ]
    hints += [basis.text for basis in header.bases]
    return code_of_area(area_type, area_name, days=days, hints=" ".join(hints))


def _title(head: list[Clause]) -> tuple[str | None, str | None]:
    for at, clause in enumerate(head):
        match = TITLE_LINE.match(clause.text)
        if match and len(clause.text) <= 600:
            words = [match["rest"].strip()] if match["rest"].strip() else []
            for after in head[at + 1 : at + 8]:
                if _ends_title(after.text, words):
                    break
                words.append(after.text)
            return match["kind"], _named_plan(" ".join(words).strip(" :.")) or None
    capitals = [c.text for c in head if c.text.isupper() and len(c.text) > 25 and not _NO_TITLE.match(c.text)]
    for clause in head[:6]:
        match = _PLAIN_TITLE.match(clause.text)
        if match and len(clause.text) <= 400:
            kind = TITLES[fold(match["kind"])]
            return kind, (capitals[0] if capitals else match["rest"].strip(" :.")) or None
    return None, (capitals[0] if capitals else None)


def _named_plan(title: str) -> str:
    """Return the title of the plan a decision promulgates: "Ban hành Kế hoạch …" is the "Kế hoạch …"."""
    named = _PROMULGATES.match(title)
    return title[named.end() :] if named else title


def _ends_title(text: str, words: list[str]) -> bool:
    if not words:
        return bool(TITLE_LINE.match(text))
    if _NO_TITLE.match(text) or TITLE_LINE.match(text) or re.match(r"Ngày \d", text):
        return True
    capitals_end = words[0].isupper() and not text.isupper() and not text[:1].islower()
    return capitals_end or (text.endswith(".") and len(text) > 200)


def _number(head: list[Clause]) -> str | None:
    for clause in head:
        match = _NUMBER_LINE.match(clause.text)
        if match:
            if not match["number"]:
                return None
            found = NUMBER.search(clause.text)
            return squeeze_number(found.group()) if found else None
    for clause in head[:4]:
        match = re.match(r"(?:Kế hoạch|Quyết định|Chương trình|Đề án) (?:số )?(\d\S*/\S+)", clause.text)
        if match and NUMBER.match(match[1]):
            return squeeze_number(match[1])
    return None


def _place(head: list[Clause]) -> str | None:
    for clause in head:
        match = _PLACE_DAY.match(clause.text)
        if match and not match["place"].isupper():
            return match["place"].strip()
    return None


def _issuer(
    document: Document, head: list[Clause], title: str | None
) -> tuple[str | None, str | None, str | None]:
    """Return issuer as "UBND tỉnh Đắk Nông", the type of its area and the area's name."""
    found = _from_letterhead(document, head) or _from_promulgation(document)
    if found is None:
        found = _from_bare_promulgation(document, head, title)
    if found is None:
        found = next(
            filter(None, (_area_in(document, text) for text in [title or "", *(c.text for c in head)])), None
        )
    if found is None:
        place = _place(head)
        found = ("tỉnh", place) if place and code_of_area("tỉnh", place, days=None) else None
    if found is None:
        return None, None, None
    return f"UBND {found[0]} {found[1]}", found[0], found[1]


def _from_bare_promulgation(
    document: Document, head: list[Clause], title: str | None
) -> tuple[str, str] | None:
    """Return type and name where the plan says only "UBND tỉnh ban hành …": the name stands in title or place."""
    for clause in document.clauses:
        if clause.part not in {kinds.BASES, kinds.LETTERHEAD, kinds.BODY}:
            continue
        match = _BARE_ISSUED_BY.search(clause.text)
        if match:
            area_type = match["type"].lower()
            for text in [title or "", *(each.text for each in head)]:
                named = _area_in(document, text, area_type)
                if named:
                    return named
            place = _place(head)
            return (area_type, place) if place else None
    return None


def _area_in(document: Document, text: str, area_type: str | None = None) -> tuple[str, str] | None:
    """Return the last area named in a title, in small letters or in capitals."""
    found = [(match["type"].lower(), match["name"]) for match in _AREA.finditer(text)]
    if not found and text.isupper():
        for match in _AREA_IN_CAPITALS.finditer(text):
            kind = match["type"].lower()
            found.append((kind, _as_written(document, match["name"].strip(" ,-–"), kind)))
    fitting = [each for each in found if area_type in {None, each[0]}]
    return fitting[-1] if fitting else None


def _from_letterhead(document: Document, head: list[Clause]) -> tuple[str, str] | None:
    for at, clause in enumerate(head[:40]):
        match = _COMMITTEE_LINE.match(clause.text)
        if match is None:
            continue
        words = _MOTTO.sub("", match["rest"]).strip()
        if not words:
            later = (each.text for each in head[at + 1 : at + 5])
            words = next((text for text in later if _AREA_LINE.match(text)), "")
        area = _AREA_LINE.match(re.sub(r"[\s*_\-–—.:]+$", "", _MOTTO.sub("", words)))
        if area is None:
            continue
        area_type = re.sub(r"^tp\.?$", "thành phố", area["type"].lower())
        return area_type, _as_written(document, area["name"].strip(), area_type)
    return None


def _from_promulgation(document: Document) -> tuple[str, str] | None:
    for clause in document.clauses:
        if clause.part not in {kinds.BASES, kinds.LETTERHEAD, kinds.BODY, kinds.DECISION}:
            continue
        for match in _ISSUED_BY.finditer(clause.text):
            rest = clause.text[match.end() : match.end() + 120]
            if re.match(r"\s*,?\s*(?:ban hành|xây dựng|triển khai|tổ chức|lập|đề ra|yêu cầu)\b", rest):
                return match["type"].lower(), match["name"]
        if clause.kind == kinds.HEADING and clause.part == kinds.BODY:
            break
    return None


def _as_written(document: Document, name: str, area_type: str) -> str:
    """Return a name in capitals as the running text writes it, else with each word's first letter large."""
    pattern = re.compile(
        re.escape(area_type) + r"\s+(" + r"\s+".join(map(re.escape, name.split())) + r")\b", re.IGNORECASE
    )
    for clause in document.clauses:
        for match in pattern.finditer(clause.text):
            if not match[1].isupper() and match[1][0].isupper():
                return " ".join(match[1].split())
    return " ".join(word if word.isdigit() else word[:1].upper() + word[1:].lower() for word in name.split())


def _level(area_type: str | None, name: str | None, date: dt.date | None) -> str | None:
    if area_type is None:
        return None
    if area_type == "thành phố":
        cities = word_list("issuers")["central_cities"]
        key = fold(name or "")
        if key in cities and (cities[key] is None or (date is not None and date >= cities[key])):
            return PROVINCE
    return _LEVELS.get(area_type)


def _period(
    document: Document, head: list[Clause], title: str | None, date: dt.date | None
) -> tuple[int | None, int | None]:
    candidates = [title or ""]
    candidates += [clause.text for clause in head if clause.text != title]
    candidates += [
        clause.text
        for clause in document.clauses
        if clause.part == kinds.BASES and re.search(r"ban hành\s+[Kk]ế hoạch", clause.text)
    ]
    candidates += [
        clause.text for clause in document.clauses if clause.part == kinds.DECISION or clause.id == "dieu1"
    ]
    for text in candidates:
        found = _years(text, date)
        if found != (None, None):
            return found
    return (None, None)


def _years(text: str, date: dt.date | None) -> tuple[int | None, int | None]:
    text = re.sub(
        r"ngày\s*\d{0,2}\s*(?:tháng\s*\d{0,2}\s*năm\s*\d{0,4}|[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4})",
        " ",
        text,
        flags=re.IGNORECASE,
    )
    text = _VISION.sub(" ", NUMBER.sub(" ", text))
    match = _PERIOD.search(text)
    last = max((int(found["year"] or found["year2"]) for found in _UNTIL.finditer(text)), default=None)
    if match:
        return int(match["from"]), max(int(match["until"]), last or 0)
    first = _ONE_YEAR.search(text)
    if first:
        return int(first["year"]), max(int(first["year"]), last or 0)
    if last:
        first_end = min(int(found["year"] or found["year2"]) for found in _UNTIL.finditer(text))
        return (date.year if date and date.year <= last else first_end if first_end < last else None), last
    return None, None


def _bases(document: Document, header: Header) -> tuple[Basis, ...]:
    found: list[tuple[Basis, Citation, Clause]] = []
    for clause in _basis_clauses(document):
        if _PROPOSAL.match(clause.text):
            continue
        for citation in read_citations(clause.text):
            if citation.kind == "Tờ trình":
                continue
            where = clause.span(citation.start, citation.end)
            text = clause.text[citation.start : citation.end]
            found.append(
                (Basis(citation.number, citation.date, citation.issuer, text, False, where), citation, clause)
            )
    scores = [_parent_score(header, citation, clause) for _, citation, clause in found]
    best = max(scores, default=0.0)
    chosen = scores.index(best) if best >= 1.0 else -1
    return tuple(replace(basis, parent=at == chosen) for at, (basis, _, _) in enumerate(found))


def _basis_clauses(document: Document) -> list[Clause]:
    found = [clause for clause in document.clauses if clause.part == kinds.BASES]
    for clause in document.clauses:
        if (
            clause.part == kinds.BODY
            and clause.kind == kinds.HEADING
            and _BASES_HEADING.match(clause.text.strip(" :."))
        ):
            found += [each for each in document.descendants(clause) if each not in found]
    if not found:
        found = [clause for clause in document.clauses[:40] if BASIS.match(clause.text)]
    return found


def _parent_score(header: Header, citation: Citation, clause: Clause) -> float:
    """Return how likely a cited document is the plan this one carries out; below 1 it is not.

    It treats the same subject, comes from the next level up, is a plan, strategy or decision rather than a law
    or a letter, and is often introduced by "Thực hiện" or named in the title.
    """
    if citation.number is None or citation.kind in {"Luật", "Bộ luật", "Pháp lệnh", "Nghị định", "Thông tư"}:
        return 0.0
    title = header.title or ""
    if header.area:
        title = title.replace(header.area.name, " ")
    score = 2.0 * likeness(citation.subject, title)
    if citation.number and citation.number in squeeze_number(header.title or ""):
        score += 2.0
    score += {
        "Kế hoạch": 0.6,
        "Chiến lược": 0.6,
        "Chương trình": 0.4,
        "Quyết định": 0.4,
        "Nghị quyết": 0.2,
        "Công văn": -0.8,
        "Văn bản": -0.8,
    }.get(citation.kind, 0.0)
    if fold(clause.text).startswith(("thuc hien", "trien khai", "tiep tuc thuc hien")):
        score += 0.4
    if re.search(
        r"/TU$|[-–]NQ/", citation.number
    ):  # a paper of the Party is carried out through the plan above
        score -= 0.4
    level = _issuer_level(citation)
    if level in _HIGHER.get(header.level, ()):
        score += 0.8 if level == _HIGHER[header.level][0] else 0.6
    elif level is not None and level == header.level:
        score -= 0.0 if fold(clause.text).startswith("thuc hien") else 0.5
    return score


def _issuer_level(citation: Citation) -> str | None:
    issuer = fold(citation.issuer or "")
    if re.match(
        r"(?:thu tuong|chinh phu|bo |bo truong|quoc hoi|ban chap hanh trung uong|trung uong|bo chinh tri)",
        issuer,
    ):
        return CENTRE
    match = re.search(rf"\b({fold(_TYPES)})\b", issuer)
    if match:
        by_fold = {fold(name): level for name, level in _LEVELS.items()}
        if match[1] == "thanh pho":
            named = issuer[match.end() :].strip()
            return PROVINCE if named in word_list("issuers")["central_cities"] else DISTRICT
        return by_fold[match[1]]
    if "tinh uy" in issuer or "tinh" in issuer.split() or "thanh uy" in issuer:
        return PROVINCE
    if re.search(r"\b(?:huyen uy|quan uy|thi uy)\b", issuer):
        return DISTRICT
    return None
