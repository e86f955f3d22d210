"""Three verdicts that hold at the stated certainty, and the words that explain them."""

import datetime

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed.summaries import merge, summarise
from hatangso.speed.verdicts import (
    CANNOT_TELL,
    MET,
    NOT_MET,
    Requirement,
    clopper_pearson_interval,
    design_effects,
    verdicts,
    wilson_interval,
)
from hatangso.speed.verdicts import (
    tests_needed as needed_for,
)


def summary(speeds, devices=None, tool="i-Speed"):
    return summarise(
        pl.DataFrame(
            {
                "time": [datetime.datetime(2026, 3, 1, 8)] * len(speeds),
                "area_code": ["A"] * len(speeds),
                "operator": ["x"] * len(speeds),
                "technology": ["4G"] * len(speeds),
                "device": pl.Series(
                    devices if devices is not None else [None] * len(speeds), dtype=pl.String
                ),
                "download_mbps": [float(speed) for speed in speeds],
                "tool": [tool] * len(speeds),
                "method": [""] * len(speeds),
            }
        )
    )


def judged(speeds, devices=None, **requirement):
    return verdicts(summary(speeds, devices), Requirement(40.0, **requirement)).row(0, named=True)


def test_wilson_interval_of_the_textbook():
    # 8 of 10: centre (0.8 + z²/20) / (1 + z²/10), z = 1.96 → 0.490 to 0.943
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_clopper_pearson_interval_of_the_textbook():
    assert clopper_pearson_interval(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert clopper_pearson_interval(0, 10)[0] == 0.0
    assert clopper_pearson_interval(10, 10)[1] == 1.0


def test_enough_tests_above_the_share_are_met_and_below_are_not():
    assert judged([50] * 95 + [10] * 5)["verdict"] == MET
    assert judged([50] * 60 + [10] * 40)["verdict"] == NOT_MET


def test_a_share_near_the_line_cannot_tell_yet():
    row = judged([50] * 83 + [10] * 17)
    assert row["verdict"] == CANNOT_TELL
    assert row["estimate"] == pytest.approx(0.83)


def test_ten_samples_of_a_village_never_give_a_verdict_even_if_all_pass():
    row = judged([50] * 10)
    assert row["verdict"] == CANNOT_TELL
    assert "cần ít nhất 30" in row["words"]


def test_mean_hides_the_bad_half():
    """The tempting wrong answer: a mean of 80 Mb/s looks fine although half of the tests stay at 10."""
    speeds = [150] * 50 + [10] * 50
    assert judged(speeds, statistic="mean")["verdict"] == MET
    assert judged(speeds)["verdict"] == NOT_MET


def test_one_busy_device_makes_the_interval_wider():
    speeds = [50] * 90 + [10] * 10
    each_its_own = [f"d{number}" for number in range(100)]
    three_phones = ["a"] * 45 + ["b"] * 45 + ["c"] * 10
    alone, clustered = judged(speeds, each_its_own), judged(speeds, three_phones)
    assert alone["design_effect"] == pytest.approx(1.0, abs=0.02)
    assert clustered["design_effect"] > 10
    assert alone["verdict"] == MET
    assert clustered["verdict"] == CANNOT_TELL
    assert "hệ số thiết kế" in clustered["words"]


def test_a_given_design_effect_is_used():
    assert design_effects(summary([50] * 40), Requirement(40.0, design_effect=2.5)) == [(2.5, None)]


def test_median_interval_is_distribution_free():
    row = judged(list(range(1, 102)), statistic="median")
    assert row["estimate"] == pytest.approx(51)
    assert row["low"] == pytest.approx(40, abs=2)
    assert row["high"] == pytest.approx(62, abs=2)


def test_words_show_counts_interval_and_requirement():
    assert "95/100 lần đo đạt từ 40 Mb/s = 95,0 %" in judged([50] * 95 + [10] * 5)["words"]


def test_several_tools_are_refused():
    both = merge([summary([50] * 40), summary([50] * 40, tool="NDT7")])
    with pytest.raises(InputError, match="nhiều công cụ"):
        verdicts(both, Requirement(40.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 0},
        {"share": 1.2},
        {"confidence": 0.3},
        {"minimum_tests": 0},
        {"design_effect": 0.5},
        {"statistic": "mode"},
    ],
)
def test_a_requirement_out_of_range_is_refused(wrong):
    with pytest.raises(InputError, match="Yêu cầu về tốc độ"):
        Requirement(40.0, **wrong)


@pytest.mark.parametrize("share", [0.95, 0.9, 0.6, 0.3])
def test_tests_needed_is_the_smallest_number_that_decides(share):
    requirement = Requirement(40.0, minimum_tests=1)
    number = needed_for(requirement, share)

    def decides(n):
        low, high = wilson_interval(share * n, n)
        return low >= 0.8 or high < 0.8

    assert decides(number)
    assert not decides(number - 1)


def test_no_number_of_tests_decides_on_the_line():
    assert needed_for(Requirement(40.0, share=0.8), 0.8) is None


def test_intervals_cover_the_truth_as_often_as_they_say():
    """1,000 invented areas of known truth: the interval holds the truth 95 times in 100, and a verdict that is given
    is wrong at most half of 5 times in 100."""
    generator = np.random.default_rng(5)
    truths = generator.uniform(0.6, 0.97, 1000)
    tests = generator.integers(40, 400, 1000)
    requirement = Requirement(40.0)
    held = wrong = 0
    for truth, number in zip(truths, tests, strict=True):
        reaching = generator.binomial(number, truth)
        low, high = wilson_interval(reaching, number, requirement.confidence)
        held += low <= truth <= high
        wrong += (low >= 0.8 > truth) or (high < 0.8 <= truth)
    assert 930 <= held <= 970
    assert wrong <= 25


def test_intervals_cover_the_truth_when_devices_repeat():
    """With 20 tests a phone the plain interval lies far too often; with the design effect it holds."""
    generator = np.random.default_rng(6)
    plain = adjusted = 0
    for _ in range(300):
        own_share = generator.beta(8, 2, 40)  # each phone has a share of its own; the truth is 0.8
        speeds = np.where(generator.random((40, 20)) < own_share[:, None], 50.0, 10.0).ravel()
        devices = np.repeat([f"d{number}" for number in range(40)], 20)
        row = verdicts(summary(speeds, devices), Requirement(40.0)).row(0, named=True)
        adjusted += row["low"] <= 0.8 <= row["high"]
        low, high = wilson_interval(row["reaching"], row["tests"])
        plain += low <= 0.8 <= high
    assert plain < 260
    assert adjusted >= 275
