"""Building entry loss, ITU-R P.2109."""

from __future__ import annotations

import math

import pytest

from hatangso.errors import InputError
from hatangso.radio.building import building_entry_loss


def test_median_at_one_gigahertz_is_the_three_ways_added_as_powers():
    by_hand = 10 * math.log10(10**1.264 + 10**0.91 + 10**-0.3)
    assert building_entry_loss(1.0) == pytest.approx(by_hand)


def test_modern_houses_keep_more_out_and_more_so_for_most_houses():
    assert building_entry_loss(1.8, building="efficient") > building_entry_loss(1.8) + 10
    assert (
        building_entry_loss(1.8, percent=90) > building_entry_loss(1.8) > building_entry_loss(1.8, percent=10)
    )


def test_elevation_adds_a_fifth_of_a_decibel_a_degree():
    through = 12.64 + 0.212 * 30
    by_hand = 10 * math.log10(10 ** (through / 10) + 10**0.91 + 10**-0.3)
    assert building_entry_loss(1.0, elevation_deg=30) == pytest.approx(by_hand)


@pytest.mark.parametrize("bad", [{"percent": 0}, {"percent": 100}, {"building": "tent"}])
def test_refuses_what_it_does_not_know(bad):
    with pytest.raises(InputError):
        building_entry_loss(1.0, **bad)
    with pytest.raises(InputError, match="tần số"):
        building_entry_loss(0.05)
