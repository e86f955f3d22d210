"""Repairs keep every digit and always know the original."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hatangso.plans.repair import Traced, clean, repair_book
from hatangso.plans.vocabulary import word_list

SLIPS = list(word_list("repair")["slips"])


def mend(text: str) -> str:
    return repair_book().mend(Traced.of(text, 0, len(text)))[0].text


def test_known_slips_are_mended_with_their_capitals() -> None:
    assert (
        mend("Ngâm hóa cáp ở vùng lùm sóng của huyện Hón Quản")
        == "Ngầm hóa cáp ở vùng lõm sóng của huyện Hớn Quản"
    )
    assert mend("TỈNH ĐĂK NÔNG") == "TỈNH ĐẮK NÔNG"
    assert mend("QUY ẾT Đ ỊNH") == "QUYẾT ĐỊNH"


def test_right_words_that_look_like_slips_stay() -> None:
    for text in ("sử dụng mạng trực tuyến", "tuyến cáp quan trọng", "huyện Đăk Hà", "các công bố"):
        assert mend(text) == text


def test_no_entry_of_the_dictionary_holds_a_digit() -> None:
    assert not [
        slip for slip, right in word_list("repair")["slips"].items() if re.search(r"\d", slip + right)
    ]


@given(st.lists(st.one_of(st.sampled_from(SLIPS), st.text(max_size=12)), max_size=8).map(" ".join))
def test_repair_never_changes_a_digit_and_traces_into_the_source(text: str) -> None:
    traced, _ = repair_book().mend(clean(Traced.of(text, 0, len(text))))
    kept = re.findall(r"\d", traced.text)
    visible = re.sub(
        r"\[\s*bookmark[^\]]*\]|<[^<>]*>|&[^;]*;|!?\[[^\]]*\]\([^)]*\)",
        "",
        unicodedata.normalize("NFC", text),
        flags=re.IGNORECASE,
    )
    assert len(kept) >= len(re.findall(r"\d", visible)) or "&" in text
    assert len(traced.starts) == len(traced.ends) == len(traced.text)
    assert all(0 <= start <= end <= len(text) for start, end in zip(traced.starts, traced.ends, strict=True))
    assert unicodedata.is_normalized("NFC", traced.text)


def test_decomposed_letters_are_composed_and_still_point_at_both_marks() -> None:
    source = unicodedata.normalize("NFD", "Đắk Nông 2025")
    traced = Traced.of(source, 0, len(source))
    assert traced.text == "Đắk Nông 2025"
    at = traced.text.index("Nông")
    assert unicodedata.normalize("NFC", source[traced.starts[at] : traced.ends[at + 3]]) == "Nông"


def test_marks_of_web_pages_go_and_ampersands_of_office_names_stay() -> None:
    source = "**Sở KH&CN;** đạt [bookmark: muc_1]90%<br/> &nbsp;của *hộ*"
    assert clean(Traced.of(source, 0, len(source))).text == "Sở KH&CN; đạt 90% của hộ"
    assert clean(Traced.of("2*3 < 7", 0, 7)).text == "2*3 < 7"
