"""Samples collected by group, in any pieces and by any number of threads, give the histograms counted one by one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hatangso.speed.collecting import Accumulator
from hatangso.speed.histogram import NOTHING, bin_of


def drawn(seed, count, groups):
    generator = np.random.default_rng(seed)
    group = generator.integers(-1, groups, count).astype(np.int32)
    values = generator.lognormal(4, 1, count)
    values[generator.random(count) < 0.1] = np.nan
    return group, {"download": values, "latency": generator.integers(0, 40, count).astype(np.float64)}


def expect(accumulator, parts, rank):
    """Compare with counting each group by itself."""
    made, samples, sums = accumulator.finish(rank), accumulator.samples(), accumulator.sums()
    group = np.concatenate([part[0] for part in parts])
    for measure in accumulator.measures:
        value = np.concatenate([part[1][measure] for part in parts])
        for number in range(accumulator.groups):
            own = value[group == number]
            codes = bin_of(own)
            bins, counts = np.unique(codes[codes != NOTHING], return_counts=True)
            found = made[measure].of(rank[number])
            assert np.array_equal(found[0], bins)
            assert np.array_equal(found[1], counts)
            assert samples[number] == len(own)
            assert sums[measure][number] == np.rint(own[own >= 0] * 1000).sum()


def test_groups_longer_than_blocks_and_empty_ones():
    accumulator = Accumulator(("download", "latency"), room=5000)
    parts = [drawn(1, 5000, 9)]
    accumulator.add(*parts[0], groups=11)
    expect(accumulator, parts, np.arange(11)[::-1])


def test_two_samples_one_of_them_without_a_value():
    accumulator = Accumulator(("download",))
    accumulator.add(np.array([0, 0], np.int32), {"download": np.array([12.5, np.nan])}, groups=1)
    made = accumulator.finish()["download"]
    assert (made.bins.tolist(), made.counts.tolist()) == ([1250], [1])
    assert accumulator.samples().tolist() == [2]
    assert accumulator.sums()["download"].tolist() == [12_500]


def test_values_may_stand_in_other_rows():
    accumulator = Accumulator(("download",))
    values = np.array([1.0, 2.0, 3.0], np.float32)
    accumulator.add(
        np.array([1, 0], np.int32), {"download": values}, groups=2, rows=np.array([2, 0], np.int32)
    )
    assert accumulator.sums()["download"].tolist() == [1000, 3000]


@pytest.fixture(params=[1, 3])
def in_small_parts(monkeypatch, request):
    """Few samples are enough to use several threads."""
    monkeypatch.setattr("hatangso.speed.grouping._MANY", 1)
    monkeypatch.setattr("hatangso.speed.grouping.get_num_threads", lambda: request.param)


@pytest.mark.usefixtures("in_small_parts")
def test_counts_that_do_not_fit_into_a_byte_are_kept_whole():
    """Group 0 has 255 samples of one value, group 1 has 256, group 2 has 1000 of one and 300 of another."""
    group = np.repeat([0, 1, 2, 2, 2], [255, 256, 1000, 300, 1]).astype(np.int32)
    value = np.repeat([10.0, 20.0, 30.0, 40.0, 50.0], [255, 256, 1000, 300, 1])
    accumulator = Accumulator(("download",))
    accumulator.add(group, {"download": value}, groups=3)
    made = accumulator.finish()["download"]
    assert made.counts.tolist() == [255, 256, 1000, 300, 1]
    assert made.totals().tolist() == [255, 256, 1301]


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize("measures", [("download",), ("download", "latency")])
def test_room_used_again_changes_nothing(measures):
    parts = [drawn(seed, 4000, 300) for seed in range(3)]
    accumulator = Accumulator(measures)
    for part in parts:
        accumulator.add(*part, groups=300)
    expect(accumulator, parts, np.random.default_rng(4).permutation(300))


def without_room(monkeypatch, blocks):
    """Room for so many blocks of 512 samples; beyond it what is collected is folded."""
    monkeypatch.setattr("hatangso.speed.collecting.MOST_PENDING", 512 * (blocks - 1))
    monkeypatch.setattr("hatangso.speed.collecting._MOST_BEGUN", 0)
    monkeypatch.setattr("hatangso.speed.collecting._BLOCKS_AT_A_TIME", 1)


@pytest.mark.usefixtures("in_small_parts")
def test_groups_folded_on_the_way_equal_groups_folded_at_the_end(monkeypatch):
    """Seven hundred samples at a time and room for three blocks; the number of groups grows on the way."""
    without_room(monkeypatch, 3)
    accumulator, parts = Accumulator(("download", "latency")), []
    for size in (3, 7, 7, 200):
        parts.append(drawn(size, 700, size))
        accumulator.add(*parts[-1], groups=size)
    assert accumulator._folded is not None
    expect(accumulator, parts, np.random.default_rng(2).permutation(200))


def test_several_threads_may_add_at_the_same_time(monkeypatch):
    without_room(monkeypatch, 12)
    accumulator = Accumulator(("download", "latency"))
    parts = [drawn(seed, 3000, 20) for seed in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: accumulator.add(*part, groups=20), parts))
    assert accumulator._folded is not None
    expect(accumulator, parts, np.arange(20))
