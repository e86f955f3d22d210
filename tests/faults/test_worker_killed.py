"""kill -9 of the worker while it reads a plan: the file, its row and the later look are there, nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.web.plans.sample import REAL_TEXT

_START = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
from datetime import timedelta
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
from hatangso_web.plans import jobs
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.models import Version

def work():
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
"""
_UPLOAD = """
call_command("migrate", verbosity=0)
area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
user = User.objects.create_user("clerk", full_name="Người nạp")
Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
take_in(Upload(ContentFile(sys.stdin.read().encode(), name="kh.txt"), area), by=user)
"""
_HANG = """
def hang(path):
    print("reading", flush=True)
    sys.stdin.read()
jobs.read_plan = hang
work()
"""
_LATER = """
# Time passes: the claim and the later look are as old as the lease.
Version.objects.update(reading_since=timezone.now() - 2 * jobs.LEASE)
DBTaskResult.objects.filter(task_path="hatangso_web.plans.jobs.watch_reading").update(run_after=timezone.now())
work()
version = Version.objects.get()
print(json.dumps({"state": version.state, "attempts": version.attempts, "found": version.findings.count()}))
"""
_LOOK = 'version = Version.objects.get(); print(json.dumps({"state": version.state}))'


def _python(script: str, home: Path, **options: Any) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", _START + script],
        env={**environment, "HATANGSO_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def _answer(script: str, home: Path, given: str = "") -> dict[str, Any]:
    process = _python(script, home)
    out, _nothing = process.communicate(given, timeout=120)
    assert process.returncode == 0, out
    return json.loads(out) if out.strip() else {}


@pytest.mark.timeout(300)
def test_a_worker_killed_while_reading_loses_nothing(tmp_path: Path) -> None:
    _answer(_UPLOAD, tmp_path, REAL_TEXT)
    with _python(_HANG, tmp_path) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "reading\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=30) == -signal.SIGKILL
    assert _answer(_LOOK, tmp_path) == {"state": "reading"}
    after = _answer(_LATER, tmp_path)
    assert (after["state"], after["attempts"]) == ("read", 2)
    assert after["found"] > 3
