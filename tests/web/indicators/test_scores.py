"""Index scores: scored by the unit, proved, commented, explained, fixed by another; ranked; tried without touching data."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.roles import Role
from hatangso_web.indicators.actions.scores import (
    ScoreCall,
    add_file,
    fix,
    give_back,
    open_score_round,
    remark,
    reopen,
    send,
    set_best,
    withdraw_file,
    write_line,
)
from hatangso_web.indicators.models import (
    Figure,
    Run,
    ScoreAnswer,
    ScoreRound,
    ScoreState,
    ScoreStep,
    Scoring,
)
from hatangso_web.indicators.queries.scores import ranked, sheet_of_scoring, try_changes
from hatangso_web.indicators.steps import StaleSubmissionError

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n"


def pdf(name: str = "quyet-dinh.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


@pytest.fixture
def score_round(places: Any, specialist: User) -> ScoreRound:
    """A scoring of both communes by QĐ 885 for 2026; 9 of 10 villages of the clerk's commune have mobile broadband."""
    run = Run.objects.create(area=places.province, period="2026Q3", engine_version="0", at=timezone.now())
    Figure.objects.create(
        run=run, indicator="MOB-01", area=places.commune, period="2026Q3", numerator=9, denominator=10, value=90,
        reported=1, expected=1,
    )  # fmt: skip
    Figure.objects.create(
        run=run, indicator="PAS-01", area=places.commune, period="2026Q3", numerator=1, denominator=4, value=25,
        reported=1, expected=1,
    )  # fmt: skip
    call = ScoreCall("Chấm điểm 2026", places.province, "DII-885", "2026", datetime.date(2026, 12, 1), True)
    return open_score_round(call=call, by=specialist)


@pytest.fixture
def scoring(score_round: ScoreRound, places: Any) -> Scoring:
    return score_round.scorings.select_related("round__area", "area").get(area=places.commune)


@pytest.fixture
def judge(person: Callable[..., User], places: Any) -> User:
    return person("judge", Role.PROVINCIAL_SPECIALIST, places.province)


def test_rates_come_from_approved_figures_and_the_unknown_is_never_zero(scoring: Scoring) -> None:
    sheet = sheet_of_scoring(scoring)
    line = sheet.line("BROADBAND-1")
    assert line is not None and line.points == 9  # 90 % of 10 points
    assert "MOB-01 2026Q3: 90,00 = 9 / 10" in line.basis
    unknown = sheet.line("BROADBAND-2")
    assert unknown is not None and unknown.points is None and "Chưa có số liệu" in unknown.line.words
    assert (sheet.points, sheet.unknown) == (9, 290)  # of 300
    assert sheet.notes[0].startswith("Bộ tiêu chí này dựng lại")


def test_best_performer_is_unknown_until_the_best_of_the_country_is_written_with_its_source(
    scoring: Scoring, specialist: User, clerk: User
) -> None:
    assert sheet_of_scoring(scoring).line("BROADBAND-3").points is None  # type: ignore[union-attr]
    with pytest.raises(PermissionDenied):
        set_best(round_=scoring.round, code="BROADBAND-3", value=50, source="Bộ công bố", by=clerk)
    with pytest.raises(InputError):
        set_best(round_=scoring.round, code="BROADBAND-3", value=50, source="", by=specialist)
    set_best(round_=scoring.round, code="BROADBAND-3", value=50, source="Bộ công bố 2026", by=specialist)
    line = sheet_of_scoring(scoring).line("BROADBAND-3")
    assert line is not None and line.points == 5 and "Bộ công bố 2026" in line.basis  # 25/50 × 10


def test_a_unit_enters_only_what_is_not_computed_and_says_why(
    scoring: Scoring, clerk: User, neighbour: User
) -> None:
    with pytest.raises(InputError, match="chưa giải trình"):
        write_line(scoring=scoring, code="PLAN-3", value=4, explanation=" ", by=clerk)
    with pytest.raises(PermissionDenied):
        write_line(scoring=scoring, code="PLAN-3", value=4, explanation="4 cuộc", by=neighbour)
    with pytest.raises(InputError, match="có hoặc không"):
        write_line(scoring=scoring, code="PLAN-1", value=2, explanation="?", by=clerk)
    write_line(scoring=scoring, code="PLAN-3", value=2, explanation="2 cuộc họp", by=clerk)
    assert write_line(scoring=scoring, code="PLAN-3", value=2, explanation="2 cuộc họp", by=clerk) is None
    write_line(scoring=scoring, code="BROADBAND-1", value=100, explanation="theo số đã duyệt", by=clerk)
    sheet = sheet_of_scoring(scoring)
    assert sheet.line("PLAN-3").points == 10  # type: ignore[union-attr]
    assert sheet.line("BROADBAND-1").points == 9  # type: ignore[union-attr]  # what is computed cannot be typed


