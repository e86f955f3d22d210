"""Where figures over time stop being comparable: between two periods the area's own extent changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hatangso_web.areas.models import Area, Change
from hatangso_web.areas.queries import below
from hatangso_web.indicators.queries.judging import end_of


def breaks_between(area: Area, periods: Sequence[str]) -> dict[str, str]:
    """Return the first period after each change of the area's extent, with the sentence that says what changed.

    A change counts when the area itself is its beginning or end, or when it moves something across the area's border;
    what moves between two areas inside leaves the whole comparable. ``periods`` are in order. One query.
    """
    if len(periods) < 2:
        return {}
    changes = (
        _crossing(area)
        .filter(on__gt=end_of(periods[0]), on__lte=end_of(periods[-1]))
        .select_related("from_area", "to_area")
        .order_by("on", "pk")
    )
    found: dict[str, list[str]] = {}
    for change in changes:
        later = next(
            after for before, after in pairwise(periods) if end_of(before) < change.on <= end_of(after)
        )
        found.setdefault(later, []).append(_sentence(change))
    return {period: "; ".join(dict.fromkeys(sentences)) for period, sentences in found.items()}


def crossing_days(area: Area) -> list[date]:
    """Return the days on which something crossed the area's border, or it began or ended."""
    return sorted(set(_crossing(area).values_list("on", flat=True)))


def inner_changes(area: Area, first: str, last: str) -> list[str]:
    """Return what changed between areas inside an area between two periods: the whole stays comparable, they do not."""
    changes = Change.objects.filter(
        below(area.path, column="from_area__path"), below(area.path, column="to_area__path"),
        on__gt=end_of(first), on__lte=end_of(last),
    ).exclude(kind="rename")  # fmt: skip
    rows = changes.exclude(from_area=area).exclude(to_area=area).select_related("from_area", "to_area")
    return list(dict.fromkeys(_sentence(change) for change in rows.order_by("on", "pk")[:200]))


def _crossing(area: Area) -> QuerySet[Change]:
    inside, into = below(area.path, column="from_area__path"), below(area.path, column="to_area__path")
    crossing = Q(from_area=area) | Q(to_area=area) | (inside & ~into) | (into & ~inside)
    return Change.objects.exclude(kind="rename").filter(crossing)


def _sentence(change: Change) -> str:
    return _("%(day)s: %(before)s → %(after)s (%(kind)s)") % {
        "day": f"{change.on:%d/%m/%Y}",
        "before": change.from_area.name,
        "after": change.to_area.name if change.to_area else _("không còn"),
        "kind": change.get_kind_display().lower(),
    }
