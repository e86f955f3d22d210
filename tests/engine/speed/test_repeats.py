"""Rows that compare with others: over files the same rows are left out as in one table in memory."""

import datetime

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed import repeats
from hatangso.speed.one_pass import Pass, summarise_files
from hatangso.speed.repeats import find_repeats
from hatangso.speed.row_rules import REASONS, row_rules
from hatangso.speed.summaries import summarise
from hatangso.speed.validity import select_valid, validity_rules

DAY = datetime.date(2026, 6, 30)
RULES = validity_rules(on=DAY)


def assign(lon, _lat):
    return np.zeros(len(lon), np.int32)


def samples(count, seed):
    """Tests of few devices at few moments and places, so that there are repeats and busy devices; some at night."""
    generator = np.random.default_rng(seed)
    start = datetime.datetime(2026, 5, 1, 5)
    devices = generator.choice(["a", "b", "c", None], count, p=[0.6, 0.2, 0.1, 0.1])
    return pl.DataFrame(
        {
            "time": [
                start + datetime.timedelta(days=int(day), hours=int(hour))
                for day, hour in generator.integers(0, [3, 17], (count, 2))
            ],
            "lon": generator.choice([105.123, 105.124, 106.5], count),
            "lat": np.full(count, 21.0),
            "operator": generator.choice(["Sao Mai", "Núi Biếc"], count),
            "technology": np.full(count, "4G"),
            "device": pl.Series(devices.tolist(), dtype=pl.String),
            "download_mbps": generator.choice([10.0, 20.0, 0.0], count, p=[0.5, 0.4, 0.1]),
            "upload_mbps": generator.choice([5.0, 6.0], count),
            "latency_ms": generator.uniform(10, 40, count).round(1),
        }
    )


def expected_of(tables):
    """What :func:`select_valid` leaves out of all rows at once: (file, row, reason)."""
    every = pl.concat(
        [table.with_row_index("row").with_columns(file=pl.lit(number)) for number, table in enumerate(tables)]
    )
    rejected = select_valid(every, as_of=DAY, rules=RULES).rejected
    repeated = rejected.filter(pl.col("reason_code").is_in(["duplicate", "dominating_device"]))
    return set(repeated.select("file", "row", "reason_code").iter_rows())


def found_in(files):
    left_out = find_repeats(files, RULES, as_of=DAY, tool="t")
    return {
        (number, int(row), REASONS[reason - 1])
        for number, file in enumerate(files)
        for row, reason in zip(left_out[str(file)].rows, left_out[str(file)].reasons, strict=True)
    }


@pytest.fixture
def written(tmp_path):
    tables = [samples(900, 1), samples(400, 2)]
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for table, file in zip(tables, files, strict=True):
        table.write_parquet(file, row_group_size=250)
    return tables, files


def test_the_second_of_two_equal_tests_is_left_out(tmp_path):
    one = samples(1, 3).with_columns(
        time=pl.lit(datetime.datetime(2026, 5, 1, 9)), download_mbps=pl.lit(10.0)
    )
    pl.concat([one, one.with_columns(download_mbps=pl.lit(11.0)), one]).write_parquet(tmp_path / "a.parquet")
    left_out = find_repeats([tmp_path / "a.parquet"], RULES, as_of=DAY, tool="t")[str(tmp_path / "a.parquet")]
    assert left_out.rows.tolist() == [2]
    assert [REASONS[reason - 1] for reason in left_out.reasons] == ["duplicate"]


def test_rows_left_out_are_those_of_the_table_in_memory(written):
    tables, files = written
    expected = expected_of(tables)
    assert {reason for _, _, reason in expected} == {"duplicate", "dominating_device"}
    assert found_in(files) == expected


def test_bits_equal_by_chance_and_days_compared_apart_change_nothing(written, monkeypatch):
    tables, files = written
    monkeypatch.setattr(repeats, "_AT_ONCE", 100)
    monkeypatch.setattr(repeats, "_BATCH", 300)
    monkeypatch.setattr(repeats, "_KEYS", dict.fromkeys(repeats._KEYS, lambda _part, keys: keys.fill(7)))
    assert found_in(files) == expected_of(tables)


@pytest.mark.parametrize("rows", [4_000_000, 170])
def test_the_one_pass_leaves_them_out_and_counts_them(written, rows):
    tables, files = written
    left_out = find_repeats(files, RULES, as_of=DAY, tool="t")
    plan = Pass(
        assign,
        ["A"],
        "t",
        rules=row_rules(RULES, as_of=DAY),
        left_out=left_out,
        batch_rows=rows,
        period="all",
    )
    valid = select_valid(pl.concat(tables), as_of=DAY, rules=RULES)
    whole = summarise_files(files, plan)
    placed = valid.kept.with_columns(area_code=pl.lit("A"), tool=pl.lit("t"), method=pl.lit(""))
    in_memory = summarise(placed, period="all")
    assert whole.summaries.keys.equals(in_memory.keys)
    assert whole.summaries.samples.tolist() == in_memory.samples.tolist()
    assert whole.summaries.sums["download"].tolist() == in_memory.sums["download"].tolist()
    assert whole.rejected == dict(valid.counts.select("reason_code", "samples").iter_rows()) | {"no_area": 0}


def test_rules_that_were_not_asked_for_are_not_reported_as_kept(written):
    _, files = written
    plain = summarise_files(files, Pass(assign, ["A"], "t"))
    assert not {"duplicate", "dominating_device"} & set(plain.rejected)


def test_a_file_named_twice_is_refused(written):
    _, files = written
    with pytest.raises(InputError, match="hai lần"):
        find_repeats([files[0], files[0]], RULES, as_of=DAY, tool="t")


def test_no_repeats_leave_nothing_out(tmp_path):
    samples(1, 4).drop("device").write_parquet(tmp_path / "a.parquet")
    assert find_repeats([tmp_path / "a.parquet"], RULES, as_of=DAY, tool="t") == {}
