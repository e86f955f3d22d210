"""Numbers with their units in a sentence of a plan: "10,81%", "3.890 trạm", "1Gb/s", "47/96 xã, đạt 48,96%"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold_same_length, parse_number

NUMBER = "number"  # written in figures
EACH = "each"  # "mỗi hộ … một đường cáp quang"
ALL = "all"  # "tất cả các thôn", "phổ cập"
NONE = "none"  # "không còn vùng lõm sóng", "xóa vùng lõm sóng"

_FIGURES = r"\d+(?:[.,]\d+)*"
# Figures that are names, dates or places in a text, never quantities.
_NOT_QUANTITIES = [
    re.compile(pattern)
    for pattern in (
        r"\b\d+\s*/\s*(?:\d{4}\s*/\s*)?[a-z]{2,}[\w&/.-]*",  # 36/qd-ttg, 85/2016/nd-cp
        r"\b\d+\s*-\s*(?:nq|ct|qd|kh|kl|tb|cv)\b[\w/-]*",  # 57-nq/tw
        r"\bngay\s+\d{1,2}\s*(?:/|-|thang)\s*\d{1,2}(?:\s*(?:/|-|nam)\s*\d{4})?",
        r"\b\d{1,2}\s*/\s*\d{1,2}\s*/\s*\d{4}",
        r"\bthang\s+\d{1,2}(?:\s*(?:/|nam)\s*\d{4})?",
        r"\bquy\s+(?:\d|[ivx]+)\b(?:\s*(?:/|nam)\s*\d{4})?",
        r"\b\d{1,2}\s*/\s*(?:19|20)\d{2}\b",
        r"\b(?:nam|giai doan|thoi ky)\s+(?:19|20)\d{2}\b",
        r"\b(?:thoi gian|tu|den|cuoi|dau|truoc|sau|het)\s+(?:19|20)\d{2}\b(?!\s*(?:nguoi|dan|tram|ho|km|m\b|%))"
        r"(?:\s*[-–—]\s*(?:19|20)\d{2}\b)?",
        r"\b(?:19|20)\d{2}\s*[-–—]\s*(?:19|20)\d{2}\b",
        r"(?<![\d.,])[2-6]\s?g\b(?!\s*bit)",  # 4g, 5g
        r"\b(?:24|7)\s*/\s*(?:24|7)\b",
        r"\b(?:dieu|khoan|muc so|tiet|phu luc|bang|bieu|mau so|cap do|muc do|so thu tu|so hieu)\s+\d+(?:[.,]\d+)*(?!\s*%|\d)",
        r"\b(?:cap|buoc|loai|hang)\s+[1-6]\b(?!\s*%|[.,]\d)",
        r"\b(?:qcvn|tcvn|iso|iec|quoc lo|tinh lo|duong tinh|ql|tl|dt)\s*\d[\d.:/-]*",
        r"\b(?:top|nhom|thu hang|hang thu|xep hang|thu)\s+\d+\b",
        r"\bso\s+\d+\s*/",
        r"(?:\btren|\bmoi|\bcua|/)\s*0?1\s*(?=diem|tram|cot|nguoi|ho\b|vi tri|xa\b|thon\b)",
        r"\(\d{1,2}\)",
    )
]
_PER_HUNDRED = re.compile(r"(?:/\s*|\btren\s+|\bmoi\s+|\bcho\s+)(?:100|mot tram)\s*(?:dan\b|nguoi)")
_BARE_RATE = re.compile(
    r"[\s:]*(?:(?:dat|la|toi thieu|tren|ty le|khoang|it nhat|tu|muc|o)[\s:]*)*(?P<n>\d+(?:[.,]\d+)*)(?!\s*%|[\d.,]*\d)(?=\s*(?:[,;.)]|$|tro len|thue bao\b))"
)
_CHANGE = re.compile(r"\b(?:tu|tang tu|nang tu|giam tu)\s+(?:muc\s+)?$")
_LISTED = re.compile(r"\s*(?:,|;|/|\bva\b)\s*(?:\bva\s+)?(?=\d|$)")
_PUE = re.compile(r"\bpue\b|hieu qua su dung nang luong")
_TIMES = {"doi": 2.0, "ba": 3.0, "bon": 4.0, "ruoi": 1.5, "hai": 2.0, "nam": 5.0, "muoi": 10.0}
_DOUBLED = re.compile(r"\bgap\s+(doi|ruoi|ba|(?P<n>\d+(?:[.,]\d+)?|hai|ba|bon|nam|muoi)\s+lan)\b")
_PART = re.compile(
    r"(?<![\w#.,/])(?:(?P<part>[1-9]\d?)\s*/\s*(?P<whole>[1-9]\d?)|(?:mot )?(?P<half>nua)|(?P<parts>mot|hai|ba|bon) phan (?P<of>hai|ba|tu|nam))"
    r"\s+(?=(?:tong )?so (?:xa|phuong|dan|ho|thon|ap|ban|buon|nguoi|co quan|truong|tram|doanh nghiep)|dan so|(?:so )?ho (?:gia dinh|dan))"
)
_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5}
_EACH = re.compile(
    r"\bmoi\s+(?P<who>ho gia dinh|ho dan|gia dinh|ho|nguoi dan truong thanh|nguoi truong thanh|nguoi dan|cong dan|nguoi)\b"
    r"(?P<mid>[^.;:]{0,70}?)(?<![\d.,])\b(?P<n>mot|\d{1,2}(?:[.,]\d{1,2})?)\s+"
    r"(?P<what>duong|ket noi|dinh danh|tai khoan|dien thoai|smartphone|thiet bi|chu ky|danh tinh|may|cap quang)"
)
_EACH_MORE = re.compile(
    r"(?:,|\bva|;)\s*(?:(?:co|trung binh|binh quan|khoang|it nhat|toi thieu|dat)\s+)*(?P<n>mot|\d{1,2}(?:[.,]\d{1,2})?)\s+(?:ket noi|dinh danh|tai khoan|chu ky|danh tinh|dien thoai)"
)
_ALL = re.compile(
    r"\b(?:tat ca(?: cac)?|toan bo(?: cac)?|pho cap(?: duoc)?|"
    r"phu (?:song |kin |khap )?(?:den |toi )?(?:moi|cac) (?=thon|ap|ho|khu)|100\s*phan tram|deu(?=\s+(?:co|duoc)\b))(?=\s)"
)
_NOT_ALL = re.compile(r"\s*(?:chuong trinh|ky nang|kien thuc|phap luat|tin hoc|cac ky nang)")
_NONE = re.compile(
    r"\b(?:khong con|xoa bo|xoa het|xoa trang|xoa|khac phuc triet de|khong de)(?=[^.;]{0,50}\b(?:lom|lum|trang|chua co song|khong co song)\b)|"
    r"\b(?:khong con|khong de|xoa bo|xoa het|xu ly dut diem|khac phuc triet de)(?=[^.;]{0,60}\bmat (?:an toan|my quan)\b)|"
    r"\b(?:khong con|khong de|xoa bo|xoa het|cham dut)\b(?=[^.;]{0,30}\b(?:thue bao|nguoi dung|nguoi su dung|nguoi dan)\b[^.;]{0,30}\b2g\b)|"
    r"\bphu song\s+(?:cho\s+)?(?:cac\s+|nhung\s+)?(?:thon|vung|khu vuc|diem|ban|ap|buon|lang|noi)\b(?=[^.;]{0,60}\b(?:lom|lum|trang)\b)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a plan writes it.

    Parameters
    ----------
    value : the number in ``unit``; the lower end of a range
    unit : "%", "Mb/s", "km/điểm", … or "" when none is written
    kind : what the unit measures: share, speed, count, radius, …
    start, end : half-open span of number and unit in the sentence
    upper : the upper end of a range ("10 – 15%"), else None
    baseline : the first number of "từ 85% lên 95%", else None
    numerator, denominator : the counts of "47/96 xã", else None
    manner : ``number``, ``each``, ``all`` or ``none``
    per_hundred : whether the sentence counts "/100 dân" and yet writes "%"
    sense : the term one half of "80/30 Mb/s" stands for ("download", "upload", "g4", "g5"), else ""
    """

    value: float
    unit: str
    kind: str
    start: int
    end: int
    upper: float | None = None
    baseline: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    manner: str = NUMBER
    per_hundred: bool = False
    sense: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    kind: str
    factor: float
    pattern: re.Pattern[str]


