"""Tables people send: what comes out of them, and which row is told what."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest

from hatangso import catalogue
from hatangso.areas.register import Area, Change, Register
from hatangso.errors import InputError
from hatangso.indicators.intake import Finders, Intake, SentTable, take_figures
from hatangso.indicators.placing import Place, PlaceFinder
from hatangso.indicators.table_kinds import table_kind, table_kinds
from hatangso.placenames.search import PlaceIndex
from hatangso.tables import match_headers

MERGED = datetime.date(2025, 7, 1)
REGISTER = Register(
    [
        Area("99", "province", "Tỉnh", "Đắk Thử", "", None, None),
        Area("98", "province", "Tỉnh", "Láng Giềng", "", None, None),
        Area("99001", "commune", "Xã", "Ea Mới", "99", None, None),
        Area("99002", "commune", "Phường", "Đồng Ân", "99", None, None),
        Area("09903", "commune", "Xã", "Cư Drăm", "99", None, None),
        Area("98001", "commune", "Xã", "Bên Kia", "98", None, None),
        Area("99011", "commune", "Xã", "Ea Cát", "99", None, MERGED),
        Area("99012", "commune", "Xã", "Chia Đôi", "99", None, MERGED),
        Area("9900101", "village", "Thôn", "Một", "99001", None, None),
    ],
    [
        Change("merge", "99011", "99001", MERGED, 1.0, 1.0, ""),
        Change("split", "99012", "99001", MERGED, None, None, ""),
        Change("split", "99012", "99002", MERGED, None, None, ""),
    ],
)
ON = datetime.date(2026, 9, 30)


@pytest.fixture(scope="module")
def finder() -> PlaceFinder:
    """Return the finder of communes in the province of a map from 2025."""
    return PlaceFinder(
        REGISTER, PlaceIndex(REGISTER), ON, "99", lambda lon, _lat: "99002" if lon > 108 else ""
    )


def _take(kind: str, columns: dict[str, list[Any]], finder: PlaceFinder, firm: str = "7") -> Intake:
    found, cells = table_kind(kind), pl.DataFrame(columns, strict=False)
    finders = Finders(finder.find, lambda written: {"": firm, "Sao Mai": "7"}.get(written))
    table = SentTable(cells, tuple(range(2, cells.height + 2)))
    return take_figures(table, found, mapping=match_headers(cells.columns, found.spec), finders=finders)


def _figures(intake: Intake) -> dict[tuple[str, str], float]:
    return {(each.area_code, each.variable): each.value for each in intake.figures}


def test_every_kind_asks_for_variables_and_columns_that_exist() -> None:
    known = {variable.code for variable in catalogue.variables()}
    for kind in table_kinds():
        columns = {column.name for column in kind.spec.columns}
        assert {figure.variable for figure in kind.figures} <= known, kind.code
        assert set().union(*(figure.needs for figure in kind.figures)) <= columns, kind.code
        assert {*kind.evidence.values(), *kind.unique, *kind.blank} - {"area"} <= columns, kind.code
    with pytest.raises(InputError, match="stations"):
        table_kind("nothing")


@pytest.mark.parametrize(
    ("place", "code", "words"),
    [
        (Place(code="99001"), "99001", ""),
        (Place(code="9903"), "09903", ""),  # the spreadsheet ate the zero
        (Place(code="9900101"), "99001", ""),
        (Place(code="99011"), "99001", "Xã Ea Cát (cũ) nay là Xã Ea Mới"),
        (Place(code="99012"), "", "nay thuộc Xã Ea Mới (99001), Phường Đồng Ân (99002)"),
        (Place(code="98001"), "", "nằm ngoài địa bàn"),
        (Place(code="99"), "", "không phải xã"),
        (Place(code="77777"), "", "không có trong danh mục"),
        (Place(name="xa Ea Moi"), "99001", ""),
        (Place(name="Ea Cát"), "99001", "nay là Xã Ea Mới"),
        (Place(name="P. Đồng Ận"), "99002", ""),
        (Place(name="Đồng Anh"), "99002", "được đọc là Phường Đồng Ân"),
        (Place(name="Bên Kia"), "", "không tìm thấy"),
        (Place(name="Hà Lội"), "", "không tìm thấy"),
        (Place(lon=108.5, lat=13), "99002", ""),
        (Place(lon=107.5, lat=13), "", "nằm ngoài địa bàn"),
        (Place(), "", "không ghi địa bàn"),
    ],
)
def test_a_place_is_found_by_code_name_or_point(
    finder: PlaceFinder, place: Place, code: str, words: str
) -> None:
    found = finder.find(place)
    assert (found.area_code, words in found.note + found.fault) == (code, True), found


def test_stations_are_counted_by_technology_and_a_listed_commune_without_5g_has_none(
    finder: PlaceFinder,
) -> None:
    intake = _take(
        "stations",
        {
            "Xã, phường": ["Ea Mới", "Ea Mới", "Đồng Ân", "Tổng cộng", "Người lập biểu"],
            "Mã trạm": ["T1", "T2", "T3", "3 trạm", None],
            "Công nghệ": ["2G/4G", "4G", "gNodeB", "", None],
        },
        finder,
    )
    assert (intake.errors, intake.read, intake.left_out) == (0, 5, 2)
    assert _figures(intake) == {
        ("99001", "stations"): 3, ("99001", "stations_2g"): 1, ("99001", "stations_3g"): 0,
        ("99001", "stations_4g"): 2, ("99001", "stations_5g"): 0,
        ("99002", "stations"): 1, ("99002", "stations_2g"): 0, ("99002", "stations_3g"): 0,
        ("99002", "stations_4g"): 0, ("99002", "stations_5g"): 1,
    }  # fmt: skip
    assert {each.operator for each in intake.figures} == {"7"}


def test_every_problem_names_its_row_and_column(finder: PlaceFinder) -> None:
    intake = _take(
        "stations",
        {
            "Xã": ["Ea Mới", "Ea Mới", "Nơi Lạ", "Ea Mới", "Ea Mới"],
            "Mã trạm": ["T1", "T1", "T3", None, "T5"],
            "Công nghệ": ["4G", "4G", "4G", "4G", "6G"],
            "Nhà mạng": ["Sao Mai", "Sao Mai", "Sao Mai", "Sao Mai", "Ai Đó"],
        },
        finder,
    )
    said = {(each.row, each.header): each.sentence for each in intake.problems}
    assert said[3, "Công nghệ"] == "lặp lại dòng 2; hãy giữ một dòng"
    assert "không tìm thấy 'Nơi Lạ'" in said[4, "Xã"]
    assert "để trống" in said[5, "Mã trạm"]
    assert "'6G' không dùng được; cần một trong: 2G, 3G, 4G, 5G" in said[6, "Công nghệ"]
    assert "'Ai Đó' không phải doanh nghiệp" in said[6, "Nhà mạng"]
    assert intake.errors == 5 and _figures(intake)["99001", "stations_4g"] == 1


def test_what_is_missing_is_never_summed_as_zero(finder: PlaceFinder) -> None:
    intake = _take(
        "subscribers",
        {
            "Mã xã": ["99001", "99001", "99002"],
            "Thuê bao di động": ["1.000", "200", "50"],
            "Thuê bao smartphone": ["700", None, None],
        },
        finder,
    )
    assert _figures(intake) == {("99001", "mobile_subscribers"): 1200, ("99002", "mobile_subscribers"): 50}
    assert [(each.row, each.severity, each.sentence) for each in intake.problems] == [
        (3, "warning", "để trống nên chưa cộng được xã này")
    ]


def test_a_value_stands_once_per_area_but_former_units_add_up(finder: PlaceFinder) -> None:
    intake = _take(
        "population",
        {"Xã, phường": ["Ea Mới", "Ea Cát", "Đồng Ân"], "Dân số": [100, 50, "80"], "Số hộ": [25, 10, "-5"]},
        finder,
    )
    # The part that was merged adds to the commune it is now; a negative number is named and gives nothing.
    assert _figures(intake) == {("99001", "people"): 150, ("99001", "households"): 35}
    assert [(each.row, each.severity) for each in intake.problems] == [(3, "warning"), (4, "error")]
    twice = _take("population", {"Xã": ["Ea Mới", "Xã Ea Mới"], "Dân số": [100, 100]}, finder)
    assert [each.sentence for each in twice.problems] == ["xã này đã có ở dòng 2; hãy giữ một dòng"]


def test_a_condition_of_yes_and_no_leaves_out_whom_nobody_asked(finder: PlaceFinder) -> None:
    columns = {
        "Xã": ["Ea Mới"] * 2 + ["Đồng Ân"],
        "Tên trường": ["A", "B", "A"],
        "Cáp quang": ["có", "không", None],
    }
    assert _figures(_take("schools", columns, finder, firm="")) == {
        ("99001", "schools"): 2, ("99001", "schools_with_fibre"): 1, ("99002", "schools"): 1,
    }  # fmt: skip


def test_modelled_coverage_takes_outdoor_rows_with_cells_and_carries_its_band(finder: PlaceFinder) -> None:
    intake = _take(
        "coverage_areas",
        {
            "area": ["99001", "99001", "99001", "99002"],
            "technology": ["4G", "4G", "5G", "4G"],
            "situation": ["outdoor", "indoor", "outdoor", "outdoor"],
            "cells": [9, 9, 9, 0],  # the last lies outside the terrain: unknown, not nobody
            "people_served": [90.4, 50, 10, 0],
            "people_served_low": [80, 40, 5, 0],
            "people_served_high": [95, 60, 20, 0],
        },
        finder,
        firm="",
    )
    assert _figures(intake) == {("99001", "people_covered_by_4g"): 90, ("99001", "people_covered_by_5g"): 10}
    assert intake.figures[0].evidence == {"low": 80, "high": 95}


def test_villages_of_a_simulation_are_added_up_to_their_commune(finder: PlaceFinder) -> None:
    columns = {
        "place_id": ["9900101", "9900101"],
        "operator": [None, "Sao Mai"],
        "technology": ["4G", "4G"],
        "situation": ["outdoor", "outdoor"],
        "people_served": [40.0, 30.0],
        "hollow": [False, False],
    }
    assert _figures(_take("coverage_villages", columns, finder, firm="")) == {
        ("99001", "people_covered_by_4g"): 40, ("99001", "villages_with_4g"): 1,
    }  # fmt: skip


def test_without_its_columns_a_table_is_not_read(finder: PlaceFinder) -> None:
    with pytest.raises(InputError, match="Mã trạm; Công nghệ"):
        _take("stations", {"Xã": ["Ea Mới"]}, finder)
    with pytest.raises(InputError, match="ít nhất một cột số liệu"):
        _take("population", {"Xã": ["Ea Mới"]}, finder)
    with pytest.raises(InputError, match="Mã xã, hoặc Xã, phường"):
        _take("population", {"Dân số": ["5"]}, finder)
