"""What reviewers do: accept, edit, reject, add, undo; who may; two at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from hatangso.errors import InputError
from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.plans.actions.restricting import mark_restricted
from hatangso_web.plans.actions.review import (
    Addition,
    StaleDecisionError,
    Verdict,
    accept_plain,
    add_finding,
    decide,
    undo_last,
)
from hatangso_web.plans.models import (
    Action,
    Assignment,
    Decision,
    Duty,
    Finding,
    Kind,
    LegalBasis,
    Plan,
    State,
    Target,
    Task,
    Version,
)
from tests.web.plans.sample import FIBRE, Store, reading_of

pytestmark = pytest.mark.django_db
Pick = Callable[..., Finding]
ACCEPT, REJECT = Verdict(Action.ACCEPT, 0), Verdict(Action.REJECT, 0)


def test_accepting_a_target_makes_it_hold_with_who_and_when(finding: Pick, specialist: User) -> None:
    decide(finding=finding("target"), verdict=ACCEPT, by=specialist)
    held = Target.objects.get()
    assert (held.indicator, held.comparator, held.value, held.unit) == ("FIX-02", ">=", 95, "%")
    assert (str(held.due_date), held.confirmed_by, held.text) == ("2030-12-31", specialist, FIBRE)
    assert held.confirmed_at is not None


def test_every_kind_becomes_its_row(finding: Pick, specialist: User) -> None:
    for kind in ("header", "basis", "task", "assignment", "duty"):
        decide(finding=finding(kind), verdict=ACCEPT, by=specialist)
    assert Plan.objects.get().header_confirmed_by == specialist
    assert LegalBasis.objects.get().is_parent
    task = Task.objects.get()
    assert [(part.role, part.office) for part in task.offices.all()] == [
        ("lead", "Sở Khoa học và Công nghệ"),
        ("partner", "UBND các xã"),
    ]
    assert str(task.due_date) == "2028-12-31"
    assert Assignment.objects.get().items == ["chủ trì, theo dõi, đôn đốc."]
    duty = Duty.objects.get()
    assert (duty.day, duty.month, duty.year, duty.every) == (20, 12, None, "year")


def test_an_edit_keeps_what_was_read_beside_what_holds(finding: Pick, specialist: User) -> None:
    fibre = finding("target")
    decide(finding=fibre, verdict=Verdict(Action.EDIT, 0, {**fibre.value, "value": 97}), by=specialist)
    fibre.refresh_from_db()
    assert (fibre.read_value["value"], fibre.value["value"], fibre.state) == (95, 97, State.EDITED)
    assert Target.objects.get().value == 97


def test_rejecting_what_was_accepted_ends_the_target(finding: Pick, specialist: User) -> None:
    decide(finding=finding("target"), verdict=ACCEPT, by=specialist)
    decide(finding=finding("target"), verdict=Verdict(Action.REJECT, 1, note="trùng"), by=specialist)
    assert Target.objects.get().ended_by == specialist
    assert Decision.objects.order_by("-pk")[0].note == "trùng"


def test_a_target_without_value_is_refused_with_the_way_to_mend_it(
    store: Store, specialist: User, places
) -> None:
    reading = reading_of()
    reading.findings["targets"][0]["value"] = None
    version = store(places.province, reading)
    bare = version.findings.select_related("version__plan__area").filter(kind=Kind.TARGET)[0]
    with pytest.raises(InputError, match=r"chưa có giá trị.*Sửa"):
        decide(finding=bare, verdict=ACCEPT, by=specialist)
    assert accept_plain(version=version, kind=Kind.TARGET, by=specialist) == 0


def test_the_second_of_two_reviewers_is_told_who_was_first(
    finding: Pick, specialist: User, person, places
) -> None:
    other = person("other", "provincial_specialist", places.province)
    mine, theirs = finding("target"), finding("target")
    decide(finding=theirs, verdict=REJECT, by=other)
    with pytest.raises(StaleDecisionError, match="Người other vừa quyết định"):
        decide(finding=mine, verdict=ACCEPT, by=specialist)
    assert not Target.objects.exists() and Decision.objects.count() == 1


def test_a_clerk_of_the_province_decides_but_a_leader_and_a_neighbour_do_not(
    finding: Pick, specialist: User, leader: User, neighbour: User
) -> None:
    for refused in (leader, neighbour):
        with pytest.raises(PermissionDenied):
            decide(finding=finding("target"), verdict=ACCEPT, by=refused)
    decide(finding=finding("target"), verdict=ACCEPT, by=specialist)
    assert Target.objects.count() == 1


def test_a_former_version_is_closed(
    finding: Pick, store: Store, read_version: Version, specialist: User
) -> None:
    store(read_version.area, reading_of(), plan=read_version.plan)
    with pytest.raises(InputError, match="không phải bản hiện hành"):
        decide(finding=finding("target"), verdict=ACCEPT, by=specialist)


def test_undo_takes_back_ones_own_last_decision(
    finding: Pick, read_version: Version, specialist: User
) -> None:
    decide(finding=finding("target"), verdict=ACCEPT, by=specialist)
    undo_last(version=read_version, by=specialist)
    back = finding("target")
    assert (back.state, back.decided_by, back.revision) == (State.OPEN, None, 2)
    assert Target.objects.get().ended_at is not None
    assert [line.action for line in Decision.objects.order_by("pk")] == [Action.ACCEPT, Action.UNDO]


def test_undo_of_an_edit_returns_to_the_former_decision_and_its_author(
    finding: Pick, read_version: Version, specialist: User, person, places
) -> None:
    other = person("other", "provincial_specialist", places.province)
    decide(finding=finding("target"), verdict=ACCEPT, by=other)
    fibre = finding("target")
    decide(finding=fibre, verdict=Verdict(Action.EDIT, 1, {**fibre.value, "value": 97}), by=specialist)
    undo_last(version=read_version, by=specialist)
    back = finding("target")
    assert (back.state, back.value["value"], back.decided_by) == (State.ACCEPTED, 95, other)
    assert Target.objects.get().value == 95 and Target.objects.get().confirmed_by == other


def test_nobody_undoes_the_decision_of_another(
    finding: Pick, read_version: Version, specialist: User, person, places
) -> None:
    other = person("other", "provincial_specialist", places.province)
    decide(finding=finding("target"), verdict=ACCEPT, by=other)
    with pytest.raises(InputError, match="Không còn quyết định nào của bạn"):
        undo_last(version=read_version, by=specialist)
    assert finding("target").state == State.ACCEPTED


def test_a_target_added_by_hand_finds_its_sentence(read_version: Version, specialist: User) -> None:
    value = {"indicator": "FIX-01", "comparator": ">=", "value": 100.0, "unit": "%", "year": 2030}
    added = add_finding(
        version=read_version,
        addition=Addition(Kind.TARGET, value, "95% hộ gia đình có khả năng"),
        by=specialist,
    )
    assert read_version.source[added.start : added.end] == "95% hộ gia đình có khả năng"
    assert added.read_value is None and Target.objects.get().indicator == "FIX-01"


def test_a_sentence_that_stands_nowhere_is_refused(read_version: Version, specialist: User) -> None:
    with pytest.raises(InputError, match="Không thấy câu này"):
        add_finding(
            version=read_version, addition=Addition(Kind.DUTY, {"who": "x"}, "câu bịa ra"), by=specialist
        )
    assert not Duty.objects.exists()


def test_undo_of_an_addition_takes_it_off(read_version: Version, specialist: User) -> None:
    add_finding(
        version=read_version,
        addition=Addition(Kind.ASSIGNMENT, {"office": "Sở Y tế", "items": []}),
        by=specialist,
    )
    undo_last(version=read_version, by=specialist)
    assert Assignment.objects.get().ended_at is not None


def test_history_cannot_be_rewritten(finding: Pick, specialist: User) -> None:
    if connection.vendor == "sqlite":  # the tests run without this one trigger; tests/people.py says why
        migration = importlib.import_module("hatangso_web.plans.migrations.0002_decisions_are_append_only")
        with connection.cursor() as cursor:
            cursor.execute(next(statement for statement in migration._SQLITE if "BEFORE DELETE" in statement))
    decision = decide(finding=finding("target"), verdict=ACCEPT, by=specialist)
    for rewrite in (
        lambda: Decision.objects.filter(pk=decision.pk).update(note="khác"),
        lambda: Decision.objects.filter(pk=decision.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="chỉ được ghi thêm"), transaction.atomic():
            rewrite()
    assert Decision.objects.get().note == ""


def test_marking_a_sentence_restricted_takes_everything_read_from_it(
    finding: Pick, read_version: Version, specialist: User
) -> None:
    decide(finding=finding("target", 1), verdict=ACCEPT, by=specialist)
    mark_restricted(finding=finding("target", 1), by=specialist)
    assert Target.objects.get().restricted
    restricted = read_version.findings.filter(restricted=True).values_list("kind", flat=True)
    assert sorted(restricted) == ["target", "task", "warning", "warning"]


def test_words_that_speak_of_secrets_are_restricted_when_typed(
    read_version: Version, specialist: User
) -> None:
    value = {
        "office": "Sở Khoa học",
        "items": ["Bảo đảm mạng điện báo Hệ đặc biệt phục vụ cơ quan Đảng, Nhà nước"],
    }
    assert add_finding(
        version=read_version, addition=Addition(Kind.ASSIGNMENT, value), by=specialist
    ).restricted


def test_the_trail_names_the_deed_without_a_word_of_the_plan(finding: Pick, specialist: User) -> None:
    decide(finding=finding("task", 1), verdict=ACCEPT, by=specialist)
    event = AuditEvent.objects.get(event="plans.finding_decided")
    assert event.details == {"action": "accept"} and event.about_label == finding("task").version.plan.title
