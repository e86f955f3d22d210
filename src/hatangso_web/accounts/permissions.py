"""Who may: the only questions the site asks before it shows or changes anything."""

from __future__ import annotations

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hatangso_web.accounts.models import User
from hatangso_web.accounts.roles import PERMISSIONS_OF, Permission, Role
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths, below, covers

Person: TypeAlias = User | AnonymousUser


def can(user: Person, permission: Permission, area: Area | None = None) -> bool:
    """Tell whether the person holds ``permission`` over ``area``; without an area, whether they hold it anywhere.

    Costs one query the first time for each instance of ``user``, none after.
    """
    paths = paths_with(user, permission)
    return bool(paths) if area is None else covers(paths, area.path)


def require(user: Person, permission: Permission, *, area: Area | None = None) -> None:
    """Raise :class:`PermissionDenied` with a sentence that says what is missing and whom to ask."""
    if can(user, permission, area):
        return
    if area is None:
        sentence = _(
            "Tài khoản của bạn chưa được giao quyền “%(permission)s”. Hãy liên hệ quản trị hệ thống của đơn vị."
        )
        raise PermissionDenied(sentence % {"permission": permission.label})
    sentence = _(
        "Tài khoản của bạn chưa được giao quyền “%(permission)s” ở %(area)s. "
        "Hãy liên hệ quản trị hệ thống của đơn vị."
    )
    raise PermissionDenied(sentence % {"permission": permission.label, "area": area.name})


def can_everywhere(user: Person, permission: Permission) -> bool:
    """Tell whether the person holds ``permission`` over the whole system, not only over some area."""
    return "/" in paths_with(user, permission)


def paths_with(user: Person, permission: Permission) -> list[str]:
    """Return the paths of the areas where the person holds ``permission``; ``/`` is everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return [
        membership.area.path if membership.area else "/"
        for membership in user.memberships_held
        if permission in PERMISSIONS_OF[Role(membership.role)]
    ]


def areas_filter(user: Person, permission: Permission, *, column: str = "path") -> Q:
    """Return the filter "in an area where the person holds ``permission``"; nothing when there is none."""
    condition = Q(pk__in=[])
    for path in paths_with(user, permission):
        condition |= below(path, column=column)
    return condition


def areas_visible_to(user: Person) -> QuerySet[Area]:
    """Return the areas a person may see: those of their roles and all below them."""
    return Area.objects.filter(areas_filter(user, Permission.VIEW))


def areas_visible_and_above(user: Person) -> QuerySet[Area]:
    """Return the areas a person may see and those above them, whose plans bind the ones below."""
    above = {
        upper for path in paths_with(user, Permission.VIEW) if path != "/" for upper in ancestor_paths(path)
    }
    return Area.objects.filter(areas_filter(user, Permission.VIEW) | Q(path__in=above))
