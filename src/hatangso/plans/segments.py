"""Cuts a compound sentence into one segment for each number that is a target of its own.

"95% hộ … cáp quang; với 95% người sử dụng …, tốc độ trung bình 200 Mb/s; 90% tổ chức … 01 Gb/s" has three
targets, each with its own words; the speeds are floors of the shares before them, not targets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from hatangso.plans.comparators import compare
from hatangso.plans.matching import find_terms, match_terms
from hatangso.plans.quantities import ALL, NONE, NUMBER, Quantity, find_quantities
from hatangso.vietnamese import fold_same_length

_SENTENCE_END = re.compile(r"(?<=[\w%)\]”\"])\.(?=\s+[A-ZĐÀ-Ỹ0-9(“\"-])|\n+|;")
_LONGEST_SENTENCE = 1500  # letters
_ABBREVIATION = re.compile(r"\b(?:TP|Tp|TX|Tx|TT|P|Q|H|X|Ths|ThS|TS|GS|v\.v|đ/c|St|Tr|No)$")
_WEAK = re.compile(r",|\bvà\b|\bvới\b|\btrong đó\b|\bcòn\b|\bđồng thời\b|\bđể\b|:")
# "1.250 trạm 5G, bằng 60% số trạm 4G": what it is measured against begins a part of its own.
_MEASURED = re.compile(r"(?P<stop>[,(]\s*)(?:bằng|tương đương|tương ứng|chiếm)\b")
_NOW = re.compile(
    r"hien (?:tai|nay|dat|co|trang|la|moi|dang)|thuc hien nam|nam (?:goc|truoc)|thoi diem hien|tinh den|uoc (?:dat|thuc hien)|(?:moi|chi) dat|da dat|dau ky|muc hien"
)
_FLOOR_WORDS = re.compile(r"(?:\bvoi\b|\bco\b|\bdat\b|\bcho\b|\bo muc\b|,)?[^,;.]{0,50}$")
# "100% khu công nghiệp … có tối thiểu 1 trạm": the count says what each of them has.
_HAS_SOME = re.compile(r"\b(?:có|được lắp|được trang bị)(?:\s+(?:tối thiểu|ít nhất|từ))?$")
_OPENING = re.compile(
    r"^[\s\-–+*•·,;:.]*(?:(?:phan dau|tiep tuc|duy tri|bao dam|dam bao|giu vung|co|dat|den|het|nam|cuoi|trong|ty le|hoan thanh|"
    r"\d{4}|va|voi|muc tieu|cu the|la|khoang|toi thieu|it nhat|tren|hon|to chuc|trien khai|thuc hien|cung cap|quy|thang|[iv]|/)[\s,:]*)*$"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """The words of one number.

    Parameters
    ----------
    start, end : span in the paragraph
    quantity : the number that is the target
    floors : speeds that the share must be reached with
    baseline : a present value written beside it
    """

    start: int
    end: int
    quantity: Quantity
    floors: tuple[Quantity, ...] = ()
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch between strong stops: its span, what was announced before a colon, its segments."""

    start: int
    end: int
    topic: tuple[int, int] | None = None
    segments: tuple[Segment, ...] = field(default=())


