"""The one way a submission goes from a state to another: a conditional update and a line of history."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import HatangsoError
from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import State, Step, Submission


class StaleSubmissionError(HatangsoError):
    """Somebody took a step after this person had opened the submission."""


def take_step(
    submission: Submission,
    before: Sequence[State],
    after: State,
    *,
    revision: int,
    by: User,
    note: str = "",
    undo: bool = False,
) -> Step:
    """Change the state if the submission still stands at ``revision`` in one of ``before``; who is first wins.

    Raises
    ------
    StaleSubmissionError
        when somebody else was first.
    """
    now = timezone.now()
    former = State(submission.state)
    changes: dict[str, object] = {"state": after, "revision": F("revision") + 1}
    if not undo and after == State.SUBMITTED:
        changes |= {"submitted_at": now, "submitted_by": by}
    if not undo and after in {State.RETURNED, State.APPROVED}:
        changes |= {"decided_at": now, "decided_by": by}
    changed = Submission.objects.filter(
        pk=submission.pk, revision=revision, state=former, state__in=list(before)
    ).update(**changes)
    if not changed:
        raise StaleSubmissionError(
            _("Người khác vừa xử lý báo cáo này, hoặc báo cáo không còn ở bước đó; hãy tải lại trang.")
        )
    step = Step.objects.create(
        submission=submission,
        number=revision + 1,
        before=former,
        after=after,
        undo=undo,
        note=note,
        by=by,
        at=now,
    )
    submission.refresh_from_db()
    return step
