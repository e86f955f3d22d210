"""Rules judged by compiled code reject what the rules on the table reject, one reason for each row."""

import datetime

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed.one_pass import Pass, summarise_files
from hatangso.speed.row_rules import RowRules, row_rules
from hatangso.speed.summaries import summarise
from hatangso.speed.validity import select_valid, validity_rules
from hatangso.speed.verdicts import Requirement, verdicts

AS_OF = datetime.date(2026, 6, 30)
OF_SEVERAL_ROWS = {"duplicate", "dominating_device"}


def assign(lon, lat):
    return np.where((lon >= 0) & (lon < 3), np.floor(lon), -1).astype(np.int32)


def plan(**more):
    rules = row_rules(validity_rules(on=AS_OF), as_of=AS_OF)
    return Pass(assign, ["A0", "A1", "A2"], "t", rules=rules, **more)


def drawn(chance, values, count):
    return [values[number] for number in chance.integers(0, len(values), count)]


def mixed(count, seed):
    """Samples of which many break a rule, some several."""
    chance = np.random.default_rng(seed)
    start = datetime.datetime(2025, 3, 1)
    return pl.DataFrame(
        {
            "time": [start + datetime.timedelta(hours=int(hour)) for hour in chance.integers(0, 500 * 24, count)],
            "lon": chance.uniform(-0.3, 3.3, count),
            "lat": chance.uniform(0, 1, count),
            "operator": chance.choice(["Sao Mai", "Núi Biếc"], count),
            "technology": chance.choice(["4G", "5G", "FTTH"], count),
            "network": chance.choice(["mobile", "fixed"], count),
            "connection": drawn(chance, ["cellular", "wifi", None], count),
            "location_accuracy_m": drawn(chance, [10.0, 250.0, None], count),
            "device": drawn(chance, ["d1", "d2", "d3", None], count),
            "download_mbps": drawn(chance, [None, 0.0, 25.5, 60.0, 5000.0], count),
            "upload_mbps": drawn(chance, [None, 5.0, 0.001], count),
            "latency_ms": drawn(chance, [None, 30.0, 0.0], count),
        }
    )  # fmt: skip


def test_every_reason_is_counted_as_the_rules_on_the_table_count_it(tmp_path):
    table = mixed(6000, 1)
    table.write_parquet(tmp_path / "a.parquet", row_group_size=700)
    one_pass = summarise_files([tmp_path / "a.parquet"], plan(batch_rows=1500))
    rules = tuple(rule for rule in validity_rules(on=AS_OF) if rule.code not in OF_SEVERAL_ROWS)
    slow = select_valid(table, as_of=AS_OF, rules=rules)
    expected = dict(zip([rule.code for rule in rules], slow.counts["samples"].to_list(), strict=True))
    index = assign(slow.kept["lon"].to_numpy(), slow.kept["lat"].to_numpy())
    assert one_pass.rejected == expected | {"no_area": int((index < 0).sum())}
    assert min(one_pass.rejected.values()) > 0
    placed = slow.kept.with_columns(
        area_code=pl.Series([f"A{number}" if number >= 0 else None for number in index]),
        tool=pl.lit("t"),
        method=pl.lit(""),
    )
    whole = summarise(placed, period="quarter")
    assert one_pass.summaries.keys.equals(whole.keys)
    assert np.array_equal(one_pass.summaries.samples, whole.samples)
    assert one_pass.summaries.clusters.equals(whole.clusters)
    asked = Requirement(40.0)
    assert verdicts(one_pass.summaries, asked)["design_effect"].to_list() == pytest.approx(
        verdicts(whole, asked)["design_effect"].to_list()
    )


def test_a_moment_with_a_zone_is_taken_to_the_clock_of_viet_nam_and_a_missing_one_is_too_old(tmp_path):
    good = {"lon": 0.5, "lat": 0.5, "operator": "x", "technology": "4G", "download_mbps": 50.0, "upload_mbps": 5.0, "latency_ms": 30.0}  # fmt: skip
    moments = [
        datetime.datetime(2026, 5, 4, 14, 59),
        datetime.datetime(2026, 5, 4, 15, 0),
        None,
    ]  # 21:59, 22:00
    frame = pl.DataFrame([good] * 3).with_columns(pl.Series("time", moments).dt.replace_time_zone("UTC"))
    frame.write_parquet(tmp_path / "a.parquet")
    result = summarise_files([tmp_path / "a.parquet"], plan())
    assert result.summaries.samples.tolist() == [1]
    assert {reason: count for reason, count in result.rejected.items() if count} == {
        "outside_hours": 1,
        "too_old": 1,
    }


def test_rules_not_in_force_reject_nothing():
    free = row_rules((), as_of=AS_OF)
    assert (free.first_hour, free.last_hour, free.oldest, free.refuse_wifi) == (0, 24, None, False)
    assert len(free.numbers()) == 13


@pytest.mark.parametrize("wrong", [{"first_hour": 22, "last_hour": 6}, {"limits": ((0.0, 1.0),)}])
def test_rules_out_of_range_are_refused(wrong):
    with pytest.raises(InputError):
        RowRules(**wrong)


def test_years_a_thousand_apart_are_refused(tmp_path):
    frame = mixed(2, 2).with_columns(
        time=pl.Series([datetime.datetime(1, 1, 1), datetime.datetime(2026, 1, 1)])
    )
    frame.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"1\.000 năm"):
        summarise_files([tmp_path / "a.parquet"], plan())
