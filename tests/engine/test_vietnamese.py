"""Vietnamese writing: keys that ignore diacritics, dictionary order, numbers as offices write them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.errors import InputError
from hatangso.vietnamese import fold, fold_same_length, format_number, nfc, parse_number, sort_key


@pytest.mark.parametrize(
    "written", ["Đắk Nông", "ĐẮK NÔNG", "đăk nông", "dak  nong", unicodedata.normalize("NFD", "Đắk Nông")]
)
def test_fold_finds_a_name_however_written(written):
    assert fold(written) == "dak nong"


@given(st.text())
def test_fold_same_length_keeps_offsets(text):
    assert len(fold_same_length(text)) == len(text)


def test_dictionary_order_counts_letters_before_tones():
    names = ["Đà Bắc", "Dĩ An", "Ân Thi", "An Biên", "Ba Đình", "Ăn", "Á", "Bà Rịa", "Bá Thước"]
    assert sorted(names, key=sort_key) == [
        "Á",
        "An Biên",
        "Ăn",
        "Ân Thi",
        "Ba Đình",
        "Bà Rịa",
        "Bá Thước",
        "Dĩ An",
        "Đà Bắc",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("3.890", 3890), ("10,81", 10.81), ("1.234,5", 1234.5), ("01", 1), ("95.57", 95.57), ("1,234.5", 1234.5), ("0.125", 0.125), ("-2,5", -2.5),
     ("1.234.567", 1234567), ("12 500", 12500), ("40%", 40)],
)  # fmt: skip
def test_numbers_are_read_as_written_in_viet_nam(text, value):
    assert parse_number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "cao 30", "--5", "1a", "%"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError, match="không phải là số"):
        parse_number(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1.234,5"), (0, "0"), (None, ""), (1e6, "1.000.000"), (-0.0001, "0"), (2 / 3, "0,667")],
)
def test_numbers_are_written_as_offices_do(value, text):
    assert format_number(value) == text


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 2)))
def test_a_number_written_is_read_again(value):
    written = format_number(value, 2)
    assert parse_number(written) == pytest.approx(value, abs=0.006)


def test_nfc_joins_marks():
    assert nfc(unicodedata.normalize("NFD", "Hớn Quản")) == "Hớn Quản"
