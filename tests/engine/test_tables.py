"""Tables at the door: headers found however written, cells converted, every fault named with its row."""

import datetime
import gzip

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from hatangso.errors import InputError, ManyInputErrors
from hatangso.tables import (
    Column,
    TableSpec,
    check_rows,
    check_table,
    defuse_formula,
    match_headers,
    read_raw,
    read_table,
    write_table,
)

STATIONS = TableSpec(
    "stations",
    (
        Column("site", "text", "Mã trạm"),
        Column("height_m", "number", "Độ cao", "m", minimum=1, maximum=350, nullable=True, aliases=("cao",)),
        Column("shared", "yes_no", "Dùng chung", required=False, nullable=True),
        Column(
            "technology",
            "category",
            "Công nghệ",
            required=False,
            nullable=True,
            categories={"4G": ("lte",), "5G": ("nr",)},
        ),
        Column("since", "date", "Từ ngày", required=False, nullable=True),
    ),
    key=("site",),
)


def read(tmp_path, text, name="tram.csv", **options):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_table(tmp_path / name, STATIONS, **options)


def test_headers_are_found_without_case_diacritics_or_order(tmp_path):
    table = read(tmp_path, "DO CAO;ma tram\n30;A\n")
    assert table.select("site", "height_m").rows() == [("A", 30.0)]


def test_a_mapping_serves_headers_nobody_knows(tmp_path):
    assert read(tmp_path, "Ký hiệu,cao\nA,30\n", mapping={"Ký hiệu": "site"})["site"].to_list() == ["A"]


def test_vietnamese_numbers_yes_no_categories_and_dates(tmp_path):
    table = read(
        tmp_path,
        "Mã trạm;cao;Dùng chung;Công nghệ;Từ ngày\nA;12,5;Có;LTE;01/07/2025\nB;;không;nr;2026-04-30\n",
    )
    assert table.rows() == [
        ("A", 12.5, True, "4G", datetime.date(2025, 7, 1)),
        ("B", None, False, "5G", datetime.date(2026, 4, 30)),
    ]


def test_a_missing_column_is_named_with_what_is_there(tmp_path):
    with pytest.raises(InputError, match=r"thiếu cột site.*cao"):
        read(tmp_path, "cao\n30\n")


def test_all_faults_are_collected_with_their_rows(tmp_path):
    with pytest.raises(ManyInputErrors) as raised:
        read(tmp_path, "Mã trạm;cao\nA;cao 30\n;40\nB;400\n")
    said = str(raised.value)
    assert "dòng 2, cột height_m: 'cao 30'" in said
    assert "dòng 3, cột site: ô trống" in said
    assert "dòng 4, cột height_m: '400'" in said
    assert "từ 1 đến 350" in said


def test_a_repeated_key_names_both_rows(tmp_path):
    with pytest.raises(InputError, match=r"dòng 4: site = 'A' trùng với dòng 2"):
        read(tmp_path, "Mã trạm;cao\nA;1\nB;2\nA;3\n")


def test_codes_keep_their_leading_zeros(tmp_path):
    assert read(tmp_path, "Mã trạm;cao\n00123;1\n00456;2\n")["site"].to_list() == ["00123", "00456"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [("a.csv", b"", "rỗng"), ("a.csv", b"\x00\x01\x02;\n", "nhị phân"), ("a.xlsx", b"PK khong phai", "không mở được"), ("a.parquet", b"abc", "parquet"),
     ("a.doc", b"abc", "đuôi '.doc'"), ("a.csv.gz", b"abc", "hỏng"), ("a.geojson", b"{}", "bản đồ")],
)  # fmt: skip
def test_wrong_files_are_refused_by_name(tmp_path, name, content, match):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=match):
        read_raw(tmp_path / name)


def test_a_packed_csv_is_read(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress("Mã trạm;cao\nA;30\n".encode()))
    assert read_table(tmp_path / "a.csv.gz", STATIONS)["height_m"].to_list() == [30.0]


def test_workbook_numbers_dates_and_blank_rows(tmp_path):
    workbook = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = workbook.add_worksheet()
    for row, cells in enumerate([["Mã trạm", "cao", "Từ ngày"], [101, 30, None], ["B", "1.234,5", None]]):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(row, column, cell)
    sheet.write_datetime(
        1, 2, datetime.datetime(2025, 7, 1), workbook.add_format({"num_format": "dd/mm/yyyy"})
    )
    sheet.write_blank(9, 0, None)
    workbook.close()
    with pytest.raises(InputError, match=r"'1\.234,5'"):  # read as a number, and then out of range
        read_table(tmp_path / "a.xlsx", STATIONS)
    raw = read_raw(tmp_path / "a.xlsx")
    assert raw.height == 2
    assert raw["Mã trạm"].to_list() == ["101", "B"]


def test_infinite_and_nan_numbers_are_faults():
    with pytest.raises(ManyInputErrors):
        check_table(pl.DataFrame({"site": ["A", "B"], "height_m": [float("nan"), float("inf")]}), STATIONS)


@pytest.mark.parametrize(
    ("text", "defused"),
    [("=1+1", "'=1+1"), ("+84 90", "+84 90"), ("@x", "'@x"), ("-5", "-5"), ("Hà Nội", "Hà Nội")],
)
def test_formulas_are_defused_and_numbers_stay(text, defused):
    assert defuse_formula(text) == defused


def test_what_is_written_as_workbook_runs_no_formula(tmp_path):
    write_table(pl.DataFrame({"a": ["=HYPERLINK(1)", "x"], "b": [1.5, None]}), tmp_path / "a.xlsx")
    rows = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx")).get_sheet_by_index(0).to_python()
    assert rows == [["a", "b"], ["=HYPERLINK(1)", 1.5], ["x", ""]]  # text, not a formula


@given(st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_headers_never_match_one_column_twice(headers):
    proposal = match_headers(headers, STATIONS)
    assert len(set(proposal.values())) == len(proposal)


PLACES = TableSpec(
    "places", (Column("name"), Column("lon", "number", minimum=-180, maximum=180), Column("cost", "number"))
)


def test_three_decimals_of_a_longitude_are_no_thousands(tmp_path):
    (tmp_path / "a.csv").write_text("name,lon,cost\nA,106.004,3.125\nB,107.125,4.250\n")
    assert read_table(tmp_path / "a.csv", PLACES).rows() == [("A", 106.004, 3.125), ("B", 107.125, 4.25)]
    (tmp_path / "b.csv").write_text("name;lon;cost\nA;106.004;3.890\nB;107.125;1.200\n")
    assert read_table(tmp_path / "b.csv", PLACES).rows() == [("A", 106.004, 3890.0), ("B", 107.125, 1200.0)]


def test_rows_that_cannot_be_read_are_set_aside_with_the_sentence_of_their_first_bad_cell():
    spec = TableSpec(
        "t", (Column("name", title="Tên"), Column("height_m", "number", "Chiều cao", minimum=1, maximum=350))
    )
    frame = pl.DataFrame({"name": ["a", None, "c", "d"], "height_m": ["30", "cao", "400", "12,5"]})
    table, unreadable = check_rows(frame, spec)
    assert unreadable["index"].to_list() == [1, 2]
    assert unreadable["problem"].to_list() == [
        "Tên: ô trống; cần chữ",
        "Chiều cao: '400'; cần số từ 1 đến 350",
    ]
    assert table["height_m"].to_list() == [30.0, None, None, 12.5]
