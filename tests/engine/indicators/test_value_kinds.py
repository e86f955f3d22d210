"""Which kind of figure counts, when two differ, how far one may be relied on."""

from __future__ import annotations

import pytest

from hatangso.indicators.value_kinds import (
    confidence_of_declared,
    confidence_of_measured,
    confidence_of_modelled,
    differ,
    preference_of,
    preference_words,
    preferred,
    rule_words,
)


def test_declared_goes_first_except_for_what_is_measured() -> None:
    assert preference_of("villages") == ("declared", "measured", "modelled")
    assert preference_of("samples_4g") == ("measured", "declared", "modelled")
    assert preferred("people_covered_by_4g", {"modelled", "measured"}) == "measured"
    assert preferred("villages", set()) is None
    assert preference_words("samples_4g") == "đo đạc, kê khai, mô phỏng"
    assert "không bao giờ" not in rule_words("tolerance")


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [(100, 90, False), (100, 89, True), (4, 0, False), (5, 0, True), (0, 0, False), (1000, 1099, False)],
)
def test_two_figures_differ_by_more_than_a_tenth_and_five(first: float, second: float, answer: bool) -> None:
    assert differ(first, second) is answer
    assert differ(second, first) is answer


@pytest.mark.parametrize(
    ("tests", "share", "grade"),
    [(0, None, "low"), (30, None, "low"), (97, None, "medium"), (385, None, "high"), (384, None, "medium"),
     (100, 0.95, "high"), (10, 1.0, "medium"), (5, 1.0, "low")],
)  # fmt: skip
def test_measured_is_graded_by_its_interval(tests: int, share: float | None, grade: str) -> None:
    assert confidence_of_measured(tests, share) == grade


def test_modelled_is_graded_by_the_models_band_and_declared_by_its_company() -> None:
    assert confidence_of_modelled(100, 95, 105) == "high"
    assert confidence_of_modelled(100, 80, 105) == "medium"
    assert confidence_of_modelled(100, 50, 105) == "low"
    assert confidence_of_modelled(100, None, None) == confidence_of_modelled(0, 0, 0) == "low"
    assert confidence_of_declared(100) == "medium"
    assert confidence_of_declared(100, others=[95]) == "high"
    assert confidence_of_declared(100, others=[95, 50]) == confidence_of_declared(100, warned=True) == "low"
