"""Bad places: below the floor, joined where they touch, most people first."""

import datetime

import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.speed.bad_places import (
    BETTER,
    FRESH,
    UNCLEAR,
    WORSE,
    SpotRules,
    difference_interval,
    find_bad_places,
    trend,
)
from hatangso.speed.verdicts import Requirement

STEP = 500 / 111_320  # one cell in latitude
PLACES = pl.DataFrame(
    {
        "place_id": ["near", "far"],
        "name": ["thôn Gần", "thôn Xa"],
        "people": [400.0, 90.0],
        "lon": [0.001, 0.001],
        "lat": [0.5 * STEP, 40.5 * STEP],
    }
)


def samples(*cells, tool="i-Speed"):
    rows = []
    for row, speeds in cells:
        for speed in speeds:
            rows.append((0.001, (row + 0.5) * STEP, float(speed)))
    return pl.DataFrame(
        {"time": datetime.datetime(2026, 3, 1, 8), "lon": lon, "lat": lat, "operator": "x", "technology": "4G", "tool": tool, "method": "", "download_mbps": speed}
        for lon, lat, speed in rows
    )  # fmt: skip


def test_only_cells_below_the_floor_are_listed():
    found = find_bad_places(samples((0, [10] * 8), (5, [90] * 8)), Requirement(40.0))
    assert found.cells["row"].to_list() == [0]
    assert found.cells["share"].to_list() == [0.0]


def test_neighbouring_bad_cells_make_one_spot_and_distant_ones_two():
    found = find_bad_places(
        samples((0, [10] * 8), (1, [10] * 8), (40, [10] * 8)), Requirement(40.0), places=PLACES
    )
    assert found.spots["cells"].to_list() == [2, 1]
    assert found.spots["name"].to_list() == ["thôn Gần", "thôn Xa"]


def test_spots_are_ranked_by_people_and_nobody_is_counted_twice():
    found = find_bad_places(
        samples((0, [10] * 8), (1, [10] * 8), (40, [10] * 30)), Requirement(40.0), places=PLACES
    )
    assert found.spots["people"].to_list() == [400.0, 90.0]


def test_a_cell_with_few_tests_says_nothing():
    assert find_bad_places(samples((0, [10] * 4)), Requirement(40.0)).cells.height == 0


def test_certain_only_asks_for_a_verdict():
    few = samples((0, [50] * 4 + [10] * 2))  # 67 %: below 80 %, but six tests prove nothing
    assert find_bad_places(few, Requirement(40.0)).cells.height == 1
    assert find_bad_places(few, Requirement(40.0), rules=SpotRules(certain_only=True)).cells.height == 0


def test_without_places_people_are_unknown_not_zero():
    assert find_bad_places(samples((0, [10] * 8)), Requirement(40.0)).spots["people"].to_list() == [None]


def test_named_places_carry_their_people_and_share():
    named = find_bad_places(samples((0, [10] * 9 + [90])), Requirement(40.0), places=PLACES).places
    assert named.select("place_id", "people", "tests", "share").row(0) == ("near", 400.0, 10, 0.1)


def test_two_tools_are_refused():
    both = pl.concat([samples((0, [10] * 8)), samples((0, [10] * 8), tool="NDT7")])
    with pytest.raises(InputError, match="nhiều công cụ"):
        find_bad_places(both, Requirement(40.0))


def test_trend_needs_a_difference_beyond_chance():
    now = pl.DataFrame(
        {"place_id": ["a", "b", "c", "d"], "share": [0.9, 0.5, 0.6, 0.5], "tests": [100, 100, 20, 30]}
    )
    before = pl.DataFrame({"place_id": ["a", "b", "c"], "share": [0.5, 0.9, 0.5], "tests": [100, 100, 20]})
    assert trend(now, before)["trend"].to_list() == [BETTER, WORSE, UNCLEAR, FRESH]


def test_few_devices_make_the_same_difference_unclear():
    now = pl.DataFrame(
        {"place_id": ["a", "b"], "share": [0.9, 0.9], "tests": [100, 100], "design_effect": [1.0, 10.0]}
    )
    before = pl.DataFrame(
        {"place_id": ["a", "b"], "share": [0.6, 0.6], "tests": [100, 100], "design_effect": [1.0, 10.0]}
    )
    assert trend(now, before)["trend"].to_list() == [BETTER, UNCLEAR]
    unknown = trend(now.drop("design_effect"), before.drop("design_effect"))
    assert unknown["trend"].to_list() == [BETTER, BETTER]


def test_one_device_that_tests_all_day_does_not_prove_a_place_bad():
    many = samples((0, [10] * 20 + [50] * 20))  # half reach 40 Mb/s where four fifths should
    one_by_one = many.with_columns(device=pl.Series([f"d{number}" for number in range(40)]))
    two_devices = many.with_columns(device=pl.Series(["slow"] * 20 + ["fast"] * 20))
    certain = SpotRules(certain_only=True)
    for table, effect, found in ((many, 1.0, 1), (one_by_one, 1.0, 1), (two_devices, 20.0, 0)):
        assert find_bad_places(table, Requirement(40.0)).cells["design_effect"].to_list() == pytest.approx(
            [effect], rel=0.03
        )
        assert find_bad_places(table, Requirement(40.0), rules=certain).cells.height == found


def test_difference_interval_of_the_literature():
    # Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10 → 0.0524 to 0.3339
    assert difference_interval((56 / 70, 70), (48 / 80, 80), 0.95) == pytest.approx(
        (0.0524, 0.3339), abs=1e-4
    )
