"""Tables that come in: read, mapped once, tried, recorded into drafts or for approval, never twice, never silently."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hatangso.errors import InputError
from hatangso_web.accounts.models import AuditEvent, Organisation, OrganisationKind, User
from hatangso_web.indicators.actions.imports import (
    Confirmation,
    approve_table,
    choose_columns,
    confirm_table,
    discard_table,
    hand_over,
    refuse_table,
    withdraw_table,
)
from hatangso_web.indicators.importing import try_table
from hatangso_web.indicators.models import (
    ColumnMemory,
    Figure,
    ImportedFigure,
    ImportState,
    Submission,
    TableImport,
    Value,
)
from hatangso_web.indicators.queries.imports import imports_visible_to
from hatangso_web.indicators.steps import StaleSubmissionError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_now")]
STATIONS = "Xã,Tên nhà trạm,Loại\nEa Mới,T1,2G/4G\nEa Mới,T2,4G\nĐồng Ân,T3,4G+5G\nTổng cộng,3,\n"
MAPPING = {"Xã": "area_name", "Tên nhà trạm": "station_id", "Loại": "technology"}
PEOPLE = "Mã xã,Dân số,Số hộ\n99001,1000,250\n99002,2000,500\n"


def _table(area: Any, kind: str = "population", **fields: Any) -> TableImport:
    return TableImport(area=area, table_kind=kind, period="2026Q3", **fields)


def _hand(table: TableImport, content: str | bytes, by: User, name: str = "bang.csv") -> TableImport:
    packed = content.encode() if isinstance(content, str) else content
    return hand_over(table, ContentFile(packed, name=name), by=by).table


@pytest.fixture
def people(places: Any, specialist: User) -> TableImport:
    """Return a table of people whose columns were chosen."""
    table = _hand(_table(places.province), PEOPLE, specialist)
    choose_columns(
        table, mapping={"Mã xã": "area_code", "Dân số": "people", "Số hộ": "households"}, by=specialist
    )
    return table


def test_a_firms_list_goes_into_its_open_draft_and_is_asked_once(
    firm_round: Submission, firm: Organisation, firm_clerk: User, places: Any
) -> None:
    first = _hand(_table(places.province, "stations", operator=firm), STATIONS, firm_clerk)
    assert first.state == ImportState.MAPPING and first.mapping["Xã"] == "area_name"
    choose_columns(first, mapping=MAPPING, by=firm_clerk)
    tried = try_table(first, by=firm_clerk)
    assert (tried.errors, tried.read, tried.left_out) == (0, 4, 1)
    assert {each.draft for each in tried.figures if each.variable.code == "stations"} == {firm_round}
    confirm_table(first, said=Confirmation(), by=firm_clerk)
    cells = {(cell.area.code, cell.variable): cell.value for cell in firm_round.cells.select_related("area")}
    assert cells == {
        ("99001", "stations"): 3, ("99001", "stations_4g"): 2, ("99002", "stations"): 2, ("99002", "stations_4g"): 1,
    }  # fmt: skip
    first.refresh_from_db()
    # What no round asks for waits for the level above; nothing is a value yet.
    assert first.state == ImportState.WAITING and not Value.objects.exists()
    assert set(ImportedFigure.objects.filter(submission=None).values_list("variable", flat=True)) == {
        "stations_2g", "stations_3g", "stations_5g",
    }  # fmt: skip
    again = _hand(
        _table(places.province, "stations", operator=firm), STATIONS.replace("T2", "T9"), firm_clerk
    )
    assert again.state == ImportState.CHECKED and again.mapping == MAPPING  # remembered: no question


def test_the_same_file_twice_changes_nothing(people: TableImport, specialist: User, places: Any) -> None:
    confirm_table(people, said=Confirmation(), by=specialist)
    handed = hand_over(
        _table(places.province), ContentFile(PEOPLE.encode(), name="khac-ten.csv"), by=specialist
    )
    assert (handed.known, handed.table.pk) == (True, people.pk)
    with pytest.raises(StaleSubmissionError):
        confirm_table(people, said=Confirmation(), by=specialist)
    assert (TableImport.objects.count(), ImportedFigure.objects.count()) == (1, 4)


def test_values_need_another_person_and_a_correction_supersedes(
    people: TableImport, specialist: User, second_specialist: User, clerk: User, places: Any
) -> None:
    confirm_table(people, said=Confirmation(), by=specialist)
    people.refresh_from_db()
    for nobody in (specialist, clerk):
        with pytest.raises(PermissionDenied):
            approve_table(people, by=nobody)
    assert approve_table(people, by=second_specialist) == 4
    value = Value.objects.get(area=places.commune, variable="people")
    assert (value.value, value.kind, value.confidence, value.table_import) == (
        1000,
        "declared",
        "medium",
        people,
    )
    assert value.source == "Bảng “bang.csv”: Dân số, số hộ theo xã" and value.by == second_specialist
    assert not Figure.objects.filter(run__is_current=False).exists()
    with pytest.raises(StaleSubmissionError):
        approve_table(people, by=second_specialist)

    mended = _hand(_table(places.province), PEOPLE.replace("1000", "1100"), specialist)
    confirm_table(
        mended, said=Confirmation(confidence="high", reason="Đối chiếu với công an xã"), by=specialist
    )
    mended.refresh_from_db()
    approve_table(mended, by=second_specialist)
    assert Value.objects.get(supersedes=value).value == 1100
    assert Value.objects.get(supersedes=value).confidence == "high"
    withdraw_table(mended, by=second_specialist, note="Nhầm năm")
    assert not Value.objects.filter(superseded_by=None, table_import=mended, value__isnull=False).exists()
    events = AuditEvent.objects.filter(about_type="indicators.tableimport").values_list("event", flat=True)
    assert {"indicators.table_received", "indicators.table_approved", "indicators.table_withdrawn"} <= set(
        events
    )


def test_confidence_against_the_rule_wants_a_reason(people: TableImport, specialist: User) -> None:
    with pytest.raises(InputError, match="chưa ghi lý do"):
        confirm_table(people, said=Confirmation(confidence="low"), by=specialist)


def test_a_refused_table_says_why_and_may_come_again(
    people: TableImport, specialist: User, second_specialist: User, places: Any
) -> None:
    confirm_table(people, said=Confirmation(), by=specialist)
    people.refresh_from_db()
    with pytest.raises(InputError, match="lý do"):
        refuse_table(people, by=second_specialist, note=" ")
    refuse_table(people, by=second_specialist, note="Số năm 2024")
    assert not Value.objects.exists()
    assert _hand(_table(places.province), PEOPLE, specialist).pk != people.pk


def test_a_draft_that_holds_another_figure_is_not_written_over_unless_told(
    submission: Submission,
    people: TableImport,
    clerk: User,
    specialist: User,
    fill: Callable[..., Submission],
) -> None:
    fill(submission, clerk, send=False, people="900")
    tried = try_table(people, by=specialist)
    assert [each.area.code for each in tried.figures if each.clashes] == ["99001"]
    confirm_table(people, said=Confirmation(), by=specialist)
    assert submission.cells.get(variable="people").value == 900
    discard = TableImport.objects.get(pk=people.pk)
    with pytest.raises(StaleSubmissionError):
        discard_table(discard, by=specialist)


def test_a_report_already_sent_is_not_overtaken(
    submission: Submission,
    people: TableImport,
    clerk: User,
    specialist: User,
    fill: Callable[..., Submission],
) -> None:
    fill(submission, clerk, people="900", villages="10")
    tried = try_table(people, by=specialist)
    assert any("đã gửi" in problem.sentence for problem in tried.problems)
    with pytest.raises(InputError, match="cảnh báo"):
        confirm_table(people, said=Confirmation(overwrite=True), by=specialist)
    confirm_table(people, said=Confirmation(explanation="Xã gửi lại sau", overwrite=True), by=specialist)
    assert submission.cells.get(variable="people").value == 900


def test_measured_and_modelled_come_in_as_what_they_are(
    places: Any, specialist: User, second_specialist: User
) -> None:
    text = "area,technology,situation,people_served,people_served_low,people_served_high\n99001,4G,outdoor,900,600,1000\n"
    table = _table(places.province, "coverage_areas", value_kind="modelled")
    table = _hand(table, text, specialist)
    choose_columns(table, mapping=table.mapping, by=specialist)
    confirm_table(table, said=Confirmation(), by=specialist)
    table.refresh_from_db()
    approve_table(table, by=second_specialist)
    value = Value.objects.get()
    assert (value.variable, value.value, value.kind, value.confidence) == (
        "people_covered_by_4g", 900, "modelled", "low",
    )  # fmt: skip


def test_checks_stop_and_warnings_want_a_word(places: Any, specialist: User, second_specialist: User) -> None:
    text = "Mã xã,Dân số,Dân số đô thị\n99001,100,150\n"
    table = _hand(_table(places.province), text, specialist)
    choose_columns(table, mapping=table.mapping, by=specialist)
    tried = try_table(table, by=specialist)
    assert tried.errors == 1 and "150 > 100" in tried.problems[0].sentence
    before = _hand(_earlier(places), PEOPLE, specialist)
    choose_columns(before, mapping=before.mapping, by=specialist)
    confirm_table(before, said=Confirmation(), by=specialist)
    before.refresh_from_db()
    approve_table(before, by=second_specialist)
    doubled = _hand(_table(places.province), PEOPLE.replace("1000", "5000"), specialist)
    with pytest.raises(InputError, match="cảnh báo"):
        confirm_table(doubled, said=Confirmation(), by=specialist)
    confirm_table(doubled, said=Confirmation(explanation="Sáp nhập hai xã"), by=specialist)
    assert ImportedFigure.objects.get(
        table_import=doubled, variable="people", area=places.commune
    ).explanation


def _earlier(places: Any) -> TableImport:
    return TableImport(area=places.province, table_kind="population", period="2026Q2")


def test_firms_bring_and_see_only_their_own(
    people: TableImport, firm: Organisation, firm_clerk: User, places: Any, neighbour: User
) -> None:
    other = Organisation.objects.create(
        code="NM2", name="Viễn thông Hoàng Hôn", kind=OrganisationKind.OPERATOR, area=places.province
    )
    with pytest.raises(PermissionDenied):
        _hand(_table(places.province, "stations", operator=other), STATIONS, firm_clerk)
    with pytest.raises(PermissionDenied):
        _hand(_table(places.province), PEOPLE, firm_clerk)
    mine = _hand(_table(places.province, "stations", operator=firm), STATIONS, firm_clerk)
    assert list(imports_visible_to(firm_clerk)) == [mine]
    assert list(imports_visible_to(neighbour)) == []
    table = (
        STATIONS.replace("Loại", "Loại,Nhà mạng")
        .replace("4G\n", "4G,Hoàng Hôn\n")
        .replace("5G\n", "5G,Sao Mai\n")
    )
    mixed = _hand(_table(places.province, "stations", operator=firm), table, firm_clerk)
    choose_columns(mixed, mapping={**MAPPING, "Nhà mạng": "operator"}, by=firm_clerk)
    tried = try_table(mixed, by=firm_clerk)
    assert [problem.row for problem in tried.problems] == [2, 3]
    assert {each.area.code for each in tried.figures} == {"99002"}


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Bìa"
    page = book.create_sheet("Số liệu")
    page.append(["BÁO CÁO DÂN SỐ"])
    page.merge_cells("A1:D1")
    page.append([])
    page.append(["TT", "Xã, phường", "Dân số", "Số hộ"])
    page.append(["(1)", "(2)", "(3)", "(4)"])
    page.append([1, "=HYPERLINK(1)", "1.000", 250])
    page.append([2, "Phường Đồng Ân", "đông", "=D5*2"])
    page.append([None, "Tổng cộng", 3000, 750])
    page.append([None, "NGƯỜI LẬP BIỂU"])
    memory = BytesIO()
    book.save(memory)
    return memory.getvalue()


def test_a_workbook_with_a_title_merged_cells_and_formulas_is_read_and_marked(
    client_of: Callable[[User], Client], specialist: User, places: Any
) -> None:
    client = client_of(specialist)
    sent = SimpleUploadedFile("dan-so.xlsx", _workbook())
    form = {"file": sent, "kind": "population", "period": "quý III/2026", "area": places.province.pk}
    answer = client.post(reverse("indicators:imports"), form)
    table = TableImport.objects.get()
    assert answer["Location"] == reverse("indicators:import", args=[table.pk])
    assert table.mapping == {"Xã, phường": "area_name", "Dân số": "people", "Số hộ": "households"}
    page = client.get(answer["Location"], follow=True)
    assert "Ghép cột của bảng" in page.content.decode()  # the first time it is asked
    columns = {"area_name": "Xã, phường", "people": "Dân số", "households": "Số hộ"}
    shown = client.post(
        reverse("indicators:import_columns", args=[table.pk]), columns, follow=True
    ).content.decode()
    assert "&#x27;đông&#x27; không dùng được" in shown and "công thức chưa có kết quả" in shown
    assert "Xác nhận bảng này" not in shown
    marked = client.get(reverse("indicators:import_marked", args=[table.pk])).content
    sheet = openpyxl.load_workbook(BytesIO(marked))["Số liệu"]
    assert "đông" in sheet["C6"].comment.text and sheet["C6"].fill.fgColor.rgb == "FFF4B6B3"
    assert sheet["B5"].comment and sheet["B7"].comment is None and sheet["C8"].comment is None
    refused = client.post(
        reverse("indicators:import", args=[table.pk]), {"viec": "xac-nhan"}
    ).content.decode()
    assert "chỗ sai" in refused and not ImportedFigure.objects.exists()


@pytest.mark.parametrize("name", ["dan-so.xls", "dan-so.ods"])
def test_workbooks_of_older_and_free_programs_are_read_and_marked(
    name: str, client_of: Callable[[User], Client], specialist: User, places: Any
) -> None:
    client = client_of(specialist)
    sent = SimpleUploadedFile(name, (Path(__file__).parent / "sent" / name).read_bytes())
    client.post(
        reverse("indicators:imports"),
        {"file": sent, "kind": "population", "period": "quý III/2026", "area": places.province.pk},
    )
    table = TableImport.objects.get()
    choose_columns(table, mapping=table.mapping, by=specialist)
    tried = try_table(table, by=specialist)
    assert {(each.area.code, each.variable.code, each.value) for each in tried.figures} >= {
        ("99001", "people", 1000),
        ("99001", "households", 250),
    }
    assert [(problem.row, problem.header) for problem in tried.problems] == [(6, "Dân số")]
    marked = client.get(reverse("indicators:import_marked", args=[table.pk])).content
    assert "đông" in openpyxl.load_workbook(BytesIO(marked))["Số liệu"]["C6"].comment.text


@pytest.mark.parametrize("name", ["a.xls", "a.ods"])
def test_a_broken_workbook_is_told(
    name: str, client_of: Callable[[User], Client], specialist: User, places: Any
) -> None:
    form = {"kind": "population", "period": "quý III/2026", "area": places.province.pk}
    answer = client_of(specialist).post(
        reverse("indicators:imports"), {**form, "file": SimpleUploadedFile(name, b"PK")}
    )
    assert "không mở được" in answer.content.decode() and not TableImport.objects.exists()


def test_in_the_browser_from_file_to_value(
    client_of: Callable[[User], Client],
    specialist: User,
    second_specialist: User,
    neighbour: User,
    places: Any,
) -> None:
    client, other = client_of(specialist), client_of(second_specialist)
    form = {"kind": "population", "period": "2026Q3", "area": places.province.pk}
    upload = SimpleUploadedFile("dan-so.csv", ("Mã xã,Dân số\n99001,1000\n").encode())
    client.post(reverse("indicators:imports"), {**form, "file": upload})
    table = TableImport.objects.get()
    address = reverse("indicators:import", args=[table.pk])
    twice = client.post(
        reverse("indicators:import_columns", args=[table.pk]), {"area_code": "Dân số", "people": "Dân số"}
    )
    assert "được chọn hai lần" in twice.content.decode()
    client.post(
        reverse("indicators:import_columns", args=[table.pk]), {"area_code": "Mã xã", "people": "Dân số"}
    )
    assert ColumnMemory.objects.count() == 1
    assert "chờ cấp trên duyệt" in client.get(address).content.decode()
    client.post(address, {"viec": "xac-nhan"})
    assert "không tự duyệt" in client.get(address).content.decode()
    assert "dan-so.csv" in other.get("/").content.decode()  # it waits on the other's home page
    assert client_of(neighbour).get(address).status_code == 404
    other.post(address, {"viec": "duyet"})
    assert Value.objects.get().value == 1000
    listed = client.get(reverse("indicators:imports")).content.decode()
    assert "dan-so.csv" in listed and "Đã ghi" in listed
    wrong = client.post(reverse("indicators:imports"), {**form, "file": SimpleUploadedFile("a.xlsx", b"PK")})
    assert "không mở được" in wrong.content.decode()


def test_the_list_costs_few_queries(
    client_of: Callable[[User], Client], people: TableImport, specialist: User, places: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(5):
        _hand(_table(places.province), PEOPLE.replace("1000", f"{1000 + number}"), specialist)
    client = client_of(specialist)
    client.get(reverse("indicators:imports"))
    with django_assert_max_num_queries(14):
        assert client.get(reverse("indicators:imports")).status_code == 200
