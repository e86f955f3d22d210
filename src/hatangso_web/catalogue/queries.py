"""What is asked of the catalogue: the list narrowed by words, group and family, and all that hangs on one indicator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hatangso import catalogue
from hatangso.lawentries import (
    Basis,
    Document,
    Formula,
    Indicator,
    NationalFigure,
    NationalTarget,
    PlanFamily,
    Standard,
    Variable,
)
from hatangso.vietnamese import fold, nfc


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty means all. ``on`` hides indicators without a document in force."""

    words: str = ""
    group: str = ""
    family: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Part:
    """A numerator or denominator: the variable, or only its code where the catalogue does not describe it."""

    code: str
    variable: Variable | None


@dataclass(frozen=True)
class Stand:
    """A legal basis with its document and whether it held on the day."""

    basis: Basis
    document: Document | None
    in_force: bool


@dataclass(frozen=True)
class Counterpart:
    """The indicator another family of plans asks for the same idea."""

    family: PlanFamily
    indicator: Indicator
    relation: str


@dataclass(frozen=True)
class Sheet:
    """Everything on the page of an indicator."""

    indicator: Indicator
    formula: Formula
    numerator: Part
    denominator: Part | None
    variants: tuple[tuple[str, Part, Part | None], ...]
    stands: tuple[Stand, ...]
    targets: tuple[NationalTarget, ...]
    standards: tuple[Standard, ...]
    figures: tuple[NationalFigure, ...]
    families: tuple[PlanFamily, ...]
    counterparts: tuple[Counterpart, ...]


def listed_indicators(wanted: Wanted) -> list[Indicator]:
    """Return the indicators that match, in catalogue order; words match name (vi, en) and code without diacritics."""
    families = {family.code: set(family.indicators) for family in catalogue.plan_families()}
    words = fold(nfc(wanted.words)).split()
    return [
        entry
        for entry in catalogue.indicators(on=wanted.on)
        if (not wanted.group or group_of(entry) == wanted.group)
        and (not wanted.family or entry.code in families.get(wanted.family, set()))
        and all(word in fold(f"{entry.code} {entry.name_vi} {entry.name_en}") for word in words)
    ]


def group_of(entry: Indicator) -> str:
    """Return the letters before the number of a code: MOB of MOB-04."""
    return entry.code.split("-", 1)[0]


def families_of(entries: Iterable[Indicator]) -> Mapping[str, str]:
    """Return code → the letters of the families that ask for it ("A, C")."""
    found: dict[str, list[str]] = {}
    for family in catalogue.plan_families():
        for code in family.indicators:
            found.setdefault(code, []).append(family.code)
    return {entry.code: ", ".join(found.get(entry.code, ())) for entry in entries}


def sheet_of(code: str, *, on: date) -> Sheet:
    """Return the page of an indicator as it stood on a day.

    Raises
    ------
    InputError
        when no indicator has that code.
    """
    entry = catalogue.indicator(code)
    families = {family.code: family for family in catalogue.plan_families()}
    documents = {document.number: document for document in catalogue.documents()}
    return Sheet(
        indicator=entry,
        formula=catalogue.formulas()[entry.formula],
        numerator=_part(entry.numerator),
        denominator=_part(entry.denominator) if entry.denominator else None,
        variants=tuple(
            (
                variant.name_vi,
                _part(variant.numerator),
                _part(variant.denominator) if variant.denominator else None,
            )
            for variant in entry.variants
        ),
        stands=tuple(
            Stand(basis, documents.get(basis.document), basis.in_force(on)) for basis in entry.basis
        ),
        targets=catalogue.national_targets(on=on, indicator=entry.code),
        standards=tuple(limit for limit in catalogue.standards() if limit.indicator == entry.code),
        figures=tuple(figure for figure in catalogue.national_figures() if figure.indicator == entry.code),
        families=tuple(family for family in families.values() if entry.code in family.indicators),
        counterparts=tuple(
            Counterpart(families[family], catalogue.indicator(other), relation)
            for family, (other, relation) in sorted(catalogue.counterparts(entry.code).items())
            if other != entry.code
        ),
    )


def _part(code: str) -> Part:
    return Part(code, {entry.code: entry for entry in catalogue.variables()}.get(code))
