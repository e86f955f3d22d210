"""kill -9 in the middle of recording a table: no cell, no figure of it is kept; confirmed again, everything is there once."""

from __future__ import annotations

import pytest

from tests.faults.processes import Site

_START = """
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions import imports
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Cell, ImportedFigure, TableImport

def bring():
    area, by = Area.objects.get(code="99"), User.objects.get(username="chuyenvien")
    text = "Mã xã,Dân số,Diện tích\\n" + "".join(f"9900{n},{1000 + n},{n + 1}\\n" for n in range(5))
    table = imports.hand_over(TableImport(area=area, table_kind="population", period="2026Q3"),
        ContentFile(text.encode(), name="dan-so.csv"), by=by).table
    if table.state == "mapping":
        imports.choose_columns(table, mapping=table.mapping, by=by)
    if table.state == "checked":
        imports.confirm_table(table, said=imports.Confirmation(), by=by)
"""
_PREPARE = """
area, user = open_office(communes=5)
open_round(call=Call(name="Đợt", area=area, period="2026Q3", variables=("people",),
    opens_on=datetime.date(2026, 9, 15), due_on=datetime.date(2026, 9, 25)), by=user)
"""
_HANG = """
calls = []
real = imports.save_cells
def save_then_hang(**arguments):
    saved = real(**arguments)
    calls.append(saved)
    if len(calls) == 3:
        print(Cell.objects.count(), flush=True)  # the middle: three of five drafts are written in the transaction
        sys.stdin.read()
    return saved
imports.save_cells = save_then_hang
bring()
"""
_AFTER = """
told = []
def count():
    told.append([Cell.objects.count(), ImportedFigure.objects.count(), TableImport.objects.get().state])
count()
bring()
count()
bring()  # the same table brought a second time
count()
print(json.dumps(told))
"""


@pytest.mark.timeout(300)
def test_a_table_killed_in_the_middle_loses_and_doubles_nothing(site: Site) -> None:
    site.kill_at("3", _START + _PREPARE + _HANG)
    nothing, everything_once = [0, 0, "checked"], [5, 10, "waiting"]
    assert site.answer(_START + _AFTER) == [nothing, everything_once, everything_once]
