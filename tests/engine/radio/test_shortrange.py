"""The stated fallback where P.1812 has no answer."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hatangso.errors import InputError
from hatangso.radio.profile import Link, Profile
from hatangso.radio.shortrange import any_path_loss, short_range_loss

LINK = Link(frequency_ghz=3.5, tx_height_m=25, rx_height_m=1.5)
NEAR = Profile(np.array([0, 0.1, 0.2]), np.zeros(3))


def test_says_which_model_answered():
    far = Profile(np.array([0, 1.0, 2.0]), np.zeros(3))
    assert "P.1812" in any_path_loss(far, LINK).model
    assert any_path_loss(NEAR, LINK).model == "3GPP TR 38.901 UMa"
    assert any_path_loss(NEAR, replace(LINK, tx_height_m=10)).model == "3GPP TR 38.901 UMi"
    assert any_path_loss(far, replace(LINK, frequency_ghz=26)).model == "3GPP TR 38.901 UMa"
    assert any_path_loss(NEAR, replace(LINK, frequency_ghz=0.4)).model == "không gian tự do"


def test_roof_model_in_sight_by_hand():
    slant = math.hypot(200, 23.5)
    loss, sigma, _ = short_range_loss(200.0, 23.5, 3.5, 25.0, 1.5, True)
    assert loss == pytest.approx(28 + 22 * math.log10(slant) + 20 * math.log10(3.5))
    assert sigma == 4.0


def test_street_model_hidden_by_hand():
    slant = math.hypot(150, 8.5)
    loss, _, _ = short_range_loss(150.0, 8.5, 26.0, 10.0, 1.5, False)
    assert loss == pytest.approx(22.4 + 35.3 * math.log10(slant) + 21.3 * math.log10(26))


def test_a_house_between_hides_and_more_places_cost_more():
    house = Profile(NEAR.distance_km, np.zeros(3), np.array([0, 20.0, 0]))
    assert any_path_loss(house, LINK).loss_db > any_path_loss(NEAR, LINK).loss_db + 5
    assert any_path_loss(NEAR, replace(LINK, location_percent=90)).loss_db == pytest.approx(
        any_path_loss(NEAR, LINK).loss_db + 1.2817 * 4, abs=0.01
    )


def test_no_model_far_away_above_six_gigahertz():
    with pytest.raises(InputError, match="không mô hình nào"):
        any_path_loss(Profile(np.array([0, 5.0, 10.0]), np.zeros(3)), replace(LINK, frequency_ghz=26))
