"""Workbooks: what is text stays text, filters and day stand on top."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.plans.models import Version
from hatangso_web.screen.workbooks import Sheet, write_workbook


def _first_sheet(content: bytes) -> list[list[object]]:
    page = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.mark.parametrize(
    "bad", ["=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "http://x.example"]
)
def test_no_text_becomes_a_formula_or_a_link(bad: str) -> None:
    content = write_workbook([Sheet("Tên", [("Cột", 10)], [[bad]])])
    with zipfile.ZipFile(BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "hyperlink" not in sheet
    cell = openpyxl.load_workbook(BytesIO(content)).worksheets[0].cell(row=4, column=1)
    assert cell.data_type == "s" and bool(cell.quotePrefix) == (not bad.startswith("http"))


def test_numbers_and_days_are_numbers_and_days() -> None:
    rows = _first_sheet(
        write_workbook([Sheet("A", [("x", 9), ("y", 9)], [[1.5, date(2026, 11, 21)]], ["Lọc: không"])])
    )
    assert rows[0][0] == "A" and rows[1][0] == "Lọc: không" and rows[3] == ["x", "y"]
    assert rows[4][0] == 1.5 and rows[4][1].date() == date(2026, 11, 21)  # type: ignore[attr-defined]


def test_a_name_a_sheet_cannot_bear_is_mended() -> None:
    book = openpyxl.load_workbook(BytesIO(write_workbook([Sheet("a/b[c]" + "d" * 40, [("x", 9)], [])])))
    assert len(book.sheetnames[0]) <= 31 and "/" not in book.sheetnames[0]


@pytest.mark.django_db
def test_the_list_prints_its_filters_and_is_noted_in_the_trail(
    read_version: Version, specialist: User, viewer: User, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(specialist).get(reverse("plans:list_download") + "?q=dak&nam=2027")
    rows = _first_sheet(answer.content)
    assert rows[1][0] == "Tìm: dak" and rows[2][0] == "Có hiệu lực trong năm: 2027"
    assert str(rows[3][0]).startswith("Lập lúc") and rows[6][0] == read_version.plan.title
    assert AuditEvent.objects.filter(event="plans.downloaded").count() == 1
    assert client_of(viewer).get(reverse("plans:list_download")).status_code == 403
