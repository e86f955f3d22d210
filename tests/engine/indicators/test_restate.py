"""Series on one map: merges exactly, splits by assumption, rates not at all."""

import datetime

import polars as pl
import pytest

from hatangso.areas.register import national_register
from hatangso.indicators.restate import NOT_ADDITIVE, restate

BEFORE, AFTER = datetime.date(2025, 3, 31), datetime.date(2025, 9, 30)


@pytest.fixture(scope="module")
def register():
    return national_register()


def test_communes_merged_whole_are_added_exactly(register):
    # phường Hương Trà (Huế) took in Tứ Hạ, Hương Văn and Hương Vân whole
    parts = [
        area.code
        for area in register.in_force(BEFORE, level="commune")
        if area.name in {"Tứ Hạ", "Hương Văn", "Hương Vân"}
    ]
    values = pl.DataFrame(
        {"area_code": parts, "variable": "people", "period": "2025Q1", "value": [10.0, 20.0, 30.0]}
    )
    moved, left = restate(
        values, register=register, to=AFTER, map_days={"2025Q1": BEFORE}, additive={"people"}
    )
    assert moved.filter(pl.col("area_code") == "19996").select("value", "assumed").row(0) == (60.0, 0.0)
    assert left.height == 0


def test_a_rate_alone_is_not_carried_over_a_change(register):
    values = pl.DataFrame(
        {"area_code": ["19996"], "variable": ["median_speed"], "period": ["2025Q3"], "value": [40.0]}
    )
    moved, left = restate(values, register=register, to=BEFORE, map_days={"2025Q3": AFTER}, additive=set())
    assert moved.height == 0
    assert left["reason"].to_list() == [NOT_ADDITIVE]


def test_on_the_same_map_nothing_changes(register):
    values = pl.DataFrame(
        {"area_code": ["19996"], "variable": ["people"], "period": ["2025Q3"], "value": [40.0]}
    )
    moved, left = restate(
        values, register=register, to=AFTER, map_days={"2025Q3": AFTER}, additive={"people"}
    )
    assert moved["value"].to_list() == [40.0]
    assert left.height == 0
