"""A table someone sends → figures per area and variable, with every problem at its row and column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from hatangso.cells import Column, convert_cells
from hatangso.errors import InputError
from hatangso.indicators.checks import ERROR, WARNING, known_variable, read_figure
from hatangso.indicators.placing import Place, Placed, is_total
from hatangso.indicators.table_kinds import AREA_COLUMNS, KindFigure, TableKind
from hatangso.readers import is_blank
from hatangso.vietnamese import format_number

_SEVERAL = ("/", ",", ";", "+", "&", "|")


@dataclass(frozen=True)
class SentTable:
    """A table as it lies in a file: cells by header, and the number people see beside each row."""

    cells: pl.DataFrame
    rows: tuple[int, ...]


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row (number as people see it) in a column of the sender; no column: the whole row."""

    row: int
    header: str
    severity: str
    sentence: str


@dataclass(frozen=True)
class TakenFigure:
    """One figure: whose (``operator``: as the finder names it, "" for the area's own), where, how much, from which rows.

    ``evidence`` holds what tells how far it can be relied on: tests, or low and high.
    """

    area_code: str
    operator: str
    variable: str
    value: float
    rows: tuple[int, ...]
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Intake:
    """What a table gives: figures, problems, how many rows were read; totals and rows without any figure are left out."""

    figures: tuple[TakenFigure, ...]
    problems: tuple[RowProblem, ...]
    read: int
    left_out: int

    @property
    def errors(self) -> int:
        """How many problems stand in the way."""
        return sum(problem.severity == ERROR for problem in self.problems)


@dataclass(frozen=True)
class Finders:
    """Who knows places and firms: a place → its commune; a written firm → its key, or None for one unknown."""

    place: Callable[[Place], Placed]
    operator: Callable[[str], str | None]


@dataclass
class _Reading:
    """A table on its way: typed cells by our column, problems so far, which rows are out."""

    kind: TableKind
    table: SentTable
    header_of: dict[str, str]
    cells: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    out: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    former: set[int] = field(default_factory=set)  # rows of units that are now part of another

    def blame(self, index: int, column: str, sentence: str, *, severity: str = ERROR) -> None:
        """Note a problem; an error takes the row out."""
        if severity == ERROR:
            self.out.add(index)
        header = self.header_of.get(column, "")
        self.problems.append(RowProblem(self.table.rows[index], header, severity, sentence))


def take_figures(
    table: SentTable, kind: TableKind, *, mapping: Mapping[str, str], finders: Finders
) -> Intake:
    """Read a table of a kind and bring out its figures; missing is never zero.

    A row with an error gives nothing; an area gets a sum only when none of its rows leaves the column empty. A count
    is 0 where the area's rows are listed and none fulfils the condition; areas that are not listed have no figure.

    Parameters
    ----------
    mapping : the sender's header → our column
    finders : of places and firms; a firm's key is written into the figures

    Raises
    ------
    InputError
        when columns without which the kind cannot be read are not mapped.
    """
    header_of = {ours: sent for sent, ours in mapping.items() if sent in table.cells.columns}
    if missing := kind.missing_from(header_of):
        raise InputError(
            f"Bảng '{kind.name_vi}'",
            found="chưa có cột " + "; ".join(missing),
            expected="chọn cột ứng với từng mục",
        )
    reading = _Reading(kind, table, header_of)
    reading.left_out = _left_out(reading)
    _type_cells(reading)
    whose = _place_rows(reading, finders)
    _refuse_repeats(reading, whose)
    figures = []
    if whose:
        for figure in kind.obtainable(header_of):
            figures += _figures_of(reading, figure, whose)
    return Intake(
        tuple(figures), tuple(sorted(reading.problems, key=lambda each: (each.row, each.severity))),
        len(table.rows), len(reading.left_out),
    )  # fmt: skip


def _type_cells(reading: _Reading) -> None:
    for column in reading.kind.spec.columns:
        header = reading.header_of.get(column.name)
        blank = reading.kind.blank.get(column.name)
        if header is None:
            reading.cells[column.name] = [blank] * len(reading.table.rows)
            continue
        series = reading.table.cells[header]
        if column.name in reading.kind.several:
            reading.cells[column.name] = _several(reading, series, column)
            continue
        typed, bad = convert_cells(series, column)
        values = typed.to_list()
        for index, value in enumerate(values):
            if index in reading.left_out:
                continue
            if bad[index]:
                reading.blame(index, column.name, _not_expected(column, series[index]))
            elif value is None or value == "":
                values[index] = blank
                if column.required and blank is None:
                    reading.blame(index, column.name, f"cột {header} để trống; cần {column.expected()}")
            elif _outside(column, value):
                reading.blame(index, column.name, _not_expected(column, series[index]))
        reading.cells[column.name] = values


