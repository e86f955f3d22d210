"""Declared, measured, modelled: which one counts, when two differ, how far one may be relied on (law/value_kinds.yml)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from hatangso.indicators.checks import known_variable
from hatangso.lawfiles import read_entries

DECLARED, MEASURED, MODELLED = "declared", "measured", "modelled"
HIGH, MEDIUM, LOW = "high", "medium", "low"
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {DECLARED: "kê khai", MEASURED: "đo đạc", MODELLED: "mô phỏng"}
)
_NORMAL_95 = 1.96


def preference_of(variable: str) -> tuple[str, ...]:
    """Return the kinds of a variable in the order in which they count: the rule of its source, else the general one."""
    known = known_variable(variable)
    for rule in _rules().values():
        if known is not None and rule.get("source") == known.source:
            return tuple(rule["order"])
    return tuple(_rules()["preference.default"]["order"])


def preferred(variable: str, kinds: Collection[str]) -> str | None:
    """Return the one kind that counts of those at hand; kinds are never mixed within one sum."""
    return next((kind for kind in preference_of(variable) if kind in kinds), None)


def differ(first: float, second: float) -> bool:
    """Say whether two figures of the same thing differ beyond the tolerance."""
    rule = _rules()["tolerance"]
    gap = abs(first - second)
    return gap >= rule["least"] and gap > max(abs(first), abs(second)) * rule["percent"] / 100


def confidence_of_measured(tests: float, share: float | None = None) -> str:
    """Return how far a measured figure may be relied on.

    The half width of the 95 % interval of a share, ``1.96 √(p(1-p)/n)`` in percentage points, is held against the
    limits; without a share the worst case p = ½ is taken.
    """
    if tests <= 0:
        return LOW
    p = 0.5 if share is None else min(max(share, 0.0), 1.0)
    # A share of 0 or 1 is not certain: never less than what one test more would change.
    half_width = max(_NORMAL_95 * math.sqrt(p * (1 - p) / tests), 1 / tests)
    return _graded(100 * half_width, "confidence.measured")


def confidence_of_modelled(value: float, low: float | None, high: float | None) -> str:
    """Return how far a modelled figure may be relied on: half of the model's band as part of the value."""
    if low is None or high is None or value <= 0:
        return LOW
    return _graded(100 * (high - low) / 2 / value, "confidence.modelled")


def confidence_of_declared(value: float, *, others: Collection[float] = (), warned: bool = False) -> str:
    """Return how far a declared figure may be relied on; ``others`` are figures of other kinds of the same thing."""
    if warned or any(differ(value, other) for other in others):
        return LOW
    return HIGH if others else MEDIUM


def rule_words(code: str) -> str:
    """Return a rule as a sentence."""
    return str(_rules()[code]["name_vi"])


def preference_words(variable: str) -> str:
    """Return the order of a variable's kinds in words: "kê khai, đo đạc, mô phỏng"."""
    return ", ".join(KIND_WORDS[kind] for kind in preference_of(variable))


def _graded(percent: float, code: str) -> str:
    rule = _rules()[code]
    return HIGH if percent <= rule["high"] else MEDIUM if percent <= rule["medium"] else LOW


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Mapping[str, Any]]:
    return {str(entry["code"]): entry for entry in read_entries("value_kinds")}
