"""Who sees what of plans: by area, and within a plan what is restricted."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from hatangso_web.accounts.permissions import Person, areas_filter, can, paths_with
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Level
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.plans.models import Finding, Plan, Version
from hatangso_web.plans.source import Block, Span, blocks_of

Row = TypeVar("Row", bound=Model)


def plans_visible_to(user: Person) -> QuerySet[Plan]:
    """Return the plans of the areas where the person may look; nothing for one who is not signed in."""
    return Plan.objects.filter(
        areas_filter(user, Permission.VIEW, column="area__path"), open_to(user, area_column="area__path")
    )


def plans_readable_by(user: Person) -> QuerySet[Plan]:
    """Return the plans a person may see, and those of the levels above, which bind theirs.

    Of a plan above, its own page alone is open, and only once a person there has confirmed its header: what is
    confirmed and not restricted. Its text, its findings and its file stay with its own area.
    """
    paths = paths_with(user, Permission.VIEW)
    above = {upper for path in paths for upper in ancestor_paths(path)}
    upper_area = Q(area__path__in=above) | Q(area__level=Level.COUNTRY) if paths else Q(pk__in=[])
    binding = upper_area & Q(header_confirmed_at__isnull=False)
    return Plan.objects.filter(
        areas_filter(user, Permission.VIEW, column="area__path") | binding,
        open_to(user, area_column="area__path"),
    )


def sees_text(user: Person, plan: Plan) -> bool:
    """Tell whether the person may open the text of the plan and what was read from it, not its page alone."""
    return can(user, Permission.VIEW, plan.area)


def versions_visible_to(user: Person) -> QuerySet[Version]:
    """Return the versions of the plans a person may see."""
    return Version.objects.filter(plan__in=plans_visible_to(user)).select_related(
        "plan", "plan__area", "uploaded_by"
    )


def sees_restricted(user: Person, plan: Plan) -> bool:
    """Tell whether the person may read what is restricted in this plan."""
    return can(user, Permission.VIEW_RESTRICTED, plan.area)


def may_confirm(user: Person, version: Version) -> bool:
    """Tell whether the person may decide on findings of this version: it is current and its area is theirs."""
    return version.is_current and can(user, Permission.CONFIRM_PLANS, version.plan.area)


def open_to(user: Person, *, area_column: str, column: str = "restricted") -> Q:
    """Return the filter "not restricted, or in an area where the person may read what is restricted"."""
    unrestricted = Q(**{column: False})
    return unrestricted | areas_filter(user, Permission.VIEW_RESTRICTED, column=area_column)


def findings_visible_to(user: Person) -> QuerySet[Finding]:
    """Return the findings a person may see, over all plans they may see."""
    return Finding.objects.filter(version__plan__in=plans_visible_to(user)).filter(
        open_to(user, area_column="version__plan__area__path")
    )


def in_force_visible_to(user: Person, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return the confirmed rows (targets, tasks, assignments, duties, bases) in force that a person may see."""
    return rows.filter(ended_at=None, plan__in=plans_visible_to(user)).filter(
        open_to(user, area_column="plan__area__path")
    )


def in_force_readable_by(user: Person, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return the confirmed rows in force of the plans a person may read, those of the levels above too."""
    return rows.filter(ended_at=None, plan__in=plans_readable_by(user)).filter(
        open_to(user, area_column="plan__area__path")
    )


def hidden_spans(user: Person, version: Version) -> list[Span]:
    """Return the spans of the text this person may not read."""
    if sees_restricted(user, version.plan):
        return []
    return [(start, end) for start, end in version.restricted_spans]


def blocks_of_version(version: Version) -> list[Block]:
    """Return the blocks of the text of a version."""
    return blocks_of(version.source, version.layout)
