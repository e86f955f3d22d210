"""Kinds of tables people send (law/table_kinds.yml): which columns are expected, which variables come out of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from hatangso.errors import InputError
from hatangso.lawfiles import read_entries
from hatangso.tables import Column, TableSpec

AREA_COLUMNS = ("area_code", "area_name", "area_upper", "lon", "lat")
How = Literal["value", "sum", "count"]


@dataclass(frozen=True)
class Condition:
    """Which rows count: those whose ``column`` is one of ``among``, or reaches ``at_least``."""

    column: str
    among: tuple[Any, ...] = ()
    at_least: float | None = None


@dataclass(frozen=True)
class KindFigure:
    """How one variable comes out: the value of a column, its sum, or a count of (different) rows of an area."""

    variable: str
    how: How
    column: str = ""
    distinct: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """The columns without which the variable cannot be had."""
        return frozenset({*self.distinct, *(part.column for part in self.where), self.column} - {""})


@dataclass(frozen=True)
class TableKind:
    """One kind of table: expected columns, figures, whose they are (``per``) and how they came about (``kind``).

    ``several`` names columns whose cells may list several categories; ``blank`` what an empty cell means;
    ``unique`` what together may stand only once; ``evidence`` which columns tell how far figures can be relied on.
    """

    code: str
    name_vi: str
    about_vi: str
    per: Literal["operator", "area"]
    kind: str
    spec: TableSpec
    figures: tuple[KindFigure, ...]
    several: frozenset[str] = frozenset()
    blank: Mapping[str, Any] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def obtainable(self, columns: Collection[str]) -> tuple[KindFigure, ...]:
        """Return the figures that a table with these columns of ours gives."""
        known = {*columns, *self.blank}
        return tuple(figure for figure in self.figures if figure.needs <= known)

    def missing_from(self, columns: Collection[str]) -> list[str]:
        """Say in words what still must be chosen before the table can be read; empty when nothing is missing."""
        missing = [
            column.title for column in self.spec.columns if column.required and column.name not in columns
        ]
        own = {column.name for column in self.spec.columns}
        if "area_code" not in columns and "area_name" not in columns and not {"lon", "lat"} <= set(columns):
            missing.append("Mã xã, hoặc Xã, phường" + (", hoặc Kinh độ và Vĩ độ" if "lon" in own else ""))
        if not missing and not self.obtainable(columns):
            missing.append("ít nhất một cột số liệu")
        return missing


@lru_cache(maxsize=1)
def table_kinds() -> tuple[TableKind, ...]:
    """Return the kinds in the order of the file."""
    return tuple(_kind(entry) for entry in read_entries("table_kinds"))


def table_kind(code: str) -> TableKind:
    """Return a kind by its code. Raises InputError for one that is not in the file."""
    for kind in table_kinds():
        if kind.code == code:
            return kind
    raise InputError(
        "Loại bảng",
        found=f"'{code}'",
        expected="một trong: " + ", ".join(kind.code for kind in table_kinds()),
    )


def _kind(entry: Mapping[str, Any]) -> TableKind:
    columns = entry["columns"]
    return TableKind(
        code=entry["code"],
        name_vi=entry["name_vi"],
        about_vi=entry["about_vi"],
        per=entry["per"],
        kind=entry["kind"],
        spec=TableSpec(entry["name_vi"], tuple(_column(column) for column in columns)),
        figures=tuple(_figure(figure) for figure in entry["figures"]),
        several=frozenset(column["name"] for column in columns if column.get("several")),
        blank={column["name"]: column["blank"] for column in columns if "blank" in column},
        unique=tuple(entry.get("unique", ())),
        evidence=dict(entry.get("evidence", {})),
    )


def _column(entry: Mapping[str, Any]) -> Column:
    required = bool(entry.get("required", False))
    return Column(
        entry["name"],
        entry.get("kind", "text"),
        entry["title"],
        entry.get("unit", ""),
        required=required,
        nullable=not required,
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        categories={str(name): tuple(also) for name, also in entry.get("categories", {}).items()},
        aliases=tuple(str(alias) for alias in entry.get("aliases", ())),
    )


def _figure(entry: Mapping[str, Any]) -> KindFigure:
    conditions = tuple(
        Condition(column, at_least=wanted["at_least"])
        if isinstance(wanted, Mapping)
        else Condition(column, among=tuple(wanted))
        for column, wanted in entry.get("where", {}).items()
    )
    return KindFigure(
        entry["variable"],
        entry["how"],
        entry.get("column", ""),
        tuple(entry.get("distinct", ())),
        conditions,
    )
