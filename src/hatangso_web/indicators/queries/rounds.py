"""What is asked of rounds: the list, who has not sent, how many were on time, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.models import Cell, Round, State, Submission
from hatangso_web.indicators.queries.visible import may_enter, rounds_visible_to, submissions_visible_to
from hatangso_web.screen.work import WorkGroup, WorkItem

# The states as the workflow words of the screen name them.
WORKFLOW_KEY = {
    State.DRAFT: "entering",
    State.SUBMITTED: "waiting",
    State.RETURNED: "returned",
    State.APPROVED: "approved",
    State.LOCKED: "locked",
}
SENT = (State.SUBMITTED, State.APPROVED, State.LOCKED)
_SHOWN = 5


@dataclass(frozen=True)
class RoundCount:
    """How a round stands: units, how many sent, on time, approved, still missing; ``late`` sent after the day."""

    units: int
    sent: int
    on_time: int
    approved: int

    @property
    def missing(self) -> int:
        """How many have not sent."""
        return self.units - self.sent

    @property
    def on_time_share(self) -> float | None:
        """The part of all units that sent on time."""
        return self.on_time / self.units if self.units else None


def listed_rounds(user: User) -> QuerySet[Round]:
    """Return the rounds a person may see, with the counts of the submissions they may see."""
    seen = Q(submissions__in=submissions_visible_to(user).values("pk"))
    return (
        Round.objects.filter(pk__in=rounds_visible_to(user).values("pk"))
        .select_related("area")
        .annotate(
            units=Count("submissions", filter=seen, distinct=True),
            sent=Count("submissions", filter=seen & Q(submissions__state__in=SENT), distinct=True),
            done=Count(
                "submissions", filter=seen & Q(submissions__state__in=["approved", "locked"]), distinct=True
            ),
        )
    )


def count_of(round_: Round, submissions: QuerySet[Submission]) -> RoundCount:
    """Count the submissions of a round; on time means sent first on or before the due day."""
    counted = submissions.aggregate(
        units=Count("pk"),
        sent=Count("pk", filter=Q(state__in=SENT)),
        on_time=Count("pk", filter=Q(state__in=SENT, submitted_at__date__lte=round_.due_on)),
        approved=Count("pk", filter=Q(state__in=["approved", "locked"])),
    )
    return RoundCount(counted["units"], counted["sent"], counted["on_time"], counted["approved"])


def units_of(user: User, round_: Round) -> QuerySet[Submission]:
    """Return the submissions of a round a person may see, those that wait first."""
    filled = Cell.objects.filter(submission=OuterRef("pk"), value__isnull=False)
    return (
        submissions_visible_to(user)
        .filter(round=round_)
        .annotate(begun=Exists(filled), late=Q(submitted_at__date__gt=F("round__due_on")))
    )


def missing_units(submissions: QuerySet[Submission]) -> list[Submission]:
    """Return those that have not sent."""
    return list(submissions.exclude(state__in=SENT))


def reminder_text(round_: Round, missing: Sequence[Submission], *, today: date) -> str:
    """Return a reminder ready to be copied into a message, with the names of those who have not sent."""
    names = ", ".join(submission.unit_name for submission in missing)
    period = parse_period(round_.period).name_vi
    days = (round_.due_on - today).days
    when = (
        _("hạn gửi %(day)s, còn %(days)s ngày") % {"day": f"{round_.due_on:%d/%m/%Y}", "days": days}
        if days >= 0
        else _("hạn gửi %(day)s, đã quá %(days)s ngày") % {"day": f"{round_.due_on:%d/%m/%Y}", "days": -days}
    )
    return _("Đề nghị các đơn vị sau gửi “%(round)s” (%(period)s; %(when)s): %(names)s.") % {
        "round": round_.name, "period": period, "when": when, "names": names,
    }  # fmt: skip


def figures_to_send(user: User, on: date) -> WorkGroup | None:
    """Return what the person's units still owe: this is the reminder inside the site."""
    if not can(user, Permission.ENTER_FIGURES):
        return None
    open_ones = submissions_visible_to(user).filter(
        state__in=[State.DRAFT, State.RETURNED], round__opens_on__lte=on
    )
    if can(user, Permission.MANAGE_ROUNDS):
        open_ones = open_ones.filter(round__due_on__lt=on)  # who watches is told only of those overdue
    rows = [each for each in open_ones.order_by("round__due_on", "pk")[:200] if may_enter(user, each)]
    items = [
        WorkItem(
            title=str(submission),
            address=reverse("indicators:submission", args=[submission.pk]),
            due=submission.round.due_on,
            status=WORKFLOW_KEY[State(submission.state)],
        )
        for submission in rows[:_SHOWN]
    ]
    return WorkGroup(_("Số liệu phải gửi"), items, len(rows), reverse("indicators:rounds"))


def figures_to_approve(user: User, on: date) -> WorkGroup | None:
    """Return what waits for the approval of this person."""
    if not can(user, Permission.APPROVE_FIGURES):
        return None
    waiting = submissions_visible_to(user).filter(state=State.SUBMITTED).exclude(submitted_by=user)
    total = waiting.count()
    items = [
        WorkItem(
            title=str(submission),
            address=reverse("indicators:submission", args=[submission.pk]),
            note=_("gửi lúc %(when)s")
            % {"when": f"{timezone.localtime(submission.submitted_at):%H:%M %d/%m/%Y}"},
            status="waiting",
        )
        for submission in waiting.order_by("submitted_at")[:_SHOWN]
        if submission.submitted_at
    ]
    return WorkGroup(_("Số liệu chờ duyệt"), items, total, reverse("indicators:rounds"))
