"""The demo's speed campaigns: every page of the measurements part has something to show."""

import pytest

from hatangso_web.accounts.models import User
from hatangso_web.demo import load
from hatangso_web.demo.province import make_province
from hatangso_web.demo.speed_samples import WAVES, load_speed_campaigns, make_samples
from hatangso_web.indicators.actions.measured import period_of_campaign
from hatangso_web.measurements.models import Campaign, DeclaredSpeed, MeasurementFigure
from hatangso_web.measurements.queries import bad_areas, bad_spots, last_run, results_of, tools_of_area

pytestmark = pytest.mark.django_db


def test_trend_people_declared_speeds_and_a_second_tool_can_be_seen(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    province = make_province(size=3)
    root = load._enter_areas(province)
    load._enter_people(province, root)
    specialist = User.objects.get(username="chuyenvien")
    load_speed_campaigns(province, root, by=specialist)
    last = Campaign.objects.get(name=WAVES[-1].name)
    run = last_run(last)
    results = results_of(run, root)
    assert all(result.promises for result in results if not result.is_all)
    assert all(result.trend for result in results if not result.is_all and result.technology == "4G")
    listed = bad_areas(run)
    assert listed and all(row["people"] for row in listed)
    spots = bad_spots(run)
    assert spots.height and spots["name"].null_count() < spots.height
    assert spots["name"].drop_nulls().str.contains(r" \((xã|phường) ").all(), (
        "villages of one name are told apart"
    )
    assert MeasurementFigure.objects.get(indicator="SPD-08", run=run).denominator > 0
    assert sorted(campaign.tool for campaign, _run in tools_of_area(specialist, root)) == [
        "hatangso",
        "i-Speed",
    ]
    assert period_of_campaign(run) == "2026Q3", "what was measured can be recorded for a quarter"
    assert all("hư cấu" in name for name in Campaign.objects.values_list("name", flat=True))
    assert all("hư cấu" in package for package in DeclaredSpeed.objects.values_list("package", flat=True))


def test_the_same_seed_gives_the_same_tests():
    province = make_province(size=2)
    assert make_samples(province, WAVES[0]).equals(make_samples(province, WAVES[0]))
    assert make_samples(province, WAVES[0]).height == 2 * WAVES[0].tests_per_commune