def _left_out(reading: _Reading) -> set[int]:
    """Rows that are no figures of a place: totals, and those empty but for the place (headings, signatures)."""
    found: set[int] = set()
    for name in ("area_code", "area_name"):
        if header := reading.header_of.get(name):
            cells = reading.table.cells[header].to_list()
            found |= {index for index, cell in enumerate(cells) if cell is not None and is_total(str(cell))}
    told = [header for ours, header in reading.header_of.items() if ours not in AREA_COLUMNS]
    columns = [reading.table.cells[header].to_list() for header in told]
    found |= {
        index for index, row in enumerate(zip(*columns, strict=True)) if all(is_blank(cell) for cell in row)
    }
    return found


def _several(reading: _Reading, series: pl.Series, column: Column) -> list[tuple[str, ...] | None]:
    """Read cells that may name several categories ("2G/4G")."""
    found: list[tuple[str, ...] | None] = []
    for index, cell in enumerate(series.to_list()):
        text = "" if cell is None else str(cell).strip()
        for mark in _SEVERAL[1:]:
            text = text.replace(mark, "/")
        parts = [part.strip() for part in text.split("/") if part.strip()]
        typed, bad = convert_cells(pl.Series(parts, dtype=pl.String), column)
        found.append(tuple(dict.fromkeys(value for value in typed.to_list() if value)))
        if index in reading.left_out:
            continue
        if bad.any():
            reading.blame(index, column.name, _not_expected(column, cell))
        elif not parts and column.required:
            reading.blame(index, column.name, f"cột {series.name} để trống; cần {column.expected()}")
    return found


def _place_rows(reading: _Reading, finders: Finders) -> dict[int, tuple[str, str]]:
    """Return row → (commune, firm) for the rows that count."""
    whose: dict[int, tuple[str, str]] = {}
    parts = [
        reading.cells.get(name) or [None] * len(reading.table.rows) for name in (*AREA_COLUMNS, "operator")
    ]
    for index, (code, name, upper, lon, lat, firm) in enumerate(zip(*parts, strict=True)):
        if index in reading.left_out:
            continue
        placed = finders.place(Place(code or "", name or "", upper or "", lon, lat))
        shown = next((part for part in ("area_code", "area_name", "lon") if part in reading.header_of), "")
        if placed.fault:
            reading.blame(index, shown, placed.fault)
        elif (key := finders.operator(firm or "")) is None:
            said = (
                f"'{firm}' không phải doanh nghiệp bạn được nạp"
                if firm
                else "chưa biết số của doanh nghiệp nào"
            )
            reading.blame(index, "operator" if firm else shown, said)
        else:
            if placed.is_former:
                reading.former.add(index)
            if placed.note:
                reading.blame(index, shown, placed.note, severity=WARNING)
            if index not in reading.out:
                whose[index] = (placed.area_code, key)
    return whose


def _refuse_repeats(reading: _Reading, whose: dict[int, tuple[str, str]]) -> None:
    """Blame rows that repeat what may stand once: a station of the same firm, a school of the same commune."""
    unique = reading.kind.unique
    if not unique:
        return
    first: dict[tuple[Any, ...], int] = {}
    for index in list(whose):
        for key in _keys(reading, index, tuple(name for name in unique if name != "area")):
            full = (whose[index] if "area" in unique else whose[index][1], *key)
            if full in first and first[full] != index:
                row = reading.table.rows[first[full]]
                reading.blame(index, unique[-1], f"lặp lại dòng {row}; hãy giữ một dòng")
            first.setdefault(full, index)
    for index in reading.out & whose.keys():
        del whose[index]


