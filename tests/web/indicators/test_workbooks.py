"""Workbooks out and back: signed, read in any state, marked where wrong, taken in once."""

from __future__ import annotations

import datetime
import re
import unicodedata
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.areas.actions import enter_area
from hatangso_web.indicators import workbooks
from hatangso_web.indicators.actions.entry import save_cells
from hatangso_web.indicators.actions.rounds import Call, next_call, open_round
from hatangso_web.indicators.actions.workbooks import take_in_workbook, try_workbook
from hatangso_web.indicators.models import Round, Submission, Value, WorkbookReturn
from hatangso_web.indicators.queries.sheets import sheet_of
from hatangso_web.indicators.spreadsheets import mark_workbook
from hatangso_web.indicators.workbooks import write_round_workbook

pytestmark = pytest.mark.django_db
VALUE, WORD = 7, 8  # columns of the workbook that goes out


@pytest.fixture
def sent(submission: Submission) -> bytes:
    """Return the workbook of the clerk's commune as it goes out."""
    return write_round_workbook(submission.round, [sheet_of(submission)])


def _edit(content: bytes, change: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(BytesIO(content))
    change(book)
    memory = BytesIO()
    book.save(memory)
    return memory.getvalue()


def _write(figures: dict[str, object], words: dict[str, str] | None = None) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        page = book.worksheets[0]
        for row in range(6, page.max_row + 1):
            code = page.cell(row, 3).value
            if code in figures:
                page.cell(row, VALUE).value = figures[code]
            if words and code in words:
                page.cell(row, WORD).value = words[code]

    return change


def _stored(submission: Submission) -> dict[str, float | None]:
    return {cell.variable: cell.value for cell in submission.cells.all()}


def test_it_goes_out_protected_validated_and_signed(sent: bytes) -> None:
    book = openpyxl.load_workbook(BytesIO(sent))
    page = book.worksheets[0]
    assert page.protection.sheet
    assert page.cell(6, VALUE).protection.locked is False and page.cell(6, 3).protection.locked
    assert len(page.data_validations.dataValidation) == 5
    assert book["_hatangso"].sheet_state == "veryHidden"


def test_dry_run_stores_nothing_and_taking_in_twice_changes_nothing(
    submission: Submission, sent: bytes, clerk: User
) -> None:
    filled = _edit(sent, _write({"villages": 10, "villages_with_4g": 9}))
    assert try_workbook(round_=submission.round, content=filled, by=clerk).changes == 2
    assert _stored(submission) == {}
    take_in_workbook(round_=submission.round, content=filled, filename="a.xlsx", by=clerk)
    assert _stored(submission) == {"villages": 10, "villages_with_4g": 9}
    again = take_in_workbook(round_=submission.round, content=filled, filename="a.xlsx", by=clerk)
    assert again.changes == 0 and WorkbookReturn.objects.count() == 1


def test_a_workbook_in_any_state_is_read(submission: Submission, sent: bytes, clerk: User) -> None:
    def disorder(book: Any) -> None:
        page = book.worksheets[0]
        _write({"villages": " 1.010 ", "people": "12.345", "villages_with_4g": "khong co so lieu"})(book)
        page.insert_cols(1)  # columns moved
        page.insert_rows(2, 3)  # rows added
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = unicodedata.normalize("NFD", cell.value)
        first = next(row for row in range(1, page.max_row) if page.cell(row, 4).value == "villages")
        code = page.cell(first, 2).value
        for row in range(first, page.max_row + 1):
            page.cell(row, 2).value = None
        page.cell(first, 2).value = int(code)  # a number for a code, once over merged rows
        page.merge_cells(start_row=first, end_row=page.max_row, start_column=2, end_column=2)

    take_in_workbook(round_=submission.round, content=_edit(sent, disorder), filename="a.xlsx", by=clerk)
    assert _stored(submission) == {"villages": 1010, "people": 12345}


def test_problems_stand_in_the_workbook_as_coloured_cells_with_comments(
    submission: Submission, sent: bytes, clerk: User
) -> None:
    filled = _edit(sent, _write({"villages": 10, "villages_with_4g": 12, "people": "đông"}))
    run = take_in_workbook(round_=submission.round, content=filled, filename="a.xlsx", by=clerk)
    assert run.errors == 2 and _stored(submission) == {}
    page = openpyxl.load_workbook(BytesIO(mark_workbook(filled, run.problems))).worksheets[0]
    marked = {page.cell(row, 3).value: page.cell(row, VALUE) for row in range(6, page.max_row + 1)}
    assert "12 > 10" in marked["villages_with_4g"].comment.text
    assert "'đông'" in marked["people"].comment.text
    assert marked["people"].fill.fgColor.rgb == "FFF4B6B3"
    assert marked["villages"].comment is None


def test_a_formula_counts_by_its_result_and_without_one_is_named(
    submission: Submission, sent: bytes, clerk: User
) -> None:
    run = try_workbook(
        round_=submission.round, content=_edit(sent, _write({"villages": "=SUM(4,6)"})), by=clerk
    )
    assert [sentence for _severity, sentence in run.problems.values()] == [
        "Ô này là công thức chưa có kết quả; hãy ghi số thay cho công thức."
    ]


def test_what_looks_like_a_formula_goes_out_as_text(submission: Submission, clerk: User, sent: bytes) -> None:
    submission.area.name = "=HYPERLINK(1)"
    submission.area.save()
    words = _edit(sent, _write({"villages": 10}, {"villages": "+cmd|' /C calc'!A0"}))
    take_in_workbook(round_=submission.round, content=words, filename="a.xlsx", by=clerk)
    book = openpyxl.load_workbook(BytesIO(write_round_workbook(submission.round, [sheet_of(submission)])))
    page = book.worksheets[0]
    risky = page.cell(6, 2)
    assert (risky.value, risky.data_type, risky.quotePrefix) == ("=HYPERLINK(1)", "s", True)
    assert page.cell(6, WORD).data_type == "s"


def test_another_round_version_signature_or_unit_is_refused_with_the_reason(
    submission: Submission,
    sent: bytes,
    clerk: User,
    neighbour: User,
    specialist: User,
    opened: Round,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = open_round(call=next_call(opened, today=opened.due_on), by=specialist)
    with pytest.raises(InputError, match="quý III/2026"):
        try_workbook(round_=later, content=sent, by=clerk)
    with pytest.raises(PermissionDenied, match="đơn vị khác"):
        try_workbook(round_=opened, content=sent, by=neighbour)

    def forge(book: Any) -> None:
        book["_hatangso"]["A1"] = book["_hatangso"]["A1"].value[:-3] + "abc"

    with pytest.raises(InputError, match="đã bị sửa"):
        try_workbook(round_=opened, content=_edit(sent, forge), by=clerk)
    with pytest.raises(InputError, match="không có trang nhận dạng"):
        try_workbook(
            round_=opened, content=_edit(sent, lambda book: book.remove(book["_hatangso"])), by=clerk
        )
    with pytest.raises(InputError, match="không mở được"):
        try_workbook(round_=opened, content=b"PK not a workbook", by=clerk)
    monkeypatch.setattr(workbooks, "TEMPLATE_VERSION", 2)
    with pytest.raises(InputError, match="phiên bản 1"):
        try_workbook(round_=opened, content=sent, by=clerk)


def test_rows_of_others_are_not_taken(submission: Submission, sent: bytes, clerk: User, places: Any) -> None:
    def add(book: Any) -> None:
        page = book.worksheets[0]
        page.append([places.other_commune.code, "", "villages", "", "", None, 99, ""])

    run = try_workbook(round_=submission.round, content=_edit(sent, add), by=clerk)
    assert run.errors == 1 and "không thuộc báo cáo" in next(iter(run.problems.values()))[1]


def test_one_workbook_for_the_whole_province(opened: Round, specialist: User) -> None:
    units = list(opened.submissions.select_related("round__area", "area", "organisation"))
    content = write_round_workbook(opened, [sheet_of(unit) for unit in units])
    filled = _edit(content, _write({"villages": 7}))
    run = take_in_workbook(round_=opened, content=filled, filename="tinh.xlsx", by=specialist)
    assert run.changes == 2
    assert [_stored(unit) for unit in units] == [{"villages": 7}, {"villages": 7}]


def test_in_the_browser_tried_marked_and_taken_in(
    client_of: Callable[[User], Client], submission: Submission, clerk: User
) -> None:
    client = client_of(clerk)
    sent = client.get(reverse("indicators:unit_workbook", args=[submission.pk])).content
    address = reverse("indicators:return_workbook", args=[submission.round_id])

    def upload(content: bytes) -> Any:
        return client.post(address, {"file": SimpleUploadedFile("a.xlsx", content)})

    wrong = upload(_edit(sent, _write({"villages": "nhiều"})))
    assert "&#x27;nhiều&#x27;" in wrong.content.decode() and "Nhận số liệu này" not in wrong.content.decode()
    marked = client.post(address, {"tep-da-thu": wrong.context["kept"], "danh-dau": "1"})
    assert openpyxl.load_workbook(BytesIO(marked.content)).worksheets[0].cell(6, VALUE).comment
    right = upload(_edit(sent, _write({"villages": 10})))
    client.post(address, {"tep-da-thu": right.context["kept"], "nhan": "1"})
    assert _stored(submission) == {"villages": 10}
    assert "không mở được" in upload(b"PK").content.decode()
    assert client.post(address, {"tep-da-thu": "giả", "nhan": "1"}).status_code == 200


def _with_results(content: bytes, results: dict[str, str]) -> bytes:
    """Give formulas the results a spreadsheet program would have stored with them."""
    memory = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(memory, "w") as new:
        for member in old.infolist():
            text = old.read(member)
            for formula, result in results.items():
                empty = re.compile(
                    rf"<f>{re.escape(formula)}</f><v ?/>|<f>{re.escape(formula)}</f><v></v>".encode()
                )
                text = empty.sub(f"<f>{formula}</f><v>{result}</v>".encode(), text)
            new.writestr(member, text)
    return memory.getvalue()


@pytest.fixture
def crowd(places: Any, specialist: User, clerk: User) -> Submission:
    """Return the clerk's sheet in a round where nine other communes have 10 villages, and her own had 100 people."""
    others = [
        enter_area(code=f"9910{number}", name=f"Xã Số {number}", level="commune", parent=places.province)
        for number in range(9)
    ]
    call = Call(
        name="Đợt đông", area=places.province, period="2026Q3", opens_on=datetime.date(2026, 9, 15),
        due_on=datetime.date(2026, 9, 25),
        variables=("area_km2", "people", "villages", "villages_with_4g", "villages_without_signal", "villages_with_partial_signal"),
    )  # fmt: skip
    round_ = open_round(call=call, by=specialist)
    for number, area in enumerate(others):
        unit = round_.submissions.select_related("round__area", "area").get(area=area)
        save_cells(submission=unit, written={(area.pk, "villages"): (10 + number % 3, "")}, by=specialist)
    Value.objects.create(
        area=places.commune, variable="people", period="2026Q2", value=100, source="thử", by=specialist, at=timezone.now()
    )  # fmt: skip
    return round_.submissions.select_related("round__area", "area", "organisation").get(area=places.commune)


def test_every_check_speaks_in_the_grid_and_in_the_workbook(crowd: Submission, clerk: User) -> None:
    figures = {
        "area_km2": "-5", "people": "500", "villages": "300", "villages_with_4g": "400",
        "villages_without_signal": "200", "villages_with_partial_signal": "200",
    }  # fmt: skip
    said = (
        "-5",
        "500",
        "trung vị",
        "400 > 300",
        "200 + 200 = 400 > 300",
    )  # range, change, outlier, limit, sum
    written = {(crowd.area_id, code): (value, "") for code, value in figures.items()}
    sheet = save_cells(submission=crowd, written=written, by=clerk).sheet
    in_grid = " ".join(problem.sentence for cell in sheet.cells for problem in cell.problems)
    content = write_round_workbook(crowd.round, [sheet_of(crowd)])
    run = try_workbook(round_=crowd.round, content=_edit(content, _write(dict(figures))), by=clerk)
    in_book = " ".join(sentence for _severity, sentence in run.problems.values())
    assert [words for words in said if words not in in_grid] == []
    assert [words for words in said[:1] + said[3:] if words not in in_book] == []
    assert {severity for severity, _sentence in run.problems.values()} == {"error", "warning"}


def test_a_text_number_and_a_formula_with_its_result_are_read(crowd: Submission, clerk: User) -> None:
    content = write_round_workbook(crowd.round, [sheet_of(crowd)])
    filled = _edit(content, _write({"area_km2": "1.234,5", "villages": "=SUM(4,6)", "people": 120}))
    run = take_in_workbook(
        round_=crowd.round, content=_with_results(filled, {"SUM(4,6)": "10"}), filename="a.xlsx", by=clerk
    )
    assert (run.errors, _stored(crowd)) == (0, {"area_km2": 1234.5, "villages": 10, "people": 120})
