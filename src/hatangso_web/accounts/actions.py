"""What is done to people and organisations. Every action asks who may, checks, writes, and remembers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hatangso_web.accounts.audit import Event, record
from hatangso_web.accounts.models import Membership, Organisation, OrganisationKind, OrganisationName, User
from hatangso_web.accounts.permissions import can_everywhere, require
from hatangso_web.accounts.queries import may_manage
from hatangso_web.accounts.roles import Permission, Role
from hatangso_web.areas.models import Area

# No letters or digits that are mistaken for each other when read aloud or copied by hand.
_PASSWORD_SIGNS = "abcdefghkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class OwnDetails:
    """What is written about a person besides the sign-in name."""

    full_name: str
    position: str = ""
    email: str = ""
    phone: str = ""


def note_sign_in(user: User) -> None:
    """Remember that a person came in."""
    record(Event.SIGNED_IN, about=user, by=user)


def note_sign_out(user: User) -> None:
    """Remember that a person left."""
    record(Event.SIGNED_OUT, about=user, by=user)


def note_second_factor(user: User, *, on: bool) -> None:
    """Remember that a person switched the second factor on or off."""
    record(Event.SECOND_FACTOR_ON if on else Event.SECOND_FACTOR_OFF, about=user, by=user)


@transaction.atomic
def set_own_password(*, user: User, password: str) -> None:
    """Change a person's own password; the duty to change it is fulfilled."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(Event.PASSWORD_CHANGED, about=user, by=user)


@transaction.atomic
def change_own_details(*, user: User, details: OwnDetails) -> None:
    """Change what a person may change about themselves; the e-mail address stays the administrator's matter."""
    _write_details(user, details, keep_email=True)
    record(Event.PERSON_CHANGED, about=user, by=user)


@transaction.atomic
def add_person(*, username: str, details: OwnDetails, by: User) -> tuple[User, str]:
    """Add a person who then holds no role; return them with a password to be changed at the first sign-in."""
    require(by, Permission.MANAGE_PEOPLE)
    password = _temporary_password()
    person = User(username=username.strip().casefold(), must_change_password=True)
    person.set_password(password)
    _write_details(person, details)
    record(Event.PERSON_ADDED, about=person, by=by, details={"username": person.username})
    return person, password


@transaction.atomic
def add_first_administrator(*, username: str, full_name: str, organisation_name: str) -> str:
    """Add an administrator of the whole system from the machine itself; return the temporary password."""
    password = _temporary_password()
    person = User(username=username.strip().casefold(), must_change_password=True)
    person.set_password(password)
    _write_details(person, OwnDetails(full_name=full_name.strip()))
    organisation = Organisation.objects.filter(name=organisation_name.strip()).first()
    if organisation is None:
        organisation = Organisation(
            code="QUAN-TRI", name=organisation_name.strip(), kind=OrganisationKind.OTHER
        )
        organisation.full_clean()
        organisation.save()
        OrganisationName.objects.create(organisation=organisation, name=organisation.name)
    membership = Membership.objects.create(user=person, organisation=organisation, role=Role.ADMINISTRATOR)
    record(Event.PERSON_ADDED, about=person, by=None, details={"username": person.username})
    record(Event.ROLE_GIVEN, about=person, by=None, details=_told(membership))
    return password


@transaction.atomic
def change_person(*, person: User, details: OwnDetails, by: User) -> None:
    """Change what is written about a person."""
    _require_over(person, by)
    before = {name: getattr(person, name) for name in ("full_name", "position", "email", "phone")}
    _write_details(person, details)
    after = {name: getattr(person, name) for name in before}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    record(Event.PERSON_CHANGED, about=person, by=by, details=changed)


@transaction.atomic
def switch_person(*, person: User, on: bool, by: User) -> None:
    """Let a person sign in, or not any more; nobody locks themselves out."""
    _require_over(person, by)
    if person.pk == by.pk and not on:
        raise ValidationError(_("Bạn không thể khóa tài khoản của chính mình."))
    person.is_active = on
    person.save(update_fields=["is_active"])
    record(Event.PERSON_SWITCHED_ON if on else Event.PERSON_SWITCHED_OFF, about=person, by=by)


@transaction.atomic
def reset_password(*, person: User, by: User) -> str:
    """Give a person a password to be changed at the next sign-in, and return it; it is shown once."""
    _require_over(person, by)
    password = _temporary_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    record(Event.PASSWORD_RESET, about=person, by=by)
    return password


