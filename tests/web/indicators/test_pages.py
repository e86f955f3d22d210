"""The pages of rounds and submissions, without JavaScript: entering, faults, sending, approving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import Cell, Round, State, Submission

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def _name(submission: Submission, variable: str, prefix: str = "o") -> str:
    return f"{prefix}-{submission.area.code}-{variable}"


def _open(client: Client, submission: Submission) -> str:
    response = client.get(reverse("indicators:submission", args=[submission.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_plain_form_saves_sends_and_is_approved(
    client_of: ClientOf, clerk: User, specialist: User, submission: Submission
) -> None:
    address = reverse("indicators:submission", args=[submission.pk])
    page = _open(client_of(clerk), submission)
    assert f'name="{_name(submission, "villages")}"' in page and "Số thôn, bản, tổ dân phố" in page
    written = {
        _name(submission, "villages"): "1.010",
        _name(submission, "villages_with_4g"): "9",
        "revision": "0",
    }
    answer = client_of(clerk).post(address, {**written, "gui": "1"}, follow=True)
    assert "Đã gửi báo cáo" in answer.content.decode()
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED
    assert Cell.objects.get(variable="villages").value == 1010
    review = _open(client_of(specialist), submission)
    assert 'value="duyet"' in review and "1.010" in review
    client_of(specialist).post(
        reverse("indicators:step", args=[submission.pk]), {"buoc": "duyet", "revision": "1"}
    )
    submission.refresh_from_db()
    assert submission.state == State.APPROVED


def test_a_fault_is_shown_at_its_cell_and_the_others_are_kept(
    client_of: ClientOf, clerk: User, submission: Submission
) -> None:
    address = reverse("indicators:submission", args=[submission.pk])
    page = client_of(clerk).post(
        address, {_name(submission, "villages"): "10", _name(submission, "people"): "nhiều"}
    )
    text = page.content.decode()
    assert "&#x27;nhiều&#x27;" in text and 'value="nhiều"' in text
    assert [cell.variable for cell in submission.cells.all()] == ["villages"]


def test_autosave_answers_with_what_it_stored(
    client_of: ClientOf, clerk: User, submission: Submission
) -> None:
    address = reverse("indicators:submission", args=[submission.pk])
    answer = (
        client_of(clerk)
        .post(
            address,
            {_name(submission, "villages"): "10", _name(submission, "villages_with_4g"): "abc"},
            headers={"X-Tu-Luu": "1"},
        )
        .json()
    )
    assert answer["saved"] == [_name(submission, "villages")]
    assert answer["problems"][_name(submission, "villages_with_4g")][0][0] == "error"
    Submission.objects.filter(pk=submission.pk).update(
        state="submitted", submitted_by=clerk, submitted_at=submission.round.created_at
    )
    refused = client_of(clerk).post(address, {_name(submission, "villages"): "11"}, headers={"X-Tu-Luu": "1"})
    assert refused.status_code == 409 and "không sửa được nữa" in refused.json()["fault"]


def test_an_explanation_alone_leaves_the_figure(
    client_of: ClientOf, clerk: User, submission: Submission
) -> None:
    address = reverse("indicators:submission", args=[submission.pk])
    client_of(clerk).post(address, {_name(submission, "villages"): "10"})
    client_of(clerk).post(
        address, {_name(submission, "villages", "g"): "Theo nghị quyết"}, headers={"X-Tu-Luu": "1"}
    )
    cell = submission.cells.get()
    assert (cell.value, cell.explanation) == (10, "Theo nghị quyết")


def test_pages_are_closed_to_who_may_not(
    client_of: ClientOf, neighbour: User, leader: User, firm_clerk: User, submission: Submission
) -> None:
    address = reverse("indicators:submission", args=[submission.pk])
    for other in (neighbour, firm_clerk):
        assert client_of(other).get(address).status_code == 404
        assert client_of(other).post(address, {}).status_code == 404
    assert client_of(leader).get(address).status_code == 200
    assert client_of(leader).post(address, {_name(submission, "villages"): "1"}).status_code == 403
    step = reverse("indicators:step", args=[submission.pk])
    assert client_of(leader).post(step, {"buoc": "duyet", "revision": "0"}).status_code == 403
    assert not Cell.objects.exists()


def test_a_round_shows_who_has_not_sent_with_a_reminder_to_copy(
    client_of: ClientOf, specialist: User, clerk: User, opened: Round, submission: Submission, fill: Any
) -> None:
    fill(submission, clerk, villages="10")
    page = client_of(specialist).get(reverse("indicators:round", args=[opened.pk])).content.decode()
    reminder = page[page.index('id="loi-nhac"') :].split("</textarea>")[0]
    assert "Phường Đồng Ân" in reminder and "Xã Ea Mới" not in reminder
    assert "Chưa báo cáo" in page and "Chờ duyệt" in page
    own = client_of(clerk).get(reverse("indicators:round", args=[opened.pk])).content.decode()
    assert "Phường Đồng Ân" not in own


def test_the_next_period_is_two_clicks(client_of: ClientOf, specialist: User, opened: Round) -> None:
    client = client_of(specialist)
    address = reverse("indicators:copy_round", args=[opened.pk])
    form = client.get(address).context["form"]
    filled = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    filled["area"] = filled["area"].code
    client.post(address, {name: value for name, value in filled.items() if value})
    copy = Round.objects.get(copied_from=opened)
    assert (copy.period, copy.variables, copy.submissions.count()) == ("2026Q4", opened.variables, 2)


def test_home_reminds_the_clerk_and_tells_the_specialist(
    client_of: ClientOf, clerk: User, specialist: User, submission: Submission, fill: Any
) -> None:
    assert "Số liệu phải gửi" in client_of(clerk).get("/").content.decode()
    fill(submission, clerk, villages="10")
    assert "Số liệu phải gửi" not in client_of(clerk).get("/").content.decode()
    assert "Số liệu chờ duyệt" in client_of(specialist).get("/").content.decode()


@pytest.mark.parametrize("name", ["indicators:rounds", "indicators:round", "indicators:submission"])
def test_pages_cost_few_queries(
    client_of: ClientOf,
    specialist: User,
    submission: Submission,
    name: str,
    django_assert_max_num_queries: Any,
) -> None:
    arguments = {"indicators:rounds": [], "indicators:round": [submission.round_id]}.get(
        name, [submission.pk]
    )
    client = client_of(specialist)
    with django_assert_max_num_queries(16):
        page = client.get(reverse(name, args=arguments)).content.decode()
    assert page.count("<h1") == 1 and " style=" not in page
