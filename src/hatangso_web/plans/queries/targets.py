"""The targets of plans as the pages of figures ask for them: those of an area and of the areas above it."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse

from hatangso.indicators.progress import COMPARATORS
from hatangso.indicators.progress import Target as Wanted
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.indicators.queries.figures import HeldTarget
from hatangso_web.plans.models import Target
from hatangso_web.plans.queries.visible import plans_visible_to, sees_restricted
from hatangso_web.plans.wording import figure


def targets_held(user: User, area: Area) -> dict[str, list[HeldTarget]]:
    """Return the targets in force in an area that the person may see, by indicator, earliest due first.

    Targets of the area's own plans count, and those of the areas above whose plans bind it.
    """
    rows = Target.objects.filter(
        ended_at=None, qualitative=False, value__isnull=False, due_date__isnull=False,
        plan__in=plans_visible_to(user), plan__area__path__in=ancestor_paths(area.path), comparator__in=COMPARATORS,
    ).select_related("plan__area").order_by("due_date")  # fmt: skip
    found: dict[str, list[HeldTarget]] = defaultdict(list)
    for row in rows:
        if (
            row.value is None
            or row.due_date is None
            or (row.restricted and not sees_restricted(user, row.plan))
        ):
            continue
        held = HeldTarget(
            target=Wanted(row.comparator, row.value, row.due_date, row.unit, row.maintain),
            words=f"{figure(row.comparator, row.value, row.unit)} · {row.due_date:%d/%m/%Y}",
            source=row.plan.title,
            address=reverse("plans:plan", args=[row.plan_id]),
        )
        found[row.indicator].append(held)
    return found
