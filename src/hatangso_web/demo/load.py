"""Loads the invented province into an empty site: areas with borders, offices, sample accounts, plans, figures."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.db import transaction

from hatangso_web.accounts.models import Membership, Organisation, OrganisationKind, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import write_versions
from hatangso_web.areas.models import Area, Change, Level
from hatangso_web.demo.borders import load_borders
from hatangso_web.demo.disputes import load_scores_and_disputes
from hatangso_web.demo.documents import write_plan
from hatangso_web.demo.figures import load_figures
from hatangso_web.demo.former import CHANGED_ON, LEGAL_ACT, Former, former_communes, young_codes
from hatangso_web.demo.names import person_name
from hatangso_web.demo.plan_texts import commune_plan, province_plan, year_plan
from hatangso_web.demo.province import OPERATORS, VALID_FROM, Commune, Province, make_province
from hatangso_web.demo.speed_samples import load_speed_campaigns
from hatangso_web.plans.actions.review import accept_plain
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.jobs import read_version
from hatangso_web.plans.models import Kind, Version

PASSWORD = "hatangso-demo"
_YEAR_PLAN, _LONG_PLAN = "ke-hoach-tinh-an-linh-2026.docx", "ke-hoach-tinh-an-linh-2026-2030.docx"


@dataclass(frozen=True)
class SampleAccount:
    """An account of the demo, as printed on the screen."""

    username: str
    password: str
    role: str
    what: str


@transaction.atomic
def load_demo(*, size: int = 24, seed: int = 2026, plan: Path | None = None) -> list[SampleAccount]:
    """Load the invented province, once; a second call changes nothing but adds ``plan`` when it is new.

    Parameters
    ----------
    size : communes
    plan : a plan of one's own to read instead of the two invented ones

    Returns
    -------
    the sample accounts, one per role
    """
    province = make_province(seed=seed, size=size)
    root = Area.objects.filter(code=province.code).first() or _enter_areas(province)
    accounts = _enter_people(province, root)
    specialist = User.objects.get(username="chuyenvien")
    if plan is not None:
        take_in(Upload(ContentFile(plan.read_bytes(), name=plan.name), area=root), by=specialist)
        return accounts
    commune = province.communes[_demo_commune(province)]
    with tempfile.TemporaryDirectory() as folder:
        for area, text, by, name in (
            (root, year_plan(province), specialist, _YEAR_PLAN),
            (root, province_plan(province), specialist, _LONG_PLAN),
            (
                Area.objects.get(code=commune.code),
                commune_plan(province, commune),
                User.objects.get(username="canboxa"),
                "ke-hoach-xa-2026.docx",
            ),
        ):
            if Version.objects.filter(area=area, filename=name).exists():
                continue
            path = write_plan(text, Path(folder) / name)
            version = take_in(Upload(ContentFile(path.read_bytes(), name=name), area=area), by=by).version
            if name != _LONG_PLAN:
                _confirm(version, by=by)
    load_borders(province, by=User.objects.get(username="quantri"))
    load_figures(province, root)
    load_speed_campaigns(province, root, by=specialist)
    load_scores_and_disputes(root)
    return accounts


def _confirm(version: Version, *, by: User) -> None:
    """Read a plan at once and confirm what no warning points at, as its clerk would; the province's long plan is
    left for the visitor to confirm."""
    read_version.call(version.pk)
    version.refresh_from_db()
    for kind in (Kind.HEADER, Kind.BASIS, Kind.TARGET, Kind.TASK, Kind.ASSIGNMENT, Kind.DUTY):
        accept_plain(version=version, kind=kind, by=by)


def _demo_commune(province: Province) -> int:
    """The first commune that is not a ward: the sample clerk's."""
    return next((number for number, commune in enumerate(province.communes) if commune.kind == "xã"), 0)


def _enter_areas(province: Province) -> Area:
    root = Area(
        code=province.code,
        name=province.marked_name,
        level=Level.PROVINCE,
        path=f"/{province.code}/",
        valid_from=VALID_FROM,
    )
    root.save()
    formers = former_communes(province)
    young = young_codes(formers)
    communes = [
        _commune_area(commune, root, since=CHANGED_ON if commune.code in young else VALID_FROM)
        for commune in province.communes
    ]
    ended = [_commune_area(former.commune, root, since=VALID_FROM, until=CHANGED_ON) for former in formers]
    Area.objects.bulk_create(communes + ended, batch_size=500)
    parents = {area.code: area for area in Area.objects.filter(level=Level.COMMUNE, parent=root)}
    Area.objects.bulk_create(
        [
            Area(
                code=village.code,
                name=village.name,
                level=Level.VILLAGE,
                parent=parents[village.commune_code],
                path=f"{parents[village.commune_code].path}{village.code}/",
                valid_from=parents[village.commune_code].valid_from,
            )
            for village in province.villages
        ],
        batch_size=500,
    )
    write_versions(Area.objects.filter(path__startswith=root.path))
    _enter_changes(formers, parents)
    return root


