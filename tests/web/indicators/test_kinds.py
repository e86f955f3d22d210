"""Declared, measured, modelled: one kind counts, all are shown side by side, a speed campaign gives measured values."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.measured import measured_figures, record_measured
from hatangso_web.indicators.actions.review import approve
from hatangso_web.indicators.computing import compute_period
from hatangso_web.indicators.models import Figure, Submission, Value
from hatangso_web.indicators.queries.beside import beside, kinds_that_count
from hatangso_web.indicators.queries.totals import counted
from hatangso_web.measurements.models import Campaign, CampaignRun, MeasurementFigure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_now")]
PERIOD = "2026Q3"
INDICATOR = "MOB-03"  # people covered by 4G of people


def _value(area: Area, variable: str, value: float, by: User, kind: str = "declared") -> Value:
    return Value.objects.create(
        area=area, variable=variable, period=PERIOD, value=value, kind=kind, source="thử", by=by, at=timezone.now()
    )  # fmt: skip


@pytest.fixture
def values(places: Any, specialist: User) -> dict[str, Value]:
    """Return declared people and coverage of one commune, modelled coverage of both."""
    return {
        "people": _value(places.commune, "people", 1000, specialist),
        "other": _value(places.other_commune, "people", 500, specialist),
        "declared": _value(places.commune, "people_covered_by_4g", 900, specialist),
        "modelled": _value(places.commune, "people_covered_by_4g", 700, specialist, "modelled"),
        "gap": _value(places.other_commune, "people_covered_by_4g", 400, specialist, "modelled"),
    }


def test_modelled_never_fills_the_gaps_of_declared(values: dict[str, Value], places: Any) -> None:
    compute_period(places.province, PERIOD)
    figure = Figure.objects.get(area=places.province, indicator=INDICATOR)
    assert (figure.numerator, figure.denominator, figure.value) == (900, 1000, 90)  # not (900 + 400) / 1500
    assert "tử số không cộng 1 địa bàn chỉ có số mô phỏng" in figure.note


def test_what_is_only_modelled_counts_and_says_so(places: Any, specialist: User) -> None:
    _value(places.commune, "people", 1000, specialist)
    _value(places.commune, "people_covered_by_4g", 700, specialist, "modelled")
    compute_period(places.province, PERIOD)
    figure = Figure.objects.get(area=places.province, indicator=INDICATOR)
    assert (figure.value, figure.note) == (70, "tử số là số mô phỏng")


def test_measured_goes_first_for_what_is_measured() -> None:
    rows = [("99001", "samples_4g", 10.0, None, "declared"), ("99001", "samples_4g", 8.0, None, "measured")]
    assert counted(rows).rows == [("99001", "samples_4g", 8.0, None)]
    note = counted(rows).note_of(next(each for each in catalogue.indicators() if each.code == "SPD-04"))
    assert note == "mẫu số là số đo đạc"


def test_the_kinds_stand_side_by_side_with_a_way_to_dispute(
    values: dict[str, Value], places: Any, specialist: User, client_of: Callable[[User], Client], clerk: User
) -> None:
    shown = beside(specialist, values["modelled"])
    assert [(each.value.kind, each.counts, each.difference, each.differs) for each in shown] == [
        ("declared", True, "", False),
        ("modelled", False, "-200 (-22,2 %)", True),
    ]
    assert beside(specialist, values["gap"]) == []
    assert kinds_that_count(places.province, PERIOD, ["people_covered_by_4g"]) == {
        "people_covered_by_4g": "declared"
    }
    compute_period(places.province, PERIOD)
    page = client_of(clerk).get(reverse("indicators:value", args=[values["declared"].pk])).content.decode()
    assert "Lệch nhiều" in page and "kê khai, đo đạc, mô phỏng" in page and 'href="#phan-anh"' in page
    address = reverse("indicators:parts", args=[INDICATOR])
    parts = (
        client_of(specialist).get(f"{address}?dia-ban={places.province.code}&ky={PERIOD}").content.decode()
    )
    assert parts.count("không cộng)") == 2 and "lệch -200" in parts


def test_a_declared_value_is_relied_on_by_its_company_and_its_warnings(
    submission: Submission, clerk: User, specialist: User, places: Any
) -> None:
    for variable, value in (("villages", 10), ("villages_with_4g", 2)):
        _value(places.commune, variable, value, specialist, "modelled")
    figures = {"villages": "10", "villages_with_4g": "9", "villages_without_signal": "1"}
    written = {(submission.area_id, code): (value, "") for code, value in figures.items()}
    save_cells(submission=submission, written=written, by=clerk)
    submit(submission=submission, revision=0, by=clerk)
    approve(submission=submission, revision=1, by=specialist)
    found = dict(Value.objects.filter(kind="declared").values_list("variable", "confidence"))
    assert found == {"villages": "high", "villages_with_4g": "low", "villages_without_signal": "medium"}


@pytest.fixture
def run(places: Any, specialist: User) -> CampaignRun:
    """Return the run of a campaign with 400 tests of 4G in the clerk's commune, 300 of them at the floor."""
    campaign = Campaign.objects.create(
        name="Đo tháng 8", area=places.province, starts_on=datetime.date(2026, 8, 1), ends_on=datetime.date(2026, 8, 31),
        tool="i-Speed", method="người dân tự đo", floor_mbps=40, share=0.8, created_by=specialist, created_at=timezone.now(),
    )  # fmt: skip
    made = CampaignRun.objects.create(
        campaign=campaign, number=1, digest="d", engine_version="1", made_at=timezone.now()
    )
    common = {"run": made, "period": campaign.period}
    for area in (
        places.commune,
        places.province,
    ):  # the province's own is added up when computing, not recorded
        MeasurementFigure.objects.create(**common, area=area, indicator="SPD-12", value=450)
        MeasurementFigure.objects.create(
            **common, area=area, indicator="SPD-04", numerator=300, denominator=400
        )
        MeasurementFigure.objects.create(**common, area=area, indicator="SPD-01", value=55)
    return made


