"""kill -9 of the worker in the middle of an import: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import pytest

from tests.faults.processes import Site

_START = """
from hatangso_web.measurements import jobs, runs
from hatangso_web.measurements.actions import add_campaign, commit, hand_in
from hatangso_web.measurements.models import Campaign, CampaignRun, MeasurementFigure, SampleFile
"""
_PREPARE = """
area, user = open_office()
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
runs.figures_of = hang
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
told.append({"state": file.state, "runs": CampaignRun.objects.count(), "tests": list(tests)})
"""
_AFTER = "told = []" + _LOOK + _LATER + _LOOK + "print(json.dumps(told))"


@pytest.mark.timeout(400)
def test_a_worker_killed_in_the_commit_loses_nothing_and_doubles_nothing(site: Site) -> None:
    site.kill_at("committing", _START + _PREPARE + _HANG)
    assert site.answer(_START + _AFTER) == [
        {"state": "committing", "runs": 0, "tests": []},
        {"state": "committed", "runs": 1, "tests": [40.0]},
    ]
