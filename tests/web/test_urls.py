"""Every address is closed until it is declared: who may open it stands in ACCESS, and the site keeps to it.

A new address fails ``test_every_address_is_declared`` until a line is written for it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import PERMISSIONS_OF, Permission, Role

pytestmark = pytest.mark.django_db

OPEN = "open"  # to everybody, signed in or not
SIGNED_IN = "signed_in"  # to everybody with an account


@dataclass(frozen=True)
class Access:
    """Who may open an address: OPEN, SIGNED_IN or a permission; by which method; with which row in it.

    ``about`` names the row: "person", "organisation", "membership", or "absent" for one that does not exist.
    Then those who may get 404, and those who may not 403 or 404.
    """

    who: str | Permission
    method: str = "get"
    about: str = ""


ACCESS: dict[str, Access] = {
    "home": Access(SIGNED_IN),
    "health": Access(OPEN),
    "set_language": Access(OPEN, "post"),
    "area_suggestions": Access(SIGNED_IN),
    "trail": Access(Permission.VIEW_AUDIT),
    "account_login": Access(OPEN),
    "account_logout": Access(OPEN),
    "account_signup": Access(OPEN),
    "account_inactive": Access(OPEN),
    "mfa_authenticate": Access(OPEN),
    "socialaccount_login_cancelled": Access(OPEN),
    "socialaccount_login_error": Access(OPEN),
    "socialaccount_signup": Access(OPEN),
    "openid_connect_login": Access(OPEN, about="provider"),
    "openid_connect_callback": Access(OPEN, about="provider"),
    "account_reauthenticate": Access(SIGNED_IN),
    "account_change_password": Access(SIGNED_IN),
    "account_set_password": Access(SIGNED_IN),
    "mfa_index": Access(SIGNED_IN),
    "mfa_reauthenticate": Access(SIGNED_IN),
    "mfa_activate_totp": Access(SIGNED_IN),
    "mfa_deactivate_totp": Access(SIGNED_IN),
    "mfa_view_recovery_codes": Access(SIGNED_IN),
    "mfa_generate_recovery_codes": Access(SIGNED_IN),
    "mfa_download_recovery_codes": Access(SIGNED_IN),
    "socialaccount_connections": Access(SIGNED_IN),
    "accounts:own_account": Access(SIGNED_IN),
    "accounts:people": Access(Permission.MANAGE_PEOPLE),
    "accounts:new_person": Access(Permission.MANAGE_PEOPLE),
    "accounts:person": Access(Permission.MANAGE_PEOPLE, about="person"),
    "accounts:person_role": Access(Permission.MANAGE_PEOPLE, "post", "person"),
    "accounts:person_role_end": Access(Permission.MANAGE_PEOPLE, "post", "membership"),
    "accounts:person_switch": Access(Permission.MANAGE_PEOPLE, "post", "person"),
    "accounts:person_password": Access(Permission.MANAGE_PEOPLE, "post", "person"),
    "accounts:organisations": Access(Permission.VIEW),
    "accounts:organisation": Access(Permission.VIEW, about="organisation"),
    "accounts:new_organisation": Access(Permission.MANAGE_ORGANISATIONS),
    "accounts:change_organisation": Access(Permission.MANAGE_ORGANISATIONS, about="organisation"),
    "accounts:organisation_rename": Access(Permission.MANAGE_ORGANISATIONS, "post", "organisation"),
    "accounts:organisation_end": Access(Permission.MANAGE_ORGANISATIONS, "post", "organisation"),
    "gazetteer:areas": Access(Permission.VIEW),
    "gazetteer:area": Access(Permission.VIEW, about="area"),
    "gazetteer:map": Access(Permission.VIEW, about="area_without_map"),
    "gazetteer:files": Access(Permission.IMPORT_AREAS),
    "gazetteer:file": Access(Permission.IMPORT_AREAS, about="absent"),
    "gazetteer:file_write": Access(Permission.IMPORT_AREAS, "post", "absent"),
    "gazetteer:revisions": Access(Permission.MANAGE_AREAS),
    "gazetteer:new_revision": Access(Permission.MANAGE_AREAS),
    "gazetteer:revision": Access(Permission.MANAGE_AREAS, about="absent"),
    "gazetteer:change_revision": Access(Permission.MANAGE_AREAS, about="absent"),
    "gazetteer:revision_confirm": Access(Permission.MANAGE_AREAS, "post", "absent"),
    "gazetteer:revision_withdraw": Access(Permission.MANAGE_AREAS, "post", "absent"),
    "catalogue:indicators": Access(Permission.VIEW),
    "catalogue:indicator": Access(Permission.VIEW, about="indicator"),
    "indicators:rounds": Access(SIGNED_IN),  # shows the rounds of the person's units: none to a stranger
    "indicators:new_round": Access(Permission.MANAGE_ROUNDS),
    "indicators:villages": Access(Permission.VIEW),
    "indicators:village": Access(Permission.VIEW, about="absent_village"),
    "indicators:fill_from_villages": Access(Permission.VIEW, "post", "absent"),
    "indicators:figures": Access(Permission.VIEW),
    "leader": Access(Permission.VIEW),
    "indicators:compare_areas": Access(Permission.VIEW),
    "indicators:compare_periods": Access(Permission.VIEW),
    "indicators:crosswalk": Access(Permission.VIEW),
    "plans:side_by_side": Access(Permission.VIEW),
    "indicators:value": Access(Permission.VIEW, about="absent"),
    "indicators:indicator": Access(Permission.VIEW, about="absent"),
    "indicators:parts": Access(Permission.VIEW, about="absent"),
    "indicators:imports": Access(Permission.VIEW),
    "indicators:import": Access(Permission.VIEW, about="absent"),
    "indicators:import_columns": Access(Permission.VIEW, about="absent"),
    "indicators:import_marked": Access(Permission.VIEW, about="absent"),
    "indicators:speed_values": Access(Permission.VIEW, about="absent"),
    # What lies behind these depends on the unit; tests/web/indicators opens them with real rounds.
    "indicators:round": Access(Permission.VIEW, about="absent"),
    "indicators:copy_round": Access(Permission.VIEW, about="absent"),
    "indicators:round_workbook": Access(Permission.VIEW, about="absent"),
    "indicators:return_workbook": Access(Permission.VIEW, about="absent"),
    "indicators:unit_workbook": Access(Permission.VIEW, about="absent"),
    "indicators:submission": Access(Permission.VIEW, about="absent"),
    "indicators:step": Access(Permission.VIEW, "post", "absent"),
    # Shows the disputes and scorings of the person's areas: none to a stranger.
    "indicators:challenges": Access(SIGNED_IN),
    "indicators:challenge": Access(Permission.VIEW, about="absent"),
    "indicators:challenge_evidence": Access(Permission.VIEW, about="absent"),
    "indicators:score_rounds": Access(SIGNED_IN),
    "indicators:new_score_round": Access(Permission.MANAGE_ROUNDS),
    "indicators:score_round": Access(Permission.VIEW, about="absent"),
    "indicators:score_round_workbook": Access(Permission.EXPORT, about="absent"),
    "indicators:scoring": Access(Permission.VIEW, about="absent"),
    "indicators:scoring_workbook": Access(Permission.EXPORT, about="absent"),
    "indicators:score_step": Access(Permission.VIEW, "post", "absent"),
    "indicators:score_trial": Access(Permission.VIEW, about="absent"),
    "indicators:score_line": Access(Permission.VIEW, about="absent_area"),
    "indicators:score_file": Access(Permission.VIEW, about="absent"),
    "indicators:withdraw_score_file": Access(Permission.VIEW, "post", "absent"),
    # A citizen disputes without an account; what is sent is seen by nobody before the province takes it on.
    "indicators:citizen_start": Access(OPEN),
    "indicators:citizen_village": Access(OPEN, about="indicator"),
    "indicators:citizen_word": Access(OPEN, about="absent"),
    "indicators:citizen_look_up": Access(OPEN),
    "indicators:citizen_receipt": Access(OPEN, about="indicator"),
    "measurements:list": Access(SIGNED_IN),  # shows the campaigns the person may see: none to a stranger
    "measurements:find_area": Access(SIGNED_IN),
    "measurements:declared": Access(SIGNED_IN),
    "measurements:new": Access(Permission.MEASURE_SPEED),
    "measurements:declare": Access(Permission.DECLARE_SPEED),
    "measurements:campaign": Access(Permission.VIEW, about="absent"),
    "measurements:area": Access(Permission.VIEW, about="absent"),
    "measurements:results": Access(Permission.VIEW, about="absent_area"),
    "measurements:hand_in": Access(Permission.MEASURE_SPEED, about="absent"),
    "measurements:gather": Access(Permission.MEASURE_SPEED, "post", "absent"),
    "measurements:close": Access(Permission.MEASURE_SPEED, "post", "absent"),
    "measurements:run": Access(Permission.VIEW, about="absent"),
    "measurements:withdraw": Access(Permission.MEASURE_SPEED, "post", "absent"),
    "measurements:file": Access(Permission.MEASURE_SPEED, about="absent"),
    "measurements:columns": Access(Permission.MEASURE_SPEED, about="absent"),
    "measurements:commit": Access(Permission.MEASURE_SPEED, "post", "absent"),
    "measurements:discard": Access(Permission.MEASURE_SPEED, "post", "absent"),
    "measurements:rejected": Access(Permission.MEASURE_SPEED, about="absent"),
    "measurements:bad": Access(Permission.VIEW, about="absent"),
    "measurements:bad_download": Access(Permission.EXPORT, about="absent"),
    "measurements:bad_map": Access(Permission.VIEW, about="absent"),
    "measurements:annex": Access(Permission.VIEW, about="absent"),
    "measurements:plan": Access(Permission.VIEW, about="absent"),
    "measurements:plan_download": Access(Permission.EXPORT, about="absent"),
    # The built-in test is for everybody; a ticket, not a sign-in, guards what it moves.
    "measurements:test": Access(OPEN),
    "measurements:test_start": Access(OPEN, "post"),
    "measurements:test_ping": Access(OPEN),
    "measurements:test_down": Access(OPEN),
    "measurements:test_up": Access(OPEN, "post"),
    "measurements:test_places": Access(OPEN),
    "measurements:test_save": Access(OPEN, "post"),
    "measurements:test_result": Access(OPEN, about="absent_key"),
    "plans:list": Access(SIGNED_IN),  # shows the plans the person may see: none to a stranger
    "plans:list_download": Access(Permission.EXPORT),
    "plans:upload": Access(Permission.READ_PLANS),
    "plans:due": Access(SIGNED_IN),
    "plans:due_download": Access(Permission.EXPORT),
    # What lies behind these depends on the plan; tests/web/plans opens them with real plans.
    "plans:plan": Access(Permission.VIEW, about="absent"),
    "plans:plan_download": Access(Permission.EXPORT, about="absent"),
    "plans:new_version": Access(Permission.READ_PLANS, about="absent"),
    "plans:version": Access(Permission.VIEW, about="absent"),
    "plans:try_again": Access(Permission.READ_PLANS, "post", "absent"),
    "plans:original": Access(Permission.VIEW, about="absent"),
    "plans:review": Access(Permission.VIEW, about="absent"),
    "plans:accept_kind": Access(Permission.CONFIRM_PLANS, "post", "absent"),
    "plans:undo": Access(Permission.CONFIRM_PLANS, "post", "absent"),
    "plans:add": Access(Permission.CONFIRM_PLANS, about="absent"),
    "plans:compare": Access(Permission.VIEW, about="absent"),
    "plans:sentence": Access(Permission.VIEW, about="absent"),
    "plans:decide": Access(Permission.CONFIRM_PLANS, "post", "absent"),
    "plans:restrict": Access(Permission.CONFIRM_PLANS, "post", "absent"),
}

ROLE_FIXTURES = {
    Role.VIEWER: "viewer",
    Role.COMMUNE_CLERK: "clerk",
    Role.PROVINCIAL_SPECIALIST: "specialist",
    Role.LEADER: "leader",
    Role.OPERATOR_CLERK: "operator",
    Role.ADMINISTRATOR: "administrator",
    None: "stranger",
}


def _names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}" if pattern.name else f"(no name) {pattern.pattern}"


def _address(name: str, about: str, office: Organisation, shown: User) -> str:
    arguments: dict[str, list[object]] = {
        "": [],
        "absent": [987654],
        "absent_area": [987654, "khong-co"],
        "absent_key": [UUID(int=0)],
        "absent_village": [987654, "2026Q3"],
        "provider": ["co-quan"],
        "person": [shown.pk],
        "organisation": [office.pk],
        "area": ["99001"],
        "area_without_map": ["99001"],
        "indicator": ["MOB-04"],
    }
    if about == "membership":
        return reverse(name, args=[shown.pk, Membership.objects.get(user=shown).pk])
    return reverse(name, args=arguments[about])


def test_every_address_is_declared() -> None:
    names = set(_names(get_resolver().url_patterns))
    assert names - set(ACCESS) == set(), "an address nobody declared"
    assert set(ACCESS) - names == set(), "a declared address that is gone"


@pytest.mark.parametrize("name", sorted(ACCESS))
def test_who_has_not_signed_in_is_sent_to_sign_in(name: str, office: Organisation, neighbour: User) -> None:
    access = ACCESS[name]
    response = Client().generic(access.method.upper(), _address(name, access.about, office, neighbour))
    closed = response.status_code == 302 and response.headers["Location"].startswith(
        f"{reverse('account_login')}?next="
    )
    assert closed is (access.who != OPEN)


@pytest.mark.parametrize("role", list(ROLE_FIXTURES), ids=list(ROLE_FIXTURES.values()))
@pytest.mark.parametrize(
    "name", sorted(name for name, access in ACCESS.items() if access.who in set(Permission))
)
def test_address_opens_for_the_roles_that_may_and_no_other(
    request: pytest.FixtureRequest,
    client_of: Callable[[User], Client],
    office: Organisation,
    neighbour: User,
    name: str,
    role: Role | None,
) -> None:
    access = ACCESS[name]
    client = client_of(request.getfixturevalue(ROLE_FIXTURES[role]))
    response = client.generic(access.method.upper(), _address(name, access.about, office, neighbour))
    may = role is not None and access.who in PERMISSIONS_OF[role]
    if access.about in {"absent", "absent_area", "absent_village", "area_without_map"}:
        assert response.status_code in ({404} if may else {403, 404})
    elif may:
        assert response.status_code in {200, 302}
    else:
        assert response.status_code == 403


@pytest.mark.parametrize("name", sorted(name for name, access in ACCESS.items() if access.who == SIGNED_IN))
def test_address_for_everybody_opens_without_a_role(
    client_of: Callable[[User], Client], stranger: User, office: Organisation, name: str
) -> None:
    without_second_factor = {"mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_deactivate_totp"}
    response = client_of(stranger).get(reverse(name))
    assert response.status_code in ({404, 302} if name in without_second_factor else {200, 302})
