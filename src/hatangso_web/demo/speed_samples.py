"""Seeded speed campaigns of the invented province: tests whose truth differs by commune and year, declared speeds, own tests."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass

import numpy as np
import polars as pl
from django.core.files.base import ContentFile
from django.utils import timezone

from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.areas.models import Area, Level, Particulars
from hatangso_web.demo.province import OPERATORS, VALID_FROM, Province
from hatangso_web.measurements.actions import add_campaign, commit, declare_speed, gather_own_tests, hand_in
from hatangso_web.measurements.jobs import check_file, commit_file
from hatangso_web.measurements.models import (
    OWN_TOOL,
    Campaign,
    DeclaredSpeed,
    FileState,
    Network,
    SampleFile,
    SpeedTest,
)

_BASIS = "Kế hoạch hạ tầng số của tỉnh hư cấu: ít nhất 80 % lần đo đạt từ 40 Mb/s"
_METHOD = "Người dân và cán bộ tự đo bằng ứng dụng (số liệu hư cấu)"
_OWN_TESTS = 120
# Vdmin, Vd, Vu (Mb/s) of 4G and 5G by operator, in the order of OPERATORS: one promises more than it keeps.
_DECLARED = (((20, 70, 15), (60, 150, 35)), ((25, 60, 15), (50, 140, 30)), ((20, 60, 12), (40, 120, 30)))


@dataclass(frozen=True)
class Wave:
    """A campaign of the third quarter of a year, which ends on 14 September (decree 09/2019, article 12).

    ``pace`` is how fast its networks are beside those of the last one, by commune.
    """

    year: int
    tests_per_commune: int
    pace: tuple[float, float]

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        return datetime.date(self.year, 8, 15), datetime.date(self.year, 9, 13)

    @property
    def name(self) -> str:
        return f"Đợt đo quý III/{self.year} (hư cấu)"


# The base year of growth, the campaign before, the last one: the oldest first, so that each is counted once.
WAVES = (Wave(2024, 24, (0.4, 0.6)), Wave(2025, 60, (0.35, 1.15)), Wave(2026, 180, (1.0, 1.0)))


def load_speed_campaigns(province: Province, root: Area, *, by: User) -> None:
    """Load people and places of villages, declared speeds and campaigns with their tests, once."""
    if Campaign.objects.filter(area=root, name=WAVES[-1].name).exists():
        return
    _enter_particulars(province)
    _declare(root, by=by)
    for wave in WAVES:
        campaign = add_campaign(_campaign(root, wave, "i-Speed", _METHOD), by=by)
        buffer = io.BytesIO()
        make_samples(province, wave).write_parquet(buffer)
        upload = ContentFile(buffer.getvalue(), name=f"i-speed-{wave.year}-hu-cau.parquet")
        _bring_in(hand_in(campaign, upload, by=by).file, by=by)
    _load_own_tests(province, root, by=by)


def make_samples(province: Province, wave: Wave) -> pl.DataFrame:
    """Return the tests: at villages, by day, slower far from the seat and with the third operator. Same seed, same tests."""
    generator = np.random.default_rng([province.seed, 11, wave.year])
    quality = np.random.default_rng([province.seed, 13]).uniform(0.45, 1.1, province.size)
    quality *= generator.uniform(*wave.pace, province.size)
    tests = wave.tests_per_commune
    parts = []
    for commune, good in zip(province.communes, quality, strict=True):
        weights = np.array([village.people for village in commune.villages], dtype=float)
        picked = generator.choice(len(commune.villages), tests, p=weights / weights.sum())
        villages = [commune.villages[index] for index in picked]
        operator = generator.choice(len(OPERATORS), tests, p=[0.5, 0.3, 0.2])
        middle = 95.0 * good * np.array([1.0, 0.9, 0.6])[operator]
        middle *= np.array([0.55 if village.specially_difficult else 1.0 for village in villages])
        fast = generator.random(tests) < 0.15
        download = generator.lognormal(np.log(middle * np.where(fast, 2.2, 1.0)), 0.45)
        minutes = generator.integers(0, 30, tests) * 24 * 60 + generator.integers(6 * 60, 22 * 60, tests)
        start = datetime.datetime.combine(wave.days[0], datetime.time())
        parts.append(
            pl.DataFrame(
                {
                    "time": [start + datetime.timedelta(minutes=int(each)) for each in minutes],
                    "lon": np.array([village.lon for village in villages]) + generator.normal(0, 0.002, tests),
                    "lat": np.array([village.lat for village in villages]) + generator.normal(0, 0.002, tests),
                    "area_code": [village.code for village in villages],
                    "operator": [OPERATORS[index] for index in operator],
                    "technology": np.where(fast, "5G", "4G"),
                    "download_mbps": download.round(2),
                    "upload_mbps": (download * generator.uniform(0.15, 0.4, tests)).round(2),
                    "latency_ms": generator.lognormal(3.4, 0.3, tests).round(1),
                    "device": [f"{commune.code}-{number}" for number in generator.integers(0, 70, tests)],
                }
            )
        )  # fmt: skip
    return pl.concat(parts)


def _campaign(root: Area, wave: Wave, tool: str, method: str) -> Campaign:
    first, last = wave.days
    return Campaign(
        name=wave.name if tool != OWN_TOOL else f"Người dân tự đo trên trang này, quý III/{wave.year} (hư cấu)",
        area=root, starts_on=first, ends_on=last, tool=tool, method=method, network=Network.MOBILE,
        floor_mbps=40.0, share=0.8, basis=_BASIS,
    )  # fmt: skip


def _bring_in(file: SampleFile, *, by: User) -> None:
    """Do at once what the worker does: check a file and put it into its campaign."""
    check_file.call(file.pk)
    file.refresh_from_db()
    if file.state == FileState.CHECKED:
        commit(file, by=by)
        commit_file.call(file.pk)


def _enter_particulars(province: Province) -> None:
    """Say of every village how many people it has and where it lies, as the list of villages does."""
    rows = dict(Area.objects.filter(level=Level.VILLAGE).values_list("code", "pk"))
    Particulars.objects.bulk_create(
        [
            Particulars(
                area_id=rows[village.code], population=village.people, households=village.households,
                longitude=village.lon, latitude=village.lat, as_of=VALID_FROM,
            )
            for village in province.villages
        ],
        batch_size=500, ignore_conflicts=True,
    )  # fmt: skip


def _declare(root: Area, *, by: User) -> None:
    """Enter what the operators promise for 4G and 5G."""
    firms = Organisation.objects.filter(kind=OrganisationKind.OPERATOR, area=root, name__in=OPERATORS)
    for firm in firms:
        for technology, (least, down, up) in zip(
            ("4G", "5G"), _DECLARED[OPERATORS.index(firm.name)], strict=True
        ):
            declared = DeclaredSpeed(
                organisation=firm, area=root, operator=firm.name, technology=technology, package="Di động (hư cấu)",
                vdmin_mbps=least, vd_mbps=down, vu_mbps=up, valid_from=datetime.date(2026, 1, 1),
            )  # fmt: skip
            declare_speed(declared, by=by)


def _load_own_tests(province: Province, root: Area, *, by: User) -> None:
    """Enter tests as people make them with this site's page, gather them into a campaign of their own tool."""
    generator = np.random.default_rng([province.seed, 19])
    areas = {area.code: area for area in Area.objects.filter(level=Level.VILLAGE)}
    first = timezone.make_aware(datetime.datetime.combine(WAVES[-1].days[0], datetime.time(8)))
    villages = [
        province.villages[index] for index in generator.integers(0, len(province.villages), _OWN_TESTS)
    ]
    download = generator.lognormal(np.log(55.0), 0.5, _OWN_TESTS).round(1)
    SpeedTest.objects.bulk_create(
        SpeedTest(
            made_at=first + datetime.timedelta(days=number % 30, minutes=int(generator.integers(0, 12 * 60))),
            area=areas[village.code], lon=round(village.lon, 3), lat=round(village.lat, 3),
            operator=OPERATORS[number % len(OPERATORS)], technology="4G", connection="cellular", protocol="hatangso-1",
            download_mbps=float(speed), upload_mbps=round(float(speed) / 4, 1), latency_ms=34.0, jitter_ms=4.0,
        )
        for number, (village, speed) in enumerate(zip(villages, download, strict=True))
    )  # fmt: skip
    method = "Trang đo của hệ thống, tới máy chủ của tỉnh (số liệu hư cấu)"
    campaign = add_campaign(_campaign(root, WAVES[-1], OWN_TOOL, method), by=by)
    _bring_in(gather_own_tests(campaign, by=by).file, by=by)
