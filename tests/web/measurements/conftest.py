"""Fixtures of speed measuring: a campaign, files of samples with known truth, and how they are brought in."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.core.files.base import ContentFile

from hatangso_web.accounts.models import User
from hatangso_web.measurements.actions import add_campaign, commit, hand_in
from hatangso_web.measurements.jobs import check_file, commit_file
from hatangso_web.measurements.models import Campaign, FileState, SampleFile


@pytest.fixture
def new_campaign(specialist: User, places: Any) -> Callable[..., Campaign]:
    """Return a function that sets up a campaign of the province in March 2026."""

    def make(**changes: Any) -> Campaign:
        values = {
            "name": "Đợt đo tháng 3", "area": places.province, "starts_on": datetime.date(2026, 3, 1),
            "ends_on": datetime.date(2026, 3, 31), "tool": "i-Speed", "method": "Người dân tự đo bằng ứng dụng",
            "network": "mobile", "floor_mbps": 40.0, "share": 0.8,
        } | changes  # fmt: skip
        return add_campaign(Campaign(**values), by=specialist)

    return make


@pytest.fixture
def campaign(new_campaign: Callable[..., Campaign]) -> Campaign:
    """Return that campaign."""
    return new_campaign()


def work(file: SampleFile) -> SampleFile:
    """Do the background work that waits for a file."""
    file.refresh_from_db()
    if file.state == FileState.WAITING:
        check_file.call(file.pk)
    if file.state == FileState.QUEUED:
        commit_file.call(file.pk)
    file.refresh_from_db()
    return file


def rows(count: int, speed: float, **changes: Any) -> list[dict[str, Any]]:
    """Return ``count`` samples of one speed, minutes apart, each of its own device."""
    start = datetime.datetime.combine(changes.pop("day", datetime.date(2026, 3, 2)), datetime.time(8))
    values = {"area_code": "99001", "operator": "Sao Mai", "technology": "4G"} | changes
    prefix = f"{values['area_code']}{values['operator']}{speed}"
    return [
        values
        | {
            "time": (start + datetime.timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M:%S"),
            "download_mbps": speed,
            "upload_mbps": speed / 4,
            "latency_ms": 30.0,
            "device": f"{prefix}-{number}",
        }
        for number in range(count)
    ]


def csv_of(samples: list[dict[str, Any]]) -> ContentFile:
    """Return samples as a file that was uploaded."""
    text = io.StringIO()
    text.write(pl.DataFrame(samples, infer_schema_length=None).write_csv())
    return ContentFile(text.getvalue().encode(), name="so-do.csv")


@pytest.fixture
def bring_in(specialist: User) -> Callable[[Campaign, list[dict[str, Any]]], SampleFile]:
    """Return a function that hands samples in and commits them."""

    def bring(campaign: Campaign, samples: list[dict[str, Any]]) -> SampleFile:
        file = work(hand_in(campaign, csv_of(samples), by=specialist).file)
        commit(file, by=specialist)
        return work(file)

    return bring


def generated(codes: dict[str, float], *, tests: int, seed: int, floor: float = 40.0) -> list[dict[str, Any]]:
    """Return samples of areas whose true share above the floor is given by code."""
    generator = np.random.default_rng(seed)
    samples: list[dict[str, Any]] = []
    for code, share in codes.items():
        fast = generator.random(tests) < share
        for number, row in enumerate(rows(tests, 1.0, area_code=code)):
            speed = (
                generator.uniform(floor, 3 * floor)
                if fast[number]
                else generator.uniform(0.1, 1.0) * (floor - 0.1)
            )
            samples.append(
                row | {"download_mbps": round(float(speed), 2), "device": f"{code}-{seed}-{number}"}
            )
    return samples
