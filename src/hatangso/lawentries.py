"""What stands in ``law/``: one frozen record for each kind of entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Basis:
    """Where something stands: a document, its article, from when until when (exclusive; None = still).

    ``unverified`` says why it is not certain and is shown to the person; empty = read in the document.
    """

    document: str
    valid_from: date
    valid_until: date | None = None
    article: str = ""
    unverified: str = ""

    def in_force(self, on: date) -> bool:
        """Say whether it held on the day ``on``."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class Document:
    """A legal document or a practice; ``status`` is ``in_force``, ``replaced``, ``ended`` or ``draft``."""

    number: str
    kind: str
    title_vi: str
    issuer: str
    status: str
    valid_from: date
    valid_until: date | None = None
    signed: date | None = None
    replaced_by: str | None = None
    unverified: str = ""


@dataclass(frozen=True)
class Variable:
    """What is collected. ``additive``: areas may be added; ``over_time``: ``last``, ``sum`` or ``summary``."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    unit: str
    level: str
    frequency: str
    source: str
    additive: bool
    over_time: str
    decimals: int | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The allowed values of a class variable, in order (its unit lists them)."""
        return tuple(self.unit.split(";")) if self.kind == "class" else ()


@dataclass(frozen=True)
class Formula:
    """A formula by name: how it is written, how areas combine, and the wrong answer that tempts."""

    code: str
    name_vi: str
    name_en: str
    expression: str
    combine: str
    rule_vi: str
    wrong_vi: str


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
    ``minimum`` and ``maximum`` bound what a value can be (None: open). ``checked`` holds who compared it with
    the document and when; empty = no officer has yet.
    """

    code: str
    name_vi: str
    name_en: str
    unit: str
    formula: str
    numerator: str
    better: str
    combine: str
    levels: tuple[str, ...]
    frequency: str
    sources: tuple[str, ...]
    basis: tuple[Basis, ...]
    denominator: str | None = None
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
    comparator: str
    value: float
    unit: str
    statistic: str
    due: date
    scope: str
    basis: Basis
    indicator: str | None = None
    value_to: float | None = None
    base_year: int | None = None
    condition: Condition | None = None
    applies_vi: str = ""

    def in_force(self, on: date) -> bool:
        """Say whether its document held on the day ``on``."""
        return self.basis.in_force(on)


@dataclass(frozen=True)
class NationalFigure:
    """Where the country stood in a period: a bound of common sense for imported data, not a target."""

    code: str
    indicator: str
    period: str
    value: float
    unit: str
    name_vi: str
    comparator: str = "="
    variant: str | None = None
    tool: str | None = None
    unverified: str = ""


@dataclass(frozen=True)
class Standard:
    """A threshold of quality, safety or post. ``status`` is ``draft`` for what was never seen issued.

    ``value`` is None where the threshold is what an operator announces (``threshold_vi``); ``share_percent`` is
    the share of samples that must pass, for ``statistic`` ``share_of_samples``.
    """

    code: str
    technology: str
    quantity: str
    name_vi: str
    comparator: str
    unit: str
    statistic: str
    status: str
    basis: Basis
    value: float | None = None
    threshold_vi: str = ""
    share_percent: float | None = None
    indicator: str | None = None
    applies_vi: str = ""

    def in_force(self, on: date) -> bool:
        """Say whether it bound anybody on the day ``on``; a draft never does."""
        return self.status == "in_force" and self.basis.in_force(on)


@dataclass(frozen=True)
class Rule:
    """A rule with parameters that code reads instead of holding numbers of its own."""

    code: str
    name_vi: str
    name_en: str
    rule_vi: str
    parameters: Mapping[str, Any]
    basis: Basis

    def in_force(self, on: date) -> bool:
        """Say whether it held on the day ``on``."""
        return self.basis.in_force(on)


@dataclass(frozen=True)
class Control:
    """Information security: a ``level``, a part of the level ``dossier`` or one of the four ``layer``."""

    code: str
    kind: str
    order: int
    name_vi: str
    name_en: str
    levels: tuple[int, ...]
    basis: Basis
    appraisal_days: int | None = None
    approval_working_days: int | None = None

    def in_force(self, on: date) -> bool:
        """Say whether it held on the day ``on``."""
        return self.basis.in_force(on)


@dataclass(frozen=True)
class PlanFamily:
    """A family of plans (A, B, C): the documents that founded it and the indicators it asks for."""

    code: str
    name_vi: str
    name_en: str
    documents: tuple[str, ...]
    indicators: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None
    unverified: str = ""

    def in_force(self, on: date) -> bool:
        """Say whether plans of this family were asked for on the day ``on``."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class CrosswalkRow:
    """One idea in the families: ``relation`` ``same`` = enter once and fill all, ``near`` = never copy over."""

    code: str
    name_vi: str
    indicators: Mapping[str, str]
    relation: str
    note_vi: str = ""


@dataclass(frozen=True)
class Criterion:
    """One line of an index: ``rule`` is ``rate_times_max``, ``steps`` (from, points) or ``best_performer``."""

    code: str
    name_vi: str
    maximum: float
    rule: str
    indicator: str | None = None
    steps: tuple[tuple[float, float], ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class CriterionGroup:
    """A group of criteria with its most points."""

    code: str
    name_vi: str
    name_en: str
    maximum: float
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Index:
    """An edition of an index; ``reconstructed`` = the criteria were rebuilt and every score must say so."""

    code: str
    name_vi: str
    name_en: str
    total: float
    reconstructed: bool
    rounds: tuple[str, ...]
    groups: tuple[CriterionGroup, ...]
    basis: Basis

    def in_force(self, on: date) -> bool:
        """Say whether this edition held on the day ``on``."""
        return self.basis.in_force(on)
