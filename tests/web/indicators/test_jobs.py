"""Computing that a dead worker left behind is done when the next one starts, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from hatangso_web.accounts.models import User
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.review import approve
from hatangso_web.indicators.jobs import compute_what_was_left
from hatangso_web.indicators.models import Figure, Run, Submission

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("tasks_now")
def test_what_a_dead_worker_left_is_computed_by_the_next(
    submission: Submission, clerk: User, specialist: User, django_capture_on_commit_callbacks: Any
) -> None:
    written = {
        (submission.area_id, "villages"): ("10", ""),
        (submission.area_id, "villages_with_4g"): ("8", ""),
    }
    save_cells(submission=submission, written=written, by=clerk)
    submit(submission=submission, revision=0, by=clerk)
    approve(submission=submission, revision=1, by=specialist)
    # The worker took the task and died with it: nothing was computed.
    with django_capture_on_commit_callbacks(execute=True):
        assert compute_what_was_left() == 1
    assert Figure.objects.filter(area=submission.area, indicator="MOB-02", value=80).exists()
    assert compute_what_was_left() == 0
    Run.objects.all().delete()
    assert compute_what_was_left() == 1
