"""Which tests may count, each rejected one with its reason."""

import datetime

import polars as pl
import pytest

from hatangso.speed.validity import select_valid, validity_rules

AS_OF = datetime.date(2026, 6, 30)
GOOD = {
    "time": datetime.datetime(2026, 3, 20, 8, 15), "lon": 107.5, "lat": 12.5, "operator": "Sao Mai", "technology": "4G", "network": "mobile",
    "connection": "cellular", "download_mbps": 25.0, "upload_mbps": 5.0, "latency_ms": 30.0, "device": "a", "location_accuracy_m": 12.0,
}  # fmt: skip


def _reasons(**changes):
    table = pl.DataFrame([GOOD, {**GOOD, "device": "b", **changes}])
    return select_valid(table, as_of=AS_OF).rejected["reason_code"].to_list()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"download_mbps": None}, "missing_speed"),
        ({"download_mbps": 0.0}, "impossible_value"),
        ({"download_mbps": 5000.0}, "impossible_value"),  # more than a mobile radio can carry
        ({"latency_ms": 0.0}, "impossible_value"),
        ({"time": datetime.datetime(2025, 6, 1, 8)}, "too_old"),
        ({"time": datetime.datetime(2026, 7, 1, 8)}, "too_old"),  # after the day of the computation
        ({"time": datetime.datetime(2026, 3, 20, 22, 0)}, "outside_hours"),
        ({"location_accuracy_m": 250.0}, "poor_location"),
        ({"connection": "wifi"}, "wifi_on_mobile"),
    ],
)
def test_each_rule_rejects_what_it_names(changes, reason):
    assert _reasons(**changes) == [reason]


def test_a_good_sample_and_unknown_accuracy_are_kept():
    assert _reasons(location_accuracy_m=None) == []


def test_a_duplicate_is_counted_once():
    result = select_valid(pl.DataFrame([GOOD, GOOD, GOOD]), as_of=AS_OF)
    assert result.kept.height == 1
    assert result.rejected["reason_code"].to_list() == ["duplicate", "duplicate"]


def test_one_device_does_not_dominate_a_day():
    rows = [{**GOOD, "time": GOOD["time"] + datetime.timedelta(minutes=minute)} for minute in range(14)]
    result = select_valid(pl.DataFrame(rows), as_of=AS_OF)
    assert result.kept.height == 10
    assert result.kept["time"].max() == GOOD["time"] + datetime.timedelta(minutes=9)  # the first ten are kept


def test_received_is_kept_plus_rejected_and_every_rule_is_listed():
    result = select_valid(
        pl.DataFrame([GOOD, {**GOOD, "download_mbps": None}, {**GOOD, "connection": "wifi"}]), as_of=AS_OF
    )
    assert result.kept.height + result.counts["samples"].sum() == 3
    assert result.counts.height == len(validity_rules(on=AS_OF))


def test_every_rule_says_its_document_or_why_it_is_unverified():
    assert all(rule.document or rule.unverified for rule in validity_rules(on=AS_OF))
