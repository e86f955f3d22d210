"""The audit trail as a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from hatangso_web.accounts.audit import Event, record
from hatangso_web.accounts.models import User
from hatangso_web.trail import EVENTS, event_words

pytestmark = pytest.mark.django_db


def test_trail_is_searched_without_diacritics_and_filtered_by_event_and_day(
    client_of: Callable[[User], Client], administrator: User, clerk: User, neighbour: User
) -> None:
    clerk.full_name = "Đặng Thị Ánh"
    record(Event.SIGNED_IN, about=clerk, by=clerk)
    record(Event.PASSWORD_CHANGED, about=neighbour, by=neighbour)
    client = client_of(administrator)

    def shown(query: str) -> list[str]:
        return [event.event for event in client.get(f"/nhat-ky/?{query}").context["listing"].page]

    assert shown("tim=dang+anh") == ["accounts.signed_in"]
    assert shown("viec=accounts.password_changed") == ["accounts.password_changed"]
    assert shown("den=2001-01-01") == []
    assert shown("tu=2001-01-01&den=kh%C3%B4ng-ph%E1%BA%A3i-ng%C3%A0y&sap-xep=luc") == [
        "accounts.signed_in",
        "accounts.password_changed",
    ]


def test_every_event_has_one_app_and_a_word() -> None:
    words = event_words()
    assert len(words) == sum(len(events) for events in EVENTS)
    assert all(word and word != key for key, word in words.items())