@cache
def _units() -> tuple[_Unit, ...]:
    return tuple(
        _Unit(entry["unit"], entry["kind"], float(entry.get("factor", 1)), re.compile(spaced(written)))
        for entry in word_list("units")["units"]
        for written in entry["written"]
    )


def hide_names(folded: str) -> str:
    """Return the folded text with the figures of dates, document numbers, years, "5G" … replaced by ``#``."""
    for pattern in _NOT_QUANTITIES:
        folded = pattern.sub(lambda found: re.sub(r"\d", "#", found.group()), folded)
    return _PER_HUNDRED.sub(lambda found: re.sub(r"\d", "#", found.group()), folded)


@lru_cache(maxsize=4096)
def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Return every number with a unit, and the worded ones, in order of appearance.

    Rule: the Vietnamese decimal comma and thousands dot; "từ a đến b" and "a – b" are one range whose value is
    the lower end; "từ a lên b" is the level b with baseline a; a fraction of counts is a share; figures of
    dates, document numbers, years, network generations and section numbers are skipped.

    Parameters
    ----------
    text : one sentence or clause, NFC
    """
    folded = fold_same_length(text)
    shown = hide_names(folded)
    found = _doubled(shown) + _parts(shown)
    found += [figure for figure in _figures(shown) if not any(_overlap(figure, other) for other in found)]
    found += _pue(shown, found)
    found = _joined(shown, sorted(found, key=lambda quantity: quantity.start))
    for mention in _PER_HUNDRED.finditer(folded):
        found = _counted_per_hundred(shown, found, mention.end())
    found += [worded for worded in _worded(folded) if not any(_overlap(worded, other) for other in found)]
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def parse_value(figures: str, unit: str) -> float:
    """Return the number; for "%" a dot with three digits is a decimal point, for no share exceeds 1 000 %."""
    value = parse_number(figures)
    if unit == "%" and value >= 1000 and figures.count(".") == 1:
        return float(figures)
    return value


def unit_after(folded: str, at: int) -> tuple[str, str, float, int] | None:
    """Return unit, kind, factor and end of the unit written at ``at`` (blanks allowed), the longest that fits."""
    begin = at
    while begin < len(folded) and folded[begin] in " \u00a0\t(":
        if folded[begin] == "(" and not folded.startswith("(%)", begin):
            return None
        begin += 1
    best: tuple[str, str, float, int] | None = None
    for unit in _units():
        match = unit.pattern.match(folded, begin)
        if match and (best is None or match.end() > best[3]):
            best = (unit.name, unit.kind, unit.factor, match.end())
    return best


def _figures(shown: str) -> list[Quantity]:
    found = []
    for match in re.finditer(rf"(?:(?<![\w#.,/])|(?<=%/))({_FIGURES})", shown):
        fraction = re.match(rf"\s*/\s*({_FIGURES})", shown[match.end() :])
        end = match.end() + (fraction.end() if fraction else 0)
        unit = unit_after(shown, end)
        if fraction and unit and unit[1] == "speed":
            found += _pair(match, fraction, unit, shown)
        elif fraction and unit and unit[1] == "count":
            found.append(_fraction(match, fraction.group(1), unit))
        elif unit:
            name, kind, factor, end = unit
            value = parse_value(match.group(), name) * factor
            found.append(Quantity(value, name, kind, match.start(), end))
        elif re.match(r"\s*(?:-|–|—|den|toi|÷|~)\s*\d", shown[match.end() :]) or (
            "lan luot" in shown[: match.start()] and _LISTED.match(shown[match.end() :])
        ):
            found.append(Quantity(parse_number(match.group()), "", "", match.start(), match.end()))
    return _share_a_unit(shown, found)


def _pair(
    match: re.Match[str], fraction: re.Match[str], unit: tuple[str, str, float, int], shown: str
) -> list[Quantity]:
    """ "80/30 Mb/s" is two speeds: down and up, or those of the pair of networks the sentence names."""
    name, kind, factor, end = unit
    up, down = shown.find("tai len"), shown.find("tai xuong")
    senses = ("upload", "download") if -1 < up < down else ("download", "upload")
    if up == down == -1 and re.search(r"#\s?g\s*(?:/|va)\s*#\s?g", shown):
        senses = ("g4", "g5")
    middle = match.end()
    return [
        Quantity(
            parse_value(match.group(), name) * factor, name, kind, match.start(), middle, sense=senses[0]
        ),
        Quantity(parse_value(fraction.group(1), name) * factor, name, kind, middle + 1, end, sense=senses[1]),
    ]


def _share_a_unit(shown: str, found: list[Quantity]) -> list[Quantity]:
    """ "lần lượt đạt 250 và 180 Mb/s": numbers of one list have the unit of the last."""
    whole: list[Quantity] = []
    for quantity in reversed(found):
        after = whole[-1] if whole else None
        if not quantity.unit and after and _LISTED.fullmatch(shown[quantity.end : after.start]):
            factor = _factor_for(quantity, after, shown)
            quantity = replace(quantity, value=quantity.value * factor, unit=after.unit, kind=after.kind)
        whole.append(quantity)
    return whole[::-1]


def _fraction(match: re.Match[str], denominator: str, unit: tuple[str, str, float, int]) -> Quantity:
    part, whole = parse_number(match.group()), parse_number(denominator)
    share = round(100 * part / whole, 2) if whole else 0.0
    return Quantity(share, "%", "share", match.start(), unit[3], numerator=part, denominator=whole)


def _joined(shown: str, found: list[Quantity]) -> list[Quantity]:
    """Join ranges, "từ a lên b" and "47/96 xã …, đạt 48,96%"."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        between = shown[last.end : quantity.start] if last else ""
        if (
            last
            and last.unit in {"", quantity.unit}
            and re.fullmatch(r"\s*(?:-|–|—|den|toi|÷|~)\s*", between)
        ):
            low = last.value * _factor_for(last, quantity, shown)
            if low <= quantity.value:
                joined[-1] = replace(quantity, value=low, upper=quantity.value, start=last.start)
            else:  # "2027 - 80%" is a year and its value
                joined.append(quantity)
        elif last and last.unit == quantity.unit and _rises(shown, last, between):
            joined[-1] = replace(quantity, baseline=last.value, start=quantity.start)
        elif last and last.numerator is not None and quantity.unit == "%" and len(between) < 40:
            joined[-1] = replace(quantity, numerator=last.numerator, denominator=last.denominator)
        elif (
            last
            and quantity.numerator is not None
            and last.unit == "%"
            and "(" in between
            and len(between) < 20
        ):
            joined[-1] = replace(last, numerator=quantity.numerator, denominator=quantity.denominator)
        else:
            joined.append(quantity)
    return [quantity for quantity in joined if quantity.unit or quantity.kind]  # a bare number has neither


