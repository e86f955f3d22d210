"""The invented plans of ``fixtures/``, read as the reader's tests need them."""

from __future__ import annotations

from pathlib import Path

from hatangso.plans.building import document_from_text
from hatangso.plans.reading import Plan, plan_of

_FIXTURES = Path(__file__).parent / "fixtures"


def plan(name: str) -> Plan:
    """Return the plan of a fixture file."""
    return plan_of(document_from_text((_FIXTURES / name).read_text(encoding="utf-8")))


def plan_from(text: str) -> Plan:
    """Return the plan of a text."""
    return plan_of(document_from_text(text))
