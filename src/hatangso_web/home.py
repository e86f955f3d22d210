"""The home page: what waits for this person, asked from every app that has something to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso_web.accounts.models import User
from hatangso_web.accounts.queries import people_without_role, unfinished_own_account
from hatangso_web.indicators.queries.challenges import (
    challenges_to_answer,
    challenges_to_receive,
    challenges_to_settle,
)
from hatangso_web.indicators.queries.imports import imports_to_approve
from hatangso_web.indicators.queries.rounds import figures_to_approve, figures_to_send
from hatangso_web.indicators.queries.scores import scorings_to_do
from hatangso_web.plans.queries.work import due_soon, plans_to_confirm
from hatangso_web.screen.work import WorkGroup

# Each takes the person and the day, and returns a group of work or nothing. An app adds its function here.
WORK: list[Callable[[User, date], WorkGroup | None]] = [
    unfinished_own_account,
    people_without_role,
    figures_to_send,
    figures_to_approve,
    imports_to_approve,
    challenges_to_receive,
    challenges_to_answer,
    challenges_to_settle,
    scorings_to_do,
    plans_to_confirm,
    due_soon,
]


def work_of(user: User, *, on: date) -> list[WorkGroup]:
    """Return the groups that have something to show to this person."""
    groups = [ask(user, on) for ask in WORK]
    return [group for group in groups if group is not None and (group.total or group.nothing)]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person."""
    assert isinstance(request.user, User)
    today = timezone.localdate()
    return render(
        request,
        "home.html",
        {
            "title": _("Việc của tôi"),
            "groups": work_of(request.user, on=today),
            "today": today,
            "memberships": request.user.memberships_held,
        },
    )
