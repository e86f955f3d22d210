"""The compiled point-to-point form is the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.radio.path_kernel import compiled_path_loss
from hatangso.radio.pathloss import path_loss
from hatangso.radio.profile import Link, Profile
from tests.reference.itu_cases import cases


def test_published_cases(shared):
    for case in cases(shared("data/propagation/py1812/tests")):
        plain = path_loss(case.profile, case.link).loss_db
        assert compiled_path_loss(case.profile, case.link) == pytest.approx(plain, abs=1e-9), case.name


def test_random_paths_of_every_kind():
    draw = np.random.default_rng(1)
    for _ in range(400):
        count = int(draw.integers(2, 60))
        distance = np.concatenate(([0], np.cumsum(draw.uniform(0.2, 1, count - 1))))
        distance *= draw.choice([0.3, 1, 5, 20, 60, 120]) / distance[-1]
        height = draw.choice([0, 1, 10, 100, 800]) * np.abs(np.cumsum(draw.normal(size=count))) / count**0.5
        zone = draw.choice([1, 3, 4], count) if draw.random() < 0.4 else np.full(count, 4)
        profile = Profile(distance, height, draw.choice([0, 20]) * draw.random(count), zone)
        link = Link(
            frequency_ghz=draw.choice([0.03, 0.1, 0.45, 0.9, 1.8, 3.5, 6]), tx_height_m=draw.choice([1, 10, 50, 300]),
            rx_height_m=draw.choice([1, 1.5, 10]), time_percent=draw.choice([1, 5, 10, 30, 50]),
            polarisation=draw.choice(["h", "v"]), tx_lat=draw.uniform(-80, 80),
            tx_coast_km=draw.choice([0, 2, 500.0]), rx_coast_km=draw.choice([0, 2, 500.0]),
        )  # fmt: skip
        assert compiled_path_loss(profile, link) == pytest.approx(path_loss(profile, link).loss_db, abs=1e-6)
