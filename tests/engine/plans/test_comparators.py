"""At least, more than, at most, less than."""

from __future__ import annotations

import pytest

from hatangso.plans.comparators import Comparison, compare, says_maintain
from hatangso.plans.quantities import find_quantities


def _compare(text: str) -> Comparison:
    return compare(text, find_quantities(text)[0])


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("đạt 90%", ""),
        ("đạt trên 90%", ">"),
        ("hơn 90%", ">"),
        ("> 90%", ">"),
        ("vượt 90%", ">"),
        ("tối thiểu 90%", ">="),
        ("đạt tối thiểu 90%", ">="),
        ("tối thiểu đạt 90%", ">="),
        ("ít nhất là 90%", ">="),
        ("từ 90% trở lên", ">="),
        ("90% trở lên", ">="),
        ("không dưới 90%", ">="),
        ("không thấp hơn 90%", ">="),
        ("≥ 90%", ">="),
        ("không vượt quá 5%", "<="),
        ("không quá 5%", "<="),
        ("tối đa 5%", "<="),
        ("5% trở xuống", "<="),
        ("giảm còn 5%", "<="),
        ("≤5%", "<="),
        ("dưới 5%", "<"),
        ("xuống dưới 5%", "<"),
        ("thấp hơn 5%", "<"),
    ],
)
def test_words_around_the_number(text: str, comparator: str) -> None:
    assert _compare(text).comparator == comparator


def test_on_the_territory_is_not_more_than() -> None:
    assert _compare("trên địa bàn xã đạt 90%").comparator == ""


def test_about_and_growth_are_told_apart_from_levels() -> None:
    assert _compare("khoảng 3.700 trạm").about
    assert _compare("doanh thu tăng tối thiểu 15%").growth
    assert not _compare("đạt 15%").growth


def test_maintain() -> None:
    assert says_maintain("Tiếp tục duy trì 100% thôn")
    assert not says_maintain("Phấn đấu 100% thôn")
