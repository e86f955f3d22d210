"""Checks of figures: each kind of rule with numbers one sees through."""

from __future__ import annotations

import pytest

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.indicators.checks import (
    Around,
    CheckRule,
    check_figures,
    check_rules,
    known_variable,
    read_figure,
    write_figure,
)

_VILLAGES = catalogue.variable("villages")


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.234", 1234), ("10", 10), (12.0, 12), ("", None), (None, None), ("-", None), ("chưa có số liệu", None), (float("nan"), None)],
)  # fmt: skip
def test_counts_are_read_as_offices_write_them(written: object, value: float | None) -> None:
    assert read_figure(_VILLAGES, written) == value


@pytest.mark.parametrize("written", ["khoảng 10", "10,5", "-3", "=1+1", 10.5, "1e99", "inf"])
def test_what_is_no_count_is_refused_with_a_sentence(written: object) -> None:
    with pytest.raises(InputError, match="Số thôn"):
        read_figure(_VILLAGES, written)


def test_yes_no_and_classes_are_words() -> None:
    power, signal = known_variable("village_has_power"), known_variable("village_signal_class")
    assert power and signal
    assert [read_figure(power, word) for word in ("Có", "KHÔNG", "x", "1")] == [1, 0, 1, 1]
    assert [read_figure(signal, word) for word in ("đủ", "LÕM", "trang")] == [0, 1, 2]
    assert write_figure(signal, 1) == "lõm"
    assert write_figure(power, 0) == "không"
    with pytest.raises(InputError, match="một trong"):
        read_figure(signal, "vừa vừa")


def test_a_part_is_at_most_its_whole() -> None:
    found = check_figures({"villages": 10, "villages_with_4g": 11})
    assert [(problem.variable, problem.severity) for problem in found] == [("villages_with_4g", "error")]
    assert "11 > 10" in found[0].sentence
    assert check_figures({"villages": 10, "villages_with_4g": 10}) == []


def test_what_is_not_known_is_not_compared() -> None:
    assert check_figures({"villages": None, "villages_with_4g": 11}) == []


def test_parts_that_add_to_more_than_the_whole() -> None:
    figures = {"villages": 10, "villages_without_signal": 6, "villages_with_partial_signal": 5}
    found = check_figures(figures)
    assert [problem.rule for problem in found] == ["villages.sum_of_gaps"]
    assert "6 + 5 = 11 > 10" in found[0].sentence


def test_a_large_change_wants_a_word_a_small_number_may_jump() -> None:
    around = Around(previous={"villages": 10, "people": 1000})
    assert [problem.severity for problem in check_figures({"villages": 16}, around=around)] == ["warning"]
    assert check_figures({"villages": 14}, around=around) == []
    assert check_figures({"people": 1400}, around=around) == []


def test_an_outlier_stands_far_from_the_median_of_the_others() -> None:
    others = {"people": [100, 110, 90, 105, 95, 100, 108, 92]}
    found = check_figures({"people": 200}, around=Around(others=others))
    assert [problem.rule for problem in found] == ["any.outlier"]
    assert check_figures({"people": 130}, around=Around(others=others)) == []
    assert check_figures({"people": 200}, around=Around(others={"people": [100, 110]})) == []


def test_errors_stand_before_warnings() -> None:
    rules = (
        CheckRule("w", "thay đổi", "change", "warning", percent=10, least=1),
        CheckRule("e", "phần", "at_most", "error", variable="villages_with_4g", limit="villages"),
    )
    figures = {"villages": 10, "villages_with_4g": 12}
    found = check_figures(figures, around=Around(previous={"villages": 5}), rules=rules)
    assert [problem.rule for problem in found] == ["e", "w"]


def test_every_rule_names_variables_of_one_meaning() -> None:
    for rule in check_rules():
        for code in (rule.variable, rule.limit, *rule.parts):
            assert not code or known_variable(code), (rule.code, code)
