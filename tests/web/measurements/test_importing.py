"""From file to campaign: dry run first, every rejected test with its reason, nothing twice, tools never mixed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import polars as pl
import pytest
import shapely
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import AreaVersion, Boundary
from hatangso_web.measurements import downloads, importing
from hatangso_web.measurements.actions import choose_columns, commit, discard, hand_in
from hatangso_web.measurements.models import (
    Campaign,
    CampaignRun,
    ColumnMapping,
    FileKind,
    FileState,
    SampleFile,
)
from hatangso_web.measurements.storage import kept_path, rejected_path
from tests.web.measurements.conftest import csv_of, rows, work

pytestmark = pytest.mark.django_db


def checked(campaign: Campaign, samples: Any, by: User) -> SampleFile:
    upload = samples if isinstance(samples, ContentFile) else csv_of(samples)
    return work(hand_in(campaign, upload, by=by).file)


def test_dry_run_counts_what_is_kept_and_why_the_rest_is_not(campaign: Campaign, specialist: User) -> None:
    samples = rows(5, 50.0) + rows(2, 60.0, area_code="98") + rows(1, 70.0, area_code="khong-co")
    samples += [row | {"time": "2026-04-02 09:00:00"} for row in rows(1, 80.0)]
    samples += [row | {"time": "2026-03-02 23:30:00"} for row in rows(1, 90.0)]
    samples += [row | {"technology": "FTTH"} for row in rows(1, 95.0)]
    file = checked(campaign, samples, specialist)
    assert file.state == FileState.CHECKED
    assert (file.report["received"], file.report["kept"], file.report["areas"]) == (11, 5, 1)
    assert {code: count for code, _words, count in file.report["rejected"]} == {
        "no_area": 3, "outside_period": 1, "outside_hours": 1, "other_network": 1,
    }  # fmt: skip
    assert [fault["row"] for fault in file.report["faults"]] == [7, 8, 9, 10, 11, 12]
    rejected = pl.read_parquet(rejected_path(file))
    assert rejected.height == 6
    assert rejected["reason"].null_count() == 0


def test_nothing_counts_before_it_is_committed(campaign: Campaign, specialist: User) -> None:
    file = checked(campaign, rows(5, 50.0), specialist)
    assert not kept_path(file).exists()
    assert not CampaignRun.objects.exists()


def test_same_file_twice_changes_nothing(
    campaign: Campaign, specialist: User, bring_in: Callable[..., SampleFile]
) -> None:
    first = bring_in(campaign, rows(40, 50.0))
    again = hand_in(campaign, csv_of(rows(40, 50.0)), by=specialist)
    assert again.known and again.file == first
    commit(again.file, by=specialist)
    assert CampaignRun.objects.count() == 1


def test_a_test_that_an_earlier_file_brought_is_not_counted_again(
    campaign: Campaign, bring_in: Callable[..., SampleFile]
) -> None:
    bring_in(campaign, rows(40, 50.0))
    second = bring_in(campaign, rows(40, 50.0) + rows(10, 20.0))
    assert second.report["kept"] == 10
    assert ["known_before", 40] in [[code, count] for code, _words, count in second.report["rejected"]]
    run = campaign.runs.order_by("-number").first()
    assert run is not None and run.figures.get(area=campaign.area, indicator="SPD-12").value == 50


def test_a_file_without_unit_asks_for_it_and_is_remembered(
    new_campaign: Callable[..., Campaign], specialist: User
) -> None:
    def file_of(speed: int) -> ContentFile:
        lines = ["Thời gian đo,Mã xã,Nhà mạng,Tốc độ tải xuống"]
        lines += [f"2026-03-02 08:{minute:02}:00,99001,Sao Mai,{speed}" for minute in range(3)]
        return ContentFile("\n".join(lines).encode(), name="khong-don-vi.csv")

    file = checked(new_campaign(), file_of(50_000), specialist)
    assert file.state == FileState.MAPPING
    mapping = dict(file.mapping)
    assert mapping["Tốc độ tải xuống"] == "download_mbps"
    choose_columns(file, mapping=mapping, unit="", by=specialist)
    work(file)
    assert file.state == FileState.FAILED
    assert "chọn đơn vị tốc độ ở bước ghép cột" in file.failure and "--" not in file.failure
    choose_columns(file, mapping=mapping, unit="kb/s", by=specialist)
    work(file)
    assert file.state == FileState.CHECKED
    assert ColumnMapping.objects.get().unit == "kb/s"
    commit(file, by=specialist)
    work(file)
    assert pl.read_parquet(kept_path(file))["download_mbps"].to_list() == [50.0] * 3
    other = checked(new_campaign(name="Đợt khác"), file_of(60_000), specialist)
    assert other.state == FileState.CHECKED, "the unit was asked a second time"


def test_the_wrong_file_is_refused_with_a_sentence(campaign: Campaign, specialist: User) -> None:
    for name, content, words in (
        ("anh.png", b"\x89PNG", "không thuộc loại đọc được"),
        ("trong.csv", b"", "không có nội dung"),
    ):
        with pytest.raises(InputError, match=words):
            hand_in(campaign, ContentFile(content, name=name), by=specialist)
    assert not SampleFile.objects.exists()


def test_a_broken_file_is_told_by_its_own_name_and_can_be_dropped(
    campaign: Campaign, specialist: User
) -> None:
    for name, content in (
        ("hong.parquet", b"khong phai parquet"),
        ("hong.zip", b"PK"),
        ("anh.csv", b"\x89PNG\x00"),
    ):
        file = checked(campaign, ContentFile(content, name=name), specialist)
        assert file.state == FileState.FAILED
        assert name in file.failure and file.sha256 not in file.failure
        assert discard(file, by=specialist)


def test_a_file_too_large_is_refused_with_what_to_do(
    campaign: Campaign, specialist: User, settings: Any
) -> None:
    settings.SPEED_FILE_LIMIT_BYTES = 100
    with pytest.raises(InputError, match=r"Nén tệp thành \.zip"):
        hand_in(campaign, csv_of(rows(5, 50.0)), by=specialist)


def test_a_packed_file_is_the_same_tests(campaign: Campaign, specialist: User) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("Xuất i-Speed/số đo.csv", csv_of(rows(4, 50.0)).read())
    file = checked(campaign, ContentFile(content.getvalue(), name="số đo.zip"), specialist)
    assert (file.state, file.report["kept"]) == (FileState.CHECKED, 4), file.failure


def test_reading_is_left_to_the_worker_and_tells_how_far_it_is(
    campaign: Campaign, specialist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    file = hand_in(campaign, csv_of(rows(4, 50.0)), by=specialist).file
    assert (file.state, file.headers) == (FileState.WAITING, [])
    select = importing.select_valid

    def look(*given: Any, **more: Any) -> Any:
        heard.append(SampleFile.objects.get(pk=file.pk).progress)
        return select(*given, **more)

    monkeypatch.setattr(importing, "select_valid", look)
    assert work(file).state == FileState.CHECKED
    assert heard == [50]
    assert file.progress == 0


def test_a_row_with_a_cell_that_cannot_be_read_is_rejected_with_its_reason_and_the_rest_kept(
    campaign: Campaign, specialist: User
) -> None:
    good = rows(6, 50.0)
    wrong = [
        good[1] | {"download_mbps": "nhanh"},
        good[2] | {"time": "hôm qua"},
        good[3] | {"technology": "6G", "latency_ms": "?"},
    ]
    file = checked(campaign, [good[0], *wrong, *good[4:]], specialist)
    assert file.state == FileState.CHECKED, file.failure
    assert (file.report["received"], file.report["kept"]) == (6, 3)
    assert file.report["rejected"] == [["unreadable", "Có ô không đọc được", 3]]
    shown = {fault["row"]: fault["reason"] for fault in file.report["faults"]}
    assert sorted(shown) == [3, 4, 5]
    assert "'nhanh' không phải là số" in shown[3]
    assert "'hôm qua'" in shown[4] and "Thời điểm đo" in shown[4]
    assert "'6G'" in shown[5]
    commit(file, by=specialist)
    assert work(file).state == FileState.COMMITTED
    assert pl.read_parquet(kept_path(file))["row"].to_list() == [2, 6, 7]


def test_every_rejected_row_can_be_taken_away_however_many(
    campaign: Campaign, specialist: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = checked(campaign, rows(2, 50.0) + rows(5, 60.0, area_code="98", operator="=1+1"), specialist)
    address = reverse("measurements:rejected", args=[file.pk])
    client = client_of(specialist)
    assert openpyxl.load_workbook(io.BytesIO(client.get(address).content)).active.max_row == 6 + 5
    monkeypatch.setattr(downloads, "MOST_ROWS", 3)
    taken = pl.read_csv(client.get(address).content)
    assert (taken.height, taken["operator"].unique().to_list()) == (5, ["'=1+1"])
    assert taken["reason"].null_count() == 0


def test_a_file_that_tells_of_another_tool_is_refused(campaign: Campaign, specialist: User) -> None:
    own = [row | {"Công cụ đo": "i-Speed 4.2"} for row in rows(4, 50.0)]
    assert checked(campaign, own, specialist).report["kept"] == 4
    file = checked(campaign, own + [row | {"Công cụ đo": "NDT7"} for row in rows(3, 20.0)], specialist)
    assert file.state == FileState.FAILED
    assert "NDT7" in file.failure and "không gộp được" in file.failure


def test_moments_with_a_zone_are_taken_to_the_clock_of_the_office(
    campaign: Campaign, specialist: User
) -> None:
    late = [row | {"time": "2026-03-31T16:30:00Z"} for row in rows(1, 50.0)]  # 23:30 in Viet Nam
    early = [row | {"time": "2026-02-28T23:30:00+00:00"} for row in rows(1, 60.0)]  # 06:30 on 1 March
    frame = pl.DataFrame([*late, *early]).with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
    content = io.BytesIO()
    frame.write_parquet(content)
    file = checked(campaign, ContentFile(content.getvalue(), name="gio-quoc-te.parquet"), specialist)
    assert file.report["kept"] == 1, file.report
    assert [code for code, _words, _count in file.report["rejected"]] == ["outside_hours"]


def test_tiles_are_context_and_never_a_figure(campaign: Campaign, specialist: User) -> None:
    tiles = "quadkey,avg_d_kbps,avg_u_kbps,avg_lat_ms,tests,devices\n1322313112220221,80000,40000,20,10,3\n1322313112220222,20000,10000,40,30,4\n"
    file = checked(campaign, ContentFile(tiles.encode(), name="ookla.csv"), specialist)
    assert (file.kind, file.state) == (FileKind.TILES, FileState.CHECKED)
    assert file.report["download_mbps"] == 35.0  # (80 × 10 + 20 × 30) / 40
    assert file.report["unplaced"], "no borders are loaded"
    commit(file, by=specialist)
    work(file)
    assert file.state == FileState.COMMITTED
    assert not CampaignRun.objects.exists()


def test_tiles_of_another_place_say_so_and_are_not_taken(
    campaign: Campaign, specialist: User, places: Any, client_of: Callable[[User], Client]
) -> None:
    outline = shapely.box(107, 12, 108, 13)
    version = AreaVersion.objects.get(area=places.commune)
    Boundary.objects.create(version=version, full=shapely.to_wkb(outline), simple=shapely.to_wkb(outline))
    tiles = "quadkey,avg_d_kbps,avg_u_kbps,avg_lat_ms,tests,devices\n133,80000,40000,20,10,3\n"
    file = checked(campaign, ContentFile(tiles.encode(), name="ookla.csv"), specialist)
    assert (file.report["kept"], file.report["unplaced"]) == (0, False)
    page = client_of(specialist).get(reverse("measurements:file", args=[file.pk])).content.decode()
    assert "Không ô nào của tệp nằm trong địa bàn" in page and "để tham khảo</button>" not in page


def test_only_an_uncommitted_file_can_be_dropped(
    campaign: Campaign,
    specialist: User,
    bring_in: Callable[..., SampleFile],
    django_capture_on_commit_callbacks: Any,
) -> None:
    file = checked(campaign, rows(3, 50.0), specialist)
    path = file.file.path
    with django_capture_on_commit_callbacks(execute=True):
        assert discard(file, by=specialist)
    assert not SampleFile.objects.exists()
    with pytest.raises(FileNotFoundError):
        open(path)  # noqa: PTH123, SIM115
    committed = bring_in(campaign, rows(3, 50.0))
    assert not discard(committed, by=specialist)


def test_a_clerk_without_the_right_hands_nothing_in(campaign: Campaign, clerk: User) -> None:
    with pytest.raises(PermissionDenied):
        hand_in(campaign, csv_of(rows(3, 50.0)), by=clerk)


@pytest.mark.shared
def test_real_ookla_tiles_come_in_as_context(
    campaign: Campaign, specialist: User, shared: Callable[[str], Any]
) -> None:
    path = shared("data/speed/ookla/mobile_cnmi_2022Q1.geojson.gz")
    file = checked(campaign, ContentFile(path.read_bytes(), name=path.name), specialist)
    assert (file.kind, file.state) == (FileKind.TILES, FileState.CHECKED), file.failure
    assert file.report["tests"] > 0
