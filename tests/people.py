"""What all tests of the site share, imported by the conftest of each folder: an invented province, its offices, and people with names to remember.

``clerk`` files for her commune, ``specialist`` works for the province, ``neighbour`` is a clerk of another
commune, ``leader`` reads, ``operator`` is a firm's clerk, ``administrator`` keeps the whole system,
``stranger`` has an account and no role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from hatangso_web.accounts.models import Membership, Organisation, OrganisationKind, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area, Level


@dataclass(frozen=True)
class Places:
    """A province with two communes, and a province next door."""

    province: Area
    commune: Area
    other_commune: Area
    other_province: Area


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let tests with a live server empty the SQLite database, which clears the audit trail row by row too."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_delete")
                cursor.execute("DROP TRIGGER IF EXISTS plan_decision_no_delete")
                cursor.execute("DROP TRIGGER IF EXISTS indicators_value_no_delete")
                cursor.execute("DROP TRIGGER IF EXISTS indicators_step_no_delete")
                for part in ("answer", "remark", "best", "line", "step"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS indicators_score{part}_no_delete")


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Keep uploaded files in the test's own folder, hash passwords fast, and run no static manifest."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tasks_now(settings: Any) -> None:
    """Run background tasks at once, in the test's own transaction."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def places(db: None) -> Places:
    """Return the invented areas."""
    province = enter_area(code="99", name="Tỉnh Đắk Thử", level=Level.PROVINCE)
    return Places(
        province=province,
        commune=enter_area(code="99001", name="Xã Ea Mới", level=Level.COMMUNE, parent=province),
        other_commune=enter_area(code="99002", name="Phường Đồng Ân", level=Level.COMMUNE, parent=province),
        other_province=enter_area(code="98", name="Tỉnh Láng Giềng", level=Level.PROVINCE),
    )


@pytest.fixture
def office(places: Places) -> Organisation:
    """Return the province's department of science and technology."""
    return Organisation.objects.create(
        code="SKHCN", name="Sở Khoa học và Công nghệ", kind=OrganisationKind.DEPARTMENT, area=places.province
    )


@pytest.fixture
def person(office: Organisation) -> Callable[..., User]:
    """Return a function that writes a person with one role, or none."""

    def write(username: str, role: Role | None = None, area: Area | None = None) -> User:
        user = User.objects.create_user(username, "mat-khau-rat-dai", full_name=f"Người {username}")
        if role is not None:
            Membership.objects.create(user=user, organisation=office, role=role, area=area)
        return user

    return write


@pytest.fixture
def clerk(person: Callable[..., User], places: Places) -> User:
    """Return the clerk of the commune."""
    return person("clerk", Role.COMMUNE_CLERK, places.commune)


@pytest.fixture
def neighbour(person: Callable[..., User], places: Places) -> User:
    """Return the clerk of the other commune."""
    return person("neighbour", Role.COMMUNE_CLERK, places.other_commune)


@pytest.fixture
def specialist(person: Callable[..., User], places: Places) -> User:
    """Return the specialist of the province."""
    return person("specialist", Role.PROVINCIAL_SPECIALIST, places.province)


@pytest.fixture
def leader(person: Callable[..., User], places: Places) -> User:
    """Return a leader of the province."""
    return person("leader", Role.LEADER, places.province)


@pytest.fixture
def viewer(person: Callable[..., User], places: Places) -> User:
    """Return someone who may only look, over the province."""
    return person("viewer", Role.VIEWER, places.province)


@pytest.fixture
def operator(person: Callable[..., User], places: Places) -> User:
    """Return the clerk of a firm that works in the province."""
    return person("operator", Role.OPERATOR_CLERK, places.province)


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    """Return the administrator of the whole system."""
    return person("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def province_administrator(person: Callable[..., User], places: Places) -> User:
    """Return an administrator of the province alone."""
    return person("province_administrator", Role.ADMINISTRATOR, places.province)


@pytest.fixture
def stranger(person: Callable[..., User]) -> User:
    """Return someone with an account and no role."""
    return person("stranger")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a function that gives a browser in which the person has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
