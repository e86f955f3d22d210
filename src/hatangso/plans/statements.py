"""Reads one clause of a plan into statements: an indicator, how much, by when, under which conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from hatangso.plans.comparators import Comparison, compare, says_maintain
from hatangso.plans.deadlines import Deadline, find_deadlines
from hatangso.plans.governing import governing_deadline
from hatangso.plans.matching import (
    Match,
    borrow,
    find_terms,
    heading_terms,
    indicator_entry,
    match_terms,
    owned_things,
    rests_on,
    without_subjects,
)
from hatangso.plans.quantities import ALL, EACH, NONE, NUMBER, Quantity
from hatangso.plans.respective import Respective, date_lists, tell_apart
from hatangso.plans.segments import Segment, Sentence, cut_paragraph, floor_terms
from hatangso.vietnamese import fold_same_length

_CONDITION = re.compile(
    r"\b(?:khi (?:co |cap |duoc |co du )[^,.;()]{2,80}|theo (?:lo trinh|ke hoach|huong dan|quy dinh|nhu cau)[^,.;()]{0,80}|"
    r"neu (?:co )?[^,.;()]{2,60}|truoc khi [^,.;()]{3,80}|trong dieu kien [^,.;()]{3,60})"
)
_BRACKETS = re.compile(r"\(([^()]{3,160})\)")
_SCOPE = re.compile(
    r"\b(?:tai|o|thuoc|trong|tu)\s+(?:cac |khu vuc |dia ban |toan |nhung |huyen |tinh |trung uong )[^,.;()%]{2,60}|"
    r"\btren (?:dia ban|pham vi)[^,.;()%]{2,50}"
)
_REACHED = frozenset(
    {
        "village",
        "household",
        "commune",
        "adult",
        "school",
        "health",
        "industrial",
        "agency_narrow",
        "tourist",
        "techpark",
        "culture_house",
    }
)
_REACHES = re.compile(r"\b(?:phu|pho cap|co|duoc|ket noi|tiep can|den|toi)\b")
_REMOVES = re.compile(r"\b(?:xoa|phu song|khac phuc|xu ly)\b(?!.*\b(?:con|giam|khong qua|duoi)\b)")
_THE_REST = re.compile(r"\b(?:toan bo|con lai|tat ca|het|hien co)\b")
_LONGEST_CLAUSE = 4000
_LONGEST_SENTENCE = 1500
_NAME_REACH = 16  # letters after the number in which the counted thing begins
_RELATIVE = re.compile(
    r"so voi[^,.;)]{3,80}|(?<=lan )nam \d{4}|(?<=gap doi )nam \d{4}|muc (?:kha|trung binh|tot)[^,.;)]{3,60}"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a clause inherits.

    Parameters
    ----------
    headings : texts of the headings above it, nearest first
    deadline : the date the headings set, None when they set none
    plan_year : the year the plan was written or begins; earlier years are baselines
    """

    headings: tuple[str, ...] = ()
    deadline: Deadline | None = None
    plan_year: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One reading; ``start`` and ``end`` are a span of the clause's text.

    The other fields are those of :class:`hatangso.plans.targets.Target`; ``manner`` is ``number``, ``each``,
    ``all`` or ``none`` and ``topical`` says that the indicator was found in the clause's own words.
    """

    indicator: str | None
    comparator: str
    value: float
    unit: str
    year: int | None
    due: date | None
    start: int
    end: int
    statistic: str = "value"
    conditions: tuple[str, ...] = ()
    baseline: float | None = None
    upper: float | None = None
    relative: str = ""
    maintain: bool = False
    facet: str = ""
    scope: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    manner: str = NUMBER
    kind: str = ""
    quantity: Quantity | None = field(default=None, compare=False)


def read_statements(text: str, context: Context | None = None) -> tuple[Statement, ...]:
    """Return every statement of one clause, in order.

    Rule: the clause is cut into segments, one for each number; the segment's own words choose the indicator;
    a shortened segment borrows from its topic, from the segment before, from the one after and from the
    headings, in this order. The year is the one written nearest, else the one inherited.

    Parameters
    ----------
    text : the text of a clause, NFC, without its marker
    context : what it inherits from its headings and its plan
    """
    context = context or Context()
    if len(text) > _LONGEST_CLAUSE:
        return _read_in_parts(text, context)
    sentences = cut_paragraph(text)
    if not any(sentence.segments for sentence in sentences):
        return ()
    deadlines = find_deadlines(text)
    passage = _Passage(text, deadlines, context, date_lists(text, deadlines))
    above = heading_terms(context.headings)
    nearest = find_terms(context.headings[0]) if context.headings else frozenset()
    statements: list[Statement] = []
    before: frozenset[str] = frozenset()
    for sentence in sentences:
        apart = tell_apart(text, sentence, passage.lists)
        for index, segment in enumerate(sentence.segments):
            around = _Around(before, above, nearest, apart)
            terms, matches = _indicators(text, sentence, index, around)
            own_date = apart.deadlines.get(index)
            read = (_statement(passage, segment, match, own_date) for match in matches)
            for statement in read:
                if statement is not None:
                    statements += _for_each_date(passage, sentence, statement, own_date)
            _keep_past_value(statements, passage, segment, matches[0])
            before = terms
        if not sentence.segments:
            before = borrow(find_terms(text[sentence.start : sentence.end]), before)
    return tuple(
        each
        for each in statements
        if not _grows_to_a_level(each, statements) and not _said_in_figures(each, statements)
    )


def _for_each_date(
    passage: _Passage, sentence: Sentence, statement: Statement, own_date: Deadline | None
) -> list[Statement]:
    """ "Đạt 100% vào năm 2025 và 2030": one number with several dates is a target for each of them."""
    run = next(
        (run for run in passage.lists if statement.due and statement.due in {d.due for d in run}), None
    )
    if own_date or not run or len(sentence.segments) > 1 or not sentence.start <= run[0].start < sentence.end:
        return [statement]
    return [replace(statement, year=each.year, due=each.due) for each in run]


def _said_in_figures(universal: Statement, statements: list[Statement]) -> bool:
    """ "Phổ cập cáp quang đến hộ gia đình; 100% hộ … cáp quang": the worded form adds nothing to the number."""
    return universal.manner == ALL and any(
        each.manner == NUMBER
        and (each.indicator, each.year, each.value) == (universal.indicator, universal.year, universal.value)
        for each in statements
    )


def _keep_past_value(
    statements: list[Statement], passage: _Passage, segment: Segment, match: Match | None
) -> None:
    """ "… đạt 85% (năm 2024: 78,5%)" in a plan of 2025: the value of a past year is the baseline of the target."""
    deadline = governing_deadline(passage.text, segment, passage.deadlines)
    past = _is_past(deadline, passage.context, segment.quantity)
    last = statements[-1] if statements else None
    if past and match and last and last.indicator == match.code and last.baseline is None:
        statements[-1] = replace(last, baseline=segment.quantity.value)


def _read_in_parts(text: str, context: Context) -> tuple[Statement, ...]:
    """A clause far longer than any sentence is read in parts, so that the time stays in step with its length."""
    found: list[Statement] = []
    start = 0
    while start < len(text):
        stop = min(start + _LONGEST_CLAUSE, len(text))
        if stop < len(text):
            half = start + _LONGEST_CLAUSE // 2
            cuts = (text.rfind(mark, half, stop) + 1 for mark in (". ", ";", "\n", ", ", " "))
            stop = next((cut for cut in cuts if cut), stop)
        part = read_statements(text[start:stop], context)
        found += [
            replace(each, start=each.start + start, end=each.end + start, quantity=None) for each in part
        ]
        start = stop
    return tuple(found)


def _grows_to_a_level(growth: Statement, statements: list[Statement]) -> bool:
    """ "Hằng năm tăng 5%, đến năm 2030 đạt 98%": the level is the target, the growth is the way to it."""
    if "growth" not in growth.warnings:
        return False
    return any(
        each.start > growth.start and each.kind == growth.kind and "growth" not in each.warnings
        for each in statements
    )


@dataclass(frozen=True, slots=True)
class _Passage:
    """The clause being read, its dates, and what it inherits."""

    text: str
    deadlines: tuple[Deadline, ...]
    context: Context
    lists: tuple[tuple[Deadline, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Around:
    """Terms a segment may borrow: of what was said before it, of all headings, of the line right above it."""

    before: frozenset[str]
    above: frozenset[str]
    nearest: frozenset[str]
    apart: Respective = field(default_factory=Respective)


def _indicators(
    text: str, sentence: Sentence, index: int, around: _Around
) -> tuple[frozenset[str], list[Match | None]]:
    """Return the segment's terms and its indicator, borrowing only when its own words do not suffice.

    There are several when one number is said of several things that a person has.
    """
    segment = sentence.segments[index]
    floors = floor_terms(segment.floors)
    listed = around.apart.terms.get(index)
    own = (find_terms(text[segment.start : segment.end]) if listed is None else listed) | floors
    topic = find_terms(text[sentence.topic[0] : sentence.topic[1]]) if sentence.topic else frozenset()
    if index in around.apart.terms:
        topic = borrow(around.apart.names, topic)
    after: frozenset[str] = frozenset()
    if index + 1 < len(sentence.segments):
        following = sentence.segments[index + 1]
        after = find_terms(text[following.start : following.end])
    kind = "each" if segment.quantity.manner == EACH else segment.quantity.kind
    counted = find_terms(_counted_words(text, segment)) if listed is None else listed
    attempts = (
        own,
        borrow(own, topic),
        borrow(own, around.above),
        borrow(borrow(own, topic), around.before),
        borrow(borrow(own, topic), without_subjects(around.before)),
        borrow(own, after),
        borrow(borrow(borrow(own, topic), around.before), around.above),
        borrow(own, around.nearest) if not own - floors else own,
        own | around.before if _measured_against(text, segment) else own,
    )
    for terms in attempts:
        match = match_terms(terms, kind=kind, unit=segment.quantity.unit)
        if match is not None and (terms == own or rests_on(match, own, counted=counted)):
            return terms, _of_each_thing(terms, match, kind=kind, unit=segment.quantity.unit)
    return own, [None]


def _measured_against(text: str, segment: Segment) -> bool:
    """ "…, bằng ít nhất 60% số trạm 4G": its words name what the thing named before it is measured against."""
    ahead = fold_same_length(text[segment.start : segment.quantity.start])
    return re.match(r"\W*(?:tuong duong|tuong ung|bang|chiem|dat)\b(?!\s+bang rong)", ahead) is not None


def _counted_words(text: str, segment: Segment) -> str:
    """Return the words that name what is counted: those before the number, or right after one that comes first."""
    ahead = text[segment.start : segment.quantity.start]
    if find_terms(ahead):
        return ahead
    return text[segment.quantity.end : segment.quantity.end + _NAME_REACH]


def _of_each_thing(terms: frozenset[str], match: Match, *, kind: str, unit: str) -> list[Match | None]:
    things = owned_things(terms, match.code)
    if len(things) == 1:
        return [match]
    matches = [match_terms(each, kind=kind, unit=unit) for each in things]
    apart = {each.code: each for each in matches if each is not None}
    return list(apart.values()) or [match]


def _statement(
    passage: _Passage, segment: Segment, match: Match | None, own_date: Deadline | None
) -> Statement | None:
    text, quantity = passage.text, segment.quantity
    comparison = compare(text, quantity)
    entry = indicator_entry(match.code) if match else {}
    grows = comparison.growth and quantity.kind != "times"
    if grows or (entry.get("gap") and _only_removes(text, segment)):
        match, entry = None, {}
    if quantity.manner in {ALL, NONE} and not _universal_fits(text, segment, match, entry):
        return None
    deadline = own_date or governing_deadline(text, segment, passage.deadlines) or passage.context.deadline
    if _is_past(deadline, passage.context, quantity):
        return None
    value, unit, comparator = _level(quantity, comparison, entry)
    if entry.get("gap") and _removes_all(text, segment):
        value, comparator = 0.0, "<="
    words = text[segment.start : segment.end]
    start = segment.start + len(words) - len(words.lstrip(" ,;.:-–+*("))
    return Statement(
        indicator=match.code if match else None,
        comparator=comparator,
        value=value,
        unit=unit,
        year=deadline.year if deadline else None,
        due=deadline.due if deadline else None,
        start=start,
        end=max(start, segment.start + len(words.rstrip(" ,;.:("))),
        statistic=_statistic(_sentence_up_to(text, segment.end), quantity),
        conditions=_conditions(text, segment),
        baseline=segment.baseline,
        upper=quantity.upper,
        relative=_found(_RELATIVE, words),
        maintain=says_maintain(text[: quantity.start]),
        facet=match.facet if match else "",
        scope=tuple(_all_found(_SCOPE, words)),
        warnings=_warnings(quantity, comparison, deadline),
        manner=quantity.manner,
        kind=quantity.kind,
        quantity=quantity,
    )


def _universal_fits(text: str, segment: Segment, match: Match | None, entry: dict[str, object]) -> bool:
    """Tell whether "tất cả", "phổ cập", "không còn" make a target: an indicator and someone who is reached."""
    if match is None:
        return False
    if segment.quantity.manner == NONE or entry.get("gap"):
        return True
    words = text[segment.start : segment.end]
    reached = _REACHED & find_terms(words)
    return bool(reached) and _REACHES.search(fold_same_length(words)) is not None


def _removes(text: str, segment: Segment) -> bool:
    quantity = segment.quantity
    if quantity.manner != NUMBER or quantity.kind != "count":
        return False
    return _REMOVES.search(fold_same_length(_sentence_up_to(text, quantity.start))) is not None


def _removes_all(text: str, segment: Segment) -> bool:
    """ "Xóa toàn bộ 07 điểm lõm sóng còn lại" leaves none."""
    words = fold_same_length(text[segment.start : segment.end])
    return _removes(text, segment) and _THE_REST.search(words) is not None


def _only_removes(text: str, segment: Segment) -> bool:
    """ "Xóa 10 vùng lõm sóng" says how many go, not how many stay."""
    return _removes(text, segment) and not _removes_all(text, segment)


def _level(quantity: Quantity, comparison: Comparison, entry: dict[str, object]) -> tuple[float, str, str]:
    """Return value, unit and comparator: the worded forms and gaps turned into numbers."""
    down = entry.get("better") == "down"
    if entry.get("gap") and (quantity.manner == NONE or (quantity.kind == "share" and quantity.value == 100)):
        return 0.0, "điểm" if quantity.unit == "điểm" else str(entry["gap"]), "<="
    if quantity.manner == EACH:
        if entry.get("each"):
            return quantity.value, str(entry["each"]), comparison.comparator or ">="
        if not entry:
            return quantity.value, f"/{quantity.unit}", comparison.comparator or ">="
        return 100.0, "%", ">="
    default = "<=" if down and not comparison.growth else ">="
    return quantity.value, quantity.unit, comparison.comparator or default


def _is_past(deadline: Deadline | None, context: Context, quantity: Quantity) -> bool:
    if deadline is None or context.plan_year is None:
        return False
    return deadline.year < context.plan_year and quantity.manner == NUMBER


def _statistic(words: str, quantity: Quantity) -> str:
    folded = fold_same_length(words)
    if quantity.kind in {"share", "per_hundred"} or quantity.manner in {EACH, ALL}:
        return "share"
    if "trung vi" in folded:
        return "median"
    if quantity.kind in {"count"}:
        return "count"
    if re.search(r"\b(?:trung binh|binh quan)\b", folded):
        return "mean"
    return "ratio" if quantity.kind in {"times", "pue"} else "value"


def _sentence_up_to(text: str, end: int) -> str:
    """Return the sentence before ``end``: "trung bình" is said once for "40 Mb/s … và 100 Mb/s"."""
    return re.split(r"[.;]\s", text[max(0, end - _LONGEST_SENTENCE) : end])[-1]


def _conditions(text: str, segment: Segment) -> tuple[str, ...]:
    words = text[segment.start : segment.end]
    folded = fold_same_length(words)
    found = [f"tốc độ {text[floor.start : floor.end].strip()}" for floor in segment.floors]
    found += [words[m.start() : m.end()].strip() for m in _CONDITION.finditer(folded)]
    if words.rstrip().endswith("("):  # the share of tests that must pass stands in the bracket that follows
        found.append(re.split(r"\)", text[segment.end :], maxsplit=1)[0].strip())
    for bracket in _BRACKETS.finditer(words):
        inside = fold_same_length(bracket.group(1))
        new = not any(bracket.group(1).strip() in each or each in bracket.group(1) for each in found)
        if new and not re.search(r"hien (?:tai|nay|trang|dat)|^\s*\d+/\d+", inside):
            found.append(bracket.group(1).strip())
    return tuple(dict.fromkeys(found))


def _warnings(quantity: Quantity, comparison: Comparison, deadline: Deadline | None) -> tuple[str, ...]:
    found = []
    if quantity.per_hundred:
        found.append("unit_per_hundred")
    if comparison.about:
        found.append("about")
    if quantity.upper is not None:
        found.append("range")
    if comparison.growth:
        found.append("growth")
    if deadline is not None and deadline.due is None:
        found.append("impossible_date")
    return tuple(found)


def _found(pattern: re.Pattern[str], words: str) -> str:
    match = pattern.search(fold_same_length(words))
    return words[match.start() : match.end()].strip() if match else ""


def _all_found(pattern: re.Pattern[str], words: str) -> list[str]:
    return [words[m.start() : m.end()].strip() for m in pattern.finditer(fold_same_length(words))]
