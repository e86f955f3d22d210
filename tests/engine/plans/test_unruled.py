"""Tables of a PDF without lines: heading, columns, rows, groups, the end, the next page."""

from __future__ import annotations

from typing import Any

import pytest

from hatangso.plans.sources.unruled import Columns, find_unruled

_STARTS = (
    0,
    40,
    160,
    280,
)  # where the columns begin; a letter is 5 wide, a blank 3, a line 10 high, 14 apart


def _line(at: int, **cells: str) -> list[dict[str, Any]]:
    """Return the words of line ``at``: ``a="1", b="Phủ sóng"`` stand in the first and second column."""
    words = []
    for column, text in sorted(cells.items()):
        across = float(_STARTS["abcd".index(column)])
        for word in text.split():
            words.append(
                {
                    "text": word,
                    "x0": across,
                    "x1": across + 5 * len(word),
                    "top": at * 14.0,
                    "bottom": at * 14.0 + 10,
                }
            )
            across += 5 * len(word) + 3
    return words


def _page(*lines: dict[str, str]) -> list[list[dict[str, Any]]]:
    return [_line(at, **line) for at, line in enumerate(lines)]


HEADING = {"a": "TT", "b": "Nhiệm vụ", "c": "Cơ quan chủ trì", "d": "Thời gian"}
FIRST = ({"a": "1", "b": "Phủ sóng các", "c": "Sở Khoa học", "d": "2026"}, {"b": "thôn", "c": "và Công nghệ"})
SECOND = {"a": "2", "b": "Ngầm hóa cáp", "c": "Sở Xây dựng", "d": "2027"}


def _rows(found: list[Any]) -> list[tuple[str, ...]]:
    return [cells for table in found for _, cells in table.rows]


def test_columns_and_rows_are_told_by_alignment_under_the_heading() -> None:
    found = find_unruled(_page({"a": "PHỤ LỤC"}, HEADING, *FIRST, SECOND), None)
    assert (found[0].first, found[0].after) == (1, 5)
    assert _rows(found) == [
        ("TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời gian"),
        ("1", "Phủ sóng các\nthôn", "Sở Khoa học\nvà Công nghệ", "2026"),
        ("2", "Ngầm hóa cáp", "Sở Xây dựng", "2027"),
    ]


def test_a_word_alone_at_the_end_of_a_wide_cell_stays_in_it() -> None:
    wide = {
        "a": "3",
        "b": "Công ty Điện lực tỉnh",
        "c": "Sở",
        "d": "2028",
    }  # ends at 148, beyond all other cells
    found = find_unruled(_page(HEADING, *FIRST, SECOND, wide), None)
    assert _rows(found)[-1] == ("3", "Công ty Điện lực tỉnh", "Sở", "2028")


def test_the_name_of_a_group_runs_on_across_the_columns() -> None:
    group = {"a": "II", "b": "Hạ tầng dữ liệu và nền tảng số của tỉnh"}
    found = find_unruled(_page(HEADING, *FIRST, group, SECOND), None)
    assert _rows(found)[2] == ("II", "Hạ tầng dữ liệu và nền tảng số của tỉnh", "", "")


def test_a_group_in_one_cell_over_all_columns_does_not_end_the_table() -> None:
    merged = {"a": "B. Hạ tầng dữ liệu và nền tảng số của tỉnh"}
    found = find_unruled(_page(HEADING, *FIRST, merged, SECOND), None)
    assert [row[0] for row in _rows(found)] == ["TT", "1", "B.", "2"]
    assert _rows(found)[2][1] == "Hạ tầng dữ liệu và nền tảng số của tỉnh"


@pytest.mark.parametrize(
    "after",
    [
        {"a": "Nơi nhận: các sở, ban, ngành"},
        {"a": "3. Sở Tài chính bố trí kinh phí hằng năm cho các nhiệm vụ"},
        {"b": "Danh mục này được rà soát hằng năm theo tình hình thực tế của tỉnh"},
        {"c": "TM. Ủy ban nhân dân"},
    ],
)
def test_running_text_after_the_rows_is_not_of_the_table(after: dict[str, str]) -> None:
    found = find_unruled(_page(HEADING, *FIRST, SECOND, after), None)
    assert found[0].after == 4 and len(found[0].rows) == 3


def test_ordinals_in_the_middle_of_their_rows() -> None:
    found = find_unruled(
        _page(
            HEADING,
            {"b": "Phủ sóng các", "c": "Sở Khoa học"},
            {"a": "1", "b": "thôn lõm", "c": "và Công nghệ", "d": "2026"},
            {"b": "sóng"},
            {"b": "Ngầm hóa cáp"},
            {"a": "2", "b": "viễn thông", "c": "Sở Xây dựng", "d": "2027"},
            {"b": "tại đô thị"},
        ),
        None,
    )
    assert _rows(found)[1:] == [
        ("1", "Phủ sóng các\nthôn lõm\nsóng", "Sở Khoa học\nvà Công nghệ", "2026"),
        ("2", "Ngầm hóa cáp\nviễn thông\ntại đô thị", "Sở Xây dựng", "2027"),
    ]


def test_the_next_page_goes_on_with_the_columns_of_the_one_before() -> None:
    columns = find_unruled(_page(HEADING, *FIRST, SECOND), None)[0].columns
    found = find_unruled(
        _page({"b": "tại đô thị"}, {"a": "3", "b": "Đo tốc độ", "c": "Sở Tài chính"}), columns
    )
    assert _rows(found) == [("", "tại đô thị", "", ""), ("3", "Đo tốc độ", "Sở Tài chính", "")]


def test_text_without_a_heading_of_a_table_is_left_alone() -> None:
    text = {"a": "1. Sở Khoa học và Công nghệ chủ trì thực hiện Kế hoạch này"}
    assert find_unruled(_page(text, text), None) == []
    assert find_unruled(_page(text), Columns((30.0, 150.0, 270.0))) == []
    assert find_unruled([], None) == []
