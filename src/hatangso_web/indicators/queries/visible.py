"""Who sees which submissions and values: by area; firms only their own."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import PERMISSIONS_OF, Permission, Role
from hatangso_web.areas.queries import below
from hatangso_web.indicators.models import Round, Submission, Value


def submissions_visible_to(user: User) -> QuerySet[Submission]:
    """Return the submissions a person may see: those of their areas, for a firm's clerk those of the firm."""
    return Submission.objects.filter(
        own_filter(user, area="area__path", firm="organisation", within="round__area__path")
    ).select_related("round__area", "area", "organisation", "submitted_by", "decided_by", "saved_by")


def values_visible_to(user: User) -> QuerySet[Value]:
    """Return the values a person may see; those of a firm only to the firm and to those who watch over the area."""
    return Value.objects.filter(own_filter(user, area="area__path", firm="operator", within="area__path"))


def rounds_visible_to(user: User) -> QuerySet[Round]:
    """Return the rounds in which a person sees any submission, and those of their areas."""
    seen = Submission.objects.filter(
        own_filter(user, area="area__path", firm="organisation", within="round__area__path")
    )
    return Round.objects.filter(Q(submissions__in=seen) | watched(user, "area__path")).distinct()


def may_enter(user: User, submission: Submission) -> bool:
    """Tell whether the person may enter the figures of this unit."""
    if submission.organisation_id is None:
        return holds_for_area(user, Permission.ENTER_FIGURES, submission.area.path)
    firms = {
        held.organisation_id
        for held in user.memberships_held
        if held.role == Role.OPERATOR_CLERK and held.area and submission.area.path.startswith(held.area.path)
    }
    return submission.organisation_id in firms or holds_for_area(
        user, Permission.ENTER_FIGURES, submission.area.path
    )


def may_approve(user: User, submission: Submission) -> bool:
    """Tell whether the person may approve: they hold the permission where the round was called, above the unit."""
    return can(user, Permission.APPROVE_FIGURES, submission.round.area)


def holds_for_area(user: User, permission: Permission, path: str) -> bool:
    """Tell whether the person holds the permission over a path by a role other than that of a firm's clerk."""
    return any(path.startswith(upper) for upper in _paths(user, permission))


def _paths(user: User, permission: Permission) -> list[str]:
    if not user.is_active:
        return []
    return [
        held.area.path if held.area else "/"
        for held in user.memberships_held
        if held.role != Role.OPERATOR_CLERK and permission in PERMISSIONS_OF[Role(held.role)]
    ]


def watched(user: User, column: str) -> Q:
    """Return the filter "in an area the person watches over"; a firm's clerk watches over none."""
    condition = Q(pk__in=[])
    for path in _paths(user, Permission.VIEW):
        condition |= below(path, column=column)
    return condition


def own_filter(user: User, *, area: str, firm: str, within: str) -> Q:
    """Return the filter "of the person's areas, for a firm's clerk of the firm"; the names are columns of a query."""
    condition = watched(user, area)
    if not user.is_active:
        return condition
    for held in user.memberships_held:
        if held.role == Role.OPERATOR_CLERK and held.area:
            condition |= Q(**{firm: held.organisation_id}) & below(held.area.path, column=within)
    return condition
