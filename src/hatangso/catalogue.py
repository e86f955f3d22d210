"""The dictionary everything speaks: indicators and national targets in force on a day, from ``law/``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from hatangso.errors import InputError
from hatangso.lawfiles import Entry, read_entries


@dataclass(frozen=True)
class Basis:
    """Where something stands: a document, its article, from when until when (exclusive; None = still)."""

    document: str
    valid_from: date
    valid_until: date | None = None
    article: str = ""
    unverified: str = ""

    def in_force(self, on: date) -> bool:
        """Say whether it held on the day ``on``."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class Variant:
    """A second figure of the same indicator, with parts of its own (stations by technology, jitter)."""

    code: str
    name_vi: str
    name_en: str
    numerator: str
    denominator: str | None = None


@dataclass(frozen=True)
class Indicator:
    """One indicator: how it is called, from which variables it is made, where it stands.

    ``better`` is ``higher`` or ``lower``; ``combine`` says how areas combine (``sum_parts``: add numerators and
    denominators, then divide; ``sum``; ``mergeable_summary``: merge the samples' summaries; ``none``).
    ``minimum`` and ``maximum`` bound what a value can be (None: open).
    """

    code: str
    name_vi: str
    name_en: str
    unit: str
    formula: str
    numerator: str
    denominator: str | None
    better: str
    combine: str
    levels: tuple[str, ...]
    frequency: str
    sources: tuple[str, ...]
    basis: tuple[Basis, ...]
    minimum: float | None = None
    maximum: float | None = None
    base_year: int | None = None
    variants: tuple[Variant, ...] = ()
    note_vi: str = ""
    checked: tuple[tuple[str, date], ...] = ()

    @property
    def unverified(self) -> tuple[str, ...]:
        """Why this indicator is not certain: one reason per basis that could not be read; empty = all read."""
        return tuple(basis.unverified for basis in self.basis if basis.unverified)

    def in_force(self, on: date) -> bool:
        """Say whether any of its documents held on the day ``on``."""
        return any(basis.in_force(on) for basis in self.basis)


@dataclass(frozen=True)
class Condition:
    """What must hold for a case to count: ``speed >= 200 Mb/s`` on average."""

    quantity: str
    statistic: str
    comparator: str
    value: float
    unit: str


@dataclass(frozen=True)
class NationalTarget:
    """A target of the nation that local plans copy or fall short of.

    ``indicator`` is None where the catalogue has none; ``scope`` is ``each_area`` when a local figure may be held
    against it and ``national`` when only the country can meet it; ``value_to`` closes a range.
    """

    code: str
    name_vi: str
    name_en: str
    indicator: str | None
    comparator: str
    value: float
    unit: str
    statistic: str
    due: date
    scope: str
    basis: Basis
    value_to: float | None = None
    base_year: int | None = None
    condition: Condition | None = None
    applies_vi: str = ""


def indicators(*, on: date | None = None) -> tuple[Indicator, ...]:
    """Return the indicators with a document in force on the day ``on`` (all when it is None), in catalogue order."""
    return tuple(entry for entry in _indicators() if on is None or entry.in_force(on))


def indicator(code: str) -> Indicator:
    """Return the indicator of a code such as ``MOB-04``; case does not matter.

    Raises
    ------
    InputError
        when no indicator has that code; the sentence names near codes.
    """
    known = {entry.code: entry for entry in _indicators()}
    found = known.get(code.strip().upper())
    if found is None:
        near = difflib.get_close_matches(code.strip().upper(), list(known), n=3, cutoff=0.5)
        raise InputError(
            f"Chỉ tiêu '{code}'",
            found="không có trong danh mục",
            expected="một mã như MOB-04",
            remedy="Có thể là: " + ", ".join(near) if near else "Xem các mã bằng: hatangso catalogue show",
        )
    return found


def national_targets(*, on: date | None = None, indicator: str | None = None) -> tuple[NationalTarget, ...]:
    """Return the national targets in force on a day, all or those of one indicator, in catalogue order."""
    return tuple(
        target
        for target in _national_targets()
        if (on is None or target.basis.in_force(on)) and (indicator is None or target.indicator == indicator)
    )


@lru_cache(maxsize=1)
def _indicators() -> tuple[Indicator, ...]:
    return tuple(_indicator(entry) for entry in read_entries("indicators"))


@lru_cache(maxsize=1)
def _national_targets() -> tuple[NationalTarget, ...]:
    return tuple(_national_target(entry) for entry in read_entries("national_targets"))


def _basis(entry: Mapping[str, Any]) -> Basis:
    return Basis(
        entry["document"],
        entry["from"],
        entry.get("until"),
        entry.get("article", ""),
        entry.get("unverified", ""),
    )


def _indicator(entry: Entry) -> Indicator:
    lowest, highest = entry.get("range", (None, None))
    return Indicator(
        code=entry["code"],
        name_vi=entry["name_vi"],
        name_en=entry["name_en"],
        unit=entry["unit"],
        formula=entry["formula"],
        numerator=entry["numerator"],
        denominator=entry.get("denominator"),
        better=entry["better"],
        combine=entry["combine"],
        levels=tuple(entry["levels"]),
        frequency=entry["frequency"],
        sources=tuple(entry["sources"]),
        basis=tuple(_basis(item) for item in entry["basis"]),
        minimum=lowest,
        maximum=highest,
        base_year=entry.get("base_year"),
        variants=tuple(Variant(**item) for item in entry.get("variants", ())),
        note_vi=entry.get("note_vi", ""),
        checked=tuple((item["by"], item["on"]) for item in entry.get("checked") or ()),
    )


def _national_target(entry: Entry) -> NationalTarget:
    condition = entry.get("condition")
    return NationalTarget(
        code=entry["code"],
        name_vi=entry["name_vi"],
        name_en=entry["name_en"],
        indicator=entry.get("indicator"),
        comparator=entry["comparator"],
        value=float(entry["value"]),
        unit=entry["unit"],
        statistic=entry["statistic"],
        due=entry["due"],
        scope=entry["scope"],
        basis=_basis(entry),
        value_to=entry.get("value_to"),
        base_year=entry.get("base_year"),
        condition=Condition(**condition) if condition else None,
        applies_vi=entry.get("applies_vi", ""),
    )
