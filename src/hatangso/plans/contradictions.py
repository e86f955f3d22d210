"""Values of one plan that do not agree: the text asks 3 km per post point, the annex 1 km."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Where
from hatangso.plans.matching import find_terms
from hatangso.plans.quantities import NUMBER
from hatangso.plans.sections import PRESENT, section_of
from hatangso.plans.statements import Context, Statement, read_statements
from hatangso.plans.targets import statements_of
from hatangso.plans.vocabulary import word_list

if TYPE_CHECKING:
    from hatangso.plans.reading import Plan

_AT_LEAST, _AT_MOST = {">=", ">"}, {"<=", "<"}


@dataclass(frozen=True, slots=True)
class Said:
    """A value said somewhere in the plan: which indicator, how much, by when, in which words, where."""

    indicator: str
    comparator: str
    value: float
    unit: str
    year: int | None
    facet: str
    words: str
    where: Where
    target: bool


def find_contradictions(plan: Plan) -> list[tuple[Said, Said]]:
    """Return pairs of values that cannot both be meant, or that a reader must choose between.

    Rule: the same indicator (or two that speak of one thing), the same unit and year, different values; within
    the section of targets only where the words count the same thing, so that 80 % of roads and 100 % of schools
    do not clash. Each place is paired once, with the first target it differs from: a plan that names one
    indicator for fifty places does not make a thousand warnings.
    """
    targets = _from_targets(plan)
    others = list(_from_elsewhere(plan, {target.where.clause for target in targets}))
    found = []
    for at, second in enumerate(targets):
        clashing = (first for first in targets[:at] if _clash(first, second))
        found += [(first, second) for first in itertools.islice(clashing, 1)]
    for other in others:
        against = next((t for t in targets if _comparable(t, other) and _differ(t, other)), None)
        agrees = any(_comparable(t, other) and not _differ(t, other) for t in targets)
        if against is not None and not agrees:
            found.append((against, other))
    return found


def _clash(first: Said, second: Said) -> bool:
    apart = first.where.clause != second.where.clause
    return apart and _same_matter(first, second) and _differ(first, second)


def _from_targets(plan: Plan) -> list[Said]:
    return [
        Said(t.indicator, t.comparator, t.value, t.unit, t.year, t.facet, t.text, t.where, True)
        for t in plan.targets
        if t.indicator is not None and t.value is not None and "growth" not in t.warnings
    ]


def _from_elsewhere(plan: Plan, seen: set[str]) -> Iterator[Said]:
    """Yield what tasks, solutions and annexes state; what tells how things stand is no demand."""
    document = plan.document
    for clause in document.clauses:
        if clause.part not in {kinds.BODY, kinds.ANNEX} or clause.id in seen or not clause.text:
            continue
        if clause.kind == kinds.TABLE_ROW or section_of(document, clause) == PRESENT:
            continue
        for statement in _read(plan, clause):
            if statement.indicator is None or statement.manner != NUMBER or "growth" in statement.warnings:
                continue
            words = clause.text[statement.start : statement.end]
            where = clause.span(statement.start, statement.end)
            yield Said(
                statement.indicator,
                statement.comparator,
                statement.value,
                statement.unit,
                statement.year,
                statement.facet,
                words,
                where,
                False,
            )


def _read(plan: Plan, clause: Clause) -> tuple[Statement, ...]:
    """A cell of a table takes the words it lacks from the other cells of its row."""
    if clause.kind != kinds.TABLE_CELL or clause.parent is None:
        return statements_of(plan.document, clause, plan.header)
    row = plan.document.clause(clause.parent)
    beside = tuple(
        cell.text for cell in plan.document.children(row) if cell.id != clause.id and len(cell.text) > 8
    )
    context = Context(headings=beside[:1])
    until = next((task.last_year for task in plan.tasks if task.where.clause == row.id), None)
    until = until or (plan.header.period[1] if plan.header.period else None)
    return tuple(
        statement if statement.year else replace(statement, year=until)
        for statement in read_statements(clause.text, context)
    )


def _comparable(first: Said, second: Said) -> bool:
    if first.unit and second.unit and not _same_unit(first, second):
        return False
    if first.year is not None and second.year is not None and first.year != second.year:
        return False
    if first.indicator == second.indicator:
        return first.facet == second.facet
    return any({first.indicator, second.indicator} <= set(group) for group in word_list("lint")["related"])


def _same_unit(first: Said, second: Said) -> bool:
    return first.unit == second.unit or {first.unit, second.unit} == {"km", "km/điểm"}


def _same_matter(first: Said, second: Said) -> bool:
    if first.indicator != second.indicator or not _comparable(first, second):
        return False
    scopes = frozenset(word_list("lint")["scopes"])
    return find_terms(first.words) & scopes == find_terms(second.words) & scopes


def _differ(first: Said, second: Said) -> bool:
    return abs(first.value - second.value) > 1e-9 or (
        first.comparator in _AT_LEAST and second.comparator in _AT_MOST
    )
