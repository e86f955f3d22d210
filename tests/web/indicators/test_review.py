"""From draft to approved: who may, in which order, what becomes of the figures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from hatangso.errors import HatangsoError, InputError
from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.review import approve, lock, return_back, undo
from hatangso_web.indicators.actions.rounds import next_call, open_round
from hatangso_web.indicators.computing import compute_period, total_values
from hatangso_web.indicators.models import Figure, Round, State, Step, Submission, Value
from hatangso_web.indicators.queries.sheets import current_values, sheet_of
from hatangso_web.indicators.queries.visible import submissions_visible_to, values_visible_to
from hatangso_web.indicators.steps import StaleSubmissionError

pytestmark = pytest.mark.django_db
Fill = Callable[..., Submission]


def test_a_figure_goes_from_the_clerk_to_a_value_to_an_indicator(
    submission: Submission, clerk: User, specialist: User, fill: Fill, places: Any
) -> None:
    fill(submission, clerk, villages="10", villages_with_4g="8", people="1.234")
    approve(submission=submission, revision=1, by=specialist)
    value = Value.objects.get(variable="people")
    assert (value.value, value.submission, value.kind) == (1234, submission, "declared")
    compute_period(places.province, "2026Q3")
    figure = Figure.objects.get(indicator=_share_of_4g(), area=places.province)
    assert (figure.numerator, figure.denominator, figure.value) == (8, 10, 80)
    assert (figure.reported, figure.expected) == (1, 2)
    assert AuditEvent.objects.filter(event="indicators.approved", about_key=str(submission.pk)).exists()


def _share_of_4g() -> str:
    from_catalogue = Figure.objects.filter(numerator=8, denominator=10).values_list("indicator", flat=True)
    return str(from_catalogue[0])


def test_nothing_new_is_not_computed_again(
    submission: Submission, clerk: User, specialist: User, fill: Fill, places: Any
) -> None:
    fill(submission, clerk, villages="10")
    approve(submission=submission, revision=1, by=specialist)
    first = compute_period(places.province, "2026Q3")
    assert compute_period(places.province, "2026Q3").pk == first.pk


def test_of_two_who_decide_at_once_one_wins(
    submission: Submission, clerk: User, specialist: User, second_specialist: User, fill: Fill
) -> None:
    fill(submission, clerk, villages="10")
    as_second_saw_it = Submission.objects.get(pk=submission.pk)
    approve(submission=submission, revision=1, by=specialist)
    with pytest.raises(StaleSubmissionError):
        approve(submission=as_second_saw_it, revision=1, by=second_specialist)
    with pytest.raises(StaleSubmissionError):
        return_back(submission=as_second_saw_it, revision=1, by=second_specialist, note="sai")
    assert Step.objects.filter(after="approved").count() == 1
    assert Value.objects.count() == 1


def test_the_same_figure_approved_elsewhere_in_the_same_moment_is_told(
    submission: Submission, clerk: User, specialist: User, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(submission, clerk, villages="10")
    create = Value.objects.bulk_create

    def overtaken(made: list[Value], batch_size: int) -> list[Value]:
        first = made[0]
        Value.objects.create(
            area=first.area, variable=first.variable, period=first.period, value=9, source="đợt khác", by=clerk, at=first.at
        )  # fmt: skip
        return create(made, batch_size=batch_size)

    monkeypatch.setattr(Value.objects, "bulk_create", overtaken)
    with pytest.raises(InputError, match="đợt khác"):
        approve(submission=submission, revision=1, by=specialist)
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


def test_only_who_may_enters_sends_and_approves(
    submission: Submission, clerk: User, neighbour: User, leader: User, firm_clerk: User, fill: Fill
) -> None:
    for other in (neighbour, leader, firm_clerk):
        with pytest.raises(PermissionDenied):
            save_cells(submission=submission, written={}, by=other)
    fill(submission, clerk, villages="10")
    for other in (clerk, neighbour, leader, firm_clerk):
        with pytest.raises(PermissionDenied):
            approve(submission=submission, revision=1, by=other)
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


def test_the_sender_does_not_approve_his_own(submission: Submission, specialist: User, fill: Fill) -> None:
    fill(submission, specialist, villages="10")
    with pytest.raises(PermissionDenied, match="không tự duyệt"):
        approve(submission=submission, revision=1, by=specialist)


def test_the_database_refuses_what_actions_never_do(
    submission: Submission, clerk: User, specialist: User, fill: Fill
) -> None:
    fill(submission, clerk, villages="10")
    approve(submission=submission, revision=1, by=specialist)
    for wrong in ({"state": "draft?"}, {"decided_by": clerk}, {"decided_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Submission.objects.filter(pk=submission.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        Value.objects.update(value=11)
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.update(note="khác")
    value = Value.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Value.objects.create(
            area=value.area,
            variable="villages",
            period="2026Q3",
            value=1,
            submission=submission,
            by=clerk,
            at=value.at,
        )
    assert Value.objects.get().value == 10


def test_returned_with_a_comment_corrected_and_approved(
    submission: Submission, clerk: User, specialist: User, fill: Fill
) -> None:
    fill(submission, clerk, villages="10")
    with pytest.raises(InputError, match="chưa ghi lý do"):
        return_back(submission=submission, revision=1, by=specialist, note=" ")
    return_back(
        submission=submission, revision=1, by=specialist, note="",
        comments={(submission.area_id, "villages"): "Xã có 11 thôn"},
    )  # fmt: skip
    cell = sheet_of(submission).rows[0][1][0]
    assert [comment.text for comment in cell.comments] == ["Xã có 11 thôn"]
    fill(submission, clerk, villages="11")
    approve(submission=submission, revision=3, by=specialist)
    assert current_values(period="2026Q3").get().value == 11


def test_undo_only_from_the_top_and_never_a_locked_one(
    submission: Submission, clerk: User, neighbour: User, specialist: User, fill: Fill
) -> None:
    fill(submission, clerk, villages="10")
    with pytest.raises(PermissionDenied):
        undo(submission=submission, revision=1, by=specialist)
    approve(submission=submission, revision=1, by=specialist)
    with pytest.raises(InputError):
        undo(submission=submission, revision=1, by=clerk)
    undo(submission=submission, revision=2, by=specialist)
    assert submission.state == State.SUBMITTED
    assert not current_values(period="2026Q3").exists()
    assert Value.objects.count() == 2  # the value, and the line that takes it back
    approve(submission=submission, revision=3, by=specialist)
    assert current_values(period="2026Q3").get().value == 10
    lock(submission=submission, revision=4, by=specialist)
    with pytest.raises(InputError):
        undo(submission=submission, revision=5, by=specialist)


def test_what_is_sent_cannot_be_changed(submission: Submission, clerk: User, fill: Fill) -> None:
    fill(submission, clerk, villages="10")
    with pytest.raises(StaleSubmissionError):
        save_cells(submission=submission, written={(submission.area_id, "villages"): ("9", "")}, by=clerk)


def test_an_error_stops_and_a_warning_wants_a_word(
    submission: Submission, clerk: User, specialist: User, fill: Fill, opened: Round
) -> None:
    fill(submission, clerk, send=False, villages="10", villages_with_4g="11")
    with pytest.raises(InputError, match="còn lỗi"):
        submit(submission=submission, revision=0, by=clerk)
    fill(submission, clerk, villages="10", villages_with_4g="10")
    approve(submission=submission, revision=1, by=specialist)
    following = open_round(call=next_call(opened, today=opened.due_on), by=specialist, copied_from=opened)
    later = following.submissions.get(area=submission.area)
    fill(later, clerk, send=False, villages="30")
    with pytest.raises(InputError, match="chưa giải trình"):
        submit(submission=later, revision=0, by=clerk)
    save_cells(
        submission=later, written={(later.area_id, "villages"): ("30", "Sáp nhập thêm hai xã")}, by=clerk
    )
    submit(submission=later, revision=0, by=clerk)
    assert later.state == State.SUBMITTED


def test_a_round_copied_asks_the_same_of_the_same_for_the_next_period(
    opened: Round, specialist: User, clerk: User
) -> None:
    call = next_call(opened, today=opened.due_on)
    assert (call.period, call.name) == ("2026Q4", "Số liệu hạ tầng số quý IV/2026")
    assert call.due_on.month == 12 and call.opens_on <= call.due_on
    copy = open_round(call=call, by=specialist, copied_from=opened)
    assert copy.variables == opened.variables and copy.submissions.count() == 2
    with pytest.raises(InputError):
        open_round(call=call, by=specialist)
    with pytest.raises(PermissionDenied):
        open_round(call=call, by=clerk)


def test_a_cell_that_cannot_be_read_keeps_what_stood_there(submission: Submission, clerk: User) -> None:
    key = (submission.area_id, "villages")
    assert save_cells(submission=submission, written={key: ("10", "")}, by=clerk).changed == 1
    assert save_cells(submission=submission, written={key: ("10", "")}, by=clerk).changed == 0
    saved = save_cells(submission=submission, written={key: ("khoảng chục", "")}, by=clerk)
    assert saved.changed == 0 and saved.sheet.errors[0].written == "khoảng chục"
    assert submission.cells.get().value == 10


def test_firms_see_only_their_own(
    submission: Submission,
    firm_round: Submission,
    firm_clerk: User,
    clerk: User,
    specialist: User,
    operator: User,
) -> None:
    keys = [(area.pk, "stations") for area, _ in sheet_of(firm_round).rows]
    assert len(keys) == 2
    save_cells(submission=firm_round, written=dict.fromkeys(keys, ("3", "")), by=firm_clerk)
    submit(submission=firm_round, revision=0, by=firm_clerk)
    approve(submission=firm_round, revision=1, by=specialist)
    assert set(submissions_visible_to(firm_clerk)) == {firm_round}
    assert set(submissions_visible_to(clerk)) == {submission}
    assert set(submissions_visible_to(operator)) == set()  # a clerk of another firm
    assert submissions_visible_to(specialist).count() == 3
    assert values_visible_to(firm_clerk).count() == 2
    assert values_visible_to(operator).count() == 0


def test_firms_are_added_up_only_where_they_share_nothing() -> None:
    rows = [("1", "stations_4g", 3.0, 7), ("1", "stations_4g", 4.0, 8), ("1", "villages_with_4g", 9.0, 7),
            ("2", "stations_4g", 5.0, None), ("2", "stations_4g", 6.0, 7)]  # fmt: skip
    assert total_values(rows) == {("1", "stations_4g"): 7.0, ("2", "stations_4g"): 5.0}


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_the_same_moment_publish_once(
    submission: Submission, clerk: User, specialist: User, second_specialist: User, fill: Fill
) -> None:
    fill(submission, clerk, villages="10")
    barrier, lost = threading.Barrier(2), []

    def decide(who: User) -> None:
        mine = Submission.objects.get(pk=submission.pk)
        barrier.wait()
        try:
            approve(submission=mine, revision=1, by=who)
        except (HatangsoError, DatabaseError) as fault:
            lost.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(who,)) for who in (specialist, second_specialist)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(lost) == 1
    assert Value.objects.count() == 1
    assert Submission.objects.get(pk=submission.pk).state == State.APPROVED
