"""Two people decide at the same moment: one wins, the other is told; nothing is published twice, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.processes import environment_of

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
import datetime
from django.core.management import call_command
from django.db import connection
from hatangso.errors import HatangsoError
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.review import approve, return_back
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.actions.scores import ScoreCall, fix, give_back, open_score_round, send, write_line
from hatangso_web.indicators.models import ScoreLine, Scoring, Step, Submission, Value

call_command("migrate", verbosity=0)
area = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
enter_area(code="99001", name="Xã Ea Mới", level="commune", parent=area)
office = Organisation.objects.create(code="S", name="Sở", kind="department", area=area)
def person(name):
    user = User.objects.create_user(name, full_name=name)
    Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=area)
    return user
sender, first, second = person("nguoigui"), person("motduyet"), person("haiduyet")
day = datetime.date(2026, 9, 15)

def race(*deeds):
    barrier, told = threading.Barrier(len(deeds)), []
    def run(deed):
        barrier.wait()
        try:
            deed()
            told.append("won")
        except HatangsoError:
            told.append("told")
        finally:
            connection.close()
    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return sorted(told)

for turn in range(5):
    call = Call(f"Đợt {turn}", area, f"2026Q{turn % 4 + 1}", ("villages", "people"), day, day)
    unit = open_round(call=call, by=sender).submissions.get()
    save_cells(submission=unit, written={(unit.area_id, "villages"): ("10", ""), (unit.area_id, "people"): ("900", "")}, by=sender)
    submit(submission=unit, revision=0, by=sender)
    def copy(): return Submission.objects.select_related("round__area", "area").get(pk=unit.pk)
    one, two = copy(), copy()
    last = (lambda: approve(submission=two, revision=1, by=second)) if turn % 2 else (
        lambda: return_back(submission=two, revision=1, by=second, note="xem lại"))
    assert race(lambda: approve(submission=one, revision=1, by=first), last) == ["told", "won"]
    approved = Step.objects.filter(submission=unit, after="approved").count()
    assert unit.steps.count() == 2 and Value.objects.filter(submission=unit).count() == 2 * approved

# The same sheet saved and sent twice at once: every cell once, one sending.
unit = open_round(call=Call("Đợt gửi", area, "2025Q1", ("villages", "people"), day, day), by=sender).submissions.get()
def hand_in():
    mine = Submission.objects.select_related("round__area", "area").get(pk=unit.pk)
    save_cells(submission=mine, written={(mine.area_id, "villages"): ("10", ""), (mine.area_id, "people"): ("900", "")}, by=sender)
    submit(submission=mine, revision=0, by=sender)
assert race(hand_in, hand_in) == ["told", "won"]
assert unit.cells.count() == 2 and unit.steps.count() == 1

# A scoring fixed by two at once.
round_ = open_score_round(call=ScoreCall("Chấm", area, "DII-885", "2026", day), by=sender)
scoring = round_.scorings.select_related("round__area", "area").get()
write_line(scoring=scoring, code="PLAN-1", value=1, explanation="QĐ 1", by=sender)
send(scoring=scoring, revision=0, by=sender)
give_back(scoring=scoring, revision=1, by=first, note="bổ sung")
send(scoring=scoring, revision=2, by=sender)
def decide(by):
    mine = Scoring.objects.select_related("round__area", "area").get(pk=scoring.pk)
    fix(scoring=mine, revision=3, by=by)
assert race(lambda: decide(first), lambda: decide(second)) == ["told", "won"]
assert ScoreLine.objects.count() == 24 and scoring.steps.filter(after="final").count() == 1
print("held", connection.vendor)
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_two_who_decide_at_once_cannot_both_win(tmp_path: Path, vendor: str) -> None:
    starter = [str(_ROOT / "tools" / "with_postgresql")] if vendor == "postgresql" else []
    run = subprocess.run(
        [*starter, sys.executable, "-c", _SCRIPT],
        env=environment_of(tmp_path),
        capture_output=True,
        text=True,
        timeout=240,
    )
    if "Không có PostgreSQL" in run.stdout:
        pytest.skip("không có PostgreSQL")
    assert run.returncode == 0, run.stderr[-3000:]
    assert f"held {vendor}" in run.stdout