def _commune_area(commune: Commune, root: Area, *, since: date, until: date | None = None) -> Area:
    return Area(
        code=commune.code,
        name=commune.full_name,
        level=Level.COMMUNE,
        parent=root,
        path=f"{root.path}{commune.code}/",
        valid_from=since,
        valid_until=until,
    )


def _enter_changes(formers: tuple[Former, ...], areas: dict[str, Area]) -> None:
    Change.objects.bulk_create(
        [
            Change(
                kind=former.kind,
                from_area=areas[former.commune.code],
                to_area=areas[code],
                on=CHANGED_ON,
                share=share,
                population_share=people,
                legal_act=LEGAL_ACT,
            )
            for former in formers
            for code, share, people in former.into
        ]
    )


def _enter_people(province: Province, root: Area) -> list[SampleAccount]:
    number = _demo_commune(province)
    commune = Area.objects.get(code=province.communes[number].code)
    neighbour = Area.objects.get(code=province.communes[(number + 1) % province.size].code)
    committee = _organisation(
        "UBND-TINH", f"UBND {province.full_name}", OrganisationKind.PEOPLES_COMMITTEE, root
    )
    department = _organisation("SKHCN", "Sở Khoa học và Công nghệ", OrganisationKind.DEPARTMENT, root)
    for code, name in (
        ("STC", "Sở Tài chính"),
        ("SXD", "Sở Xây dựng"),
        ("CAT", "Công an tỉnh"),
        ("BDT", "Bưu điện tỉnh"),
        ("DL", "Công ty Điện lực tỉnh"),
    ):
        _organisation(
            code,
            name,
            OrganisationKind.POLICE_MILITARY if code == "CAT" else OrganisationKind.DEPARTMENT,
            root,
        )
    commune_committee = _organisation(
        f"UBND-{commune.code}", f"UBND {commune.name}", OrganisationKind.PEOPLES_COMMITTEE, commune
    )
    neighbour_committee = _organisation(
        f"UBND-{neighbour.code}", f"UBND {neighbour.name}", OrganisationKind.PEOPLES_COMMITTEE, neighbour
    )
    operators = [
        _organisation(f"NM{index}", name, OrganisationKind.OPERATOR, root)
        for index, name in enumerate(OPERATORS, start=1)
    ]
    generator = np.random.default_rng([province.seed, 7])
    people = (
        ("quantri", "Quản trị hệ thống", department, Role.ADMINISTRATOR, None, "người dùng, cơ quan, nhật ký"),
        ("chuyenvien", "Chuyên viên Phòng Hạ tầng số", department, Role.PROVINCIAL_SPECIALIST, root, "nạp và xác nhận kế hoạch của tỉnh"),
        ("lanhdao", "Phó Chủ tịch UBND tỉnh", committee, Role.LEADER, root, "xem toàn tỉnh"),
        ("canboxa", f"Công chức {commune.name}", commune_committee, Role.COMMUNE_CLERK, commune, f"kế hoạch, số liệu của {commune.name}"),
        ("canboxaben", f"Công chức {neighbour.name}", neighbour_committee, Role.COMMUNE_CLERK, neighbour, f"xã bên cạnh: {neighbour.name}"),
        ("nhamang", "Nhân viên kỹ thuật", operators[0], Role.OPERATOR_CLERK, root, f"số liệu của {operators[0].name}"),
        ("nguoixem", "Văn phòng UBND tỉnh", committee, Role.VIEWER, root, "chỉ xem"),
        ("chuyenvientinh", "Chuyên viên tổng hợp", department, Role.PROVINCIAL_SPECIALIST, root, "nhập thay, tổng hợp số liệu của tỉnh"),
    )  # fmt: skip
    accounts = []
    for username, position, organisation, role, area, what in people:
        _person(username, position, person_name(generator=generator), (organisation, role, area))
        accounts.append(SampleAccount(username, PASSWORD, Role(role).label, what))
    return accounts


def _organisation(code: str, name: str, kind: Any, area: Area) -> Organisation:
    organisation, _ = Organisation.objects.get_or_create(
        code=f"VD-{code}", defaults={"name": name, "kind": kind, "area": area, "valid_from": VALID_FROM}
    )
    return organisation


def _person(
    username: str, position: str, full_name: str, part: tuple[Organisation, Role, Area | None]
) -> None:
    person = User.objects.filter(username=username).first()
    if person is None:
        person = User.objects.create_user(
            username, PASSWORD, full_name=f"{full_name} (hư cấu)", position=position
        )
    organisation, role, area = part
    Membership.objects.get_or_create(user=person, organisation=organisation, role=role, area=area)
