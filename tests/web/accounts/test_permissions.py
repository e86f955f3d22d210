"""Who may what, where."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from hatangso_web.accounts.models import Membership, User
from hatangso_web.accounts.permissions import (
    areas_visible_and_above,
    areas_visible_to,
    can,
    can_everywhere,
    require,
)
from hatangso_web.accounts.roles import PERMISSIONS_OF, ROLES_WITHOUT_AREA, Permission, Role, roles_with
from tests.people import Places

pytestmark = pytest.mark.django_db


def test_clerk_files_for_her_commune_and_no_other(clerk: User, neighbour: User, places: Places) -> None:
    assert can(clerk, Permission.READ_PLANS, places.commune)
    assert not can(clerk, Permission.READ_PLANS, places.other_commune)
    assert not can(clerk, Permission.READ_PLANS, places.province)
    assert not can(neighbour, Permission.READ_PLANS, places.commune)


def test_role_over_a_province_holds_below_it_and_not_next_door(specialist: User, places: Places) -> None:
    assert can(specialist, Permission.CONFIRM_PLANS, places.province)
    assert can(specialist, Permission.CONFIRM_PLANS, places.commune)
    assert not can(specialist, Permission.CONFIRM_PLANS, places.other_province)


def test_role_without_area_holds_everywhere(
    administrator: User, province_administrator: User, places: Places
) -> None:
    assert can(administrator, Permission.MANAGE_PEOPLE, places.other_province)
    assert can_everywhere(administrator, Permission.MANAGE_PEOPLE)
    assert not can_everywhere(province_administrator, Permission.MANAGE_PEOPLE)


def test_stranger_the_locked_and_the_unknown_may_nothing(
    stranger: User, specialist: User, places: Places
) -> None:
    specialist.is_active = False
    for person in (stranger, specialist, AnonymousUser()):
        assert not any(can(person, permission) for permission in Permission)
        assert not areas_visible_to(person).exists()


def test_refusal_names_the_permission_and_the_place(viewer: User, places: Places) -> None:
    with pytest.raises(PermissionDenied, match=r"“nạp và đọc văn bản kế hoạch” ở Xã Ea Mới"):
        require(viewer, Permission.READ_PLANS, area=places.commune)
    with pytest.raises(PermissionDenied, match="Hãy liên hệ quản trị hệ thống"):
        require(viewer, Permission.MANAGE_PEOPLE)


def test_visible_areas_are_the_own_ones_and_below(clerk: User, leader: User, places: Places) -> None:
    assert set(areas_visible_to(clerk)) == {places.commune}
    assert set(areas_visible_to(leader)) == {places.province, places.commune, places.other_commune}
    assert set(areas_visible_and_above(clerk)) == {places.province, places.commune}


def test_asking_many_times_costs_one_query(
    clerk: User, places: Places, django_assert_num_queries: object
) -> None:
    person = User.objects.get(pk=clerk.pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        for permission in Permission:
            can(person, permission, places.commune)
    assert person.memberships_held


def test_roles_are_the_reviewed_ones() -> None:
    assert set(PERMISSIONS_OF) == set(Role)
    assert roles_with(Permission.VIEW_AUDIT) == [Role.ADMINISTRATOR]
    assert set(roles_with(Permission.CONFIRM_PLANS)) == {Role.COMMUNE_CLERK, Role.PROVINCIAL_SPECIALIST}
    assert set(roles_with(Permission.VIEW_RESTRICTED)) == {Role.PROVINCIAL_SPECIALIST, Role.LEADER}


@pytest.mark.parametrize("role", sorted(set(Role) - ROLES_WITHOUT_AREA))
def test_working_role_needs_an_area(role: Role, stranger: User, office: object) -> None:
    membership = Membership(user=stranger, organisation=office, role=role)  # type: ignore[misc]
    with pytest.raises(Exception, match="phải gắn với một địa bàn"):
        membership.full_clean()
