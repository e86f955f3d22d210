"""The text as it is shown: blocks, marks, masks, quotations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatangso.plans.document import Clause, Document
from hatangso_web.plans.source import (
    blocks_of,
    layout_of,
    locate,
    one_line,
    readable,
    shown_rows,
    visible_text,
)

TEXT = "Mục tiêu\n\n95% hộ có\ncáp quang; 99% có sóng\nĐiện báo"


def _texts(rows: list) -> list[str]:
    return ["".join(part.text for part in block.segments) for row in rows for block in row.blocks]


def test_every_line_is_a_block_without_a_layout() -> None:
    assert [TEXT[block.start : block.end] for block in blocks_of(TEXT, [])] == [
        "Mục tiêu",
        "95% hộ có",
        "cáp quang; 99% có sóng",
        "Điện báo",
    ]


def test_layout_joins_wrapped_lines_of_a_clause_and_keeps_what_no_clause_holds() -> None:
    clause = Clause("i.1", "item", "body", "", 1, "", TEXT.index("95%"), TEXT.index("\nĐiện"))
    blocks = blocks_of(TEXT, layout_of(Document(TEXT, (clause,))))
    assert [block.kind for block in blocks] == ["line", "item", "line"]
    rows = shown_rows(TEXT, blocks=blocks, marks=[], hidden=[])
    assert _texts(rows)[1] == "95% hộ có cáp quang; 99% có sóng"


def test_a_sentence_is_marked_and_the_chosen_one_begins_once() -> None:
    start = TEXT.index("95%")
    marks = [(1, (start, start + 9)), (2, (start + 4, start + 9))]
    rows = shown_rows(TEXT, blocks=blocks_of(TEXT, []), marks=marks, hidden=[], chosen=2)
    segments = rows[1].blocks[0].segments
    assert [(part.text, part.findings, part.first) for part in segments] == [
        ("95% ", (1,), False),
        ("hộ có", (1, 2), True),
    ]


def test_a_block_that_touches_a_hidden_span_shows_nothing_and_neighbours_become_one() -> None:
    start = TEXT.index("99%")
    rows = shown_rows(
        TEXT, blocks=blocks_of(TEXT, []), marks=[(1, (start, len(TEXT)))], hidden=[(start, len(TEXT))]
    )
    assert _texts(rows) == ["Mục tiêu", "95% hộ có", ""]
    assert rows[-1].blocks[0].masked
    assert "99%" not in visible_text(TEXT, blocks=blocks_of(TEXT, []), hidden=[(start, start + 1)])


def test_a_hidden_cell_takes_its_whole_row() -> None:
    source = "1\tĐiện báo\nx"
    layout = [[0, 1, "table_cell", 1, "t.1"], [2, 10, "table_cell", 1, "t.1"], [11, 12, "line", 1, ""]]
    rows = shown_rows(source, blocks=blocks_of(source, layout), marks=[], hidden=[(2, 4)])
    assert _texts(rows) == ["", "x"]


def test_cells_of_a_row_stand_side_by_side() -> None:
    source = "1\tTên\t2026"
    layout = [[0, 1, "table_cell", 1, "t.1"], [2, 5, "table_cell", 1, "t.1"], [6, 10, "table_cell", 1, "t.1"]]
    rows = shown_rows(source, blocks=blocks_of(source, layout), marks=[], hidden=[])
    assert len(rows) == 1 and rows[0].is_table and len(rows[0].blocks) == 3


def test_stray_html_is_not_shown() -> None:
    assert readable('<ul style="x"><li>một</li><li>hai</li></ul>') == "\n• một\n• hai"
    assert readable("tốc độ < 40 và > 10") == "tốc độ < 40 và > 10"


def test_a_quotation_is_found_without_diacritics_over_line_breaks() -> None:
    assert locate("HO CO CAP QUANG", TEXT) == (TEXT.index("hộ"), TEXT.index(";"))
    assert locate("không có câu này", TEXT) is None
    assert locate(" .;", TEXT) is None


@given(st.text(max_size=60), st.text(max_size=10))
def test_a_found_quotation_always_lies_inside_the_text(source: str, quotation: str) -> None:
    span = locate(quotation, source)
    assert span is None or 0 <= span[0] < span[1] <= len(source)


def test_one_line_cuts_at_a_word() -> None:
    assert one_line("một  hai\nba bốn", 8) == "một hai…"
