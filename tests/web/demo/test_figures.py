"""The invented province's figures: they pass the checks, four quarters are approved and computed, one is under way."""

from __future__ import annotations

import pytest

from hatangso.indicators.checks import check_figures
from hatangso_web.areas.models import Area, Boundary, Change
from hatangso_web.demo.figures import LAST_PERIOD, PERIODS, figures_of
from hatangso_web.demo.former import CHANGED_ON
from hatangso_web.demo.load import load_demo
from hatangso_web.demo.province import make_province
from hatangso_web.indicators.models import Figure, Round, Submission, VillageRecord

SIZE = 12


def test_invented_figures_pass_the_checks() -> None:
    province = make_province(size=12)
    for commune in province.communes:
        for quarter in range(-3, 2):
            figures = figures_of(commune, quarter=quarter, seed=province.seed)
            assert [
                problem.sentence for problem in check_figures(figures) if problem.severity == "error"
            ] == []


@pytest.mark.django_db
def test_demo_holds_approved_quarters_and_one_under_way(demo: object) -> None:
    load_demo(size=SIZE)  # a second time
    *done, running = Round.objects.filter(owing="areas").order_by("period")
    assert [round_.period for round_ in done] == list(PERIODS)
    for round_ in done:
        assert set(round_.submissions.values_list("state", flat=True)) == {"approved"}
    assert set(running.submissions.values_list("state", flat=True)) == {"draft", "submitted"}
    root = Area.objects.get(code="VD")
    assert Figure.objects.filter(area=root, period=LAST_PERIOD, value__isnull=False).count() >= 8
    assert Submission.objects.count() == 5 * SIZE + 3
    assert VillageRecord.objects.filter(confirmed_at=None).count() == 2


@pytest.mark.django_db
def test_borders_of_today_and_of_before_the_change_are_written_and_the_change_is_known(demo: object) -> None:
    load_demo(size=SIZE)  # a second time
    today = Boundary.objects.filter(version__valid_until=None, version__level="commune")
    assert today.count() == SIZE
    assert Boundary.objects.filter(version__valid_until=CHANGED_ON).count() == 3
    assert sorted(Change.objects.values_list("kind", flat=True)) == ["merge", "merge", "split", "split"]
    assert sum(Change.objects.filter(kind="split").values_list("population_share", flat=True)) == 1
    before = Figure.objects.filter(period="2025Q4", indicator="MOB-02", area__level="commune")
    assert set(before.filter(area__code__startswith="VD9").values_list("area__code", flat=True)) == {
        "VD9001", "VD9002", "VD9003",
    }  # fmt: skip
    assert before.count() == SIZE  # three old ones instead of three that began with the change