@transaction.atomic
def give_role(
    *, person: User, organisation: Organisation, role: Role, area: Area | None, by: User
) -> Membership:
    """Let a person act for an organisation in a role over an area and all below it."""
    _require_role_over(area, by)
    _require_over(person, by)
    membership = Membership(user=person, organisation=organisation, role=role, area=area)
    membership.full_clean()
    membership.save()
    record(Event.ROLE_GIVEN, about=person, by=by, details=_told(membership))
    return membership


@transaction.atomic
def take_role(*, membership: Membership, by: User) -> None:
    """End a role; the administrator's last role of their own stays."""
    _require_role_over(membership.area, by)
    if membership.user_id == by.pk and membership.role == Role.ADMINISTRATOR:
        raise ValidationError(
            _("Bạn không thể tự thu vai trò quản trị của mình; hãy nhờ một quản trị viên khác.")
        )
    record(Event.ROLE_TAKEN, about=membership.user, by=by, details=_told(membership))
    membership.delete()


@transaction.atomic
def save_organisation(*, organisation: Organisation, by: User) -> None:
    """Add or change an organisation; a new one gets its first dated name, the name itself changes by renaming."""
    require(by, Permission.MANAGE_ORGANISATIONS, area=organisation.area)
    is_new = organisation.pk is None
    if not is_new:
        former = Organisation.objects.get(pk=organisation.pk)
        require(by, Permission.MANAGE_ORGANISATIONS, area=former.area)
        organisation.name = former.name
    organisation.full_clean()
    organisation.save()
    if is_new:
        OrganisationName.objects.create(
            organisation=organisation, name=organisation.name, valid_from=organisation.valid_from
        )
    record(Event.ORGANISATION_ADDED if is_new else Event.ORGANISATION_CHANGED, about=organisation, by=by)


@transaction.atomic
def rename_organisation(*, organisation: Organisation, name: str, on: date, by: User) -> None:
    """Give an organisation a new name from a day on; the former one stays findable with its days."""
    require(by, Permission.MANAGE_ORGANISATIONS, area=organisation.area)
    present = OrganisationName.objects.filter(organisation=organisation, valid_until=None).first()
    if present is not None:
        present.valid_until = on
        present.full_clean()
        present.save()
    renamed = OrganisationName(organisation=organisation, name=name, valid_from=on)
    renamed.full_clean()
    renamed.save()
    former, organisation.name = organisation.name, name
    organisation.full_clean()
    organisation.save()
    details = {"former": former, "name": name, "on": on.isoformat()}
    record(Event.ORGANISATION_RENAMED, about=organisation, by=by, details=details)


@transaction.atomic
def end_organisation(
    *, organisation: Organisation, on: date, successor: Organisation | None, by: User
) -> None:
    """Note that an organisation ends on a day, and what follows it."""
    require(by, Permission.MANAGE_ORGANISATIONS, area=organisation.area)
    organisation.valid_until, organisation.successor = on, successor
    organisation.full_clean()
    organisation.save()
    details = {"on": on.isoformat(), "successor": successor.code if successor else None}
    record(Event.ORGANISATION_ENDED, about=organisation, by=by, details=details)


def _write_details(person: User, details: OwnDetails, *, keep_email: bool = False) -> None:
    person.full_name, person.position, person.phone = details.full_name, details.position, details.phone
    if not keep_email:
        person.email = details.email.strip().casefold()
    person.full_clean(exclude=["password"])
    person.save()


def _require_over(person: User, by: User) -> None:
    require(by, Permission.MANAGE_PEOPLE)
    if not may_manage(by, person):
        raise PermissionDenied(
            _("%(person)s còn giữ vai trò ở địa bàn bạn không quản trị; hãy nhờ quản trị hệ thống cấp trên.")
            % {"person": person}
        )


def _require_role_over(area: Area | None, by: User) -> None:
    if area is not None:
        require(by, Permission.MANAGE_PEOPLE, area=area)
    elif not can_everywhere(by, Permission.MANAGE_PEOPLE):
        raise PermissionDenied(_("Chỉ quản trị toàn hệ thống mới giao hoặc thu vai trò trên toàn hệ thống."))


def _told(membership: Membership) -> dict[str, Any]:
    return {
        "role": membership.role,
        "organisation": membership.organisation.name,
        "area": membership.area.name if membership.area else None,
    }


def _temporary_password() -> str:
    """Return 16 signs in groups of four: about 78 bits, readable over the telephone."""
    signs = [secrets.choice(_PASSWORD_SIGNS) for _sign in range(16)]
    return "-".join("".join(signs[start : start + 4]) for start in range(0, 16, 4))
