"""kill -9 of the worker in the middle of an import: nothing is lost, nothing is counted twice."""

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
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
from hatangso_web.measurements import jobs
from hatangso_web.measurements.actions import add_campaign, commit, hand_in
from hatangso_web.measurements.models import Campaign, CampaignRun, MeasurementFigure, SampleFile

def work():
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
"""
_PREPARE = """
call_command("migrate", verbosity=0)
area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
user = User.objects.create_user("specialist", full_name="Người nhập")
Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
campaign = add_campaign(Campaign(name="Đợt", area=area, starts_on=datetime.date(2026, 3, 1), ends_on=datetime.date(2026, 3, 31), tool="i-Speed", method="tự đo", floor_mbps=40, share=0.8), by=user)
lines = ["time,area_code,operator,technology,download_mbps"] + [f"2026-03-02 08:{n:02}:00,99,Sao Mai,4G,50" for n in range(40)]
file = hand_in(campaign, ContentFile("\\n".join(lines).encode(), name="a.csv"), by=user).file
work()
file.refresh_from_db()
commit(file, by=user)
"""
_HANG = """
def hang(run, summaries):
    print("committing", flush=True)  # everything is written, the transaction is open
    sys.stdin.read()
jobs.figures_of = hang
work()
"""
_LATER = """
# Time passes: the claim and the later look are as old as the lease.
SampleFile.objects.update(taken_at=timezone.now() - 2 * jobs.LEASE)
DBTaskResult.objects.filter(task_path="hatangso_web.measurements.jobs.watch_file").update(run_after=timezone.now())
work()
"""
_LOOK = """
file = SampleFile.objects.get()
tests = MeasurementFigure.objects.filter(indicator="SPD-12").values_list("value", flat=True)
print(json.dumps({"state": file.state, "runs": CampaignRun.objects.count(), "tests": list(tests)}))
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


def _answer(script: str, home: Path) -> dict[str, Any]:
    process = _python(script, home)
    out, _nothing = process.communicate("", timeout=150)
    assert process.returncode == 0, out
    return json.loads(out) if out.strip() else {}


@pytest.mark.timeout(400)
def test_a_worker_killed_in_the_commit_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    _answer(_PREPARE, tmp_path)
    with _python(_HANG, tmp_path) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "committing\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=30) == -signal.SIGKILL
    assert _answer(_LOOK, tmp_path) == {"state": "committing", "runs": 0, "tests": []}
    assert _answer(_LATER + _LOOK, tmp_path) == {"state": "committed", "runs": 1, "tests": [40.0]}
