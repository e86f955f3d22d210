"""The chain national → province → commune: parent and child plans, and where targets differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from hatangso import catalogue
from hatangso_web.accounts.permissions import Person
from hatangso_web.plans.models import LegalBasis, Plan, Target
from hatangso_web.plans.queries.visible import (
    in_force_readable_by,
    in_force_visible_to,
    plans_readable_by,
    plans_visible_to,
)

_MOST_STEPS = 6


@dataclass(frozen=True)
class Chain:
    """The plans above (highest first) and below a plan that the person may see."""

    above: list[Plan]
    below: list[Plan]


@dataclass(frozen=True)
class Deviation:
    """A target held against that of the level above: ``lower``, ``equal``, ``higher`` or ``other``."""

    target: Target
    upper_name: str
    upper_comparator: str
    upper_value: float
    upper_unit: str
    upper_year: int | None
    verdict: str
    upper_plan: Plan | None = None


def linked_bases(user: Person, bases: Sequence[LegalBasis]) -> list[tuple[LegalBasis, Plan | None]]:
    """Return each legal basis with the plan of the system it names, where the person may read it; one query."""
    numbers = {basis.number_folded for basis in bases if basis.number_folded}
    candidates = list(plans_readable_by(user).filter(number_folded__in=numbers)) if numbers else []
    return [(basis, _named(basis, candidates)) for basis in bases]


def chain_of(user: Person, plan: Plan) -> Chain:
    """Return the chain through a plan, matched by number and date of its parent basis."""
    above: list[Plan] = []
    seen = {plan.pk}
    step: Plan | None = plan
    for _turn in range(_MOST_STEPS):
        step = _parent(user, step) if step else None
        if step is None or step.pk in seen:
            break
        seen.add(step.pk)
        above.insert(0, step)
    return Chain(above, list(_children(user, plan)))


def deviations_of(
    user: Person, plan: Plan, targets: Sequence[Target], *, parent: Plan | None, on: date
) -> list[Deviation]:
    """Hold each target with an indicator against the nation's and the parent plan's; one query.

    National targets that only the country can meet are left out. Of several, the one with the same condition
    of time counts: the same year, or else the nearest later one (a plan may be earlier, not lower).
    """
    found = [deviation for target in targets for deviation in _against_nation(target, on)]
    if parent is not None:
        uppers = list(in_force_readable_by(user, Target.objects.filter(plan=parent)).exclude(indicator=""))
        for target in targets:
            upper = _matching(target, uppers)
            if upper is not None and upper.value is not None:
                found.append(
                    Deviation(
                        target,
                        parent.title,
                        upper.comparator,
                        upper.value,
                        upper.unit,
                        upper.year,
                        verdict(target, upper.comparator, upper.value, upper.unit),
                        parent,
                    )
                )
    return found


def verdict(target: Target, comparator: str, value: float, unit: str) -> str:
    """Return how a target stands to an upper figure: ``lower`` demands less, ``higher`` demands more.

    For an upper limit (at most, below) the smaller figure demands more. Different units cannot be compared.
    """
    if target.value is None or _unit(target.unit) != _unit(unit):
        return "other"
    if target.value == value:
        return "equal"
    demands_more = (
        target.value < value if (target.comparator or comparator) in {"<", "<="} else target.value > value
    )
    return "higher" if demands_more else "lower"


def _against_nation(target: Target, on: date) -> list[Deviation]:
    if not target.indicator or target.value is None:
        return []
    uppers = [
        upper
        for upper in catalogue.national_targets(on=on, indicator=target.indicator)
        if upper.scope == "each_area" and upper.condition is None and _year_fits(target.year, upper.due.year)
    ]
    if not uppers:
        return []
    upper = min(uppers, key=lambda each: (each.due.year, -each.basis.valid_from.toordinal()))
    return [
        Deviation(
            target,
            upper.basis.document,
            upper.comparator,
            upper.value,
            upper.unit,
            upper.due.year,
            verdict(target, upper.comparator, upper.value, upper.unit),
        )
    ]


def _matching(target: Target, uppers: Iterable[Target]) -> Target | None:
    if not target.indicator or target.value is None:
        return None
    same = [
        upper
        for upper in uppers
        if upper.indicator == target.indicator
        and upper.value is not None
        and upper.statistic == target.statistic
        and _year_fits(target.year, upper.year)
    ]
    return min(same, key=lambda upper: upper.year or 9999, default=None)


def _year_fits(year: int | None, upper_year: int | None) -> bool:
    """An upper figure binds when it falls in the same year; without a year on either side it binds always."""
    return year is None or upper_year is None or year == upper_year


def _parent(user: Person, plan: Plan) -> Plan | None:
    bases = list(in_force_readable_by(user, LegalBasis.objects.filter(plan=plan, is_parent=True)))
    return next((found for _basis, found in linked_bases(user, bases) if found is not None), None)


def _children(user: Person, plan: Plan) -> QuerySet[Plan]:
    if not plan.number_folded:
        return Plan.objects.none()
    bases = in_force_visible_to(
        user, LegalBasis.objects.filter(is_parent=True, number_folded=plan.number_folded)
    )
    if plan.signed_date is not None:
        bases = bases.filter(Q(signed_date=plan.signed_date) | Q(signed_date=None))
    children = plans_visible_to(user).filter(pk__in=bases.values("plan")).exclude(pk=plan.pk)
    return children.select_related("area").order_by("title_order", "pk")


def _named(basis: LegalBasis, candidates: Iterable[Plan]) -> Plan | None:
    for plan in candidates:
        same_number = plan.number_folded == basis.number_folded
        if same_number and (
            None in {plan.signed_date, basis.signed_date} or plan.signed_date == basis.signed_date
        ):
            return plan
    return None


def _unit(unit: str) -> str:
    return unit.casefold().replace(" ", "").replace("mbit/s", "mb/s").replace("mbps", "mb/s")
