"""Scores in the house style, by editions held as data."""

import pytest

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.indicators.scoring import Answer, compare_rounds, score, what_if


@pytest.fixture(scope="module")
def index():
    return next(edition for edition in catalogue.indexes() if edition.code == "DII-885")


def test_no_answers_leave_all_points_open(index):
    result = score(index, {})
    assert (result.points, result.open_points, result.total) == (0.0, 300.0, 300.0)


def test_rate_times_maximum(index):
    line = next(
        line for line in score(index, {"BROADBAND-1": Answer(85.0)}).lines if line.code == "BROADBAND-1"
    )
    assert line.points == pytest.approx(8.5)
    assert line.words == "85 % × 10 = 8,5 điểm."


def test_steps_of_the_number_of_meetings(index):
    points = [score(index, {"PLAN-3": Answer(float(meetings))}).points for meetings in (0, 1, 2, 3, 4, 9)]
    assert points == [0, 5, 10, 15, 20, 20]


def test_best_performer_needs_the_best(index):
    assert score(index, {"BROADBAND-3": Answer(15.0)}).points == 0.0
    assert score(index, {"BROADBAND-3": Answer(15.0, best=30.0)}).points == pytest.approx(5.0)
    assert score(index, {"BROADBAND-3": Answer(40.0, best=30.0)}).points == pytest.approx(10.0)


def test_reconstructed_editions_and_missing_evidence_are_said(index):
    notes = " ".join(score(index, {"PLAN-1": Answer(1.0)}).notes)
    assert "dựng lại" in notes
    assert "PLAN-1" in notes


def test_a_rate_above_100_is_refused(index):
    with pytest.raises(InputError, match="BROADBAND-1"):
        score(index, {"BROADBAND-1": Answer(120.0)})


def test_what_if_tells_what_each_change_brings(index):
    after, gains = what_if(index, {"BROADBAND-1": Answer(50.0)}, {"BROADBAND-1": 100.0, "PLAN-1": 1.0})
    assert after.points == pytest.approx(30.0)
    assert gains == [("PLAN-1", 20.0), ("BROADBAND-1", 5.0)]


def test_rounds_are_compared_line_by_line(index):
    first, second = score(index, {"PLAN-1": Answer(1.0)}), score(index, {"PLAN-1": Answer(0.0)})
    assert compare_rounds(first, second) == [("PLAN-1", 20.0, 0.0)]
