"""Which figures of single firms add up to that of an area: each thing belongs to exactly one firm, or it is not added."""

from __future__ import annotations

import pytest

from hatangso import catalogue
from hatangso.indicators.checks import summed_over_operators


def test_every_summed_variable_is_additive_and_filed_by_operators() -> None:
    wrong = [
        code
        for code in summed_over_operators()
        if not catalogue.variable(code).additive or catalogue.variable(code).source != "operator"
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "code",
    [
        "villages_with_4g",  # one village, several firms
        "people_covered_by_5g",
        "households_with_fibre_subscription",  # a household with two contracts; the sum can pass all households
        "households_passed_by_fibre",
        "station_locations",  # what is shared is counted by every tenant
        "shared_cable_poles",
        "communes_with_5g",
    ],
)
def test_what_several_firms_count_alike_is_not_added_up(code: str) -> None:
    assert code not in summed_over_operators()


def test_numerator_and_denominator_are_added_alike() -> None:
    """A share whose denominator is added over firms but not its numerator would be too low, and the other way round too high."""
    summed = summed_over_operators()
    uneven = [
        indicator.code
        for indicator in catalogue.indicators()
        if indicator.denominator
        and catalogue.variable(indicator.denominator).source == "operator"
        and (indicator.numerator in summed) != (indicator.denominator in summed)
        and catalogue.variable(indicator.numerator).source == "operator"
    ]
    assert uneven == []
