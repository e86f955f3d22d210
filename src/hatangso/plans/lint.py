"""The linter of a plan: what a careful colleague would ask about before it is signed or carried out."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from hatangso import catalogue, offices
from hatangso.plans import document as kinds
from hatangso.plans.contradictions import Said, find_contradictions
from hatangso.plans.deadlines import find_deadlines
from hatangso.plans.document import Clause, Where
from hatangso.plans.matching import indicator_entry
from hatangso.plans.places import place_of, quote
from hatangso.plans.targets import Target
from hatangso.vietnamese import format_number

if TYPE_CHECKING:
    from hatangso.plans.reading import Plan

CONTRADICTION = "contradiction"
PER_HUNDRED = "unit_per_hundred"
OVER_HUNDRED = "share_over_100"
MISSING_NUMBER = "missing_number"
REPEATED_NUMBER = "repeated_number"
NO_BASELINE = "no_baseline"
NO_YEAR = "no_year"
NO_LEAD = "task_without_lead"
ENDED_OFFICE = "ended_office"
BELOW_NATIONAL = "below_national"
BELOW_PARENT = "below_parent"
IMPOSSIBLE_DATE = "impossible_date"
PAST_DEADLINE = "past_deadline"
VAGUE_NUMBER = "vague_number"

_SURE = 0.9  # a full name or an abbreviation, not a near spelling
_LETTERS = "abcdđeghiklmnopqrstuvxy"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_SIGNS = {">=": "từ {} trở lên", ">": "trên {}", "<=": "không quá {}", "<": "dưới {}", "=": "{}"}


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """A finding: a code for programs, a Vietnamese sentence for people, the place it is shown at."""

    code: str
    text: str
    where: Where


def lint_plan(plan: Plan, *, parent: Iterable[Target] = (), as_of: date | None = None) -> list[PlanWarning]:
    """Return what is doubtful in a plan, in the order of the places.

    Rules, each with its code: values that contradict each other; "/100 dân" counted in percent and shares above
    100 %; numbers missing or repeated in a list; targets without a present value, without a year, with a date
    that does not exist or is over; tasks without a lead; work given to offices that have ended by the last year
    of the plan (or by ``as_of``); targets below the national ones in force and below those of the parent plan.
    A sentence about a restricted clause stands at that clause, so that it is hidden with it.

    Parameters
    ----------
    plan : the plan as read
    parent : targets of the plan it follows, where known
    as_of : the day on which offices must still exist; the end of the plan's last year when None
    """
    found = [
        *_contradictions(plan),
        *_units(plan),
        *_numbering(plan),
        *_baselines(plan),
        *_dates(plan),
        *_leads(plan),
        *_ended_offices(plan, as_of),
        *_below_national(plan),
        *_below_parent(plan, parent),
    ]
    return sorted(found, key=lambda warning: (warning.where.start, warning.code))


def _contradictions(plan: Plan) -> Iterator[PlanWarning]:
    for first, second in find_contradictions(plan):
        hidden = [each for each in (first, second) if each.where.clause in plan.restricted]
        where = hidden[0].where if hidden else first.where
        year = f" cho năm {first.year}" if first.year else ""
        text = (
            f"Hai con số{year} không khớp nhau: {place_of(first.where)} ghi {_amount(first)} "
            f"({quote(plan.document, first.where)}), còn {place_of(second.where)} ghi {_amount(second)} "
            f"({quote(plan.document, second.where)}). Cần thống nhất một mức hoặc nói rõ phạm vi của từng mức."
        )
        yield PlanWarning(CONTRADICTION, text, where)


def _units(plan: Plan) -> Iterator[PlanWarning]:
    for target in plan.targets:
        quoted = f"{place_of(target.where)} ({quote(plan.document, target.where)})"
        if "unit_per_hundred" in target.warnings:
            text = (
                f"Chỉ tiêu tại {quoted} tính số thuê bao trên 100 dân nhưng ghi đơn vị %. "
                f"Đã đọc là {format_number(target.value)} thuê bao/100 dân; cần sửa đơn vị."
            )
            yield PlanWarning(PER_HUNDRED, text, target.where)
        if target.unit == "%" and target.value is not None and target.value > 100:
            text = f"Tỷ lệ {format_number(target.value)}% tại {quoted} vượt 100%; cần kiểm tra lại con số hoặc đơn vị."
            yield PlanWarning(OVER_HUNDRED, text, target.where)
        if {"about", "range"} & set(target.warnings):
            level = _SIGNS[target.comparator].format(_with_unit(target.value, target.unit))
            text = (
                f"Chỉ tiêu tại {quoted} ghi mức không dứt khoát; đã đọc là {level}. "
                "Cần ghi rõ mức tối thiểu hoặc tối đa."
            )
            yield PlanWarning(VAGUE_NUMBER, text, target.where)


def _numbering(plan: Plan) -> Iterator[PlanWarning]:
    """Look through every list of brothers with the same kind of marker."""
    lists: dict[tuple[str | None, str, str], list[tuple[int, Clause]]] = defaultdict(list)
    for clause in plan.document.clauses:
        read = _ordinal(clause.marker)
        if read is not None and clause.part in {kinds.BODY, kinds.ANNEX, kinds.DECISION}:
            style, number = read
            lists[(clause.parent, clause.part, style)].append((number, clause))
    for items in lists.values():
        for (before, left), (after, right) in pairwise(items):
            if after > before + 1:
                text = (
                    f"Thiếu số thứ tự giữa {quote(plan.document, _head(left))} và "
                    f"{quote(plan.document, _head(right))} (nhảy từ “{left.marker}” sang “{right.marker}”): "
                    "có thể bị sót một mục."
                )
                yield PlanWarning(MISSING_NUMBER, text, right.where)
            elif after == before:
                text = (
                    f"Số thứ tự “{right.marker}” dùng hai lần: {quote(plan.document, _head(left))} và "
                    f"{quote(plan.document, _head(right))}."
                )
                yield PlanWarning(REPEATED_NUMBER, text, right.where)


def _baselines(plan: Plan) -> Iterator[PlanWarning]:
    numbered = [target for target in plan.targets if target.value is not None]
    without = [target for target in numbered if target.baseline is None and not target.maintain]
    if without:
        first = without[0]
        text = (
            f"{len(without)} trong {len(numbered)} chỉ tiêu không nêu hiện trạng, nên không biết đi từ đâu; "
            f"ví dụ {place_of(first.where)}: {quote(plan.document, first.where)}. "
            "Cần ghi số liệu hiện tại và thời điểm của số liệu."
        )
        yield PlanWarning(NO_BASELINE, text, first.where)
    for target in plan.targets:
        if target.year is None:
            text = f"Chỉ tiêu tại {place_of(target.where)} ({quote(plan.document, target.where)}) không có năm phải đạt."
            yield PlanWarning(NO_YEAR, text, target.where)


def _dates(plan: Plan) -> Iterator[PlanWarning]:
    for clause in plan.document.clauses:
        for deadline in find_deadlines(clause.text) if clause.text else ():
            if deadline.due is None:
                where = clause.span(deadline.start, deadline.end)
                text = f"{place_of(where)} ghi một ngày không có trong lịch: {quote(plan.document, where)}."
                yield PlanWarning(IMPOSSIBLE_DATE, text[0].upper() + text[1:], where)
    for duty in plan.duties:
        if duty.month and duty.day and not _exists(duty.day, duty.month, duty.year):
            text = (
                f"Hạn báo cáo ngày {duty.day}/{duty.month} tại {place_of(duty.where)} không có trong lịch: "
                f"{quote(plan.document, duty.where)}."
            )
            yield PlanWarning(IMPOSSIBLE_DATE, text, duty.where)
    signed = plan.header.date
    for target in plan.targets:
        if signed is not None and target.due is not None and target.due < signed:
            text = (
                f"Chỉ tiêu tại {place_of(target.where)} ({quote(plan.document, target.where)}) có hạn "
                f"{target.due:%d/%m/%Y}, trước ngày ký {signed:%d/%m/%Y}."
            )
            yield PlanWarning(PAST_DEADLINE, text, target.where)


def _leads(plan: Plan) -> Iterator[PlanWarning]:
    for task in plan.tasks:
        if not task.lead:
            number = f" số {task.number}" if task.number else ""
            text = f"Nhiệm vụ{number} tại {place_of(task.where)} (“{_shortened(task.name)}”) chưa giao cho cơ quan nào chủ trì."
            yield PlanWarning(NO_LEAD, text, task.where)


def _ended_offices(plan: Plan, as_of: date | None) -> Iterator[PlanWarning]:
    """One sentence for each office that ends before the plan does, with the places that still count on it."""
    until = plan.header.period[1]
    horizon = as_of or (date(until, 12, 31) if until else plan.header.date)
    written = _written_on(plan) or horizon
    if horizon is None:
        return
    places: dict[str, list[tuple[str, Where]]] = {}
    ended: dict[str, offices.Office] = {}
    for words, what, where in _named_offices(plan):
        for office in _offices_in(words, written, plan.header.level):
            if office.valid_until is not None and office.valid_until <= horizon:
                ended[office.code] = office
                places.setdefault(office.code, []).append((what, where))
    for code, office in ended.items():
        shown = [each for each in places[code] if each[1].clause not in plan.restricted] or places[code]
        what, where = shown[0]
        more = f" và {len(shown) - 1} chỗ khác" if len(shown) > 1 else ""
        text = (
            f"{office.name} đã kết thúc từ {office.valid_until:%d/%m/%Y} nhưng vẫn có việc trong thời gian kế hoạch: "
            f"{what} tại {place_of(where)}{more}. {_who_now(office, horizon)}"
        )
        yield PlanWarning(ENDED_OFFICE, text, where)


def _offices_in(words: str, on: date | None, level: str | None) -> list[offices.Office]:
    """Return the offices a text names, of twins the one in force on the day and of the level of the plan."""
    found: dict[int, offices.Office] = {}
    for match in offices.find(words, on=on, level=level) if words.strip() else ():
        if match.score >= _SURE:
            found.setdefault(match.start, match.office)
    return list(found.values())


def _who_now(office: offices.Office, horizon: date) -> str:
    holding = offices.holder(office, on=horizon)
    if holding.holder is not None:
        return f"Nơi nhận việc: {holding.holder.name}; cần xác nhận."
    return holding.reason_vi


def _named_offices(plan: Plan) -> Iterator[tuple[str, str, Where]]:
    for duty in plan.duties:
        yield duty.to or "", "nơi nhận báo cáo", duty.where
        yield duty.who or "", "nơi phải báo cáo", duty.where
    for task in plan.tasks:
        yield "; ".join(task.lead), "cơ quan chủ trì", task.where
        yield "; ".join(task.partners), "cơ quan phối hợp", task.where
    for assignment in plan.assignments:
        yield assignment.office, "phần tổ chức thực hiện", assignment.where


def _below_national(plan: Plan) -> Iterator[PlanWarning]:
    on = _written_on(plan)
    for target in plan.targets:
        if target.indicator is None or target.value is None or target.year is None:
            continue
        demands = [
            national
            for national in catalogue.national_targets(on=on, indicator=target.indicator)
            if national.scope == "each_area"
            and national.due.year <= target.year
            and national.unit == target.unit
            and _short_of(target, national.value)
        ]
        if demands:
            national = demands[0]
            documents = " và ".join(dict.fromkeys(each.basis.document for each in demands))
            text = (
                f"Chỉ tiêu tại {place_of(target.where)} ({quote(plan.document, target.where)}) là "
                f"{_with_unit(target.value, target.unit)} năm {target.year}, chưa bằng mục tiêu quốc gia "
                f"“{national.name_vi}” là {_with_unit(national.value, national.unit)} đến năm "
                f"{national.due.year} (Quyết định {documents})."
            )
            yield PlanWarning(BELOW_NATIONAL, text, target.where)


def _written_on(plan: Plan) -> date | None:
    """Return the day of the plan, the first day of its first year where none is written."""
    first = plan.header.period[0]
    return plan.header.date or (date(first, 1, 1) if first else None)


def _below_parent(plan: Plan, parent: Iterable[Target]) -> Iterator[PlanWarning]:
    above: dict[tuple[str, int, str], Target] = {}
    for target in parent:
        if target.indicator and target.year and target.value is not None:
            above[(target.indicator, target.year, target.unit)] = target
    for target in plan.targets:
        if target.indicator is None or target.year is None or target.value is None:
            continue
        higher = above.get((target.indicator, target.year, target.unit))
        if higher is not None and higher.value is not None and _short_of(target, higher.value):
            text = (
                f"Chỉ tiêu tại {place_of(target.where)} ({quote(plan.document, target.where)}) là "
                f"{_with_unit(target.value, target.unit)}, chưa bằng kế hoạch cấp trên: “{_shortened(higher.text)}” "
                f"({_with_unit(higher.value, higher.unit)}, năm {higher.year})."
            )
            yield PlanWarning(BELOW_PARENT, text, target.where)


def _short_of(target: Target, demanded: float) -> bool:
    """Tell whether a target asks less than ``demanded``, the better direction of the indicator considered."""
    assert target.indicator is not None and target.value is not None
    if indicator_entry(target.indicator).get("better") == "down":
        return target.value > demanded
    return target.value < demanded


def _ordinal(marker: str) -> tuple[str, int] | None:
    """Return the style and number of a marker: "IV." is (roman, 4), "đ)" is (letter, 5), "3.2." is (3., 2)."""
    mark = marker.strip().lower().strip("().:- ")
    if re.fullmatch(r"\d{1,3}", mark):
        return "number" + marker.strip()[-1:], int(mark)
    dotted = re.fullmatch(r"((?:\d{1,3}\.)+)(\d{1,3})", mark)
    if dotted:
        return dotted.group(1), int(dotted.group(2))
    if re.fullmatch(r"[ivxl]+", mark) and marker.strip("(). :")[:1].isupper():
        return "roman", _roman(mark)
    if len(mark) == 1 and mark in _LETTERS:
        return "letter", _LETTERS.index(mark) + 1
    named = re.fullmatch(r"(điều|phần|chương|mục)\s+(\d{1,3})", mark)
    return (named.group(1), int(named.group(2))) if named else None


def _roman(mark: str) -> int:
    values = [_ROMAN[letter] for letter in mark]
    return sum(-v if v < max(values[at + 1 :], default=0) else v for at, v in enumerate(values))


def _head(clause: Clause) -> Where:
    return Where(clause.id, clause.start, min(clause.end, clause.start + 90))


def _exists(day: int, month: int, year: int | None) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 2024, month)[1]


def _amount(said: Said) -> str:
    return _SIGNS[said.comparator].format(_with_unit(said.value, said.unit))


def _with_unit(value: float | None, unit: str) -> str:
    return f"{format_number(value)}{'' if unit in {'%', ''} or unit.startswith('/') else ' '}{unit}"


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 100 else words[:99].rsplit(" ", 1)[0] + "…"
