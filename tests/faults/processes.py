"""Processes of their own on one database, to be killed in the middle of their work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_READY = """
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

def work():
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)

def open_office(communes=0):
    call_command("migrate", verbosity=0)
    area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
    for number in range(communes):
        enter_area(code=f"9900{number}", name=f"Xã {number}", level="commune", parent=area)
    office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
    user = User.objects.create_user("chuyenvien", full_name="Người nạp")
    Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
    return area, user
"""


def environment_of(home: Path) -> dict[str, str]:
    """Return what leads a process to an SQLite database of its own below the folder."""
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return kept | {"HATANGSO_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}


@dataclass(frozen=True)
class Site:
    """A database that processes started one after another share."""

    environment: Mapping[str, str]

    def start(self, script: str) -> subprocess.Popen[str]:
        """Start a process that runs the script after the site is ready in it."""
        return subprocess.Popen(
            [sys.executable, "-c", _READY + script],
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self, script: str) -> Any:
        """Run the script to its end and return the JSON it printed, or None."""
        process = self.start(script)
        out, _nothing = process.communicate(timeout=280)
        assert process.returncode == 0, out
        return json.loads(out) if out.strip() else None

    def kill_at(self, line: str, script: str) -> None:
        """Run the script until it prints the line, then kill it as ``kill -9`` does."""
        with self.start(script) as worker:
            assert worker.stdout is not None and worker.stdout.readline() == f"{line}\n"
            worker.send_signal(signal.SIGKILL)
            assert worker.wait(timeout=30) == -signal.SIGKILL
