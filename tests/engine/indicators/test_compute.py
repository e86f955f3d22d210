"""Parts summed up a tree; what is missing stays missing."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.indicators.compute import compute, make_cube
from hatangso.indicators.tree import AreaTree

TREE = AreaTree({"P": None, "a": "P", "b": "P", "a1": "a", "a2": "a", "b1": "b"})
SCHEMA = ["area_code", "variable", "period", "value"]


def computed(rows, code="MOB-02", tree=TREE):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row", strict=False).with_columns(
        pl.col("value").cast(pl.Float64)
    )
    result = compute(make_cube(frame, tree), [catalogue.indicator(code)])
    return {row["area_code"]: row for row in result.iter_rows(named=True)}


def test_parts_are_added_up_every_level():
    rows = [
        ("a1", "villages_with_4g", "q", 1),
        ("a1", "villages", "q", 2),
        ("b1", "villages_with_4g", "q", 8),
        ("b1", "villages", "q", 8),
    ]
    result = computed(rows)
    assert result["P"]["value"] == pytest.approx(90.0)
    assert result["a"]["value"] == pytest.approx(50.0)
    assert (result["P"]["reported"], result["P"]["expected"]) == (2, 3)


def test_a_unit_that_sent_only_one_part_is_left_out_of_both():
    rows = [("a1", "villages_with_4g", "q", 1), ("a1", "villages", "q", 2), ("a2", "villages", "q", 100)]
    assert computed(rows)["P"]["value"] == pytest.approx(50.0)


def test_nothing_to_measure_is_not_zero_percent():
    rows = [("a1", "villages_with_4g", "q", 0), ("a1", "villages", "q", 0)]
    assert computed(rows)["a1"]["value"] is None


def test_a_province_that_only_knows_its_own_figure_keeps_it():
    rows = [("P", "stations_5g", "q", 50), ("P", "stations_4g", "q", 100)]
    assert computed(rows, "MOB-10")["P"]["value"] == pytest.approx(50.0)


def test_service_radius_is_computed_from_sums():
    rows = [
        ("a1", "area_km2", "q", 30),
        ("a1", "postal_points", "q", 1),
        ("b1", "area_km2", "q", 70),
        ("b1", "postal_points", "q", 4),
    ]
    assert computed(rows, "POS-03")["P"]["value"] == pytest.approx(np.sqrt(100 / (5 * np.pi)))


def test_medians_are_never_put_together_from_below():
    result = computed(
        [("a1", "mobile_download_mbps", "q", 40), ("b1", "mobile_download_mbps", "q", 60)], "SPD-01"
    )
    assert result["a1"]["value"] == 40
    assert result["P"]["value"] is None
    assert "phân bố" in result["P"]["note"]


def test_assumed_part_is_carried_along():
    frame = pl.DataFrame({"area_code": ["a1", "b1"] * 2, "variable": ["villages_with_4g"] * 2 + ["villages"] * 2, "period": ["q"] * 4,
                          "value": [5.0, 5.0, 10.0, 10.0], "assumed": [5.0, 0.0, 0.0, 0.0]})  # fmt: skip
    result = compute(make_cube(frame, TREE), [catalogue.indicator("MOB-02")])
    assert result.filter(pl.col("area_code") == "P")["assumed"][0] == pytest.approx(0.5)


def test_an_area_outside_the_tree_is_named():
    with pytest.raises(InputError, match="lạ"):
        computed([("lạ", "villages", "q", 1)])


def test_a_circle_of_parents_is_refused():
    with pytest.raises(InputError, match="vòng tròn"):
        AreaTree({"x": "y", "y": "x"})


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=3, max_size=3),
    st.permutations([0, 1, 2]),
)
@settings(max_examples=50, deadline=None)
def test_sums_do_not_depend_on_order_and_equal_plain_addition(parts, order):
    rows = []
    for index in order:
        with_4g, villages = parts[index]
        rows += [
            (("a1", "a2", "b1")[index], "villages_with_4g", "q", with_4g),
            (("a1", "a2", "b1")[index], "villages", "q", villages),
        ]
    expected = 100 * sum(part[0] for part in parts) / sum(part[1] for part in parts)
    assert computed(rows)["P"]["value"] == pytest.approx(expected)
