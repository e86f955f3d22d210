"""The dictionary everything speaks: variables, indicators, targets, standards and indexes in force on a day."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from hatangso.errors import InputError
from hatangso.lawentries import (
    Basis,
    Condition,
    Control,
    Criterion,
    CriterionGroup,
    CrosswalkRow,
    Document,
    Formula,
    Index,
    Indicator,
    NationalFigure,
    NationalTarget,
    PlanFamily,
    Rule,
    Standard,
    Variable,
    Variant,
)
from hatangso.lawfiles import Entry, read_entries


class _Dated(Protocol):
    def in_force(self, on: date) -> bool: ...


_D = TypeVar("_D", bound=_Dated)
_T = TypeVar("_T")


def indicators(*, on: date | None = None) -> tuple[Indicator, ...]:
    """Return the indicators with a document in force on the day ``on`` (all when it is None), in catalogue order."""
    return _on(_indicators(), on)


def indicator(code: str) -> Indicator:
    """Return the indicator of a code such as ``MOB-04``; case does not matter.

    Raises
    ------
    InputError
        when no indicator has that code; the sentence names near codes.
    """
    return _found(code.strip().upper(), {entry.code: entry for entry in _indicators()}, "Chỉ tiêu", "MOB-04")


def variables() -> tuple[Variable, ...]:
    """Return every variable, in catalogue order."""
    return _variables()


def variable(code: str) -> Variable:
    """Return the variable of a code such as ``villages_with_4g``, or raise :class:`InputError`."""
    known = {entry.code: entry for entry in _variables()}
    return _found(code.strip().lower(), known, "Biến", "villages_with_4g")


@lru_cache(maxsize=1)
def formulas() -> Mapping[str, Formula]:
    """Return the formulas by name."""
    return MappingProxyType({entry["code"]: Formula(**entry) for entry in read_entries("formulas")})


def documents() -> tuple[Document, ...]:
    """Return every document the catalogue names."""
    return tuple(_documents().values())


def document(number: str) -> Document:
    """Return the document of a number such as ``36/QĐ-TTg``, or raise :class:`InputError`."""
    return _found(number.strip(), _documents(), "Văn bản", "36/QĐ-TTg")


def national_targets(*, on: date | None = None, indicator: str | None = None) -> tuple[NationalTarget, ...]:
    """Return the national targets in force on a day, all or those of one indicator, in catalogue order."""
    return tuple(
        target
        for target in _on(_national_targets(), on)
        if indicator is None or target.indicator == indicator.strip().upper()
    )


@lru_cache(maxsize=1)
def national_figures() -> tuple[NationalFigure, ...]:
    """Return where the country stood, in order of the file."""
    return tuple(NationalFigure(**entry) for entry in read_entries("national_figures"))


def standards(*, on: date | None = None, technology: str | None = None) -> tuple[Standard, ...]:
    """Return the thresholds that bound on a day; without a day all of them, drafts too.

    ``technology`` is ``3G``, ``4G``, ``5G``, ``fixed``, ``emf`` or ``post``.
    """
    chosen = _on(_standards(), on)
    return tuple(standard for standard in chosen if technology in (None, standard.technology))


def rule(code: str, *, on: date | None = None) -> Rule | None:
    """Return a rule by code such as ``EMF-INSPECTION``; None when it did not hold on the day ``on``.

    Raises
    ------
    InputError
        when there never was such a rule.
    """
    found = _found(
        code.strip().upper(), {entry.code: entry for entry in _rules()}, "Quy tắc", "EMF-INSPECTION"
    )
    return found if on is None or found.in_force(on) else None


def rules(*, on: date | None = None) -> tuple[Rule, ...]:
    """Return the rules with parameters that held on a day."""
    return _on(_rules(), on)


def controls(*, on: date | None = None, kind: str | None = None) -> tuple[Control, ...]:
    """Return security levels, dossier parts and layers (``kind``: ``level``, ``dossier``, ``layer``)."""
    return tuple(control for control in _on(_controls(), on) if kind in (None, control.kind))


def plan_families(*, on: date | None = None) -> tuple[PlanFamily, ...]:
    """Return the families of plans that were asked for on a day."""
    return _on(_plan_families(), on)


@lru_cache(maxsize=1)
def crosswalk() -> tuple[CrosswalkRow, ...]:
    """Return which indicator stands for the same idea in each family of plans."""
    return tuple(
        CrosswalkRow(
            code=entry["code"],
            name_vi=entry["name_vi"],
            indicators=MappingProxyType({family: entry[family] for family in "ABC" if family in entry}),
            relation=entry["relation"],
            note_vi=entry.get("note_vi", ""),
        )
        for entry in read_entries("crosswalk")
    )


def counterparts(code: str) -> Mapping[str, tuple[str, str]]:
    """Return, for an indicator, each family that asks the same idea: ``{"B": ("FIX-02", "near")}``.

    ``same`` may be filled from it, ``near`` may not. A family that does not ask is absent.
    """
    wanted = indicator(code).code
    found = {}
    for row in crosswalk():
        if wanted in row.indicators.values():
            for family, other in row.indicators.items():
                found[family] = (other, "same" if other == wanted else row.relation)
    return MappingProxyType(found)


def indexes(*, on: date | None = None) -> tuple[Index, ...]:
    """Return the index editions in force on a day."""
    return _on(_indexes(), on)


def find(code: str) -> object:
    """Return whatever the catalogue has under a code: indicator, variable, target, standard, rule, index, document.

    Raises
    ------
    InputError
        when nothing has that code; the sentence names near codes.
    """
    kinds: tuple[Iterable[Any], ...] = (
        _indicators(),
        _variables(),
        _national_targets(),
        _standards(),
        _rules(),
        _controls(),
        _indexes(),
        _plan_families(),
        formulas().values(),
        national_figures(),
    )
    known = {entry.code: entry for entries in reversed(kinds) for entry in entries} | dict(_documents())
    by_key = {name.casefold(): name for name in known}
    return _found(by_key.get(code.strip().casefold(), code.strip()), known, "Mã", "MOB-04")


def _on(entries: tuple[_D, ...], on: date | None) -> tuple[_D, ...]:
    return entries if on is None else tuple(entry for entry in entries if entry.in_force(on))


def _found(code: str, known: Mapping[str, _T], kind: str, example: str) -> _T:
    if code in known:
        return known[code]
    names = {name.casefold(): name for name in known}
    near = [names[key] for key in difflib.get_close_matches(code.casefold(), list(names), n=3, cutoff=0.5)]
    raise InputError(
        f"{kind} '{code}'",
        found="không có trong danh mục",
        expected=f"một mã như {example}",
        remedy="Có thể là: " + ", ".join(near) if near else "Xem các mã bằng: hatangso catalogue show",
    )


def _basis(entry: Mapping[str, Any]) -> Basis:
    return Basis(
        entry["document"],
        entry["from"],
        entry.get("until"),
        entry.get("article", ""),
        entry.get("unverified", ""),
    )


def _dated(entry: Entry) -> dict[str, Any]:
    """Turn the five dated fields of an entry into one ``basis``; the rest stays, lists as tuples."""
    rest = {key: tuple(cell) if isinstance(cell, list) else cell for key, cell in entry.items()}
    for key in ("document", "from", "until", "article", "unverified"):
        rest.pop(key, None)
    return rest | {"basis": _basis(entry)}


@lru_cache(maxsize=1)
def _indicators() -> tuple[Indicator, ...]:
    return tuple(_indicator(entry) for entry in read_entries("indicators"))


@lru_cache(maxsize=1)
def _variables() -> tuple[Variable, ...]:
    return tuple(
        Variable(
            **{**entry, "additive": entry["additive"] == "yes"}
            | {"decimals": int(entry["decimals"]) if "decimals" in entry else None}
        )
        for entry in read_entries("variables")
    )


@lru_cache(maxsize=1)
def _documents() -> Mapping[str, Document]:
    renamed = {"from": "valid_from", "until": "valid_until"}
    found = (
        Document(**{renamed.get(key, key): cell for key, cell in entry.items()})
        for entry in read_entries("documents")
    )
    return MappingProxyType({entry.number: entry for entry in found})


@lru_cache(maxsize=1)
def _national_targets() -> tuple[NationalTarget, ...]:
    return tuple(_national_target(entry) for entry in read_entries("national_targets"))


@lru_cache(maxsize=1)
def _standards() -> tuple[Standard, ...]:
    return tuple(Standard(**_dated(entry)) for entry in read_entries("standards"))


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(**_dated(entry) | {"parameters": MappingProxyType(entry["parameters"])})
        for entry in read_entries("rules")
    )


@lru_cache(maxsize=1)
def _controls() -> tuple[Control, ...]:
    return tuple(Control(**_dated(entry)) for entry in read_entries("controls"))


@lru_cache(maxsize=1)
def _plan_families() -> tuple[PlanFamily, ...]:
    return tuple(
        PlanFamily(
            code=entry["code"],
            name_vi=entry["name_vi"],
            name_en=entry["name_en"],
            documents=tuple(entry["documents"]),
            indicators=tuple(entry["indicators"]),
            valid_from=entry["from"],
            valid_until=entry.get("until"),
            unverified=entry.get("unverified", ""),
        )
        for entry in read_entries("plan_families")
    )


@lru_cache(maxsize=1)
def _indexes() -> tuple[Index, ...]:
    return tuple(
        Index(**_dated(entry) | {"groups": tuple(_group(group) for group in entry["groups"])})
        for entry in read_entries("indexes")
    )


def _group(entry: Mapping[str, Any]) -> CriterionGroup:
    criteria = tuple(
        Criterion(**{**item, "steps": tuple((start, points) for start, points in item.get("steps", ()))})
        for item in entry["criteria"]
    )
    return CriterionGroup(**{**entry, "criteria": criteria})


def _indicator(entry: Entry) -> Indicator:
    plain: dict[str, Any] = {
        key: tuple(cell) if isinstance(cell, list) else cell for key, cell in entry.items()
    }
    lowest, highest = plain.pop("range")
    return Indicator(
        **plain
        | {
            "minimum": lowest,
            "maximum": highest,
            "basis": tuple(_basis(item) for item in entry["basis"]),
            "variants": tuple(Variant(**item) for item in entry.get("variants", ())),
            "checked": tuple((item["by"], item["day"]) for item in entry.get("checked") or ()),
        }
    )


def _national_target(entry: Entry) -> NationalTarget:
    condition = entry.get("condition")
    return NationalTarget(
        **_dated(entry)
        | {"value": float(entry["value"]), "condition": Condition(**condition) if condition else None}
    )
