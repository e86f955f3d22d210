"""kill -9 of the worker while it reads a plan: the file, its row and the later look are there, nothing is lost."""

from __future__ import annotations

import pytest

from tests.faults.processes import Site
from tests.web.plans.sample import REAL_TEXT

_START = """
from hatangso_web.plans import jobs
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.models import Version
"""
_UPLOAD = f"""
area, user = open_office()
take_in(Upload(ContentFile({REAL_TEXT!r}.encode(), name="kh.txt"), area), by=user)
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
"""
_LOOK = """
version = Version.objects.get()
told.append({"state": version.state, "attempts": version.attempts, "found": version.findings.count()})
"""
_AFTER = "told = []" + _LOOK + _LATER + _LOOK + "print(json.dumps(told))"


@pytest.mark.timeout(300)
def test_a_worker_killed_while_reading_loses_nothing(site: Site) -> None:
    site.kill_at("reading", _START + _UPLOAD + _HANG)
    before, after = site.answer(_START + _AFTER)
    assert (before["state"], before["found"]) == ("reading", 0)
    assert (after["state"], after["attempts"]) == ("read", 2)
    assert after["found"] > 3
