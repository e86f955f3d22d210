"""Summaries add up: parts to the whole, villages to communes, in any order."""

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.errors import InputError
from hatangso.speed.histogram import FINE_TOP, bin_of, first_bin_reaching, value_of
from hatangso.speed.summaries import (
    merge,
    read_summaries,
    require_one_tool,
    roll_up,
    summarise,
    write_summaries,
)
from hatangso.speed.verdicts import quantile

speeds = st.floats(0.01, 9000, allow_nan=False)
rows = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.sampled_from(["x", "y"]), st.sampled_from(["d1", "d2", None]), speeds
    ),
    min_size=1,
    max_size=60,
)


def table(values, tool="i-Speed"):
    return pl.DataFrame(
        {
            "time": [datetime.datetime(2026, 3, 1, 8)] * len(values),
            "area_code": [row[0] for row in values],
            "operator": [row[1] for row in values],
            "technology": ["4G"] * len(values),
            "device": pl.Series([row[2] for row in values], dtype=pl.String),
            "download_mbps": [row[3] for row in values],
            "tool": [tool] * len(values),
            "method": [""] * len(values),
        }
    )


def same(left, right):
    histograms = all(
        np.array_equal(left.histograms[m].bins, right.histograms[m].bins)
        and np.array_equal(left.histograms[m].counts, right.histograms[m].counts)
        and np.array_equal(left.histograms[m].offsets, right.histograms[m].offsets)
        and np.array_equal(left.sums[m], right.sums[m])
        for m in left.histograms
    )
    return left.keys.equals(right.keys) and np.array_equal(left.samples, right.samples) and histograms


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_summaries_of_parts_add_up_to_the_whole_in_any_order(values, random):
    whole = summarise(table(values))
    shuffled = list(values)
    random.shuffle(shuffled)
    cut = random.randint(0, len(shuffled))
    parts = [summarise(table(part)) for part in (shuffled[cut:], shuffled[:cut]) if part]
    assert same(merge(parts), whole)


@given(rows)
@settings(max_examples=40, deadline=None)
def test_devices_counted_apart_add_up_to_the_whole(values):
    whole, parts = summarise(table(values)), merge([summarise(table([row])) for row in values])
    assert parts.clusters.equals(whole.clusters)


@given(rows)
@settings(max_examples=40, deadline=None)
def test_rolling_up_equals_summarising_with_the_parent(values):
    parents = {"A": "P", "B": "P", "C": "Q"}
    direct = summarise(table([(parents[area], "*", None, speed) for area, _, _, speed in values]))
    assert same(roll_up(summarise(table(values)), parents, over=("operator",)), direct)


@given(st.lists(st.integers(1, 49_999), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_median_and_share_come_out_to_a_hundredth(hundredths):
    values = np.array(hundredths) / 100
    summary = summarise(table([("A", "x", None, value) for value in values]))
    bins, counts = summary.histograms["download"].of(0)
    assert quantile(bins, counts, 0.5) == pytest.approx(np.median(values), abs=0.0051)
    floor = float(values[0])
    assert counts[bins >= first_bin_reaching(floor)].sum() == (values >= floor).sum()


def test_bins_keep_a_hundredth_below_500_and_two_in_ten_thousand_above():
    values = np.array([0.29, 39.99, 40.0, 499.99, 500.0, 501.0, 2500.0, 9999.0])
    back = value_of(bin_of(values))
    assert np.all(np.abs(back - values)[values <= FINE_TOP] < 0.01)
    assert np.all(np.abs(back / values - 1)[values > FINE_TOP] < 2.5e-4)


def test_a_sample_just_below_the_floor_does_not_reach_it():
    assert bin_of(np.array([39.999]))[0] < first_bin_reaching(40.0) <= bin_of(np.array([40.0]))[0]


def test_missing_values_are_not_zero():
    values = table([("A", "x", None, 10.0), ("A", "x", None, 20.0)]).with_columns(
        pl.Series("upload_mbps", [None, 7.0])
    )
    summary = summarise(values)
    assert summary.histograms["upload"].totals().tolist() == [1]
    assert summary.sums["upload"].tolist() == [7000]


def test_tools_are_never_mixed_in_one_figure():
    both = merge(
        [summarise(table([("A", "x", None, 10.0)])), summarise(table([("A", "x", None, 30.0)], tool="NDT7"))]
    )
    assert len(both) == 2  # side by side, not added
    with pytest.raises(InputError, match="nhiều công cụ"):
        require_one_tool(both)
    with pytest.raises(InputError, match="Không cộng gộp qua tool"):
        roll_up(both, {"A": "A"}, over=("tool",))


def test_written_and_read_again_it_is_the_same(tmp_path):
    summary = summarise(table([("A", "x", "d1", 10.0), ("B", "y", "d2", 700.0), ("B", "y", "d2", 0.5)]))
    write_summaries(summary, tmp_path / "s.parquet")
    again = read_summaries(tmp_path / "s.parquet")
    assert same(summary, again)
    assert again.clusters.equals(summary.clusters)


def test_a_file_of_something_else_is_refused(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match="thiếu cột"):
        read_summaries(tmp_path / "x.parquet")
