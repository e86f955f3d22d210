"""How plans are written out in templates."""

from __future__ import annotations

from typing import Any

from django import template

from hatangso_web.plans import wording

register = template.Library()


@register.filter
def indicator_name(code: str) -> str:
    """Return the Vietnamese name of an indicator."""
    return wording.indicator_name(code)


@register.filter
def rhythm(every: str) -> str:
    """Return how often, in words."""
    return wording.rhythm(every)


@register.simple_tag
def figure_of(about: Any, prefix: str = "") -> str:
    """Return "≥ 95 %" of something with comparator, value and unit (``upper_`` for those it is held against)."""
    return wording.figure(*(getattr(about, prefix + name) for name in ("comparator", "value", "unit")))
