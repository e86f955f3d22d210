"""kill -9 in the middle of taking a workbook in: nothing of it is stored; taken in again, everything is there once.

On SQLite and on PostgreSQL, each process of its own on the same database.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_START = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
import datetime
from io import BytesIO
import openpyxl
from django.core.management import call_command
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
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
call_command("migrate", verbosity=0)
area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
for number in range(5):
    enter_area(code=f"9900{number}", name=f"Xã {number}", level="commune", parent=area)
office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
user = User.objects.create_user("chuyenvien", full_name="Người nạp")
Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
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


Environment = dict[str, str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Environment]:
    """Return what leads a process to an empty database of its own kind, a server for PostgreSQL included."""
    found = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    found |= {"HATANGSO_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    if request.param == "sqlite":
        yield found
        return
    starter = Path(__file__).resolve().parents[2] / "tools" / "with_postgresql"
    with subprocess.Popen(
        [str(starter), "sh", "-c", 'echo "at $DATABASE_URL"; cat >/dev/null'],
        env=found,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None and server.stdin is not None
        address = next((line[3:].strip() for line in server.stdout if line.startswith("at ")), "")
        if not address:
            pytest.skip("không có PostgreSQL")
        yield found | {"DATABASE_URL": address}
        server.stdin.close()
        server.wait(timeout=60)


def _python(script: str, environment: Environment) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _START + script],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _answer(script: str, environment: Environment) -> Any:
    process = _python(script, environment)
    out, _nothing = process.communicate(timeout=280)
    assert process.returncode == 0, out
    return json.loads(out) if out.strip() else None


@pytest.mark.timeout(600)
def test_an_import_killed_in_the_middle_loses_and_doubles_nothing(environment: Environment) -> None:
    _answer(_PREPARE, environment)
    with _python(_HANG, environment) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "6\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=30) == -signal.SIGKILL
    nothing, everything_once = [0, 0], [10, 1]
    assert _answer(_AFTER, environment) == [nothing, everything_once, everything_once]
