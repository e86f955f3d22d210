"""kill -9 in the middle of recording a table: no cell, no figure of it is kept; confirmed again, everything is there once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_START = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
import datetime
from django.core.files.base import ContentFile
from django.core.management import call_command
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
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
call_command("migrate", verbosity=0)
area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
for number in range(5):
    enter_area(code=f"9900{number}", name=f"Xã {number}", level="commune", parent=area)
office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
user = User.objects.create_user("chuyenvien", full_name="Người nạp")
Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
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
_COUNT = """
print(json.dumps([Cell.objects.count(), ImportedFigure.objects.count(), TableImport.objects.get().state]))
"""


def _python(script: str, home: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", _START + script],
        env={**environment, "HATANGSO_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _answer(script: str, home: Path) -> Any:
    process = _python(script, home)
    out, _nothing = process.communicate(timeout=120)
    assert process.returncode == 0, out
    return json.loads(out) if out.strip() else None


@pytest.mark.timeout(300)
def test_a_table_killed_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    _answer(_PREPARE, tmp_path)
    with _python(_HANG, tmp_path) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "3\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=30) == -signal.SIGKILL
    assert _answer(_COUNT, tmp_path) == [0, 0, "checked"]
    assert _answer("bring()\n" + _COUNT, tmp_path) == [5, 10, "waiting"]
    assert _answer("bring()\n" + _COUNT, tmp_path) == [5, 10, "waiting"]