def cut_paragraph(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a paragraph with their segments.

    Strong stops are ";", a full stop before a capital, a line end; parentheses are never cut open. What stands
    before a colon is the topic of all that follows in the paragraph until the next colon.

    Parameters
    ----------
    text : one clause of a plan, NFC
    """
    found: list[Sentence] = []
    topic: tuple[int, int] | None = None
    depths = _depths(text)
    folded = fold_same_length(text)
    for start, end in _strong_spans(text, depths):
        colon = _colon(text, (start, end), depths)
        if colon is not None and not _bare_value(text[colon + 1 : end]) and not _shares(text[start:colon]):
            topic = (start, colon)
            start = colon + 1
        found.append(Sentence(start, end, topic, _segments(text, folded, (start, end))))
    return tuple(found)


def floor_terms(floors: tuple[Quantity, ...]) -> frozenset[str]:
    """Return the terms that say which speed a share is counted at."""
    names = set()
    for floor in floors:
        for lowest, name in ((900, "floor_1000"), (400, "floor_500"), (150, "floor_200"), (0, "floor_100")):
            if floor.value >= lowest:
                names.add(name)
                break
    return frozenset(names)


def _strong_spans(text: str, depths: list[int]) -> list[tuple[int, int]]:
    spans, start = [], 0
    for stop in _SENTENCE_END.finditer(text):
        if depths[stop.start()] > 0 or _ABBREVIATION.search(
            text[max(start, stop.start() - 8) : stop.start()]
        ):
            continue
        spans += _bounded(text, start, stop.start())
        start = stop.end()
    spans += _bounded(text, start, len(text))
    return [(a, b) for a, b in spans if text[a:b].strip(" .;\n\t")]


def _bounded(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Part what is longer than any sentence at commas or blanks, so that the time stays in step with the length."""
    spans = []
    while end - start > _LONGEST_SENTENCE:
        stop = start + _LONGEST_SENTENCE
        half = start + _LONGEST_SENTENCE // 2
        cut = next((at + 1 for mark in (", ", " ") if (at := text.rfind(mark, half, stop)) != -1), stop)
        spans.append((start, cut))
        start = cut
    return [*spans, (start, end)]


def _colon(text: str, span: tuple[int, int], depths: list[int]) -> int | None:
    """Return where the announcement ends: a colon followed by a blank, outside parentheses."""
    for match in re.finditer(r":(?=\s)", text[span[0] : span[1]]):
        at = span[0] + match.start()
        if depths[at] == 0:
            return at
    return None


def _bare_value(text: str) -> bool:
    """ "Tỷ lệ dùng chung vị trí BTS: 25%." - the colon stands for "đạt"."""
    found = find_quantities(text)
    return (
        len(found) == 1
        and len(text[: found[0].start].split()) <= 4
        and len(text[found[0].end :].split()) <= 3
    )


def _shares(announced: str) -> bool:
    """ "100% đô thị loại II: tuyến phố chính được ngầm hóa": what stands before the colon is no mere announcement."""
    return any(each.kind == "share" and each.manner == NUMBER for each in find_quantities(announced))


def _depths(text: str) -> list[int]:
    depth, depths = 0, []
    for letter in text:
        if letter == ")":
            depth = max(0, depth - 1)
        depths.append(depth)
        if letter == "(":
            depth += 1
    if depth:  # an unclosed bracket must not swallow the paragraph
        return [0] * len(text)
    return depths


def _segments(text: str, folded: str, span: tuple[int, int]) -> tuple[Segment, ...]:
    start, end = span
    sentence = text[start:end]
    quantities = [_shift(quantity, start) for quantity in find_quantities(sentence)]
    mains, floors, baselines = _roles(text, folded, span, quantities)
    if not mains:
        return ()
    cuts = _cuts(text, (start, end), mains)
    segments = []
    for index, quantity in enumerate(mains):
        begin, stop = cuts[index], cuts[index + 1]
        stop = _before_universal(text, quantity, [each for each in quantities if each.start < stop], stop)
        since = cuts[index - 1] if index and mains[index - 1] in floors else begin
        own_floors = tuple(floor for floor in floors if since <= floor.start < stop and floor != quantity)
        present = [each.value for each in baselines if begin <= each.start < stop]
        segments.append(
            Segment(begin, stop, quantity, own_floors, present[0] if present else quantity.baseline)
        )
    return tuple(segments)


def _before_universal(text: str, quantity: Quantity, quantities: list[Quantity], stop: int) -> int:
    """ "80% hộ, phổ cập dịch vụ 5G": what is made universal after a comma no longer belongs to the number."""
    for each in quantities:
        if each.manner == ALL and each.start > quantity.end:
            comma = text.rfind(",", quantity.end, each.start)
            if comma != -1 and len(text[comma + 1 : each.start].split()) <= 2:
                return min(stop, comma)
    return stop


def _roles(
    text: str, folded: str, span: tuple[int, int], quantities: list[Quantity]
) -> tuple[list[Quantity], list[Quantity], list[Quantity]]:
    """Tell targets, speed floors and present values apart."""
    figures = [each for each in quantities if each.manner == NUMBER]
    shares = [each for each in figures if each.kind in {"share", "per_hundred"}]
    mains: list[Quantity] = []
    floors: list[Quantity] = []
    baselines: list[Quantity] = []
    for quantity in quantities:
        if quantity.kind == "length" and not _radius_said(folded, span, quantity):
            continue
        if quantity.kind in {"speed", "count"} and _in_brackets(text, quantity, span):
            (baselines if _is_present_value(folded, quantity, span, True) else []).append(quantity)
            continue
        if _is_present_value(folded, quantity, span, bool(mains)):
            baselines.append(quantity)
        elif (
            quantity.kind == "speed"
            and _open_shares(text, quantity, shares)
            and _is_floor(text, folded, quantity, span)
        ):
            floors.append(quantity)
            if _also_a_mean(text, folded, quantity, shares):
                mains.append(quantity)
        elif mains and _is_remark(text, folded, quantity):
            continue
        elif not _only_repeats(text, folded, quantity, (figures, mains)):
            mains.append(quantity)
    return mains, floors, baselines


def _in_brackets(text: str, quantity: Quantity, span: tuple[int, int]) -> bool:
    ahead = text[span[0] : quantity.start]
    return ahead.count("(") > ahead.count(")")


def _radius_said(folded: str, span: tuple[int, int], quantity: Quantity) -> bool:
    return (
        re.search(r"ban kinh|khoang cach|cu ly|pham vi phuc vu", folded[span[0] : quantity.start]) is not None
    )


def _is_present_value(folded: str, quantity: Quantity, span: tuple[int, int], has_main: bool) -> bool:
    opened = folded.rfind("(", span[0], quantity.start)
    closed = folded.rfind(")", span[0], quantity.start)
    if opened > closed:
        inside = folded[opened : quantity.start]
        return _NOW.search(inside) is not None
    comma = max(folded.rfind(stop, span[0], quantity.start) for stop in ",;:")
    begin = max(comma, span[0])
    return has_main and _NOW.search(folded[begin : quantity.start]) is not None


def _open_shares(text: str, quantity: Quantity, shares: list[Quantity]) -> list[Quantity]:
    """Return the shares but for those in a bracket after the speed ("40 Mbit/s (80% truy nhập đạt …)")."""
    return [
        share
        for share in shares
        if share.start < quantity.end
        or text[quantity.end : share.start].count("(") <= text[quantity.end : share.start].count(")")
    ]


def _is_floor(text: str, folded: str, quantity: Quantity, span: tuple[int, int]) -> bool:
    """A speed beside a share is its floor, unless its own words make it a speed target."""
    begin = max(folded.rfind(",", span[0], quantity.start) + 1, span[0])
    opened = folded.rfind("(", span[0], quantity.start)
    begin = max(begin, opened + 1)
    piece = folded[begin : quantity.start]
    if re.match(r"\s*(?:va )?(?:nang |tang |bao dam |dam bao )?toc do\b", piece):
        stop = min([at for at in (folded.find(",", quantity.end), span[1]) if at != -1])
        own = find_terms(text[begin:stop])
        said = re.search(r"\b(?:dat|toi thieu|tren|len|khong duoi|>=|≥)\s*[^,]{0,20}$", piece)
        match = match_terms(own, kind="speed", unit="Mb/s")
        return not (match and said and "%" not in folded[begin:stop])
    return True


def _also_a_mean(text: str, folded: str, quantity: Quantity, shares: list[Quantity]) -> bool:
    """ "Tốc độ … tối thiểu 100 Mb/s tại 95% số mẫu đo": a speed to reach, and the share of tests that must pass."""
    share = next((each for each in shares if each.start >= quantity.end), None)
    if share is None or re.search(r"[.;]", text[quantity.end : share.start]):
        return False
    begin = max(folded.rfind(stop, 0, quantity.start) for stop in ".;(") + 1
    if "%" in folded[begin : quantity.start] or "sample" not in find_terms(
        text[share.start : share.end + 40]
    ):
        return False
    return match_terms(find_terms(text[begin : quantity.end]), kind="speed", unit=quantity.unit) is not None


def _is_remark(text: str, folded: str, quantity: Quantity) -> bool:
    """ "… đạt 88%, tăng 6% so với năm 2025": the growth only comments on the number before it."""
    comma = max(folded.rfind(stop, 0, quantity.start) for stop in ",;(")
    piece = folded[comma + 1 : quantity.start]
    return (
        compare(text, quantity).growth
        and re.fullmatch(r"\s*(?:tang|giam)\s*(?:them|khoang|tren|hon)?\s*", piece) is not None
    )


def _only_repeats(
    text: str, folded: str, quantity: Quantity, seen: tuple[list[Quantity], list[Quantity]]
) -> bool:
    """Tell whether the number adds nothing to those beside it."""
    figures, mains = seen
    if quantity.manner == NONE:
        stop = re.compile(r"[,;]|\bva\b").search(folded, quantity.end)
        end = stop.start() if stop else len(folded)
        strong = re.compile(r"[;.](?:\s|$)").search(folded, quantity.end)
        last = strong.start() if strong else len(folded)
        return any(
            quantity.start <= each.start < (last if each.unit == quantity.unit else end) for each in figures
        )
    if quantity.manner == ALL and folded.startswith("deu", quantity.start):
        last = max((each.end for each in figures if each.end <= quantity.start), default=quantity.start)
        return last == quantity.start if not figures else "," not in folded[last : quantity.start]
    if quantity.manner != NUMBER:
        return bool(figures) or bool(mains and _same_piece(folded, mains[-1], quantity))
    shares = [each for each in figures if each.kind in {"share", "per_hundred"}]
    return quantity.kind == "count" and _beside_a_share(text, quantity, shares)


def _same_piece(folded: str, last: Quantity, quantity: Quantity) -> bool:
    """ "phổ cập tới tất cả các thôn" is said once; two "mỗi … một …" are two."""
    if last.manner == quantity.manner == "each":
        return False
    return re.search(r"[,;]", folded[last.end : quantity.start]) is None


def _beside_a_share(text: str, quantity: Quantity, shares: list[Quantity]) -> bool:
    """ "100% tại 14 xã": the count only says where; "80% …, 120 trạm 5G" is a target of its own."""
    ahead = text[: quantity.start].rstrip()
    if any(share.end < quantity.start for share in shares) and _HAS_SOME.search(ahead):
        return True
    for share in shares:
        between = text[min(share.end, quantity.end) : max(share.start, quantity.start)]
        if "," not in between and " và " not in between:
            return True
    return False


def _cuts(text: str, span: tuple[int, int], mains: list[Quantity]) -> list[int]:
    """Return where each segment begins, and the end: the cut that lets most numbers find their indicator."""
    begins = [compare(text, quantity).start for quantity in mains]
    number_first = _OPENING.match(fold_same_length(text[span[0] : begins[0]])) is not None
    cuts = [span[0]]
    for index in range(len(mains) - 1):
        options = _options(text, mains[index], mains[index + 1], begins[index + 1])
        stop = begins[index + 2] if index + 2 < len(mains) else span[1]
        best = max(
            range(len(options)),
            key=lambda at: (
                _worth(text, (cuts[-1], options[at]), mains[index])
                + _worth(text, (options[at], stop), mains[index + 1]),
                at if number_first else -at,
            ),
        )
        cuts.append(options[best])
    return [*cuts, span[1]]


def _options(text: str, left: Quantity, right: Quantity, begin: int) -> list[int]:
    after_left = compare(text, left).end
    bracket = text.rfind("(", after_left, right.start)
    if bracket != -1 and re.search(r"\b20\d\d\b", text[bracket : right.start].partition(")")[0]):
        return [bracket]  # what a bracket says is its own: "đạt 22% (năm 2025 là 18%)"
    begin = max(begin, after_left)
    measured = _MEASURED.search(text, after_left, max(right.start, after_left))
    if measured:
        return [measured.end("stop")]
    places = {begin}
    for weak in _WEAK.finditer(text, after_left, max(right.start, after_left)):
        if weak.start() <= begin:
            places.add(weak.start() if weak.group() == "(" else weak.end())
    return sorted(place for place in places if place <= begin)


def _worth(text: str, span: tuple[int, int], quantity: Quantity) -> int:
    terms = find_terms(text[span[0] : span[1]])
    floors = tuple(
        _shift(each, span[0])
        for each in find_quantities(text[span[0] : span[1]])
        if each.kind == "speed" and quantity.kind == "share"
    )
    match = match_terms(terms | floor_terms(floors), kind=_kind(quantity), unit=quantity.unit)
    return 10 + match.score if match else 0


def _kind(quantity: Quantity) -> str:
    return "each" if quantity.manner == "each" else quantity.kind


def _shift(quantity: Quantity, by: int) -> Quantity:
    return replace(quantity, start=quantity.start + by, end=quantity.end + by)
