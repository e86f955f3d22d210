"""Cells with two people in them, cells prefilled from the last answer, and what stands beside each cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.roles import Role
from hatangso_web.indicators.actions.entry import prefill, save_cells, submit
from hatangso_web.indicators.actions.merging import Entry
from hatangso_web.indicators.actions.review import approve
from hatangso_web.indicators.actions.rounds import next_call, open_round
from hatangso_web.indicators.models import Origin, Round, Submission
from hatangso_web.indicators.queries.definitions import definition_of
from hatangso_web.indicators.queries.sheets import Key, Sheet, sheet_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_now")]
Fill = Callable[..., Submission]


@pytest.fixture
def colleague(person: Callable[..., User], places: Any) -> User:
    """Return another clerk of the same commune."""
    return person("colleague", Role.COMMUNE_CLERK, places.commune)


@pytest.fixture
def later(submission: Submission, opened: Round, clerk: User, specialist: User, fill: Fill) -> Submission:
    """Return what the commune owes a quarter after 1.000 people and 10 villages were approved."""
    fill(submission, clerk, people="1000", villages="10")
    approve(submission=submission, revision=submission.revision, by=specialist)
    round_ = open_round(call=next_call(opened, today=opened.due_on), by=specialist)
    return round_.submissions.select_related("round__area", "area", "organisation").get(area=submission.area)


def _write(
    submission: Submission, by: User, figure: str, seen: str, *, word: str = "", seen_word: str = ""
) -> Any:
    key = _key(submission)
    entry = Entry(seen={key: (seen, seen_word)})
    return save_cells(submission=submission, written={key: (figure, word)}, by=by, entry=entry)


def _key(submission: Submission, variable: str = "villages") -> Key:
    return (submission.area_id, variable)


def _stands(submission: Submission, variable: str = "villages") -> tuple[float | None, str]:
    cell = submission.cells.get(variable=variable)
    return cell.value, cell.explanation


def test_the_later_of_two_does_not_win_silently(submission: Submission, clerk: User, colleague: User) -> None:
    _write(submission, clerk, "10", "")
    saved = _write(submission, colleague, "12", "")  # opened the page when the cell was empty
    assert saved.changed == 0 and _stands(submission) == (10, "")
    conflict = saved.sheet.conflicts[0].conflict
    assert conflict and (conflict.written, conflict.by) == ("10", clerk.full_name)
    assert saved.sheet.conflicts[0].written == "12"  # nothing of what was typed is lost
    assert _write(submission, colleague, "12", "10").changed == 1  # now knowingly
    assert _stands(submission) == (12, "")


def test_what_somebody_left_untouched_takes_what_stands_now(
    submission: Submission, clerk: User, colleague: User
) -> None:
    _write(submission, clerk, "1010", "")
    saved = _write(submission, colleague, "1.010", "1.010", word="Theo nghị quyết", seen_word="")
    assert saved.changed == 1 and _stands(submission) == (1010, "Theo nghị quyết")
    assert _write(submission, clerk, "1011", "1010").changed == 1  # a figure does not clash with a word
    assert _stands(submission) == (1011, "Theo nghị quyết")
    assert _write(submission, colleague, "1011", "1010", word="khác", seen_word="").sheet.conflicts
    key = _key(submission)
    kept = Entry(seen={key: ("", "")}, keep=frozenset({key}))
    assert save_cells(submission=submission, written={key: ("99", "")}, by=clerk, entry=kept).changed == 0


def test_two_who_write_the_same_agree(submission: Submission, clerk: User, colleague: User) -> None:
    _write(submission, clerk, "10", "")
    saved = _write(submission, colleague, " 10 ", "")
    assert (saved.changed, saved.sheet.conflicts) == (0, [])


def test_a_figure_of_the_year_is_prefilled_but_counts_only_once_looked_at(
    later: Submission, clerk: User
) -> None:
    sheet = sheet_of(later)
    cell = _cell(sheet, "people")
    assert (cell.written, cell.prefilled, cell.last and cell.last.by) == ("1.000", True, clerk.full_name)
    assert not _cell(sheet, "villages").prefilled and sheet.filled == 0
    save_cells(submission=later, written={_key(later): ("10", "")}, by=clerk)
    with pytest.raises(InputError, match="1 ô điền sẵn chưa ai xem"):
        submit(submission=later, revision=0, by=clerk)
    key = _key(later, "people")
    looked = Entry(seen={key: ("1.000", "")}, looked_at=frozenset({key}))
    assert save_cells(submission=later, written={key: ("1.000", "")}, by=clerk, entry=looked).changed == 1
    assert later.cells.get(variable="people").origin == Origin.TYPED
    submit(submission=later, revision=0, by=clerk)


def test_a_prefilled_cell_that_is_emptied_stays_empty(later: Submission, clerk: User) -> None:
    key = _key(later, "people")
    save_cells(submission=later, written={key: ("", "")}, by=clerk, entry=Entry(seen={key: ("1.000", "")}))
    cell = _cell(sheet_of(later), "people")
    assert (cell.value, cell.prefilled) == (None, False)


def test_on_demand_every_empty_cell_starts_from_the_last_answer(later: Submission, clerk: User) -> None:
    assert prefill(submission=later, by=clerk) == 2
    assert prefill(submission=later, by=clerk) == 0
    sheet = sheet_of(later)
    assert {cell.variable.code for cell in sheet.prefilled} == {"people", "villages"} and sheet.filled == 0
    assert (
        save_cells(submission=later, written={_key(later): ("10", "")}, by=clerk).changed == 1
    )  # typed again
    assert [cell.variable.code for cell in sheet_of(later).prefilled] == ["people"]


def test_the_page_says_what_a_cell_means_and_takes_marks_without_javascript(
    later: Submission, clerk: User, client_of: Callable[[User], Client]
) -> None:
    client, address = client_of(clerk), reverse("indicators:submission", args=[later.pk])
    page = client.get(address)
    text = page.content.decode()
    assert "Dùng để tính" in text and "quý III/2026 · Người clerk" in text and "Đã xem, vẫn đúng" in text
    code = later.area.code
    form = {"thay": page.context["seen"], f"o-{code}-people": "1.000", f"o-{code}-villages": "10"}
    client.post(address, form)
    assert [cell.variable for cell in later.cells.all()] == ["villages"]  # nobody looked at the people
    client.post(address, {**form, f"x-{code}-people": "1", "thay": client.get(address).context["seen"]})
    assert later.cells.get(variable="people").value == 1000
    client.post(address, {"thay": "{}", "dien-san": "1", f"o-{code}-villages_with_4g": ""})
    assert later.cells.count() == 2


def test_a_conflict_is_shown_with_both_figures_on_the_page_and_to_autosave(
    submission: Submission, clerk: User, colleague: User, client_of: Callable[[User], Client]
) -> None:
    _write(submission, colleague, "10", "")
    client, address = client_of(clerk), reverse("indicators:submission", args=[submission.pk])
    name = f"o-{submission.area.code}-villages"
    answer = client.post(address, {"thay": "{}", name: "12"}, headers={"X-Tu-Luu": "1"}).json()
    assert answer["saved"] == [] and answer["conflicts"][name]["figure"] == "10"
    page = client.post(address, {"thay": "{}", name: "12"})
    text = page.content.decode()
    assert 'value="12"' in text and "<strong>10</strong>" in text and "Giữ số này" in text
    assert json.loads(page.context["seen"])[name] == "10"
    client.post(address, {"thay": page.context["seen"], name: "12", name.replace("o-", "k-", 1): "1"})
    assert _stands(submission) == (10, "")
    client.post(address, {"thay": page.context["seen"], name: "12"})
    assert _stands(submission) == (12, "")


def test_a_variable_says_who_knows_it_and_what_it_serves() -> None:
    found = definition_of("villages")
    assert found is not None and ("MOB-01", "Tỷ lệ thôn được phủ băng rộng di động") in found.serves
    assert any("không lớn hơn số thôn" in rule for rule in found.rules)
    stations = definition_of("stations_5g")
    assert stations is not None and "Danh sách trạm BTS" in stations.tables
    assert definition_of("nothing") is None


def _cell(sheet: Sheet, variable: str) -> Any:
    return next(cell for cell in sheet.cells if cell.variable.code == variable)
