"""Calibration finds what was put in and says what it is worth on places it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.errors import InputError
from hatangso.radio.calibration import calibrate


def samples(noise=1.0, count=300):
    draw = np.random.default_rng(2)
    distance = draw.uniform(0.3, 10, count)
    cover = np.where(draw.random(count) < 0.5, "rừng", "đô thị")
    predicted = -80 - 30 * np.log10(distance)
    measured = (
        predicted + np.where(cover == "rừng", -12, -4) - 5 * np.log10(distance) + draw.normal(0, noise, count)
    )
    return measured, predicted, distance, cover


def test_finds_offsets_and_slope():
    measured, predicted, distance, cover = samples()
    found = calibrate(measured, predicted, distance_km=distance, cover=cover)
    assert found.offsets_db["rừng"] == pytest.approx(-12, abs=0.5)
    assert found.offsets_db["đô thị"] == pytest.approx(-4, abs=0.5)
    assert found.slope_db == pytest.approx(-5, abs=0.7)
    assert found.error_after_db == pytest.approx(1, abs=0.2)
    assert found.error_before_db > 8
    assert found.worth_it
    assert found.corrected(predicted, distance, cover) == pytest.approx(measured, abs=5)


def test_noise_alone_is_not_worth_it():
    draw = np.random.default_rng(0)
    predicted = draw.uniform(-110, -70, 40)
    cover = draw.choice(list("abcdefghij"), 40)
    found = calibrate(
        predicted + draw.normal(0, 6, 40), predicted, distance_km=draw.uniform(1, 5, 40), cover=cover
    )
    assert not found.worth_it


def test_samples_of_one_place_are_left_out_together():
    measured, predicted, distance, cover = samples(count=60)
    block = np.repeat(np.arange(6), 10)
    measured = measured + 6 * (block % 2)  # each place has an error of its own
    loose = calibrate(measured, predicted, distance_km=distance, cover=cover)
    strict = calibrate(measured, predicted, distance_km=distance, cover=cover, block=block)
    assert strict.error_after_db > loose.error_after_db


def test_refuses_too_few():
    with pytest.raises(InputError, match="20 mẫu"):
        calibrate(np.zeros(5), np.zeros(5), distance_km=np.ones(5), cover=np.array(["a"] * 5))
