"""The invented province's figures: they pass the checks, one quarter is approved and computed, one is under way."""

from __future__ import annotations

import pytest

from hatangso.indicators.checks import check_figures
from hatangso_web.areas.models import Area
from hatangso_web.demo.figures import figures_of
from hatangso_web.demo.load import load_demo
from hatangso_web.demo.province import make_province
from hatangso_web.indicators.models import Figure, Round, Submission, VillageRecord


def test_invented_figures_pass_the_checks() -> None:
    province = make_province(size=12)
    for commune in province.communes:
        for quarter in (0, 1):
            figures = figures_of(commune, quarter=quarter, seed=province.seed)
            assert [
                problem.sentence for problem in check_figures(figures) if problem.severity == "error"
            ] == []


@pytest.mark.django_db
def test_demo_holds_an_approved_quarter_and_one_under_way() -> None:
    load_demo(size=6)
    load_demo(size=6)
    first, second = Round.objects.filter(owing="areas").order_by("period")
    assert set(first.submissions.values_list("state", flat=True)) == {"approved"}
    assert set(second.submissions.values_list("state", flat=True)) == {"draft", "submitted"}
    root = Area.objects.get(code="VD")
    assert Figure.objects.filter(area=root, value__isnull=False).count() >= 8
    assert Submission.objects.count() == 6 + 6 + 3
    assert VillageRecord.objects.filter(confirmed_at=None).count() == 2
