"""What is done to people and organisations: who may, what changes, what is remembered."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from hatangso_web.accounts.actions import (
    OwnDetails,
    add_person,
    change_person,
    end_organisation,
    give_role,
    rename_organisation,
    reset_password,
    save_organisation,
    set_own_password,
    switch_person,
    take_role,
)
from hatangso_web.accounts.models import AuditEvent, Membership, Organisation, User
from hatangso_web.accounts.queries import find_organisations, people_managed_by
from hatangso_web.accounts.roles import Role
from tests.people import Places

pytestmark = pytest.mark.django_db


def test_added_person_gets_a_password_to_be_changed_and_no_role(administrator: User) -> None:
    added, password = add_person(
        username="Ngoc.Anh", details=OwnDetails("Trần Ngọc Ánh", email="Anh@So.VN"), by=administrator
    )
    stored = User.objects.get(username="ngoc.anh")
    assert stored.pk == added.pk
    assert stored.check_password(password)
    assert stored.must_change_password
    assert stored.email == "anh@so.vn"
    assert not stored.memberships_held
    assert AuditEvent.objects.filter(event="accounts.person_added", about_key=str(added.pk)).exists()
    set_own_password(user=stored, password="câu rất dài của riêng tôi")
    assert not User.objects.get(pk=added.pk).must_change_password


@pytest.mark.parametrize("who", ["clerk", "specialist", "leader", "viewer", "operator", "stranger"])
def test_only_an_administrator_adds_people(request: pytest.FixtureRequest, who: str) -> None:
    with pytest.raises(PermissionDenied):
        add_person(username="moi", details=OwnDetails("Mới"), by=request.getfixturevalue(who))
    assert not User.objects.filter(username="moi").exists()


def test_two_people_cannot_share_a_mail_address(administrator: User, clerk: User) -> None:
    change_person(person=clerk, details=OwnDetails("A", email="a@so.vn"), by=administrator)
    with pytest.raises(ValidationError, match="đã gắn với người khác"):
        add_person(username="khac", details=OwnDetails("B", email="A@so.vn"), by=administrator)


def test_change_is_remembered_with_before_and_after(administrator: User, clerk: User) -> None:
    change_person(person=clerk, details=OwnDetails("Lê Thị Mới"), by=administrator)
    event = AuditEvent.objects.get(event="accounts.person_changed")
    assert event.details == {"full_name": ["Người clerk", "Lê Thị Mới"]}


def test_province_administrator_gives_roles_in_the_province_only(
    province_administrator: User, stranger: User, office: Organisation, places: Places
) -> None:
    given = give_role(
        person=stranger,
        organisation=office,
        role=Role.COMMUNE_CLERK,
        area=places.commune,
        by=province_administrator,
    )
    assert given.area == places.commune
    for area in (places.other_province, None):
        with pytest.raises(PermissionDenied):
            give_role(
                person=stranger, organisation=office, role=Role.VIEWER, area=area, by=province_administrator
            )


def test_province_administrator_cannot_take_over_the_system_administrator(
    province_administrator: User, administrator: User, office: Organisation, places: Places
) -> None:
    with pytest.raises(PermissionDenied, match="còn giữ vai trò ở địa bàn bạn không quản trị"):
        reset_password(person=administrator, by=province_administrator)
    with pytest.raises(PermissionDenied):
        give_role(
            person=administrator,
            organisation=office,
            role=Role.VIEWER,
            area=places.commune,
            by=province_administrator,
        )
    assert administrator not in people_managed_by(province_administrator)


def test_the_same_role_is_not_given_twice(
    administrator: User, clerk: User, office: Organisation, places: Places
) -> None:
    with pytest.raises(ValidationError, match="đã có vai trò đó ở địa bàn này"):
        give_role(
            person=clerk, organisation=office, role=Role.COMMUNE_CLERK, area=places.commune, by=administrator
        )


def test_administrator_locks_neither_self_nor_own_role(administrator: User, clerk: User) -> None:
    with pytest.raises(ValidationError, match="chính mình"):
        switch_person(person=administrator, on=False, by=administrator)
    with pytest.raises(ValidationError, match="tự thu vai trò quản trị"):
        take_role(membership=Membership.objects.get(user=administrator), by=administrator)
    switch_person(person=clerk, on=False, by=administrator)
    assert not User.objects.get(pk=clerk.pk).is_active


def test_taken_role_is_gone_and_remembered(administrator: User, clerk: User) -> None:
    take_role(membership=Membership.objects.get(user=clerk), by=administrator)
    assert not Membership.objects.filter(user=clerk).exists()
    assert AuditEvent.objects.get(event="accounts.role_taken").details["role"] == "commune_clerk"


def test_organisation_is_found_by_its_former_name(administrator: User, places: Places) -> None:
    body = Organisation(
        code="STTTT", name="Sở Thông tin và Truyền thông", kind="department", area=places.province
    )
    save_organisation(organisation=body, by=administrator)
    rename_organisation(
        organisation=body, name="Sở Khoa học và Công nghệ", on=date(2025, 3, 1), by=administrator
    )
    assert [found.name for found in find_organisations("truyen thong")] == ["Sở Khoa học và Công nghệ"]
    assert [(str(name), name.valid_until) for name in body.names.all()] == [
        ("Sở Thông tin và Truyền thông", date(2025, 3, 1)),
        ("Sở Khoa học và Công nghệ", None),
    ]


def test_successor_needs_an_end_and_no_circle_to_itself(administrator: User, office: Organisation) -> None:
    with pytest.raises(ValidationError, match="không thể kế thừa chính mình"):
        end_organisation(organisation=office, on=date(2026, 1, 1), successor=office, by=administrator)
    after = Organisation.objects.create(code="MOI", name="Sở mới", kind="department")
    end_organisation(
        organisation=Organisation.objects.get(pk=office.pk),
        on=date(2026, 1, 1),
        successor=after,
        by=administrator,
    )
    assert list(after.predecessors.all()) == [office]


def test_name_is_not_changed_without_renaming(administrator: User, office: Organisation) -> None:
    office.name = "Tên lén đổi"
    save_organisation(organisation=office, by=administrator)
    assert Organisation.objects.get(pk=office.pk).name == "Sở Khoa học và Công nghệ"


def test_province_administrator_keeps_the_offices_of_the_province(
    province_administrator: User, office: Organisation, places: Places
) -> None:
    rename_organisation(organisation=office, name="Tên mới", on=date(2026, 1, 1), by=province_administrator)
    assert Organisation.objects.get(pk=office.pk).name == "Tên mới"
    with pytest.raises(PermissionDenied):
        save_organisation(
            organisation=Organisation(code="LG", name="Nhà bên", kind="other", area=places.other_province),
            by=province_administrator,
        )
