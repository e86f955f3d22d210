"""How findings of two versions are paired."""

from __future__ import annotations

from hatangso_web.plans.comparing import Pair, Read, compare, likeness


def _read(key: int, text: str, clause: str = "i.1", kind: str = "target", **value: object) -> Read:
    return Read(key, kind, clause, text, value)


def test_equal_sentence_and_value_is_the_same_even_when_it_moved() -> None:
    assert compare([_read(1, "95% hộ", value=95)], [_read(7, "95% hộ", clause="ii.3", value=95)]) == [
        Pair(7, 1, False)
    ]


def test_two_equal_targets_pair_within_their_clauses() -> None:
    old = [_read(1, "x", clause="a", value=1), _read(2, "x", clause="b", value=1)]
    new = [_read(7, "x", clause="b", value=1), _read(8, "x", clause="a", value=1)]
    assert sorted(compare(old, new), key=lambda pair: pair.new) == [Pair(7, 2, False), Pair(8, 1, False)]


def test_another_figure_in_a_like_sentence_is_a_change() -> None:
    pairs = compare(
        [_read(1, "đạt 95% số hộ gia đình", value=95)], [_read(7, "đạt 98% số hộ gia đình", value=98)]
    )
    assert pairs == [Pair(7, 1, True)]


def test_equal_sentence_read_as_another_value_is_a_change() -> None:
    assert compare([_read(1, "95% hộ", value=95)], [_read(7, "95% hộ", value=9.5)]) == [Pair(7, 1, True)]


def test_unlike_sentences_and_other_kinds_stay_apart() -> None:
    assert compare([_read(1, "phủ sóng 5G toàn tỉnh")], [_read(7, "ngầm hóa cáp treo đô thị")]) == []
    assert compare([_read(1, "giống hệt")], [_read(7, "giống hệt", kind="duty")]) == []


def test_the_likest_pair_is_taken_first() -> None:
    old = [_read(1, "một hai ba bốn năm sáu")]
    new = [_read(7, "một hai ba bốn chín mười"), _read(8, "một hai ba bốn năm tám")]
    assert compare(old, new) == [Pair(8, 1, True)]


def test_likeness_counts_words_in_order_without_diacritics() -> None:
    assert likeness("Hạ tầng số", "ha tang so") == 1.0
    assert likeness("một hai", "ba bốn") == 0.0
    assert likeness("một hai ba bốn", "một hai ba năm") == 0.75


def test_a_difference_nobody_sees_is_no_difference() -> None:
    said = (("Mức", "≥ 95 %"),)
    old = Read(1, "target", "i.1", "95% hộ", {"value": 95}, said)
    new = Read(7, "target", "i.1", "95% hộ", {"value": 95, "facet": "homes"}, said)
    assert compare([old], [new]) == [Pair(7, 1, False)]