def _factor_for(last: Quantity, quantity: Quantity, shown: str) -> float:
    """A range writes its unit once: "1 - 2 Gb/s" is 1000 to 2000 Mb/s."""
    if last.unit:
        return 1.0
    written = parse_value(re.match(_FIGURES, shown[quantity.start :]).group(), quantity.unit)  # type: ignore[union-attr]
    return quantity.value / written if written else 1.0


def _rises(shown: str, last: Quantity, between: str) -> bool:
    opened = _CHANGE.search(shown[: last.start]) is not None
    return opened and re.search(r"(?<!tro )\b(?:len|xuong|con)\b", between) is not None and len(between) < 60


def _doubled(shown: str) -> list[Quantity]:
    found = []
    for match in _DOUBLED.finditer(shown):
        written = match.group("n") or match.group(1)
        value = _TIMES[written] if written in _TIMES else parse_number(written)
        found.append(Quantity(value, "lần", "times", match.start(), match.end()))
    return found


def _parts(shown: str) -> list[Quantity]:
    """ "3/4 số xã", "hai phần ba dân số", "một nửa số hộ" are shares; figures before a counted thing are counts."""
    found = []
    for match in _PART.finditer(shown):
        if match.group("half"):
            part, whole = 1, 2
        elif match.group("part"):
            part, whole = int(match.group("part")), int(match.group("whole"))
        else:
            part, whole = _WORDS[match.group("parts")], _WORDS[match.group("of")]
        if part < whole:
            share = round(100 * part / whole, 2)
            found.append(Quantity(share, "%", "share", match.start(), match.end()))
    return found


