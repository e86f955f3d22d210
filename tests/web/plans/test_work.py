"""What plans report to the home page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import accept_plain
from hatangso_web.plans.models import Kind, Version
from hatangso_web.plans.queries.work import due_soon, plans_to_confirm

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def test_who_confirms_plans_sees_what_waits(
    read_version: Version, specialist: User, leader: User, neighbour: User
) -> None:
    group = plans_to_confirm(specialist, DAY)
    assert group is not None and [item.note for item in group.items] == ["10 nội dung chờ xác nhận"]
    assert plans_to_confirm(leader, DAY) is None  # a leader looks, others confirm
    other = plans_to_confirm(neighbour, DAY)
    assert other is not None and other.total == 0


def test_what_is_due_within_thirty_days_is_told(
    read_version: Version, specialist: User, viewer: User, client_of: Callable[[User], Client]
) -> None:
    accept_plain(version=read_version, kind=Kind.DUTY, by=specialist)
    group = due_soon(viewer, DAY)
    assert group is not None and [item.due for item in group.items] == [date(2026, 12, 20)]
    later = due_soon(viewer, date(2026, 6, 1))
    assert later is not None and later.total == 0


def test_a_stranger_has_no_work(stranger: User, read_version: Version) -> None:
    assert plans_to_confirm(stranger, DAY) is None and due_soon(stranger, DAY) is None
