"""Files summarised apart give the table of one machine: in any order, by any runner, and when a worker is killed."""

import datetime
import os
import random
import signal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.executor import cluster, run_here
from hatangso.speed.one_pass import Pass, summarise_files
from hatangso.speed.partitions import PassMaker, summarise_partitions
from hatangso.speed.verdicts import Requirement, verdicts

CODES = ["A0", "A1", "A2", "A3"]


def assign(lon, lat):
    """Four strips of one degree; outside them -1."""
    return np.where((lon >= 0) & (lon < 4), np.floor(lon), -1).astype(np.int32)


def assign_and_die_once(mark, lon, lat):
    """The same, but the first worker to come is killed on the way."""
    try:
        Path(mark).unlink()
    except FileNotFoundError:
        return assign(lon, lat)
    os.kill(os.getpid(), signal.SIGKILL)
    return None


class DeadlyAssign:
    def __init__(self, mark):
        self.mark = mark

    def __call__(self, lon, lat):
        return assign_and_die_once(self.mark, lon, lat)


def plan_with_death(mark):
    return Pass(DeadlyAssign(mark), CODES, "t")


@pytest.fixture
def files(tmp_path):
    paths = []
    for number in range(7):
        generator = np.random.default_rng(number)
        start = datetime.datetime(2026, 1, 1, 8)
        count = 200 + number
        pl.DataFrame(
            {
                "time": [start + datetime.timedelta(minutes=int(minute)) for minute in generator.integers(0, 9000, count)],
                "lon": generator.uniform(-0.5, 4, count),
                "lat": generator.uniform(0, 1, count),
                "operator": generator.choice(["Sao Mai", "Núi Biếc"], count),
                "technology": generator.choice(["4G", "5G"], count),
                "device": [None if phone == 0 else f"may-{phone}" for phone in generator.integers(0, 30, count)],
                "download_mbps": generator.lognormal(4, 0.8, count).round(2),
                "upload_mbps": generator.lognormal(3, 0.6, count).round(2),
                "latency_ms": generator.lognormal(3, 0.3, count).round(2),
            }
        ).write_parquet(tmp_path / f"{number}.parquet")  # fmt: skip
        paths.append(tmp_path / f"{number}.parquet")
    return paths


def assert_same(left, right):
    assert left.received == right.received
    assert left.rejected == right.rejected
    assert left.summaries.keys.equals(right.summaries.keys)
    assert np.array_equal(left.summaries.samples, right.summaries.samples)
    assert left.summaries.clusters.equals(right.summaries.clusters)
    effects = [
        verdicts(each.summaries, Requirement(40.0))["design_effect"].to_list() for each in (left, right)
    ]
    assert effects[0] == pytest.approx(effects[1])
    assert max(effects[0]) > 1
    for measure in ("download", "upload", "latency"):
        one, other = left.summaries.histograms[measure], right.summaries.histograms[measure]
        assert np.array_equal(one.offsets, other.offsets)
        assert np.array_equal(one.bins, other.bins)
        assert np.array_equal(one.counts, other.counts)
        assert np.array_equal(left.summaries.sums[measure], right.summaries.sums[measure])


def test_any_order_of_answers_gives_the_table_of_one_machine(files):
    expected = summarise_files(files, Pass(assign, CODES, "t"))

    def shuffled(work, tasks):
        answers = list(run_here(work, tasks))
        random.Random(3).shuffle(answers)
        yield from answers

    rows = []
    for run in (run_here, shuffled):
        assert_same(
            summarise_partitions(files, Pass(assign, CODES, "t"), run=run, advance=rows.append), expected
        )
    assert sum(rows) == 2 * expected.received


def test_nothing_to_do_is_refused():
    with pytest.raises(InputError, match="Không có tệp nào"):
        summarise_partitions([], Pass(assign, CODES, "t"))


@pytest.mark.timeout(120)
def test_two_workers_one_killed_on_the_way_give_the_same_table(files, tmp_path):
    distributed = pytest.importorskip("distributed")
    expected = summarise_files(files, Pass(assign, CODES, "t"))
    mark = tmp_path / "kill-one"
    mark.touch()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as local, cluster(local.scheduler_address, patience_s=30) as run:  # fmt: skip
        found = summarise_partitions(files, PassMaker(plan_with_death, str(mark)), run=run)
    assert not mark.exists(), "no worker was killed"
    assert_same(found, expected)