def _pue(shown: str, found: list[Quantity]) -> list[Quantity]:
    """PUE has no unit: take the first small number after the word."""
    words = list(_PUE.finditer(shown))
    if not words:
        return []
    word = words[-1]
    number = re.compile(r"(?<![\w#.,/-])\d(?:[.,]\d{1,2})?(?![\d.,]*\d)").search(
        shown, word.end(), word.end() + 90
    )
    if number is None or any(each.start <= number.start() < each.end for each in found):
        return []
    return [Quantity(parse_number(number.group()), "", "pue", number.start(), number.end())]


def _counted_per_hundred(shown: str, found: list[Quantity], at: int) -> list[Quantity]:
    """Give the first number after "/100 dân" its unit, even where it is written without one."""
    following = next((each for each in found if each.start >= at), None)
    bare = _BARE_RATE.match(shown, at)
    if bare and (following is None or following.start > bare.start("n")):
        rate = parse_number(bare.group("n"))
        rates = [*found, Quantity(rate, "/100 dân", "per_hundred", bare.start("n"), bare.end("n"))]
        return sorted(rates, key=lambda quantity: quantity.start)
    return [_per_hundred_unit(each) if each is following else each for each in found]


def _per_hundred_unit(quantity: Quantity) -> Quantity:
    if quantity.kind == "share":
        return replace(quantity, unit="/100 dân", kind="per_hundred", per_hundred=True)
    if quantity.kind == "count":
        return replace(quantity, unit="/100 dân", kind="per_hundred")
    return quantity


