"""ITU-R P.1812 on one path: the published cases with every logged value, and what must hold anywhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hatangso.errors import InputError
from hatangso.radio.pathloss import inverse_normal, knife_edge, location_sigma, path_loss
from hatangso.radio.profile import COASTAL, INLAND, SEA, Link, Profile
from tests.reference.itu_cases import cases

# our symbol for each line of a reference log, in its order
LOG_SYMBOLS = [
    "d",
    "dlt",
    "dlr",
    "th_t",
    "th_r",
    "th",
    "hts",
    "hrs",
    "htc",
    "hrc",
    "w",
    "dtm",
    "dlm",
    "phi",
    "b0",
    "ae",
    "hst_raw",
    "hsr_raw",
    "hst",
    "hsr",
    "hstd",
    "hsrd",
    "hts_smooth",
    "hrs_smooth",
    "hte",
    "hre",
    "hm",
    "Fi",
    "Fj",
    "Fk",
    "Lbfs",
    "Lb0p",
    "Lb0b",
    "Lbulla",
    "Lbulls",
    "Ldsph",
    "Ld50",
    "Ldb",
    "Ldp",
    "Lbd50",
    "Lbd",
    "Lminb0p",
    "Lba",
    "Lminbap",
    "Lbda",
    "Lbam",
    "Lbs",
    "Lbc",
    "Lb",
    "Ep",
]
WALL = Profile(np.array([0, 2.0, 4.0]), np.array([0, 100.0, 0]))
LINK = Link(frequency_ghz=1.8, tx_height_m=30, rx_height_m=1.5)


def test_every_value_of_every_published_case(shared):
    """The reference overwrites its own Lbd by Lbda where ducting wins; there its two lines are equal."""
    found = cases(shared("data/propagation/py1812/tests"))
    assert len(found) >= 48
    for case in found:
        steps = path_loss(case.profile, case.link).steps
        start = next(i for i, (name, _) in enumerate(case.log) if name.split() == ["d"])
        logged = dict(zip(LOG_SYMBOLS, (value for _, value in case.log[start:]), strict=False))
        for symbol, value in logged.items():
            mine = steps["Lbda" if symbol == "Lbd" and steps["Lminbap"] <= steps["Lbd"] else symbol]
            assert mine == pytest.approx(value, abs=1e-6), (case.name, symbol)
        for_its_power = steps["Ep"] + 10 * math.log10(case.power_kw)
        assert for_its_power == pytest.approx(case.field_strength_dbuvm, abs=1e-6)


def test_free_space_at_one_kilometre_in_clear_sight():
    high = Profile(np.array([0, 0.5, 1.0]), np.array([0.0, 0, 0]))
    steps = path_loss(high, replace(LINK, tx_height_m=200, rx_height_m=200, frequency_ghz=1.0)).steps
    assert steps["Lbfs"] == pytest.approx(92.4)
    assert steps["Lbd"] == pytest.approx(92.4)


def test_a_wall_costs_what_a_knife_edge_of_its_height_costs():
    clear = replace(LINK, tx_height_m=100, rx_height_m=100)
    bare = path_loss(Profile(WALL.distance_km, np.zeros(3)), clear)
    steps = path_loss(WALL, clear).steps
    assert steps["Lbulla"] > 6.0 > bare.steps["Lbulla"]
    # edge touches the sight line (the bulge of 4 km of the β0 earth lifts it by 0.1 m): close to the 6 dB of grazing
    grazing = knife_edge(0.1046 * math.sqrt(0.002 * 4 / (0.2998 / 1.8 * 2 * 2)))
    assert steps["Lbulla"] == pytest.approx(grazing + (1 - math.exp(-grazing / 6)) * 10.08, abs=0.01)


def test_loss_grows_with_the_wall():
    losses = [
        path_loss(Profile(WALL.distance_km, np.array([0, top, 0.0])), LINK).loss_db
        for top in (0, 50, 100, 200)
    ]
    assert losses == sorted(losses)
    assert losses[-1] > losses[0] + 20


def test_clutter_at_the_ends_is_not_an_obstacle():
    flat = np.zeros(5)
    distance = np.linspace(0, 4, 5)
    at_ends = Profile(distance, flat, np.array([20, 0, 0, 0, 20.0]))
    between = Profile(distance, flat, np.array([0, 0, 20, 0, 0.0]))
    none = path_loss(Profile(distance, flat), LINK).loss_db
    assert path_loss(at_ends, LINK).loss_db == none
    assert path_loss(between, LINK).loss_db > none


def test_loss_for_less_of_the_time_is_smaller():
    distance = np.linspace(0, 60, 61)
    profile = Profile(distance, 50 * np.abs(np.sin(distance)))
    losses = [path_loss(profile, replace(LINK, time_percent=p)).loss_db for p in (1, 10, 50)]
    assert losses == sorted(losses)


def test_more_places_cost_more_and_sea_has_no_places():
    profile = Profile(np.array([0, 2.0, 4.0]), np.zeros(3))
    half, most = (path_loss(profile, replace(LINK, location_percent=p)) for p in (50, 90))
    spread = location_sigma(LINK, clutter_m=0)
    assert spread == pytest.approx((1 - 0.15) * (0.52 + 0.024 * 1.8) * 50**0.28)
    assert most.loss_db - half.loss_db == pytest.approx(1.2816 * spread, abs=1e-3)
    at_sea = Profile(profile.distance_km, profile.height_m, zone=np.array([INLAND, SEA, SEA]))
    assert path_loss(at_sea, replace(LINK, location_percent=90)).steps["Lloc"] == 0


def test_zones_reach_half_way_to_their_neighbours():
    profile = Profile(
        np.array([0, 1, 2, 3, 4.0]), np.zeros(5), zone=np.array([INLAND, INLAND, COASTAL, SEA, SEA])
    )
    steps = path_loss(profile, LINK).steps
    assert steps["w"] == pytest.approx(1.5 / 4)
    assert steps["dtm"] == pytest.approx(2.5)
    assert steps["dlm"] == pytest.approx(1.5)


def test_a_path_without_points_between_its_ends_is_answered():
    answer = path_loss(Profile(np.array([0, 1.0]), np.zeros(2)), LINK)
    assert math.isfinite(answer.loss_db)
    assert answer.loss_db >= answer.steps["Lb0p"]


def test_inverse_normal_is_odd_and_close_to_the_true_one():
    assert inverse_normal(0.1) == pytest.approx(1.28155, abs=5e-4)
    assert inverse_normal(0.9) == -inverse_normal(1 - 0.9)


@pytest.mark.parametrize("frequency, length", [(7.0, 4.0), (1.8, 0.2), (1.8, 4000.0)])
def test_outside_its_scope_it_refuses(frequency, length):
    profile = Profile(np.array([0, length / 2, length]), np.zeros(3))
    with pytest.raises(InputError, match=r"P\.1812"):
        path_loss(profile, replace(LINK, frequency_ghz=frequency))


@pytest.mark.parametrize(
    "distance, height, words",
    [
        ([0.0], [1.0], "ít nhất 2 điểm"),
        ([0, 1, 1.0], [0, 0, 0.0], "điểm 3"),
        ([1, 2, 3.0], [0, 0, 0.0], "bắt đầu ở 1 km"),
        ([0, 1, 2.0], [0, np.nan, 0.0], "điểm 2, cột height_m"),
        ([0, 1, 2.0], [0, 29000.0, 0.0], "feet"),
    ],
)
def test_a_bad_profile_is_refused_with_a_sentence(distance, height, words):
    with pytest.raises(InputError, match=words):
        Profile(np.array(distance), np.array(height))


def test_a_bad_link_names_the_parameter():
    with pytest.raises(InputError, match="time_percent"):
        replace(LINK, time_percent=60)
    with pytest.raises(InputError, match="polarisation"):
        replace(LINK, polarisation="x")
