"""The targets of a plan: what is to be reached, how much, by when, and the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Protocol

from hatangso.plans import document as kinds
from hatangso.plans.deadlines import Deadline, find_deadlines, heading_year
from hatangso.plans.document import Clause, Document, Table, Where
from hatangso.plans.matching import Match, borrow, find_terms, heading_terms, match_terms
from hatangso.plans.sections import GENERAL, OTHER, PRESENT, TARGET, UNKNOWN, headings_above, section_of
from hatangso.plans.segments import cut_paragraph
from hatangso.plans.statements import Context, Statement, read_statements
from hatangso.plans.target_tables import is_target_table, present_value, target_lines
from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold_same_length

# A count without an indicator is a target where something is made: "hình thành 3 trung tâm dữ liệu".
_MAKES = re.compile(
    r"\b(?:hinh thanh|dua vao|xay dung|thu hut|phat trien|lap dat|trien khai|hoan thanh|dau tu|bo sung|cap phep|"
    r"toi thieu|it nhat|ket noi|phan dau co)\b[^,;.]{0,40}$"
)


class PlanHeader(Protocol):
    """What the reading of targets needs to know of the header of a plan."""

    @property
    def period(self) -> tuple[int | None, int | None] | None:
        """First and last year of the plan."""

    @property
    def date(self) -> date | None:
        """Day on which the plan was signed."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a plan.

    Parameters
    ----------
    indicator : code of the catalogue, None where none fits
    comparator : ">=", ">", "<=", "<", or "=" for a qualitative target
    value : the number in ``unit``; None when qualitative; the lower end of a range
    unit : "%", "Mb/s", "km/điểm", "kết nối/người", …; "" when qualitative
    year, due : by when; 31 December unless the plan says a day, month or quarter
    statistic : ``share``, ``mean``, ``median``, ``count``, ``ratio`` or ``value``
    conditions : speed floors, "khi có nhu cầu", "theo lộ trình …", the share of tests that must pass
    baseline : the present value the plan states beside it, in ``unit``
    maintain : the level is reached and must not be broken
    qualitative : an event without a number
    text, where : the words it was read from and their place
    scope : words that narrow it ("tại khu vực trung tâm")
    warnings : ``unit_per_hundred``, ``about``, ``range``, ``growth``, ``impossible_date``
    upper : upper end of a range
    relative : what it is measured against ("so với năm 2024")
    facet : which side of the indicator is meant, where it has several
    """

    indicator: str | None
    comparator: str
    value: float | None
    unit: str
    year: int | None
    due: date | None
    statistic: str
    conditions: tuple[str, ...]
    baseline: float | None
    maintain: bool
    qualitative: bool
    text: str
    where: Where
    scope: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    upper: float | None = None
    relative: str = ""
    facet: str = ""


def read_targets(document: Document, header: PlanHeader) -> list[Target]:
    """Return the targets of a plan in reading order.

    Rule: only clauses under a heading of targets are read ("Mục tiêu", "Chỉ tiêu …", a heading that is a date
    below one), and tables of indicators with values to reach; purposes, tasks, solutions, organisation and legal
    bases never are. A plan without any such heading is read where no heading forbids it, and then only numbers
    whose indicator is known count. The same target said twice in two clauses is kept once.

    Parameters
    ----------
    document : the clause tree
    header : period and date of the plan, inherited by targets without a year
    """
    found = [*_from_clauses(document, header, {TARGET, GENERAL}), *_from_tables(document, header)]
    if not found:
        found = [
            target
            for target in _from_clauses(document, header, {UNKNOWN})
            if target.indicator is not None and not target.qualitative
        ]
    found.sort(key=lambda target: target.where.start)
    return _without_repeats(_with_present_values(document, header, found))


def statements_of(document: Document, clause: Clause, header: PlanHeader) -> tuple[Statement, ...]:
    """Return what a clause states, with the years and terms it inherits from its headings and its plan."""
    return read_statements(clause.text, _context(document, clause, header))


def target_from(statement: Statement, *, text: str, where: Where) -> Target:
    """Return the target of a statement, at this place."""
    return Target(
        indicator=statement.indicator,
        comparator=statement.comparator,
        value=statement.value,
        unit=statement.unit,
        year=statement.year,
        due=statement.due,
        statistic=statement.statistic,
        conditions=statement.conditions,
        baseline=statement.baseline,
        maintain=statement.maintain,
        qualitative=False,
        text=text,
        where=where,
        scope=statement.scope,
        warnings=statement.warnings,
        upper=statement.upper,
        relative=statement.relative,
        facet=statement.facet,
    )


def _from_clauses(document: Document, header: PlanHeader, sections: set[str]) -> Iterator[Target]:
    for clause in document.clauses:
        if clause.part not in {kinds.BODY, kinds.ANNEX, kinds.DECISION} or clause.table is not None:
            continue
        section = section_of(document, clause)
        if section not in sections or not clause.text or clause.kind in {kinds.TABLE_ROW, kinds.TABLE_CELL}:
            continue
        statements = statements_of(document, clause, header)
        for statement in statements:
            if _counts(statement, section, clause.text):
                words = clause.text[statement.start : statement.end]
                where = clause.span(statement.start, statement.end)
                yield target_from(statement, text=words, where=where)
        if section == TARGET and clause.kind != kinds.HEADING:
            yield from _qualitative(document, clause, header, alone=not statements)


def _counts(statement: Statement, section: str, text: str) -> bool:
    """Tell whether a number without an indicator is a target: shares are, counts only when something is made."""
    if statement.indicator is not None:
        return True
    if section != TARGET:
        return False
    if statement.kind in {
        "share",
        "per_hundred",
        "speed",
        "times",
        "load",
        "capacity",
        "per_person",
        "length",
        "radius",
        "each",
    }:
        return True
    if statement.kind != "count" or statement.quantity is None:
        return False
    at = statement.quantity.start
    return _MAKES.search(fold_same_length(text[max(0, at - 100) : at])) is not None


def _from_tables(document: Document, header: PlanHeader) -> Iterator[Target]:
    for table in document.tables:
        if is_target_table(table) and _table_section(document, table) not in {OTHER, PRESENT}:
            yield from _from_table(document, table, header)


def _from_table(document: Document, table: Table, header: PlanHeader) -> Iterator[Target]:
    for line in target_lines(document, table):
        above = _context(document, line.row, header)
        context = replace(
            above, headings=(*line.group, *above.headings), deadline=line.deadline or above.deadline
        )
        statements = read_statements(line.text, context)
        for statement in statements[-1:]:
            baseline = present_value(line.baseline) if line.baseline else statement.baseline
            read = target_from(replace(statement, baseline=baseline), text=line.text, where=line.cell.where)
            yield read


def _table_section(document: Document, table: Table) -> str:
    if table.parent is None:
        return UNKNOWN
    parent = document.clause(table.parent)
    return section_of(document, parent)


def _context(document: Document, clause: Clause, header: PlanHeader) -> Context:
    above = headings_above(document, clause)
    deadline = next((found for found in map(heading_year, above) if found is not None), None)
    deadline = deadline or _deadline_before(document, clause) or _plan_deadline(header)
    return Context(above, deadline, _plan_year(header))


def _deadline_before(document: Document, clause: Clause) -> Deadline | None:
    """A paragraph that opens with a date ("Đến hết năm 2025, …") dates the paragraphs after it as well."""
    return _opening_dates(document).get(clause.id)


@lru_cache(maxsize=4)
def _opening_dates(document: Document) -> dict[str, Deadline]:
    """Return, for each clause, the last date that opens one of the clauses before it under the same heading."""
    last: dict[str, Deadline] = {}
    found: dict[str, Deadline] = {}
    for clause in document.clauses:
        if clause.parent is None:
            continue
        if clause.parent in last:
            found[clause.id] = last[clause.parent]
        dates = [each for each in find_deadlines(clause.text[:60]) if each.role == "due"]
        if dates and len(clause.text[: dates[0].start].split()) <= 3:
            last[clause.parent] = dates[0]
    return found


def _plan_deadline(header: PlanHeader) -> Deadline | None:
    until = header.period[1] if header.period else None
    return Deadline(until, date(until, 12, 31), 0, 0) if until else None


def _plan_year(header: PlanHeader) -> int | None:
    if header.date is not None:
        return header.date.year
    return header.period[0] if header.period else None


@dataclass(frozen=True, slots=True)
class _Event:
    """How a target without a number is told; see ``qualitative`` in ``words/sections.yml``."""

    alone: bool
    compared: bool
    patterns: tuple[re.Pattern[str], ...]


@cache
def _events() -> tuple[_Event, ...]:
    return tuple(
        _Event(
            entry.get("alone", False),
            entry.get("compared", False),
            tuple(re.compile(spaced(pattern)) for pattern in entry["all"]),
        )
        for entry in word_list("sections")["qualitative"]
    )


def _qualitative(document: Document, clause: Clause, header: PlanHeader, *, alone: bool) -> Iterator[Target]:
    """Yield what must happen without a number: a trial, an approval, a level told by comparison; coverage of
    named places where the clause says nothing else."""
    for sentence in cut_paragraph(clause.text):
        words = clause.text[sentence.start : sentence.end]
        folded = fold_same_length(words)
        start = sentence.start + len(words) - len(words.lstrip())
        span = (start, sentence.start + len(words.rstrip()))
        for event in _events():
            if (event.alone and not alone) or not all(pattern.search(folded) for pattern in event.patterns):
                continue
            match = _event_indicator(document, clause, words, compared=event.compared)
            if event.compared and (match is None or sentence.segments):
                continue
            yield _event(document, clause, header, (span, match))
            return


def _event_indicator(document: Document, clause: Clause, words: str, *, compared: bool) -> Match | None:
    terms = borrow(find_terms(words), heading_terms(headings_above(document, clause)))
    kinds_tried = (("speed", "Mb/s"), ("share", "%")) if compared else (("event", ""),)
    found = (match_terms(terms, kind=kind, unit=unit) for kind, unit in kinds_tried)
    return next((match for match in found if match is not None), None)


def _event(
    document: Document, clause: Clause, header: PlanHeader, read: tuple[tuple[int, int], Match | None]
) -> Target:
    span, match = read
    context = _context(document, clause, header)
    dates = [each for each in find_deadlines(clause.text) if each.role == "due"]
    written = [each for each in dates if each.start < span[1]] or dates
    deadline = written[-1] if written else context.deadline
    words = clause.text[span[0] : span[1]]
    return Target(
        indicator=match.code if match else None,
        comparator="=",
        value=None,
        unit="",
        year=deadline.year if deadline else None,
        due=deadline.due if deadline else None,
        statistic="event",
        conditions=(),
        baseline=None,
        maintain=False,
        qualitative=True,
        text=words,
        where=clause.span(*span),
    )


def _with_present_values(document: Document, header: PlanHeader, targets: list[Target]) -> list[Target]:
    """Fill in baselines from the section that tells how things stand, where indicator and unit agree."""
    if all(target.baseline is not None or target.indicator is None for target in targets):
        return targets
    present: dict[tuple[str, str], float] = {}
    for clause in document.clauses:
        if clause.part == kinds.BODY and clause.text and section_of(document, clause) == PRESENT:
            for statement in read_statements(clause.text, Context(headings_above(document, clause))):
                if statement.indicator is not None:
                    present.setdefault((statement.indicator, statement.unit), statement.value)
    return [
        replace(target, baseline=present.get((target.indicator or "", target.unit), target.baseline))
        if target.baseline is None
        else target
        for target in targets
    ]


def _without_repeats(targets: list[Target]) -> list[Target]:
    kept: dict[tuple[object, ...], Target] = {}
    for target in targets:
        key: tuple[object, ...] = (target.year, target.comparator, target.value, target.facet)
        key += (target.indicator,) if target.indicator else (target.text,)
        first = kept.get(key)
        if first is None:
            kept[key] = target
        elif not _alike(first, target, least=0.8 if first.where.clause == target.where.clause else 0.5):
            kept[(*key, target.where.start)] = target
    return list(kept.values())


def _alike(first: Target, second: Target, *, least: float) -> bool:
    """Tell whether two targets say the same in nearly the same words; the shorter may leave some out."""
    one, other = find_terms(first.text), find_terms(second.text)
    if least < 0.8 and (one <= other or other <= one):
        return True
    return len(one & other) >= least * len(one | other)
