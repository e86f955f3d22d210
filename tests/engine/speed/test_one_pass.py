"""One pass over parquet gives what the table in memory gives, whatever the batches and the order of files."""

import datetime

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed.one_pass import Pass, measures_in, summarise_files
from hatangso.speed.summaries import summarise

CODES = [f"A{number:02d}" for number in range(100)]


def assign(lon, lat):
    """A hundred unit squares; outside them -1."""
    inside = (lon >= 0) & (lon < 10) & (lat >= 0) & (lat < 10)
    return np.where(inside, np.floor(lon) * 10 + np.floor(lat), -1).astype(np.int32)


def samples(count, seed, dtype=pl.Float64):
    generator = np.random.default_rng(seed)
    start = datetime.datetime(2026, 1, 1)
    return pl.DataFrame(
        {
            "time": [
                start + datetime.timedelta(seconds=int(second))
                for second in generator.integers(0, 180 * 86_400, count)
            ],
            "lon": generator.uniform(-0.5, 10, count),
            "lat": generator.uniform(0, 10, count),
            "operator": generator.choice(["Sao Mai", "Núi Biếc"], count),
            "technology": generator.choice(["4G", "5G"], count),
            "download_mbps": pl.Series(generator.lognormal(4, 0.8, count).round(2), dtype=dtype),
            "upload_mbps": pl.Series(generator.lognormal(3, 0.6, count).round(2), dtype=dtype),
            "latency_ms": pl.Series(generator.lognormal(3, 0.3, count).round(2), dtype=dtype),
        }
    )


def in_memory(table):
    area = assign(table["lon"].to_numpy(), table["lat"].to_numpy())
    placed = table.with_columns(
        area_code=pl.Series([CODES[index] if index >= 0 else None for index in area]),
        tool=pl.lit("t"),
        method=pl.lit(""),
    )
    return summarise(placed.filter(pl.col("time").dt.hour().is_between(6, 21)), period="quarter")


def same(left, right):
    parts = [
        np.array_equal(getattr(left.histograms[measure], name), getattr(right.histograms[measure], name))
        for measure in ("download", "upload", "latency")
        for name in ("offsets", "bins", "counts")
    ]
    sums = [np.array_equal(left.sums[measure], right.sums[measure]) for measure in left.sums]
    return (
        left.keys.equals(right.keys)
        and np.array_equal(left.samples, right.samples)
        and all(parts)
        and all(sums)
    )


def test_batches_and_order_of_files_change_nothing(tmp_path):
    first, second = samples(3000, 1), samples(2000, 2)
    first.write_parquet(tmp_path / "a.parquet")
    second.write_parquet(tmp_path / "b.parquet")
    expected = in_memory(pl.concat([first, second]))
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for order, rows in ((files, 4_000_000), (files[::-1], 700)):
        assert same(summarise_files(order, Pass(assign, CODES, "t", batch_rows=rows)).summaries, expected)


def test_single_precision_keeps_each_value_in_its_own_hundredth(tmp_path):
    double, single = samples(2000, 3), samples(2000, 3, pl.Float32)
    double.write_parquet(tmp_path / "double.parquet")
    single.write_parquet(tmp_path / "single.parquet")
    one = summarise_files([tmp_path / "double.parquet"], Pass(assign, CODES, "t")).summaries
    other = summarise_files([tmp_path / "single.parquet"], Pass(assign, CODES, "t")).summaries
    below = value_mask(one)
    assert np.array_equal(
        one.histograms["download"].bins[below], other.histograms["download"].bins[value_mask(other)]
    )


def value_mask(summaries):
    return summaries.histograms["download"].bins < 50_000


def test_every_row_is_counted_once_kept_or_rejected(tmp_path):
    table = samples(1000, 4)
    table = table.with_columns(
        pl.when(pl.int_range(pl.len()) < 10)
        .then(None)
        .when(pl.int_range(pl.len()) < 15)
        .then(0.0)
        .otherwise(pl.col("download_mbps"))
        .alias("download_mbps")
    )
    table.write_parquet(tmp_path / "a.parquet")
    result = summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t"))
    assert result.rejected["missing_speed"] == 10
    assert result.rejected["impossible_value"] == 5
    assert result.received == 1000 == result.summaries.samples.sum() + sum(result.rejected.values())


def test_progress_is_told_after_each_batch(tmp_path):
    samples(1000, 5).write_parquet(tmp_path / "a.parquet")
    told = []
    summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t", batch_rows=400), advance=told.append)
    assert sum(told) == 1000


@pytest.mark.parametrize(
    ("column", "match"), [("latency_ms", "thiếu cột latency_ms"), ("time", "thiếu cột time")]
)
def test_missing_columns_are_named(tmp_path, column, match):
    samples(10, 7).drop(column).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=match):
        summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t"))


def test_text_for_time_is_refused(tmp_path):
    samples(10, 8).with_columns(pl.col("time").cast(pl.String)).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="Cột time"):
        summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t"))


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_text("không phải parquet")
    with pytest.raises(InputError, match=r"a\.parquet"):
        summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t"))


def test_a_file_that_names_another_tool_is_refused(tmp_path):
    samples(10, 9).with_columns(tool=pl.lit("Ookla")).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="Ookla"):
        summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "i-Speed"))


def test_one_large_row_group_is_shared_out_over_the_threads(tmp_path, monkeypatch):
    """Twenty rows a thread: what one batch holds is judged side by side, and nothing changes."""
    table = samples(3000, 10)
    table.write_parquet(tmp_path / "a.parquet", row_group_size=3000)
    monkeypatch.setattr("hatangso.speed.one_pass._AT_A_TIME", 20)
    monkeypatch.setattr("hatangso.speed.one_pass.get_num_threads", lambda: 3)
    assert same(
        summarise_files([tmp_path / "a.parquet"], Pass(assign, CODES, "t")).summaries, in_memory(table)
    )


def test_only_measures_some_file_has_a_column_for_are_asked_for(tmp_path):
    samples(5, 1).drop("upload_mbps", "latency_ms").write_parquet(tmp_path / "a.parquet")
    samples(5, 2).drop("upload_mbps").write_parquet(tmp_path / "b.parquet")
    assert measures_in([tmp_path / "a.parquet"]) == ("download",)
    assert measures_in([tmp_path / "a.parquet", tmp_path / "b.parquet"]) == ("download", "latency")
