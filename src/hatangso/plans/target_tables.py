"""Targets in tables: a row is an indicator, a column a year; unit, present value and group rows are understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hatangso.plans.deadlines import Deadline, find_deadlines
from hatangso.plans.document import Clause, Document, Table
from hatangso.plans.quantities import find_quantities
from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold

_BARE = re.compile(
    r"^\s*(?:[≥≤<>=]=?\s*)?(?:(?:trên|dưới|hơn|tối thiểu|tối đa|đạt|từ)\s+)*\d[\d.,]*(?:\s*[-–]\s*\d[\d.,]*)?\s*(?:trở lên|trở xuống)?\s*$",
    re.IGNORECASE,
)
_PER_HUNDRED = re.compile(r"/ ?100 dan|tren 100 dan")
_NATURAL = (
    (re.compile(r"toc do"), "Mb/s"),
    (re.compile(r"ban kinh"), "km/điểm"),
    (re.compile(r"do tre"), "ms"),
    (re.compile(r"^so (?:thon|ap|ban|khu pho|buon|lang)|so vung lom"), "thôn"),
    (re.compile(r"^so (?:luong )?tram|so vi tri"), "trạm"),
    (re.compile(r"ty le|muc do|%|phan tram"), "%"),
)


@dataclass(frozen=True, slots=True)
class TableLine:
    """One value of a target table as a sentence: ``text`` is name, value and unit; ``cell`` is where it stands.

    ``deadline`` is that of the column, ``baseline`` the text of the present-value cell with its unit, ``group``
    the heading rows above.
    """

    text: str
    cell: Clause
    row: Clause
    deadline: Deadline | None
    baseline: str
    group: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    name: int
    unit: int | None
    values: tuple[tuple[int, Deadline | None], ...]
    present: int | None


@cache
def _column_words() -> dict[str, re.Pattern[str]]:
    return {
        key: re.compile("|".join(rf"\b(?:{spaced(word)})" for word in words))
        for key, words in word_list("sections")["columns"].items()
    }


def is_task_table(table: Table) -> bool:
    """Return whether the columns are those of a list of tasks (lead, partners, product, time)."""
    return any(_column_words()["tasks"].search(fold(column)) for column in table.columns)


def is_target_table(table: Table) -> bool:
    """Return whether a table lists indicators with the value to reach, and not tasks.

    A column of leads does not make it a list of tasks where units or values of several years stand beside it.
    """
    columns = _columns(table)
    if columns is None:
        return False
    dated = sum(1 for _, deadline in columns.values if deadline is not None)
    return not is_task_table(table) or columns.unit is not None or dated >= 2


def target_lines(document: Document, table: Table) -> Iterator[TableLine]:
    """Yield one line for each value of a target table, row by row."""
    columns = _columns(table)
    if columns is None:
        return
    group: tuple[str, ...] = ()
    for row_id in table.rows:
        row = document.clause(row_id)
        cells = document.cells(row)
        name = cells.get(columns.name)
        values = [(cells[at], deadline) for at, deadline in columns.values if at in cells]
        values = [(cell, deadline) for cell, deadline in values if re.search(r"\d", cell.text)]
        if name is None or not values:
            texts = [cell.text for cell in cells.values() if len(fold(cell.text)) > 3]
            group = (texts[-1],) if texts else group
            continue
        unit = cells[columns.unit].text if columns.unit in cells else ""
        present = cells[columns.present].text if columns.present in cells else ""
        for cell, deadline in values:
            baseline = _with_unit(present, name.text, unit) if present else ""
            text = f"{name.text.rstrip(' .;:')} đạt {_with_unit(cell.text, name.text, unit)}"
            yield TableLine(text, cell, row, deadline, baseline, group)


def present_value(text: str) -> float | None:
    """Return the number of a present-value cell, None when there is none."""
    quantities = find_quantities(text)
    return quantities[0].value if quantities else None


def _columns(table: Table) -> _Columns | None:
    words = _column_words()
    heads = [fold(column) for column in table.columns]
    name = next(
        (at for at, head in enumerate(heads, 1) if words["name"].search(head) and not _year(head)), None
    )
    if name is None:
        return None
    unit = next((at for at, head in enumerate(heads, 1) if at != name and words["unit"].search(head)), None)
    present, values = None, []
    for at, head in enumerate(heads, 1):
        if at in {name, unit} or words["number"].fullmatch(head):
            continue
        if words["tasks"].search(head):
            continue
        if words["present"].search(head):
            present = present or at
        elif _year(head) or words["value"].search(head):
            values.append((at, _year(table.columns[at - 1])))
    return _Columns(name, unit, tuple(values), present) if values else None


def _year(head: str) -> Deadline | None:
    dates = [each for each in find_deadlines(head) if each.role in {"due", "orientation"}]
    return dates[0] if dates else None


def _with_unit(value: str, name: str, unit: str) -> str:
    """Return the cell with a unit: its own, the unit column's, the one in the name, else the natural one."""
    value = value.strip()
    if not _BARE.match(value):
        return value
    unit = unit.strip()
    if _PER_HUNDRED.search(fold(name)):
        return f"{value} thuê bao/100 dân"
    if unit and fold(unit) not in {"-", "x", ""}:
        return f"{value} {_named_unit(unit, name)}"
    bracket = re.search(r"\((%|[A-Za-zÀ-ỹ/0-9 ]{1,20})\)\s*$", name)
    if bracket:
        return f"{value} {_named_unit(bracket.group(1), name)}"
    folded = fold(name)
    natural = next((unit for pattern, unit in _NATURAL if pattern.search(folded)), "")
    return f"{value} {natural}".strip()


def _named_unit(unit: str, name: str) -> str:
    folded = fold(unit)
    if "100 dan" in folded:
        return "thuê bao/100 dân"
    if folded in {"ty le", "ty le %", "phan tram", "ty le (%)"}:
        return "%"
    return unit