def _worded(folded: str) -> list[Quantity]:
    found = []
    for match in _EACH.finditer(folded):
        found.append(_each(match.group("n"), match.group("who"), match.start(), match.end()))
        more = _EACH_MORE.search(folded, match.end(), match.end() + 90)
        if more:
            found.append(_each(more.group("n"), match.group("who"), more.start("n"), more.end()))
    for match in _ALL.finditer(folded):
        if not _NOT_ALL.match(folded, match.end()):
            found.append(Quantity(100.0, "%", "share", match.start(), match.end(), manner=ALL))
    for match in _NONE.finditer(folded):
        after = folded[match.end() :]
        if re.match(r"[^.;]{0,60}\bmat (?:an toan|my quan)\b", after):
            unit, kind = "điểm", "count"
        elif re.match(r"[^.;]{0,30}\b(?:thue bao|nguoi)\b", after):
            unit, kind = "%", "share"
        else:
            unit, kind = "thôn", "count"
        found.append(Quantity(0.0, unit, kind, match.start(), match.end(), manner=NONE))
    return found


def _each(number: str, who: str, start: int, end: int) -> Quantity:
    value = 1.0 if number == "mot" else parse_number(number)
    unit = "hộ" if "ho" in who.split() or "gia" in who.split() else "người"
    return Quantity(value, unit, "each", start, end, manner=EACH)


def _overlap(one: Quantity, other: Quantity) -> bool:
    return one.start < other.end and other.start < one.end