def test_evidence_is_kept_once_checked_by_content_and_opened_only_by_those_concerned(
    scoring: Scoring,
    clerk: User,
    neighbour: User,
    specialist: User,
    viewer: User,
    client_of: Callable[[User], Client],
) -> None:
    kept = add_file(scoring=scoring, code="PLAN-1", file=pdf(), by=clerk)
    assert add_file(scoring=scoring, code="PLAN-1", file=pdf("lan-hai.pdf"), by=clerk).pk == kept.pk
    for wrong in (
        pdf("a.exe"),
        pdf("a.pdf", b"MZ\x90"),
        pdf("a.pdf", b""),
        pdf("a.pdf", PDF + b"0" * 10_485_760),
    ):
        with pytest.raises(InputError):
            add_file(scoring=scoring, code="PLAN-1", file=wrong, by=clerk)
    assert "quyet-dinh" not in kept.file.name
    address = reverse("indicators:score_file", args=[kept.pk])
    answer = client_of(clerk).get(address)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    opened = client_of(specialist).get(address)
    assert b"".join(opened.streaming_content) == PDF  # type: ignore[attr-defined]
    assert client_of(viewer).get(address).status_code == 403  # sees the area, not the evidence
    assert client_of(neighbour).get(address).status_code == 404
    withdraw_file(file=kept, by=clerk)
    assert client_of(clerk).get(address).status_code == 404
    assert sheet_of_scoring(scoring).line("PLAN-1").files == ()  # type: ignore[union-attr]


def _to_round_2(scoring: Scoring, clerk: User, specialist: User) -> None:
    write_line(scoring=scoring, code="PLAN-1", value=1, explanation="QĐ 12/QĐ-UBND", by=clerk)
    send(scoring=scoring, revision=0, by=clerk)
    give_back(scoring=scoring, revision=1, by=specialist, note="", remarks={"PLAN-3": "Thiếu biên bản"})
    write_line(scoring=scoring, code="PLAN-3", value=4, explanation="4 biên bản kèm theo", by=clerk)
    send(scoring=scoring, revision=2, by=clerk, note="Đã bổ sung")


def test_round_1_comment_round_2_and_a_result_fixed_by_another(
    scoring: Scoring, clerk: User, specialist: User, places: Any
) -> None:
    with pytest.raises(PermissionDenied):
        remark(scoring=scoring, code="PLAN-1", text="x", by=clerk)
    _to_round_2(scoring, clerk, specialist)
    Figure.objects.filter(indicator="MOB-01").update(value=10)  # later figures do not change what was sent
    line = sheet_of_scoring(scoring).line("PLAN-3")
    assert line is not None and (line.first, line.points) == (None, 20)
    assert [each.text for each in line.remarks] == ["Thiếu biên bản"]
    with pytest.raises(PermissionDenied):
        fix(scoring=scoring, revision=3, by=clerk)
    with pytest.raises(InputError, match="chưa ghi lý do"):
        fix(scoring=scoring, revision=3, by=specialist, given={"PLAN-3": (15.0, "")})
    with pytest.raises(InputError, match="từ 0 đến 20"):
        fix(scoring=scoring, revision=3, by=specialist, given={"PLAN-3": (21.0, "thưởng")})
    fix(
        scoring=scoring, revision=3, by=specialist, given={"PLAN-3": (15.0, "Một cuộc họp không có biên bản")}
    )
    sheet = sheet_of_scoring(scoring)
    assert sheet.points == 20 + 15 + 9
    assert scoring.state == ScoreState.FINAL
    assert [round(step.points) for step in ScoreStep.objects.filter(scoring=scoring)] == [29, 29, 49, 44]
    reopen(scoring=scoring, revision=4, by=specialist, note="Sót một biên bản")
    fix(scoring=scoring, revision=5, by=specialist)
    assert sheet_of_scoring(scoring).points == 49


