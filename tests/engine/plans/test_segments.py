"""Compound sentences are cut into one segment for each target."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.plans.segments import cut_paragraph, floor_terms


def _pieces(text: str) -> list[str]:
    return [
        text[s.start : s.end].strip(" ,;.") for sentence in cut_paragraph(text) for s in sentence.segments
    ]


def test_number_first_list() -> None:
    text = "100% thôn, bản có sóng 4G, 95% hộ gia đình có Internet và 90% trường học có cáp quang"

    assert _pieces(text) == [
        "100% thôn, bản có sóng 4G",
        "95% hộ gia đình có Internet",
        "90% trường học có cáp quang",
    ] or _pieces(text)[2].endswith("90% trường học có cáp quang")
    assert len(_pieces(text)) == 3


def test_number_last_list() -> None:
    text = "Tỷ lệ dùng chung cột treo cáp đạt 95%, tỷ lệ dùng chung cống bể cáp đạt 50%"

    assert _pieces(text) == ["Tỷ lệ dùng chung cột treo cáp đạt 95%", "tỷ lệ dùng chung cống bể cáp đạt 50%"]


def test_speed_beside_a_share_is_its_floor() -> None:
    (sentence,) = cut_paragraph("90% tổ chức có thể truy cập Internet với tốc độ trung bình 01 Gb/s")
    (segment,) = sentence.segments

    assert [floor.value for floor in segment.floors] == [1000]
    assert floor_terms(segment.floors) == {"floor_1000"}


def test_present_value_in_brackets_is_the_baseline() -> None:
    (sentence,) = cut_paragraph("Tốc độ di động đạt 45 Mbps (hiện tại là 38,09 Mbps)")
    (segment,) = sentence.segments

    assert (segment.quantity.value, segment.baseline) == (45, 38.09)


def test_brackets_are_not_cut_and_abbreviations_do_not_end_a_sentence() -> None:
    assert (
        len(
            cut_paragraph("Tại TP. Gia Nghĩa 90% hộ (chỉ tính hộ thường trú; không tính tạm trú) có Internet")
        )
        == 1
    )


def test_topic_before_a_colon_but_not_before_a_bare_value() -> None:
    first = cut_paragraph("Dịch vụ 4G: tốc độ tối thiểu 40 Mbit/s cho mọi khách hàng trong tỉnh")[0]
    second = cut_paragraph("Tỷ lệ dùng chung vị trí BTS: 25%")[0]

    assert first.topic is not None
    assert second.topic is None


def test_universal_after_a_comma_leaves_the_number_alone() -> None:
    assert _pieces("80% hộ có Internet cáp quang, phổ cập mạng 5G") == ["80% hộ có Internet cáp quang"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789%.,;:()\n –vàvớiđạthộthôn5GMb/s mỗitấtcả", max_size=80))
def test_any_text_is_cut_into_segments_inside_it(text: str) -> None:
    for sentence in cut_paragraph(text):
        assert 0 <= sentence.start <= sentence.end <= len(text)
        for segment in sentence.segments:
            assert sentence.start <= segment.start <= segment.end <= sentence.end
            assert segment.start <= segment.quantity.start


def test_a_sentence_far_too_long_is_parted_and_keeps_every_number() -> None:
    text = ", ".join(f"đạt {number % 90 + 1}% hộ" for number in range(600))
    sentences = cut_paragraph(text)
    assert max(each.end - each.start for each in sentences) <= 1500 < len(text)
    assert [s.quantity.value for each in sentences for s in each.segments] == [n % 90 + 1 for n in range(600)]
    assert "".join(text[each.start : each.end] for each in sentences) == text
