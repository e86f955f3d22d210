"""Runs made again: the base year finished late, a file withdrawn, a campaign closed; what was recorded stays."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from hatangso.errors import InputError
from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.measurements.actions import (
    close_campaign,
    commit,
    hand_in,
    reopen_campaign,
    withdraw,
)
from hatangso_web.measurements.jobs import recount
from hatangso_web.measurements.models import Campaign, CampaignRun, FileState, MeasurementFigure, SampleFile
from hatangso_web.measurements.queries import bad_areas, children_of, last_run, results_of
from tests.web.measurements.conftest import csv_of, rows, work

pytestmark = pytest.mark.django_db
BringIn = Callable[[Campaign, list[dict[str, Any]]], SampleFile]
BASE_DAYS = {"starts_on": datetime.date(2024, 3, 1), "ends_on": datetime.date(2024, 3, 31)}
IN_BASE_YEAR = datetime.date(2024, 3, 4)


def against(campaign: Campaign) -> list[tuple[int, float]]:
    """Return run number and SPD-08 of every run of a campaign that has it."""
    found = MeasurementFigure.objects.filter(indicator="SPD-08", run__campaign=campaign).order_by(
        "run__number"
    )
    return [(each.run.number, round(each.numerator / each.denominator, 2)) for each in found]


def counted(campaign: Campaign) -> list[float]:
    """Return how many tests counted in each run, oldest first."""
    found = MeasurementFigure.objects.filter(indicator="SPD-12", run__campaign=campaign, area=campaign.area)
    return list(found.order_by("run__number").values_list("value", flat=True))


def test_a_base_year_finished_later_makes_the_figures_that_lean_on_it_again(
    new_campaign: Callable[..., Campaign], bring_in: BringIn
) -> None:
    now, base = new_campaign(), new_campaign(name="Năm gốc", **BASE_DAYS)
    bring_in(now, rows(40, 60.0))
    assert against(now) == []
    bring_in(base, rows(40, 30.0, day=IN_BASE_YEAR))
    assert against(now) == [(2, 2.0)]
    first, second = now.runs.order_by("number")
    assert (second.digest, second.inputs) == (first.digest, first.inputs)
    assert second.parameters["against_run"] == base.runs.get().pk
    assert counted(now) == [40, 40], "the run before keeps its figures, the new one has all of them"
    event = AuditEvent.objects.get(event="measurements.run_made_again")
    assert (event.about_key, event.details["before"], round(event.details["after"], 1)) == (
        str(now.pk),
        None,
        30.0,
    )
    assert event.by_name.endswith("(specialist)")


def test_more_tests_in_the_base_year_change_it_again_and_what_is_the_same_stays(
    new_campaign: Callable[..., Campaign], bring_in: BringIn
) -> None:
    base, now = new_campaign(name="Năm gốc", **BASE_DAYS), new_campaign()
    other_tool = new_campaign(name="Khác", tool="NDT7")
    bring_in(base, rows(40, 30.0, day=IN_BASE_YEAR))
    bring_in(now, rows(40, 60.0))
    bring_in(other_tool, rows(40, 60.0))
    assert against(now) == [(1, 2.0)]
    bring_in(base, rows(90, 20.0, day=IN_BASE_YEAR))
    assert against(now) == [(1, 2.0), (2, 3.0)]
    bring_in(base, rows(1, 20.0, day=datetime.date(2024, 3, 5)))
    assert now.runs.count() == 2, "the same figure is not written again"
    assert other_tool.runs.count() == 1


def test_a_later_campaign_of_the_base_year_takes_its_place_and_gives_it_back(
    new_campaign: Callable[..., Campaign], bring_in: BringIn, specialist: User
) -> None:
    base, now = new_campaign(name="Năm gốc", **BASE_DAYS), new_campaign()
    bring_in(base, rows(40, 30.0, day=IN_BASE_YEAR))
    bring_in(now, rows(40, 60.0))
    late = new_campaign(
        name="Cuối năm gốc", starts_on=datetime.date(2024, 12, 1), ends_on=datetime.date(2024, 12, 31)
    )
    file = bring_in(late, rows(40, 15.0, day=datetime.date(2024, 12, 4)))
    assert against(now)[-1] == (2, 4.0)
    withdraw(file, reason="Nhầm tệp", by=specialist)
    recount.call(late.pk, specialist.pk)
    assert against(now)[-1] == (3, 2.0)


def test_a_withdrawn_file_counts_no_more_and_nothing_is_lost(
    campaign: Campaign, bring_in: BringIn, specialist: User
) -> None:
    bring_in(campaign, rows(40, 50.0))
    wrong = bring_in(campaign, rows(30, 5.0))
    with pytest.raises(InputError, match="lý do"):
        withdraw(wrong, reason=" ", by=specialist)
    assert withdraw(wrong, reason="Tệp của tỉnh khác", by=specialist)
    assert not withdraw(wrong, reason="lần nữa", by=specialist)
    for _twice in range(2):
        recount.call(campaign.pk, specialist.pk)
    assert counted(campaign) == [40, 70, 40]
    wrong.refresh_from_db()
    assert wrong.state == FileState.WITHDRAWN
    assert (
        AuditEvent.objects.get(event="measurements.file_withdrawn").details["reason"] == "Tệp của tỉnh khác"
    )
    assert hand_in(campaign, csv_of(rows(30, 5.0)), by=specialist).file == wrong
    commit(wrong, by=specialist)
    assert work(wrong).state == FileState.COMMITTED
    assert counted(campaign)[-1] == 70


def test_the_only_file_can_be_withdrawn_and_its_samples_come_again_by_another(
    campaign: Campaign, bring_in: BringIn, specialist: User, places: Any
) -> None:
    file = bring_in(campaign, rows(40, 5.0))
    withdraw(file, reason="Nhầm", by=specialist)
    recount.call(campaign.pk, specialist.pk)
    run = last_run(campaign)
    assert run is not None and run.number == 2
    assert (results_of(run, places.province), children_of(run, places.province), bad_areas(run)) == (
        [],
        ([], []),
        [],
    )
    again = bring_in(campaign, rows(40, 5.0) + rows(2, 6.0))
    assert again.report["kept"] == 42, "a withdrawn file no longer makes its samples known"


def test_a_closed_campaign_takes_nothing_in_and_gives_nothing_out(
    campaign: Campaign, bring_in: BringIn, specialist: User, clerk: User
) -> None:
    file = bring_in(campaign, rows(40, 50.0))
    waiting = work(hand_in(campaign, csv_of(rows(3, 20.0)), by=specialist).file)
    with pytest.raises(InputError, match="còn 1 tệp chưa nhập xong"):
        close_campaign(campaign, by=specialist)
    commit(waiting, by=specialist)
    work(waiting)
    with pytest.raises(PermissionDenied):
        close_campaign(campaign, by=clerk)
    for _twice in range(2):
        close_campaign(campaign, by=specialist)
    campaign.refresh_from_db()
    assert campaign.closed_by == specialist
    for forbidden in (
        lambda: hand_in(campaign, csv_of(rows(9, 20.0)), by=specialist),
        lambda: withdraw(file, reason="x", by=specialist),
        lambda: commit(file, by=specialist),
    ):
        with pytest.raises(InputError, match="đã đóng ngày"):
            forbidden()
    reopen_campaign(campaign, by=specialist)
    campaign.refresh_from_db()
    assert withdraw(file, reason="x", by=specialist)
    events = AuditEvent.objects.filter(event__startswith="measurements.campaign_").order_by("pk")
    assert [event.event.split("_")[-1] for event in events] == ["added", "closed", "reopened"]


def test_figures_of_a_closed_campaign_still_follow_the_base_year(
    new_campaign: Callable[..., Campaign], bring_in: BringIn, specialist: User
) -> None:
    now, base = new_campaign(), new_campaign(name="Năm gốc", **BASE_DAYS)
    bring_in(now, rows(40, 60.0))
    close_campaign(now, by=specialist)
    bring_in(base, rows(40, 30.0, day=IN_BASE_YEAR))
    assert against(now) == [(2, 2.0)]
    assert CampaignRun.objects.filter(campaign=now).count() == 2


def test_a_figure_leads_to_its_run_and_from_there_to_the_file(
    campaign: Campaign, bring_in: BringIn, specialist: User, clerk: User, client_of: Callable[[User], Client]
) -> None:
    file = bring_in(campaign, rows(30, 50.0) + rows(10, 20.0))
    run = last_run(campaign)
    assert run is not None
    client = client_of(specialist)
    results = client.get(reverse("measurements:results", args=[campaign.pk, "99001"])).content.decode()
    address = reverse("measurements:run", args=[run.pk])
    assert f'href="{address}?dia-ban=99001"' in results
    page = client.get(address, {"dia-ban": "99001"}).content.decode()
    cells = [cell.strip() for cell in re.findall(r">([^<]*)<", page)]
    assert "SPD-04" in page and {"75,0%", "30", "40"} <= set(cells)
    assert reverse("measurements:file", args=[file.pk]) in page and file.sha256 in page
    of_the_clerk = client_of(clerk).get(address).content.decode()
    assert "so-do.csv" in of_the_clerk and reverse("measurements:file", args=[file.pk]) not in of_the_clerk


def test_the_run_held_against_the_base_year_leads_to_the_run_of_the_base_year(
    new_campaign: Callable[..., Campaign], bring_in: BringIn, specialist: User, stranger: User,
    client_of: Callable[[User], Client], django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    now, base = new_campaign(), new_campaign(name="Năm gốc", **BASE_DAYS)
    bring_in(now, rows(40, 60.0))
    bring_in(base, rows(40, 30.0, day=IN_BASE_YEAR))
    run = last_run(now)
    assert run is not None
    client = client_of(specialist)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("measurements:run", args=[run.pk])).content.decode()
    assert reverse("measurements:run", args=[base.runs.get().pk]) in page
    assert "Số của năm gốc đã thay đổi" in page and "2,00 lần" in page
    assert client_of(stranger).get(reverse("measurements:run", args=[run.pk])).status_code in {403, 404}


def test_results_show_the_worked_example_of_each_verdict(
    campaign: Campaign, bring_in: BringIn, specialist: User, client_of: Callable[[User], Client]
) -> None:
    bring_in(campaign, rows(60, 50.0) + rows(40, 20.0) + rows(10, 90.0, technology="5G"))
    page = (
        client_of(specialist)
        .get(reverse("measurements:results", args=[campaign.pk, "99001"]))
        .content.decode()
    )
    assert "n = 100 lần đo dùng được, y = 60 lần đạt từ 40 Mb/s: p = y / n = 60,0%" in page
    assert "100 máy cho hệ số thiết kế D = 1,00" in page
    assert "z = 1,96" in page and "= 50,2%–69,1%" in page  # Wilson for 60 of 100
    assert "Cận trên 69,1% thấp hơn mức yêu cầu 80%: không đạt" in page
    assert "Mới có 10 lần đo, đợt đo cần ít nhất 30" in page


def test_a_clerk_gets_no_link_to_places_she_may_not_open(
    campaign: Campaign, bring_in: BringIn, clerk: User, client_of: Callable[[User], Client]
) -> None:
    bring_in(campaign, rows(40, 20.0) + rows(40, 20.0, area_code="99002"))
    client = client_of(clerk)
    for name in ("campaign", "bad"):
        page = client.get(reverse(f"measurements:{name}", args=[campaign.pk])).content.decode()
        own, other = (
            reverse("measurements:results", args=[campaign.pk, code]) for code in ("99001", "99002")
        )
        assert own in page and other not in page
        assert client.get(own).status_code == 200


def test_closing_and_withdrawing_are_buttons_for_who_measures_only(
    campaign: Campaign, bring_in: BringIn, specialist: User, clerk: User, client_of: Callable[[User], Client]
) -> None:
    file = bring_in(campaign, rows(40, 50.0))
    close, withdrawal = (
        reverse("measurements:close", args=[campaign.pk]),
        reverse("measurements:withdraw", args=[file.pk]),
    )
    for address in (close, withdrawal):
        assert client_of(clerk).post(address, {"ly-do": "x"}).status_code in {403, 404}
    client = client_of(specialist)
    client.post(withdrawal, {"ly-do": ""})
    file.refresh_from_db()
    assert file.state == FileState.COMMITTED
    client.post(close, {"viec": "dong"})
    page = client.get(reverse("measurements:campaign", args=[campaign.pk])).content.decode()
    assert "Đã đóng" in page and "Mở lại đợt đo" in page and "Nhập số đo" not in page
    said = client.post(withdrawal, {"ly-do": "Nhầm"}, follow=True).content.decode()
    assert "đã đóng ngày" in said
    client.post(close, {"viec": "mo-lai"})
    said = client.post(withdrawal, {"ly-do": "Nhầm"}, follow=True).content.decode()
    assert "Đã rút tệp" in said and "Nhập lại vào đợt đo" in said


def test_the_page_of_an_indicator_shows_the_measured_figures_of_an_area_with_their_runs(
    new_campaign: Callable[..., Campaign],
    bring_in: BringIn,
    specialist: User,
    client_of: Callable[[User], Client],
) -> None:
    campaign, other = new_campaign(), new_campaign(name="Bằng NDT7", tool="NDT7")
    bring_in(campaign, rows(40, 50.0))
    bring_in(other, rows(40, 30.0))
    client = client_of(specialist)
    page = client.get(reverse("indicators:indicator", args=["SPD-01"]), {"dia-ban": "99001"}).content.decode()
    for each, value in ((campaign, "50,0"), (other, "30,0")):
        run = last_run(each)
        assert run is not None
        assert f"{reverse('measurements:run', args=[run.pk])}?dia-ban=99001" in page
        assert f"{value}" in page
    of_latency = client.get(
        reverse("indicators:indicator", args=["SPD-11"]), {"dia-ban": "99"}
    ).content.decode()
    assert "Đợt đo tháng 3</a>: độ trễ" in of_latency
    without = client.get(reverse("indicators:indicator", args=["MOB-04"]), {"dia-ban": "99"}).content.decode()
    assert "Số đo của các đợt" not in without