def test_a_campaign_gives_counts_once_and_no_median(run: CampaignRun, places: Any, specialist: User) -> None:
    assert record_measured(run=run, by=specialist) == 3
    assert record_measured(run=run, by=specialist) == 0
    found = {value.variable: (value.value, value.kind, value.confidence) for value in Value.objects.all()}
    assert found == {
        "speed_samples": (450, "measured", "high"),
        "samples_4g": (400, "measured", "high"),
        "samples_4g_at_floor": (300, "measured", "high"),
    }
    value = Value.objects.get(variable="samples_4g")
    assert (value.area, value.speed_run, value.source) == (
        places.commune,
        run,
        "Đợt đo “Đo tháng 8” (i-Speed)",
    )
    compute_period(places.province, PERIOD)
    figure = Figure.objects.get(area=places.province, indicator="SPD-04")
    assert figure.value == 75 and figure.note == "tử số là số đo đạc; mẫu số là số đo đạc"
    later = CampaignRun.objects.create(
        campaign=run.campaign, number=2, digest="e", engine_version="1", made_at=timezone.now()
    )
    MeasurementFigure.objects.create(
        run=later, period="x", area=places.commune, indicator="SPD-12", value=500
    )
    assert record_measured(run=later, by=specialist) == 1
    assert Value.objects.get(variable="speed_samples", superseded_by=None).value == 500


def test_a_campaign_over_two_quarters_belongs_to_neither(
    run: CampaignRun, specialist: User, clerk: User
) -> None:
    with pytest.raises(PermissionDenied):
        record_measured(run=run, by=clerk)
    run.campaign.ends_on = datetime.date(2026, 10, 2)
    with pytest.raises(InputError, match="qua hai quý"):
        record_measured(run=run, by=specialist)


def test_in_the_browser_from_the_campaign_to_the_values(
    run: CampaignRun, specialist: User, clerk: User, client_of: Callable[[User], Client]
) -> None:
    address = reverse("indicators:speed_values", args=[run.campaign_id])
    client = client_of(specialist)
    assert len(measured_figures(run)) == 3 and "Xã Ea Mới" in client.get(address).content.decode()
    done = client.post(address, follow=True).content.decode()
    assert "Đã ghi 3 số liệu đo đạc" in done and Value.objects.count() == 3
    assert client_of(clerk).post(address).status_code == 403
