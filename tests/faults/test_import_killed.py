"""kill -9 in the middle of taking a workbook in: nothing of it is stored; taken in again, everything is there once."""

from __future__ import annotations

import pytest

from tests.faults.processes import Site

_START = """
from io import BytesIO
import openpyxl
from hatangso_web.indicators.actions import workbooks
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Cell, Round, WorkbookReturn
from hatangso_web.indicators.queries.sheets import sheet_of
from hatangso_web.indicators.workbooks import write_round_workbook

def filled():
    round_ = Round.objects.get()
    units = list(round_.submissions.select_related("round__area", "area", "organisation"))
    book = openpyxl.load_workbook(BytesIO(write_round_workbook(round_, [sheet_of(unit) for unit in units])))
    page = book.worksheets[0]
    for row in range(6, page.max_row + 1):
        page.cell(row, 7).value = 10
    memory = BytesIO()
    book.save(memory)
    return round_, memory.getvalue()

def take_in():
    round_, content = filled()
    return workbooks.take_in_workbook(
        round_=round_, content=content, filename="tinh.xlsx", by=User.objects.get(username="chuyenvien"))
"""
_PREPARE = """
area, user = open_office(communes=5)
open_round(call=Call(name="Đợt", area=area, period="2026Q3", variables=("villages", "people"),
    opens_on=datetime.date(2026, 9, 15), due_on=datetime.date(2026, 9, 25)), by=user)
"""
_HANG = """
calls = []
real = workbooks.save_cells
def save_then_hang(**arguments):
    saved = real(**arguments)
    calls.append(saved)
    if len(calls) == 3:
        print(Cell.objects.count(), flush=True)  # the middle: three of five units are written in the transaction
        sys.stdin.read()
    return saved
workbooks.save_cells = save_then_hang
take_in()
"""
_AFTER = """
told = []
def count():
    told.append([Cell.objects.count(), WorkbookReturn.objects.count()])
count()
take_in()
count()
take_in()  # the same workbook handed in a second time
count()
print(json.dumps(told))
"""


@pytest.mark.timeout(600)
def test_an_import_killed_in_the_middle_loses_and_doubles_nothing(site: Site) -> None:
    site.kill_at("6", _START + _PREPARE + _HANG)
    nothing, everything_once = [0, 0], [10, 1]
    assert site.answer(_START + _AFTER) == [nothing, everything_once, everything_once]