def test_who_sent_it_neither_comments_nor_fixes_it(scoring: Scoring, specialist: User, judge: User) -> None:
    _to_round_2(scoring, specialist, judge)  # the specialist may enter for the commune; then another decides
    with pytest.raises(PermissionDenied):
        fix(scoring=scoring, revision=3, by=specialist)
    with pytest.raises(StaleSubmissionError):
        fix(scoring=scoring, revision=2, by=judge)
    fix(scoring=scoring, revision=3, by=judge)
    with pytest.raises(IntegrityError), transaction.atomic():
        Scoring.objects.filter(pk=scoring.pk).update(fixed_by=specialist)


def test_what_was_answered_cannot_be_changed_even_past_the_site(scoring: Scoring, clerk: User) -> None:
    write_line(scoring=scoring, code="PLAN-1", value=1, explanation="QĐ 12", by=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoreAnswer.objects.update(value=0)
    assert ScoreAnswer.objects.get().value == 1


def test_ranking_shares_places_and_trying_touches_nothing(
    scoring: Scoring, clerk: User, score_round: ScoreRound
) -> None:
    sheets = ranked(score_round)
    assert [(sheet.rank, sheet.points) for sheet in sheets] == [(1, 9), (2, 0)]
    trial = try_changes(sheet_of_scoring(scoring), {"BROADBAND-1": 100, "PLAN-1": 1})
    assert [(item.code, gain) for item, gain in trial.gains] == [("PLAN-1", 20), ("BROADBAND-1", 1)]
    assert trial.gain == 21 and trial.headroom[0][1] == 20
    assert ScoreAnswer.objects.count() == 0


def test_pages_open_for_those_who_may(
    scoring: Scoring,
    clerk: User,
    neighbour: User,
    operator: User,
    specialist: User,
    client_of: Callable[[User], Client],
) -> None:
    page = reverse("indicators:scoring", args=[scoring.pk])
    round_page = reverse("indicators:score_round", args=[scoring.round_id])
    for user, status in ((clerk, 200), (specialist, 200), (neighbour, 404), (operator, 404)):
        assert client_of(user).get(page).status_code == status, user
    office = client_of(specialist)
    shown = office.get(round_page).content.decode()
    assert "Phường Đồng Ân" in shown and "dựng lại từ nguồn thứ cấp" in shown and "Dẫn đầu từng nhóm" in shown
    assert "Phường Đồng Ân" not in client_of(clerk).get(round_page).content.decode()
    line = reverse("indicators:score_line", args=[scoring.pk, "PLAN-1"])
    sent = {"ket-qua": "1", "giai-trinh": "QĐ 12", "minh-chung": pdf()}
    assert client_of(clerk).post(line, sent).status_code == 302
    assert sheet_of_scoring(scoring).line("PLAN-1").points == 20  # type: ignore[union-attr]
    tried = office.get(reverse("indicators:score_trial", args=[scoring.pk]), {"v-BROADBAND-1": "100"})
    assert "29,0 → 30,0" in tried.content.decode()
    wrong = office.get(reverse("indicators:score_trial", args=[scoring.pk]), {"v-BROADBAND-1": "101"})
    assert "từ 0 đến 100 %" in wrong.content.decode()
    step = {"revision": "0", "buoc": "gui"}
    client_of(clerk).post(reverse("indicators:score_step", args=[scoring.pk]), step)
    scoring.refresh_from_db()
    assert scoring.state == ScoreState.COMMENT
    assert "Chấm điểm 2026 · Xã Ea Mới" in office.get("/").content.decode()


def test_workbooks_hold_every_line_and_the_warning(
    scoring: Scoring, specialist: User, client_of: Callable[[User], Client], operator: User
) -> None:
    office = client_of(specialist)
    answer = office.get(reverse("indicators:score_round_workbook", args=[scoring.round_id]))
    book = openpyxl.load_workbook(BytesIO(answer.content))
    ranking = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert any("dựng lại" in str(row[0]) for row in ranking)
    assert [next(row for row in ranking if row[1] == "Xã Ea Mới")[place] for place in (1, 9)] == [
        "Xã Ea Mới",
        9,
    ]
    assert book.worksheets[1].max_row > 2 * 24
    one = office.get(reverse("indicators:scoring_workbook", args=[scoring.pk]))
    assert openpyxl.load_workbook(BytesIO(one.content)).worksheets[0].max_row > 24
    assert (
        client_of(operator).get(reverse("indicators:scoring_workbook", args=[scoring.pk])).status_code == 404
    )


def test_the_round_page_asks_the_same_however_many_units_there_are(
    score_round: ScoreRound, places: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            ranked(score_round)
        return len(asked)

    before = queries()
    Scoring.objects.create(round=score_round, area=places.other_province)
    assert queries() == before
