"""What a written cell means: numbers, dates and moments, one by one and a column at once."""

import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso import cells
from hatangso.cells import Column
from hatangso.tables import TableSpec, check_rows


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from(
                ["", " 1 ", "1.234", "1,234.5", "12,5", "0.678", "106.004", "4567.891", "-3", "nhanh", "5 %"]
            ),
            st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: f"{value:.5f}"),
            st.integers(-(10**6), 10**6).map(str),
        ),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_converting_each_text_once_gives_what_converting_every_cell_gives(texts):
    column = Column("lon", "number", minimum=-180, maximum=180)
    series = pl.Series("lon", texts, dtype=pl.String)
    slow, slow_bad = cells._convert_one_by_one(series, column)
    fast, fast_bad = cells._convert_each_once(series, column)
    assert fast.to_list() == slow.to_list()
    assert fast_bad.to_list() == slow_bad.to_list()


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["31/02/2026 08:00:00", "01/13/2026 08:00:00", "1/3/2026 08:00", "24:00:00", "", "2026-03-01 24:00:00", "2026-03-01T08:00:00Z"]),
            st.builds("{:02}/{:02}/{:04} {:02}:{:02}:{:02}".format, st.integers(0, 32), st.integers(0, 13), st.integers(1900, 2100), st.integers(0, 24), st.integers(0, 60), st.integers(0, 61)),
            st.builds("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}".format, st.integers(1900, 2100), st.integers(0, 13), st.integers(0, 32), st.sampled_from(" T"), st.integers(0, 24), st.integers(0, 60), st.integers(0, 61)),
        ),
        max_size=30,
    )
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_moments_converted_together_are_those_converted_one_by_one(texts):
    column, series = Column("time", "moment"), pl.Series("time", texts, dtype=pl.String)
    slow, slow_bad = cells._convert_one_by_one(series, column)
    fast, fast_bad = cells._convert_each_once(series, column)
    assert fast.to_list() == slow.to_list()
    assert fast_bad.to_list() == slow_bad.to_list()


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("01/03/2026 10:05:00 SA", 10), ("01/03/2026 02:05 CH", 14), ("01/03/2026 12:05 SA", 0), ("12:05 CH 01/03/2026", 12), ("2026-03-01 02:05 PM", 14)],
)  # fmt: skip
def test_the_clock_of_twelve_hours_of_vietnamese_windows_is_read(cell, hour):
    read = check_rows(pl.DataFrame({"time": [cell]}), TableSpec("t", (Column("time", "moment"),)))[0]
    assert read["time"].to_list() == [datetime.datetime(2026, 3, 1, hour, 5)]


@pytest.mark.parametrize("cell", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00Z", "13:05 QH 01/03/2026"])
def test_a_moment_no_clock_can_show_is_set_aside(cell):
    _table, unreadable = check_rows(
        pl.DataFrame({"time": [cell]}), TableSpec("t", (Column("time", "moment"),))
    )
    assert "ví dụ 14:30 21/09/2026" in unreadable["problem"][0]


def test_a_moment_with_a_zone_is_read_by_the_clock_of_viet_nam():
    utc = datetime.datetime(2026, 3, 1, 16, 30, tzinfo=datetime.UTC)
    spec = TableSpec("t", (Column("time", "moment"),))
    for moments in (
        pl.Series("time", [utc]),
        pl.Series("time", [utc], dtype=pl.Object),
        pl.Series("time", ["2026-03-01T16:30:00Z"]),
    ):
        assert check_rows(pl.DataFrame({"time": moments}), spec)[0]["time"].to_list() == [
            datetime.datetime(2026, 3, 1, 23, 30)
        ]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["5.655", "12.5", "0.125"], [5.655, 12.5, 0.125]),  # another cell has a decimal dot
        (["5.655", "12,5"], [5655.0, 12.5]),  # another cell has a decimal comma
        (["5.655", "12"], [5655.0, 12.0]),  # nothing tells: grouped as offices write
        (["5.655", "1.234,5", "12.5"], [5655.0, 1234.5, 12.5]),
    ],
)
def test_a_column_tells_what_its_dots_are(texts, numbers):
    read, bad = cells.convert_cells(pl.Series("cost", texts), Column("cost", "number"))
    assert read.to_list() == numbers and not bad.any()


def test_dots_of_cells_with_units_are_told_by_the_column():
    settled = cells.with_decimal_dots(pl.Series(["5.655 MB/s", "48.1 Mb/s", None]))
    assert settled.to_list() == ["5.6550 MB/s", "48.1 Mb/s", None]
