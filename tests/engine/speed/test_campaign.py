"""A campaign asks for what is still missing, spread over places, hours and devices."""

import datetime

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed.campaign import CampaignRules, HourBand, largest_remainder, plan_campaign
from hatangso.speed.summaries import summarise
from hatangso.speed.verdicts import Requirement

PLACES = pl.DataFrame(
    {
        "place_id": ["t1", "t2", "t3"],
        "name": ["thôn 1", "thôn 2", "thôn 3"],
        "area_code": ["A", "A", "B"],
        "people": [300.0, 100.0, 200.0],
    }
)
OPERATORS = [("x", "4G")]


def _summary(area, speeds):
    count = len(speeds)
    return summarise(
        pl.DataFrame(
            {"time": [datetime.datetime(2026, 3, 1, 8)] * count, "area_code": [area] * count, "operator": ["x"] * count, "technology": ["4G"] * count,
             "download_mbps": [float(s) for s in speeds], "tool": ["i-Speed"] * count, "method": [""] * count}
        ),
        period="all",
    )  # fmt: skip


def test_visits_of_an_area_add_up_to_what_it_needs():
    campaign = plan_campaign(None, PLACES, Requirement(40.0), operators=OPERATORS)
    for row in campaign.strata.iter_rows(named=True):
        visits = campaign.visits.filter(pl.col("area_code") == row["area_code"])
        assert visits["tests"].sum() == row["to_do"] > 0


def test_larger_villages_get_more_tests_and_the_evening_most():
    visits = plan_campaign(None, PLACES, Requirement(40.0), operators=OPERATORS).visits.filter(
        pl.col("area_code") == "A"
    )
    by_place = dict(visits.group_by("place_id").agg(pl.col("tests").sum()).iter_rows())
    by_hours = dict(visits.group_by("hours").agg(pl.col("tests").sum()).iter_rows())
    assert by_place["t1"] == pytest.approx(3 * by_place["t2"], rel=0.1)
    assert max(by_hours, key=by_hours.get) == "17-22 giờ"


def test_an_area_with_a_verdict_needs_nothing_more():
    campaign = plan_campaign(_summary("A", [50] * 200), PLACES, Requirement(40.0), operators=OPERATORS)
    assert campaign.strata.filter(pl.col("area_code") == "A")["to_do"].to_list() == [0]
    assert campaign.strata.filter(pl.col("area_code") == "B")["to_do"][0] > 0


def test_tests_already_made_count():
    undecided = [50] * 26 + [10] * 4
    campaign = plan_campaign(_summary("A", undecided), PLACES, Requirement(40.0), operators=OPERATORS)
    row = campaign.strata.filter(pl.col("area_code") == "A").row(0, named=True)
    assert row["to_do"] == row["needed"] - 30


def test_largest_remainder_keeps_the_total_and_one_for_each():
    assert largest_remainder(10, np.array([100.0, 1.0, 1.0])).tolist() == [8, 1, 1]
    assert largest_remainder(2, np.array([1.0, 5.0, 3.0])).sum() == 2


def test_shares_of_hours_must_add_up():
    with pytest.raises(InputError, match="tổng bằng 1"):
        CampaignRules(bands=(HourBand(6, 12, 0.5), HourBand(12, 22, 0.4)))


def test_no_places_is_refused():
    with pytest.raises(InputError, match="ít nhất một nơi"):
        plan_campaign(None, PLACES.clear(), Requirement(40.0), operators=OPERATORS)