def _figures_of(
    reading: _Reading, figure: KindFigure, whose: Mapping[int, tuple[str, str]]
) -> list[TakenFigure]:
    by_unit: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, unit in whose.items():
        by_unit[unit].append(index)
    found = []
    for (area, firm), rows in by_unit.items():
        chosen = [index for index in rows if _holds(reading, index, figure)]
        value = _value(reading, figure, chosen, rows)
        if value is None:
            continue
        variable = known_variable(figure.variable)
        if variable is None:
            raise InputError(
                f"Loại bảng {reading.kind.code}", found=f"biến {figure.variable} không có trong danh mục"
            )
        if variable.kind == "count":
            value = float(round(value))
        try:
            read_figure(variable, value)
        except InputError as fault:
            reading.blame(rows[0], figure.column, str(fault))
            continue
        behind = chosen or rows
        found.append(
            TakenFigure(
                area, firm, figure.variable, value, tuple(reading.table.rows[index] for index in behind),
                _evidence(reading, behind),
            )
        )  # fmt: skip
    return found


def _value(reading: _Reading, figure: KindFigure, chosen: Sequence[int], rows: Sequence[int]) -> float | None:
    if figure.how == "count":
        unknown = [index for index in rows if _is_unknown(reading, index, figure)]
        for index in unknown:
            column = next(
                part.column for part in figure.where if reading.cells[part.column][index] in (None, ())
            )
            reading.blame(index, column, "để trống nên chưa đếm được xã này", severity=WARNING)
        if unknown:
            return None
        return float(len({key for index in chosen for key in _keys(reading, index, figure.distinct, figure)}))
    cells = reading.cells[figure.column]
    values = [cells[index] for index in chosen]
    if not values or any(value is None for value in values):
        for index in chosen:
            if cells[index] is None and any(value is not None for value in values):
                reading.blame(index, figure.column, "để trống nên chưa cộng được xã này", severity=WARNING)
        return None
    if figure.how == "value" and len(values) > 1 and not _are_parts(reading, figure, chosen):
        others = ", ".join(str(reading.table.rows[index]) for index in chosen[:-1])
        reading.blame(chosen[-1], figure.column, f"xã này đã có ở dòng {others}; hãy giữ một dòng")
        return None
    return float(sum(values))


def _are_parts(reading: _Reading, figure: KindFigure, rows: Sequence[int]) -> bool:
    """Say whether rows of one commune are the former units it was made of: their figures add up where such do."""
    variable = known_variable(figure.variable)
    if variable is None or not variable.additive or len(set(rows) - reading.former) > 1:
        return False
    named = [
        tuple((reading.cells.get(name) or {index: None})[index] for name in AREA_COLUMNS) for index in rows
    ]
    return len(set(named)) == len(named)


def _holds(reading: _Reading, index: int, figure: KindFigure) -> bool:
    for condition in figure.where:
        cell = reading.cells[condition.column][index]
        if condition.at_least is not None:
            if cell is None or cell < condition.at_least:
                return False
        elif isinstance(cell, tuple):
            if not set(cell) & set(condition.among):
                return False
        elif cell not in condition.among:
            return False
    return True


def _is_unknown(reading: _Reading, index: int, figure: KindFigure) -> bool:
    return any(reading.cells[part.column][index] in (None, ()) for part in figure.where)


def _keys(
    reading: _Reading, index: int, columns: Sequence[str], figure: KindFigure | None = None
) -> list[tuple[Any, ...]]:
    """The combinations a row stands for: one, or one per category of a cell that lists several."""
    keys: list[tuple[Any, ...]] = [()]
    for column in columns:
        cell = reading.cells[column][index]
        parts = cell if isinstance(cell, tuple) else (cell,)
        keys = [(*key, part) for key in keys for part in parts]
    return keys if columns else [(index,)]


def _evidence(reading: _Reading, rows: Sequence[int]) -> dict[str, float]:
    found = {}
    for name, column in reading.kind.evidence.items():
        values = [reading.cells[column][index] for index in rows]
        if values and all(value is not None for value in values):
            found[name] = float(sum(values))
    return found


def _outside(column: Column, value: Any) -> bool:
    low = column.minimum is not None and value < column.minimum
    return low or (column.maximum is not None and value > column.maximum)


def _not_expected(column: Column, cell: Any) -> str:
    shown = format_number(cell) if isinstance(cell, float) else str(cell)
    sentence = f"'{shown[:60]}' không dùng được; cần {column.expected()}"
    return sentence + (". Nếu chưa biết thì để trống" if column.nullable else "")
