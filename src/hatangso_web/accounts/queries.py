"""What is asked about people, organisations and the audit trail."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso_web.accounts.models import AuditEvent, Membership, Organisation, OrganisationName, User
from hatangso_web.accounts.permissions import areas_filter, can, can_everywhere, paths_with
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.queries import below, covers
from hatangso_web.names import matching
from hatangso_web.screen.work import WorkGroup, WorkItem


def people_managed_by(user: User) -> QuerySet[User]:
    """Return the people an administrator looks after: those with a role in their areas, and those without any."""
    people = User.objects.prefetch_related("memberships__organisation", "memberships__area")
    if can_everywhere(user, Permission.MANAGE_PEOPLE):
        return people
    if not can(user, Permission.MANAGE_PEOPLE):
        return people.none()
    held = Membership.objects.filter(user=OuterRef("pk"))
    within = held.filter(areas_filter(user, Permission.MANAGE_PEOPLE, column="area__path"))
    return people.filter(Exists(within) | ~Exists(held))


def may_manage(user: User, person: User) -> bool:
    """Tell whether ``user`` may change ``person``: every role of theirs must lie in an area of the administrator."""
    if can_everywhere(user, Permission.MANAGE_PEOPLE):
        return True
    paths = paths_with(user, Permission.MANAGE_PEOPLE)
    held = [membership.area.path if membership.area else "/" for membership in person.memberships_held]
    return bool(paths) and all(covers(paths, path) for path in held)


def find_people(people: QuerySet[User], words: str) -> QuerySet[User]:
    """Return those whose name, sign-in name or organisation matches, without diacritics."""
    by_organisation = Membership.objects.filter(
        matching(words, "organisation__name_folded"), user=OuterRef("pk")
    )
    return people.filter(matching(words, "name_folded", "username") | Q(Exists(by_organisation)))


def find_organisations(words: str) -> QuerySet[Organisation]:
    """Return the organisations whose present or former name, or code, matches without diacritics."""
    borne = OrganisationName.objects.filter(matching(words, "name_folded"), organisation=OuterRef("pk"))
    return Organisation.objects.filter(
        matching(words, "name_folded") | Q(code__iexact=words.strip()) | Q(Exists(borne))
    )


def organisations_in_force(*, on: date) -> QuerySet[Organisation]:
    """Return the organisations that exist on a day."""
    return Organisation.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on),
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
    )


def audit_visible_to(user: User) -> QuerySet[AuditEvent]:
    """Return the audit trail a person may read: all of it, or what happened to things of their areas."""
    if can_everywhere(user, Permission.VIEW_AUDIT):
        return AuditEvent.objects.all()
    condition = Q(pk__in=[])
    for path in paths_with(user, Permission.VIEW_AUDIT):
        condition |= below(path, column="area_path")
    return AuditEvent.objects.filter(condition)


def audit_about(kind: str, key: object) -> QuerySet[AuditEvent]:
    """Return what happened to one row, newest first."""
    return AuditEvent.objects.filter(about_type=kind, about_key=str(key))


def unfinished_own_account(user: User, on: date) -> WorkGroup | None:
    """Return what the person still has to do for their own account."""
    items = []
    if user.must_change_password:
        items.append(
            WorkItem(
                _("Đổi mật khẩu được cấp thành mật khẩu của riêng bạn"), reverse("account_change_password")
            )
        )
    return WorkGroup(_("Tài khoản của bạn"), items, len(items)) if items else None


def people_without_role(user: User, on: date) -> WorkGroup | None:
    """Return, for an administrator, the people who wait for a role."""
    if not can(user, Permission.MANAGE_PEOPLE):
        return None
    waiting = User.objects.filter(is_active=True).exclude(
        Exists(Membership.objects.filter(user=OuterRef("pk")))
    )
    rows = list(waiting[:6])
    items = [
        WorkItem(str(person), reverse("accounts:person", args=[person.pk]), note=person.position)
        for person in rows[:5]
    ]
    total = len(rows) if len(rows) < 6 else waiting.count()
    return WorkGroup(
        _("Người dùng chưa được giao vai trò"), items, total, reverse("accounts:people") + "?vai-tro=khong"
    )
