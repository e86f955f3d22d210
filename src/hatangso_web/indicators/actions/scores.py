"""Scoring an index: opened, scored by the unit itself, commented, explained, fixed by the office above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.lawentries import Criterion
from hatangso.periods import parse_period
from hatangso.vietnamese import format_number
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below, in_force
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.evidence import check_evidence, digest_of
from hatangso_web.indicators.models import (
    ScoreAnswer,
    ScoreBest,
    ScoreFile,
    ScoreLine,
    ScoreRemark,
    ScoreRound,
    ScoreState,
    ScoreStep,
    Scoring,
)
from hatangso_web.indicators.queries.scores import (
    ScoreSheet,
    criteria_of,
    edition_of,
    may_judge,
    may_score,
    sheet_of_scoring,
)
from hatangso_web.indicators.steps import StaleSubmissionError

MOST_FILES = 10


@dataclass(frozen=True)
class ScoreCall:
    """What a scoring asks: by which edition, of which area (or of all its communes), for which period, by when."""

    name: str
    area: Area
    edition: str
    period: str
    due_on: date
    of_communes: bool = False


@transaction.atomic
def open_score_round(*, call: ScoreCall, by: User) -> ScoreRound:
    """Open a scoring of an area, or of every commune in force in it. Who: a person who manages rounds of the area."""
    require(by, Permission.MANAGE_ROUNDS, area=call.area)
    edition, period, now = edition_of(call.edition), parse_period(call.period), timezone.now()
    areas: Sequence[Area] = [call.area]
    if call.of_communes:
        communes = Area.objects.filter(below(call.area.path), level=Level.COMMUNE)
        areas = list(in_force(communes, on=timezone.localdate(now)))
    if not areas:
        raise InputError(
            _("Đợt chấm điểm"), found=_("địa bàn không có xã, phường nào"), remedy=_("Chọn địa bàn khác")
        )
    round_ = ScoreRound(
        area=call.area, name=call.name, edition=edition.code, period=period.code, due_on=call.due_on,
        opened_by=by, opened_at=now,
    )  # fmt: skip
    try:
        round_.full_clean()
    except ValidationError as fault:
        raise InputError(_("Đợt chấm điểm"), found=" ".join(fault.messages)) from fault
    round_.save()
    Scoring.objects.bulk_create([Scoring(round=round_, area=area) for area in areas], batch_size=500)
    record(Event.SCORE_OPENED, about=round_, by=by, details={"edition": edition.code, "units": len(areas)})
    return round_


@transaction.atomic
def write_line(
    *, scoring: Scoring, code: str, value: float | None, explanation: str, by: User
) -> ScoreAnswer | None:
    """Write what the unit says of a criterion; the same again adds nothing.

    Who: who enters for the unit. When: it scores itself or explains. What is computed from approved figures is
    not entered, only explained; what is entered needs a word of explanation.
    """
    criterion = _criterion(scoring, code)
    _require_entering(scoring, by)
    _hold(scoring)
    said = explanation.strip()[:1000]
    if criterion.indicator:
        value = None
    elif value is not None:
        _check_value(criterion, value)
        if not said:
            raise InputError(
                criterion.name_vi, found=_("chưa giải trình"), remedy=_("Ghi số, ngày văn bản hoặc cách tính")
            )
    last = scoring.answers.filter(criterion=code).order_by("-pk").first()
    if (last.value if last and not criterion.indicator else None, last.explanation if last else "") == (
        value,
        said,
    ):
        return None
    answer = _add_answer(scoring, code, (value, said, ""), by)
    record(Event.SCORE_WRITTEN, about=scoring, by=by, details={code: [_written(last), _written(answer)]})
    return answer


def add_file(*, scoring: Scoring, code: str, file: Any, by: User) -> ScoreFile:
    """Keep a file of evidence for a criterion; the same file again is not kept twice.

    Who: who enters for the unit. When: it scores itself or explains.
    """
    _criterion(scoring, code)
    _require_entering(scoring, by)
    name, digest = check_evidence(file), digest_of(file)
    same = scoring.files.filter(criterion=code, sha256=digest, withdrawn_at=None).first()
    if same is not None:
        return same
    if scoring.files.filter(criterion=code, withdrawn_at=None).count() >= MOST_FILES:
        raise InputError(
            _("Minh chứng"), found=_("đã đủ %(most)s tệp") % {"most": MOST_FILES}, remedy=_("Rút bớt tệp cũ")
        )
    kept = ScoreFile(
        scoring=scoring, criterion=code, file=file, filename=name, sha256=digest, bytes=file.size, by=by,
        at=timezone.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            _hold(scoring)
            kept.save()
            record(Event.EVIDENCE_ADDED, about=scoring, by=by, details={code: name})
    except IntegrityError:  # the same file came in twice at the same moment
        default_storage.delete(kept.file.name)
        return scoring.files.get(criterion=code, sha256=digest, withdrawn_at=None)
    except (DatabaseError, StaleSubmissionError):
        if kept.file._committed:
            default_storage.delete(kept.file.name)
        raise
    return kept


@transaction.atomic
def withdraw_file(*, file: ScoreFile, by: User) -> None:
    """Take a file of evidence back; it stays on record. Who: who enters for the unit. When: as for adding."""
    _require_entering(file.scoring, by)
    _hold(file.scoring)
    if file.withdrawn_at is None:
        file.withdrawn_at, file.withdrawn_by = timezone.now(), by
        file.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(Event.EVIDENCE_WITHDRAWN, about=file.scoring, by=by, details={file.criterion: file.filename})


@transaction.atomic
def remark(*, scoring: Scoring, code: str, text: str, by: User) -> ScoreRemark:
    """Say something of a criterion. Who: who approves where the round was called. When: it lies with the office."""
    _criterion(scoring, code)
    _require_judging(scoring, by)
    _hold(scoring, (ScoreState.COMMENT, ScoreState.DECIDE))
    if not text.strip():
        raise InputError(_("Góp ý"), found=_("chưa ghi nội dung"))
    return ScoreRemark.objects.create(
        scoring=scoring, criterion=code, text=text.strip()[:1000], by=by, at=timezone.now()
    )


@transaction.atomic
def send(*, scoring: Scoring, revision: int, by: User, note: str = "") -> None:
    """Hand the scoring over: round 1 to be commented, round 2 to be fixed. Computed lines are written down as they stand.

    Who: who enters for the unit. When: it scores itself or explains, something can be told of at least one line.
    """
    _require_entering(scoring, by)
    _hold(scoring)
    sheet = sheet_of_scoring(scoring)
    if all(line.points is None for line in sheet.lines):
        raise InputError(
            _("Bảng tự chấm"),
            found=_("chưa có tiêu chí nào tính được điểm"),
            remedy=_("Nhập ít nhất một tiêu chí"),
        )
    for line in sheet.lines:
        if line.is_computed:
            _add_answer(scoring, line.criterion.code, (line.answer.value, line.explanation, line.basis), by)
    after = ScoreState.COMMENT if scoring.state == ScoreState.SELF else ScoreState.DECIDE
    _take(scoring, after, revision=revision, by=by, note=note, sheet=sheet)
    record(Event.SCORE_SENT, about=scoring, by=by, details={"points": round(sheet.points, 2)})


@transaction.atomic
def give_back(
    *, scoring: Scoring, revision: int, by: User, note: str, remarks: Mapping[str, str] | None = None
) -> None:
    """Send the comments to the unit, which explains (round 2); from the last stage once more, with a reason.

    ``remarks`` are written down with it, by criterion; empty ones are left out.

    Who: who approves where the round was called and did not send it.
    """
    _require_judging(scoring, by)
    _hold(scoring, (ScoreState.COMMENT, ScoreState.DECIDE))
    for code, text in (remarks or {}).items():
        if text.strip():
            remark(scoring=scoring, code=code, text=text, by=by)
    if not note.strip() and (scoring.state == ScoreState.DECIDE or not scoring.remarks.exists()):
        raise InputError(
            _("Góp ý"), found=_("chưa ghi gì"), remedy=_("Ghi ý kiến chung hoặc góp ý từng tiêu chí")
        )
    _take(scoring, ScoreState.ANSWER, revision=revision, by=by, note=note)
    record(Event.SCORE_RETURNED, about=scoring, by=by, details={"note": note[:200]})


@transaction.atomic
def fix(
    *,
    scoring: Scoring,
    revision: int,
    by: User,
    given: Mapping[str, tuple[float | None, str]] | None = None,
    note: str = "",
) -> None:
    """Fix the result: every line as the rule gives it, or as ``given`` with a reason.

    Who: who approves where the round was called; never who sent it. When: round 2 was sent.
    """
    _require_judging(scoring, by)
    _hold(scoring, (ScoreState.DECIDE,))
    sheet = sheet_of_scoring(scoring)
    lines = [_fixed_line(scoring, line, revision + 1, given or {}) for line in sheet.lines]
    ScoreLine.objects.bulk_create(lines)
    total = sum(line.points or 0.0 for line in lines)
    _take(scoring, ScoreState.FINAL, revision=revision, by=by, note=note, points=total)
    record(Event.SCORE_FIXED, about=scoring, by=by, details={"points": round(total, 2)})


@transaction.atomic
def reopen(*, scoring: Scoring, revision: int, by: User, note: str) -> None:
    """Take a fixed result back to be fixed anew, with a reason; what was fixed stays on record.

    Who: who approves where the round was called and did not send it.
    """
    _require_judging(scoring, by)
    _hold(scoring, (ScoreState.FINAL,))
    if not note.strip():
        raise InputError(_("Mở lại"), found=_("chưa ghi lý do"))
    _take(scoring, ScoreState.DECIDE, revision=revision, by=by, note=note)
    record(Event.SCORE_REOPENED, about=scoring, by=by, details={"note": note[:200]})


@transaction.atomic
def set_best(*, round_: ScoreRound, code: str, value: float, source: str, by: User) -> ScoreBest:
    """Write down the best value of the country for a criterion, with where it stands.

    Who: who approves where the round was called. When: nothing of the round is fixed yet.
    """
    require(by, Permission.APPROVE_FIGURES, area=round_.area)
    criterion = criteria_of(edition_of(round_.edition)).get(code)
    if criterion is None or criterion.rule != "best_performer":
        raise InputError(_("Giá trị cao nhất"), found=code, expected=_("tiêu chí so với nơi cao nhất"))
    if value <= 0 or not source.strip():
        raise InputError(criterion.name_vi, expected=_("giá trị lớn hơn 0 và nguồn của giá trị ấy"))
    if round_.scorings.filter(state=ScoreState.FINAL).exists():
        raise InputError(
            _("Giá trị cao nhất"), found=_("đã có kết quả được chốt"), remedy=_("Mở lại các kết quả rồi sửa")
        )
    best = ScoreBest.objects.create(
        round=round_, criterion=code, value=value, source=source.strip()[:200], by=by, at=timezone.now()
    )
    record(Event.SCORE_WRITTEN, about=round_, by=by, details={code: f"{value} ({best.source})"})
    return best


def _fixed_line(
    scoring: Scoring, line: Any, number: int, given: Mapping[str, tuple[float | None, str]]
) -> ScoreLine:
    points, reason = given.get(line.criterion.code, (line.line.points, ""))
    maximum = line.line.maximum
    if points is not None and not 0 <= points <= maximum:
        raise InputError(
            line.criterion.name_vi,
            found=format_number(points),
            expected=_("từ 0 đến %(most)s điểm") % {"most": format_number(maximum)},
        )
    if points != line.line.points and not reason.strip():
        raise InputError(
            line.criterion.name_vi,
            found=_("điểm chốt khác điểm tính theo quy tắc mà chưa ghi lý do"),
            remedy=_("Ghi lý do bên cạnh ô điểm"),
        )
    return ScoreLine(
        scoring=scoring, number=number, criterion=line.criterion.code, maximum=maximum, by_rule=line.line.points,
        points=points, words=f"{line.line.words} {line.basis}".strip()[:500], reason=reason.strip()[:500],
    )  # fmt: skip


def _criterion(scoring: Scoring, code: str) -> Criterion:
    found = criteria_of(edition_of(scoring.round.edition)).get(code)
    if found is None:
        raise InputError(
            _("Tiêu chí"),
            found=code,
            expected=_("mã tiêu chí của bộ %(code)s") % {"code": scoring.round.edition},
        )
    return found


def _check_value(criterion: Criterion, value: float) -> None:
    if criterion.unit == "có/không" and value not in (0, 1):
        raise InputError(criterion.name_vi, found=format_number(value), expected=_("có hoặc không"))
    if value < 0 or (criterion.rule == "rate_times_max" and value > 100):
        expected = _("từ 0 đến 100 %") if criterion.rule == "rate_times_max" else _("số không âm")
        raise InputError(criterion.name_vi, found=format_number(value), expected=expected)


def _add_answer(scoring: Scoring, code: str, content: tuple[float | None, str, str], by: User) -> ScoreAnswer:
    return ScoreAnswer.objects.create(
        scoring=scoring, criterion=code, number=scoring.revision, value=content[0], explanation=content[1],
        basis=content[2][:300], by=by, at=timezone.now(),
    )  # fmt: skip


def _written(answer: ScoreAnswer | None) -> str:
    if answer is None:
        return ""
    return f"{'–' if answer.value is None else format_number(answer.value)} {answer.explanation}"[
        :200
    ].strip()


def _require_entering(scoring: Scoring, by: User) -> None:
    if not may_score(by, scoring):
        raise PermissionDenied(_("Tài khoản của bạn không chấm điểm cho đơn vị này."))


def _require_judging(scoring: Scoring, by: User) -> None:
    if not may_judge(by, scoring):
        raise PermissionDenied(
            _("Chỉ người duyệt của nơi mở đợt, không phải người đã gửi, được góp ý và chốt kết quả.")
        )


def _hold(scoring: Scoring, states: Sequence[str] = (ScoreState.SELF, ScoreState.ANSWER)) -> None:
    """Hold the row and read it again; it must still stand in one of these states."""
    held = Scoring.objects.select_for_update().values_list("state", "revision").get(pk=scoring.pk)
    scoring.state, scoring.revision = held
    if scoring.state not in states:
        raise StaleSubmissionError(_("Bảng điểm này không còn ở bước đó; hãy tải lại trang."))


def _take(
    scoring: Scoring,
    after: ScoreState,
    *,
    revision: int,
    by: User,
    note: str,
    sheet: ScoreSheet | None = None,
    points: float | None = None,
) -> None:
    """Go to the next state if the scoring still stands at ``revision``; who is first wins."""
    now, before = timezone.now(), ScoreState(scoring.state)
    total = points if points is not None else (sheet or sheet_of_scoring(scoring)).points
    changes: dict[str, object] = {"state": after, "revision": F("revision") + 1}
    if before in {ScoreState.SELF, ScoreState.ANSWER}:
        changes |= {"sent_by": by, "sent_at": now}
    if after == ScoreState.FINAL:
        changes |= {"fixed_by": by, "fixed_at": now}
    if not Scoring.objects.filter(pk=scoring.pk, revision=revision, state=before).update(**changes):
        raise StaleSubmissionError(_("Người khác vừa xử lý bảng điểm này; hãy tải lại trang."))
    ScoreStep.objects.create(
        scoring=scoring, number=revision + 1, before=before, after=after, points=total, note=note.strip()[:1000],
        by=by, at=now,
    )  # fmt: skip
    scoring.refresh_from_db()
