"""The list of plans, the page of one plan: filters, order, how many queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import accept_plain
from hatangso_web.plans.models import Kind, Plan
from hatangso_web.plans.queries.lists import PlanFilter, content_of, listed_plans
from tests.web.plans.sample import Store, findings, reading_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(store: Store, places: Any, specialist: User) -> list[Plan]:
    """Return plans whose titles sort Ân, Đắk, Dĩ in code order but Ân, Dĩ, Đắk in a dictionary."""
    made = []
    for title, area, period in (
        ("Kế hoạch Đắk Nông", places.province, [2024, 2025]),
        ("Kế hoạch Dĩ An", places.commune, [2026, 2030]),
        ("Kế hoạch Ân Thi", places.other_commune, None),
    ):
        header = {
            **findings()["header"],
            "title": title,
            "period": period,
            "level": "commune" if period else "province",
        }
        made.append(store(area, reading_of(header=header)).plan)
    return made


def _titles(user: User, **wanted: Any) -> list[str]:
    return [plan.title.removeprefix("Kế hoạch ") for plan in listed_plans(user, PlanFilter(**wanted))]


def test_plans_stand_in_vietnamese_order(three: list[Plan], specialist: User) -> None:
    assert _titles(specialist) == ["Ân Thi", "Dĩ An", "Đắk Nông"]


def test_search_is_blind_to_diacritics(three: list[Plan], specialist: User) -> None:
    assert _titles(specialist, words="dak nong") == ["Đắk Nông"]
    assert _titles(specialist, words="ĐĂK NONG") == ["Đắk Nông"]
    assert _titles(specialist, words="phuong dong an") == ["Ân Thi"]  # by its area
    assert _titles(specialist, words="112/kh-ubnd") == ["Ân Thi", "Dĩ An", "Đắk Nông"]


def test_filters_narrow_by_level_period_and_state(three: list[Plan], specialist: User) -> None:
    assert _titles(specialist, level="commune") == ["Dĩ An", "Đắk Nông"]
    assert _titles(specialist, year=2025) == ["Đắk Nông"]
    assert _titles(specialist, state="review") == ["Ân Thi", "Dĩ An", "Đắk Nông"]
    assert _titles(specialist, state="confirmed") == [] and _titles(specialist, state="failed") == []


def test_everyone_sees_the_plans_of_their_areas_only(
    three: list[Plan], clerk: User, neighbour: User, stranger: User, client_of: Callable[[User], Client]
) -> None:
    assert _titles(clerk) == ["Dĩ An"] and _titles(neighbour) == ["Ân Thi"] and _titles(stranger) == []
    address = reverse("plans:plan", args=[three[1].pk])
    assert client_of(clerk).get(address).status_code == 200
    assert client_of(neighbour).get(address).status_code == 404


def test_nobody_sees_anything_without_signing_in(three: list[Plan]) -> None:
    for name in ("list", "due", "list_download", "due_download", "upload"):
        answer = Client().get(reverse(f"plans:{name}"))
        assert answer.status_code == 302 and "dang-nhap" in answer["Location"]
    assert Client().get(reverse("plans:plan", args=[three[0].pk])).status_code == 302


def test_the_list_needs_as_many_queries_for_thirty_plans_as_for_three(
    three: list[Plan],
    specialist: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
    store: Store,
    places: Any,
) -> None:
    client = client_of(specialist)
    client.get(reverse("plans:list"))
    for number in range(9):
        store(places.commune, reading_of(header={**findings()["header"], "title": f"Kế hoạch {number}"}))
    with django_assert_max_num_queries(6):
        answer = client.get(reverse("plans:list"))
    assert answer.context["listing"].total == 12


def test_the_page_of_a_plan_shows_what_was_confirmed_and_leads_to_its_sentence(
    three: list[Plan],
    specialist: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    version = three[1].versions.get()
    for kind in (Kind.TARGET, Kind.TASK, Kind.ASSIGNMENT, Kind.DUTY, Kind.BASIS):
        accept_plain(version=version, kind=kind, by=specialist)
    client = client_of(specialist)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("plans:plan", args=[three[1].pk]))
    body = page.content.decode()
    assert (
        "≥\u00a095\u00a0%" in body and "Đến năm 2030" in body and "Tháng 12" in body and "36/QĐ-TTg" in body
    )
    target = page.context["content"].targets[0]
    sentence = client.get(reverse("plans:sentence", args=[target.finding_id]), follow=True).content.decode()
    assert 'id="cau">95% hộ gia đình' in sentence


def test_work_is_grouped_by_office_and_tasks_without_lead_stand_apart(
    store: Store, places: Any, specialist: User
) -> None:
    tasks = findings()["tasks"][:1]
    tasks.append({**tasks[0], "number": 3, "name": "Việc không ai chủ trì", "lead": [], "partners": []})
    version = store(places.province, reading_of(tasks=tasks, warnings=[]))
    for kind in (Kind.TASK, Kind.ASSIGNMENT):
        accept_plain(version=version, kind=kind, by=specialist)
    content = content_of(specialist, version.plan)
    work = {
        entry.office: (len(entry.leads), len(entry.helps), len(entry.assignments))
        for entry in content.work_by_office
    }
    assert work == {"Sở Khoa học và Công nghệ": (1, 0, 1), "UBND các xã": (0, 1, 0)}
    assert [task.name for task in content.tasks_without_lead] == ["Việc không ai chủ trì"]
