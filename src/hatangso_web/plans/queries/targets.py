"""The targets of plans as the pages of figures ask for them: those of an area and of the areas above it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso import catalogue
from hatangso.indicators.progress import COMPARATORS
from hatangso.indicators.progress import Target as Wanted
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.indicators.queries.judging import HeldTarget
from hatangso_web.plans.models import Plan, Target
from hatangso_web.plans.queries.visible import in_force_readable_by
from hatangso_web.plans.wording import figure


def targets_held(user: User, area: Area) -> dict[str, list[HeldTarget]]:
    """Return the targets in force in an area that the person may see, by indicator, earliest due first.

    Targets of the area's own plans count, and those of the areas above whose plans bind it: a share binds every
    commune, a number of things (stations, villages) only the area it was set for, unless it says "none left".
    """
    rows = judgeable_targets(user).filter(plan__area__path__in=ancestor_paths(area.path))
    counted = frozenset(each.code for each in catalogue.indicators() if each.combine == "sum")
    found: dict[str, list[HeldTarget]] = defaultdict(list)
    for row in rows:
        own = row.plan.area_id == area.pk
        if own or row.indicator not in counted or (row.value == 0 and row.comparator in ("<=", "=")):
            found[row.indicator].append(held_target(row))
    return found


def judgeable_targets(user: User) -> QuerySet[Target]:
    """Return the targets in force with a value and a due day, of the plans a person may read, earliest due first."""
    rows = Target.objects.filter(
        qualitative=False, value__isnull=False, due_date__isnull=False, comparator__in=COMPARATORS
    ).exclude(indicator="")
    return in_force_readable_by(user, rows).select_related("plan__area").order_by("due_date", "pk")


def held_target(row: Target) -> HeldTarget:
    """Return a target as the engine judges it, with its baseline where the plan states one."""
    assert row.value is not None and row.due_date is not None
    baseline = baseline_of(row)
    return HeldTarget(
        target=Wanted(
            row.comparator, row.value, row.due_date, row.unit, row.maintain, baseline,
            baseline_source=_("số gốc ghi trong kế hoạch") if baseline else "",
        ),
        words=f"{figure(row.comparator, row.value, row.unit)} · {row.due_date:%d/%m/%Y}",
        source=row.plan.title,
        address=reverse("plans:plan", args=[row.plan_id]),
    )  # fmt: skip


def baseline_of(row: Target) -> tuple[date, float] | None:
    """Return the present value a plan states and its day: that of signing, else the last before the plan's period."""
    day = _baseline_day(row.plan)
    if day is None or not isinstance(row.baseline, int | float) or isinstance(row.baseline, bool):
        return None
    return (day, float(row.baseline)) if row.due_date and day < row.due_date else None


def _baseline_day(plan: Plan) -> date | None:
    if plan.signed_date:
        return plan.signed_date
    return date(plan.period_from - 1, 12, 31) if plan.period_from else None
