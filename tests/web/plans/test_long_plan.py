"""A plan of five hundred targets and as many warnings: a page of cards at a time, light and with few queries."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import User
from hatangso_web.plans.models import Kind, Version
from tests.people import Places
from tests.web.plans.sample import SOURCE as SHORT
from tests.web.plans.sample import Store, place, reading_of, target

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
SENTENCES = [f"{number}% hộ gia đình ở xã số {number:03} có cáp quang" for number in range(500)]
SOURCE = "\n".join([SHORT, *SENTENCES])


@pytest.fixture
def long_plan(store: Store, places: Places) -> Version:
    """Return the long plan, read and waiting."""
    targets = [target("FIX-02", number, "%", text, source=SOURCE) for number, text in enumerate(SENTENCES)]
    warnings = [
        {"code": "x", "text": f"Cảnh báo thứ {number}.", "where": place(SENTENCES[number % 500], SOURCE)}
        for number in range(1000)
    ]
    reading = reading_of(SOURCE, targets=targets, warnings=warnings, tasks=[], assignments=[], duties=[])
    return store(places.province, reading)


def _cards(page: str) -> list[str]:
    return re.findall(r'data-finding="(\d+)"', page)


def test_review_shows_fifty_and_leads_to_those_before_and_after(
    client_of: ClientOf, long_plan: Version, specialist: User, django_assert_max_num_queries: Any
) -> None:
    client = client_of(specialist)
    review = reverse("plans:review", args=[long_plan.pk])
    keys = [str(key) for key in long_plan.findings.filter(kind=Kind.TARGET).values_list("pk", flat=True)]
    with django_assert_max_num_queries(14):
        page = client.get(f"{review}?loai=target").content.decode()
    assert _cards(page) == keys[:50]
    assert "1–50 trên 500" in page
    assert 'data-page="before"' not in page
    after = re.search(r'data-page="after" href="\?chon=(\d+)', page)
    assert after and after[1] == keys[50]
    assert _cards(client.get(f"{review}?chon={keys[50]}").content.decode()) == keys[50:100]
    last = client.get(f"{review}?chon={keys[499]}").content.decode()
    assert _cards(last) == keys[450:]
    assert 'data-page="after"' not in last
    assert len(gzip.compress(page.encode())) < 60 * 1024


def test_page_of_the_plan_shows_a_hundred_warnings_and_leads_to_the_rest(
    client_of: ClientOf, long_plan: Version, specialist: User
) -> None:
    page = client_of(specialist).get(reverse("plans:plan", args=[long_plan.plan_id])).content.decode()
    assert page.count("Cảnh báo thứ ") == 100
    assert "Xem cả 1.000 cảnh báo" in page
