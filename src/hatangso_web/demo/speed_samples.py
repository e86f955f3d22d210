"""A seeded speed campaign for the invented province: tests of three operators whose truth differs from commune to commune."""

from __future__ import annotations

import datetime
import io

import numpy as np
import polars as pl
from django.core.files.base import ContentFile

from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.demo.province import OPERATORS, Province
from hatangso_web.measurements.actions import add_campaign, commit, hand_in
from hatangso_web.measurements.jobs import check_file, commit_file
from hatangso_web.measurements.models import Campaign, FileState, Network

_FIRST, _LAST = datetime.date(2026, 9, 1), datetime.date(2026, 9, 30)
_NAME = "Đợt đo quý III/2026 (hư cấu)"
_TESTS_PER_COMMUNE = 180


def load_speed_campaign(province: Province, root: Area, *, by: User) -> Campaign:
    """Load the campaign with its tests, once; a second call changes nothing."""
    known = Campaign.objects.filter(area=root, name=_NAME).first()
    if known is not None:
        return known
    campaign = add_campaign(
        Campaign(
            name=_NAME,
            area=root,
            starts_on=_FIRST,
            ends_on=_LAST,
            tool="i-Speed",
            method="Người dân và cán bộ tự đo bằng ứng dụng (số liệu hư cấu)",
            network=Network.MOBILE,
            floor_mbps=40.0,
            share=0.8,
            basis="Kế hoạch hạ tầng số của tỉnh hư cấu: ít nhất 80 % lần đo đạt từ 40 Mb/s",
        ),
        by=by,
    )
    buffer = io.BytesIO()
    make_samples(province).write_parquet(buffer)
    file = hand_in(campaign, ContentFile(buffer.getvalue(), name="i-speed-hu-cau.parquet"), by=by).file
    check_file.call(file.pk)
    file.refresh_from_db()
    if file.state == FileState.CHECKED:
        commit(file, by=by)
        commit_file.call(file.pk)
    return campaign


def make_samples(province: Province) -> pl.DataFrame:
    """Return the tests: at villages, by day, slower far from the seat and with the third operator. Same seed, same tests."""
    generator = np.random.default_rng([province.seed, 11])
    parts = []
    for commune in province.communes:
        weights = np.array([village.people for village in commune.villages], dtype=float)
        picked = generator.choice(len(commune.villages), _TESTS_PER_COMMUNE, p=weights / weights.sum())
        villages = [commune.villages[index] for index in picked]
        operator = generator.choice(len(OPERATORS), _TESTS_PER_COMMUNE, p=[0.5, 0.3, 0.2])
        middle = 95.0 * generator.uniform(0.45, 1.1) * np.array([1.0, 0.9, 0.6])[operator]
        middle *= np.array([0.55 if village.specially_difficult else 1.0 for village in villages])
        fast = generator.random(_TESTS_PER_COMMUNE) < 0.15
        download = generator.lognormal(np.log(middle * np.where(fast, 2.2, 1.0)), 0.45)
        minutes = generator.integers(6 * 60, 22 * 60, _TESTS_PER_COMMUNE)
        days = generator.integers(0, 30, _TESTS_PER_COMMUNE)
        start = datetime.datetime.combine(_FIRST, datetime.time())
        parts.append(
            pl.DataFrame(
                {
                    "time": [start + datetime.timedelta(days=int(day), minutes=int(minute)) for day, minute in zip(days, minutes, strict=True)],
                    "lon": [village.lon + shift for village, shift in zip(villages, generator.normal(0, 0.002, _TESTS_PER_COMMUNE), strict=True)],
                    "lat": [village.lat + shift for village, shift in zip(villages, generator.normal(0, 0.002, _TESTS_PER_COMMUNE), strict=True)],
                    "area_code": [village.code for village in villages],
                    "operator": [OPERATORS[index] for index in operator],
                    "technology": np.where(fast, "5G", "4G"),
                    "download_mbps": download.round(2),
                    "upload_mbps": (download * generator.uniform(0.15, 0.4, _TESTS_PER_COMMUNE)).round(2),
                    "latency_ms": generator.lognormal(3.4, 0.3, _TESTS_PER_COMMUNE).round(1),
                    "device": [f"{commune.code}-{number}" for number in generator.integers(0, 70, _TESTS_PER_COMMUNE)],
                }
            )
        )  # fmt: skip
    return pl.concat(parts)
