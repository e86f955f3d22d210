"""Sentences of plans and how they are read: the tables ``indicator_phrasings.yml`` and ``readings.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hatangso import catalogue
from hatangso.plans.deadlines import heading_year
from hatangso.plans.matching import find_terms, indicator_codes, match_terms
from hatangso.plans.statements import Context, Statement, read_statements

_HERE = Path(__file__).parent
_PHRASINGS: dict[str, list[str]] = yaml.safe_load(
    (_HERE / "indicator_phrasings.yml").read_text(encoding="utf-8")
)
_READINGS: list[dict[str, Any]] = yaml.safe_load((_HERE / "readings.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", sorted(_PHRASINGS))
def test_each_indicator_is_recognised_in_the_words_of_different_offices(code: str) -> None:
    assert len(_PHRASINGS[code]) >= 2
    for sentence in _PHRASINGS[code]:
        if sentence.startswith("EVENT: "):
            match = match_terms(find_terms(sentence.removeprefix("EVENT: ")), kind="event", unit="")
            assert match is not None and match.code == code, sentence
        else:
            assert [statement.indicator for statement in read_statements(sentence)] == [code], sentence


def test_the_word_list_knows_exactly_the_indicators_of_the_catalogue() -> None:
    listed = {indicator.code for indicator in catalogue.indicators()}

    assert set(indicator_codes()) == listed
    assert set(_PHRASINGS) == listed


@pytest.mark.parametrize("row", _READINGS, ids=lambda row: row["says"][:50])
def test_sentence_is_read_as_written_and_not_as_it_tempts(row: dict[str, Any]) -> None:
    headings = tuple(row.get("headings", ()))
    deadline = next((found for found in map(heading_year, headings) if found), None)

    found = read_statements(row["says"], Context(headings=headings, deadline=deadline))

    assert [_reading(statement) for statement in found] == [tuple(each) for each in row["reads"]]
    assert all(_reading(statement)[: len(row["wrong"])] != tuple(row["wrong"]) for statement in found)
    if not found:
        return
    first = found[0]
    assert set(row.get("conditions", ())) <= set(first.conditions)
    assert set(row.get("warnings", ())) <= set(first.warnings)
    assert first.baseline == row.get("baseline")
    assert first.maintain == row.get("maintain", False)
    if "due" in row:
        assert first.due == row["due"]


def _reading(statement: Statement) -> tuple[object, ...]:
    return statement.indicator, statement.comparator, statement.value, statement.unit, statement.year
