"""Declared, measured, modelled side by side: figures of the same area, variable and period, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hatangso.indicators.checks import known_variable, write_figure
from hatangso.indicators.value_kinds import differ, preference_of, preferred
from hatangso.vietnamese import format_number
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import below
from hatangso_web.indicators.models import Value
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.indicators.queries.visible import values_visible_to

Spot = tuple[int, int | None, str]  # area, firm, variable


@dataclass(frozen=True)
class Beside:
    """One figure beside another: its value, how much it differs from the one that counts, whether too much."""

    value: Value
    written: str
    counts: bool
    difference: str = ""
    differs: bool = False


def beside(user: User, value: Value) -> list[Beside]:
    """Return the current figures of all kinds of a value's area, variable, period and firm, that which counts first.

    Nothing where only one kind stands. The difference is against the kind that goes first (law/value_kinds.yml).
    """
    found = current_values(period=value.period).filter(
        area=value.area_id, variable=value.variable, operator=value.operator_id,
        pk__in=values_visible_to(user).values("pk"),
    ).select_related("table_import", "speed_run__campaign", "submission__round")  # fmt: skip
    return _compared(list(found))


def kinds_that_count(area: Area, period: str, variables: Iterable[str]) -> dict[str, str]:
    """Return variable → the kind that counts in the tree of an area: the first of those at hand."""
    rows = current_values(period=period).filter(
        below(area.path, column="area__path"), variable__in=list(variables)
    )
    at_hand: dict[str, set[str]] = defaultdict(set)
    for variable, kind in rows.values_list("variable", "kind").order_by().distinct():
        at_hand[variable].add(kind)
    return {variable: kind for variable, found in at_hand.items() if (kind := preferred(variable, found))}


def differing(values: Iterable[Value]) -> Mapping[int, Beside]:
    """Return value key → how it stands beside the others of its place, for values of which several kinds stand."""
    spots: dict[Spot, list[Value]] = defaultdict(list)
    for value in values:
        spots[value.area_id, value.operator_id, value.variable].append(value)
    return {each.value.pk: each for found in spots.values() for each in _compared(found)}


def _compared(found: list[Value]) -> list[Beside]:
    if len({each.kind for each in found}) < 2:
        return []
    order = preference_of(found[0].variable)
    ranked = sorted(found, key=lambda each: order.index(each.kind))
    first, variable = ranked[0], known_variable(ranked[0].variable)
    shown = []
    for each in ranked:
        written = write_figure(variable, each.value) if variable else str(each.value)
        if each.kind == first.kind or each.value is None or first.value is None:
            shown.append(Beside(each, written, counts=each.kind == first.kind))
            continue
        gap = each.value - first.value
        share = f" ({format_number(100 * gap / first.value, 1)} %)" if first.value else ""
        sign = "+" if gap > 0 else ""
        words = f"{sign}{format_number(gap)}{share}"
        shown.append(Beside(each, written, False, words, differ(first.value, each.value)))
    return shown
