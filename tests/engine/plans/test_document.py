"""Spans, wrapped lines and the parts of a document; any text is read without falling over."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.errors import HatangsoError
from hatangso.plans.building import document_from_text
from hatangso.plans.reading import plan_of, plan_to_json

WORDS = ["I. MỤC TIÊU", "1. ", "a) ", "đ) ", "- ", "* ", "+ ", "\n", "\n\n", "\t", "|", "KẾ HOẠCH", "QUYẾT ĐỊNH", "Điều 1. ", "PHỤ LỤC",
         "Nơi nhận:", "Căn cứ Quyết định số 36/QĐ-TTg ngày 11/01/2024 ", "đạt 95%", "đến năm 2025", "báo cáo UBND tỉnh trước ngày 20/12",
         "TỔ CHỨC THỰC HIỆN", "TT\tNội dung\tChủ trì\tThời gian\n", "Sở Tài chính", "100 Mb/s", "<ul>", "[bookmark: x]", "&amp;", "a\u0323\u0302",
         "Hón Quản", "Hệ đặc biệt", "UBND huyện Hớn Quản ban hành Kế hoạch", "ngày 31/02/2025", "III", "x" * 50]  # fmt: skip


def test_a_span_points_at_the_words_in_the_file() -> None:
    source = "I. MỤC TIÊU\n\n- Phủ sóng vùng lùm sóng, đạt\n\n**95%** số thôn [bookmark: a]của huyện.\n"
    document = document_from_text(source)
    clause = document.clause("i.-1")
    assert clause.text == "Phủ sóng vùng lõm sóng, đạt 95% số thôn của huyện."
    at = clause.text.index("95% số thôn")
    assert document.original(clause.span(at, at + 11)) == "95%** số thôn"
    at = clause.text.index("lõm sóng")
    assert document.original(clause.span(at, at + 8)) == "lùm sóng"
    assert document.repairs == 1


def test_wraps_with_and_without_blank_lines_are_joined() -> None:
    source = (
        "I. MỤC TIÊU\n\na) Bảo đảm 90% các tổ\n\nchức kinh tế có cáp quang; tốc độ từ ngày\n\n01/7/2025 đạt 1 Gb/s.\n\n"
        "b) Mạng di động phủ sóng đến mọi thôn, ấp trên địa bàn và các khu\nvực đông dân của thị trấn\nTân Khai.\n"
    )
    texts = [clause.text for clause in document_from_text(source).clauses]
    assert texts[1] == "Bảo đảm 90% các tổ chức kinh tế có cáp quang; tốc độ từ ngày 01/7/2025 đạt 1 Gb/s."
    assert texts[2].startswith("Mạng di động phủ sóng") and "các khu vực đông dân" in texts[2]


def test_a_heading_is_not_joined_to_the_paragraph_below_it() -> None:
    source = "I. MỤC TIÊU\n1. Yêu cầu\nTrong quá trình triển khai cần bảo đảm tính kế thừa của các chương\ntrình, dự án của các ngành.\n"
    document = document_from_text(source)
    assert document.clause("i.1").text == "Yêu cầu"
    assert document.clause("i.1.p1").text.endswith("chương trình, dự án của các ngành.")


def test_page_numbers_and_furniture_go_but_a_year_on_its_own_line_stays() -> None:
    source = "Đăng nhập\nI. MỤC TIÊU\n\n- Giai đoạn từ năm\n\n2026 đến năm 2030.\n\n3\n\n- Hai.\n"
    texts = [clause.text for clause in document_from_text(source).clauses]
    assert texts == ["MỤC TIÊU", "Giai đoạn từ năm 2026 đến năm 2030.", "Hai."]


def test_a_decision_its_plan_and_its_annex_are_told_apart() -> None:
    source = (
        "ỦY BAN NHÂN DÂN\nTỈNH SÔNG LAM\n\nQUYẾT ĐỊNH\n\nBan hành Kế hoạch\n\nCăn cứ Luật Viễn thông ngày 24/11/2023;\n\n"
        "QUYẾT ĐỊNH:\n\nĐiều 1. Ban hành Kế hoạch.\n\nĐiều 2. Hiệu lực.\n\nNơi nhận:\n- Lưu: VT.\n\nKẾ HOẠCH\n\nPhát triển hạ tầng số\n\n"
        "I. MỤC TIÊU\n\n- Một.\n\nPHỤ LỤC\n\n1. Danh mục\n"
    )
    parts = {clause.id: clause.part for clause in document_from_text(source).clauses}
    assert parts["dieu1"] == "decision" and parts["i.-1"] == "body" and parts["pl1.1"] == "annex"
    assert parts["ket.1"] == "closing" and parts["cancu.1"] == "bases"


def test_a_decision_that_is_itself_the_plan_is_read_as_body() -> None:
    source = "QUYẾT ĐỊNH\n\nPhê duyệt Đề án\n\nCăn cứ Luật Viễn thông;\n\nQUYẾT ĐỊNH:\n\nĐiều 1. Phê duyệt Đề án:\n\n1. Mục tiêu\n\n- 90% hộ có cáp quang.\n"
    assert document_from_text(source).clause("dieu1.1.-1").part == "body"


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=20)), max_size=40).map("".join))
def test_any_text_is_read_and_every_span_lies_inside_the_source(text: str) -> None:
    try:
        document = document_from_text(text)
    except HatangsoError as fault:
        assert "không có chữ" in str(fault)
        return
    plan = plan_of(document)
    length = len(text)
    for clause in document.clauses:
        assert 0 <= clause.start <= clause.end <= length
        for start, end in ((0, len(clause.text)), (1, 2), (len(clause.text), len(clause.text))):
            where = clause.span(start, end)
            assert 0 <= where.start <= where.end <= length
        assert clause.parent is None or clause.id in document.clause(clause.parent).children
    shown = plan_to_json(plan)
    for kind in ("targets", "tasks", "assignments", "duties", "warnings"):
        for found in shown[kind]:
            assert 0 <= found["where"]["start"] <= found["where"]["end"] <= length
            assert found["where"]["clause"] in document.by_id
    assert plan_to_json(plan_of(document_from_text(text))) == shown


def test_a_text_without_any_heading_is_read_as_body() -> None:
    document = document_from_text("Kế hoạch của thôn\n\n- Tỷ lệ hộ có cáp quang đạt 90%.\n")
    assert [(clause.id, clause.part) for clause in document.clauses] == [
        ("dau.1", "letterhead"),
        ("-1", "body"),
    ]
