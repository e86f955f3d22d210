"""What is asked of scorings: who sees them, the sheet of each with its points, ranking, what a change would bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.indicators.scoring import Answer, Line, Score, score, what_if
from hatangso.lawentries import Criterion, CriterionGroup, Index
from hatangso.periods import parse_period
from hatangso.vietnamese import format_number
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_filter, can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.models import (
    ENTERING,
    Figure,
    ScoreAnswer,
    ScoreBest,
    ScoreFile,
    ScoreLine,
    ScoreRemark,
    ScoreRound,
    ScoreState,
    Scoring,
)
from hatangso_web.indicators.queries.visible import holds_for_area, watched
from hatangso_web.screen.work import WorkGroup, WorkItem

_SHOWN = 5


@dataclass(frozen=True)
class ScoredLine:
    """A criterion of a scoring: what the unit says, what the rule gives for it, what the office says and fixed."""

    criterion: Criterion
    line: Line
    answer: Answer
    basis: str = ""
    explanation: str = ""
    files: tuple[ScoreFile, ...] = ()
    remarks: tuple[ScoreRemark, ...] = ()
    first: float | None = None
    fixed: ScoreLine | None = None

    @property
    def points(self) -> float | None:
        """The points that count: those fixed, else those of the rule; None where it cannot be told."""
        return self.fixed.points if self.fixed else self.line.points

    @property
    def is_computed(self) -> bool:
        """Whether it comes from approved figures and is not entered."""
        return self.criterion.indicator is not None


@dataclass(frozen=True)
class GroupPoints:
    """A group: its points so far, what cannot be told yet, its maximum."""

    group: CriterionGroup
    lines: tuple[ScoredLine, ...]

    @property
    def points(self) -> float:
        """The points of the lines that can be told."""
        return sum(line.points or 0.0 for line in self.lines)

    @property
    def unknown(self) -> float:
        """The points of the lines that cannot be told yet: not lost, not won."""
        return sum(line.line.maximum for line in self.lines if line.points is None)

    @property
    def is_unknown(self) -> bool:
        """Whether nothing of the group can be told yet."""
        return all(line.points is None for line in self.lines)


@dataclass(frozen=True)
class ScoreSheet:
    """A scoring with every line; ``rank`` among those of its round, by points so far (1 is first, equals share)."""

    scoring: Scoring
    edition: Index
    groups: tuple[GroupPoints, ...]
    notes: tuple[str, ...] = ()
    rank: int = 0

    @property
    def lines(self) -> list[ScoredLine]:
        """Every line in the order of the edition."""
        return [line for group in self.groups for line in group.lines]

    @property
    def points(self) -> float:
        """The points of the lines that can be told."""
        return sum(group.points for group in self.groups)

    @property
    def unknown(self) -> float:
        """The points that cannot be told yet."""
        return sum(group.unknown for group in self.groups)

    @property
    def answers(self) -> dict[str, Answer]:
        """What the engine scores."""
        return {line.criterion.code: line.answer for line in self.lines}

    def line(self, code: str) -> ScoredLine | None:
        """Return the line of a criterion, None when the edition has none."""
        return next((line for line in self.lines if line.criterion.code == code), None)


@dataclass(frozen=True)
class Trial:
    """What some changed answers would bring: the new score, the gain of each change, and what else is to be won."""

    score: Score
    before: float
    gains: tuple[tuple[Criterion, float], ...]
    headroom: tuple[tuple[Criterion, float], ...]

    @property
    def gain(self) -> float:
        """All points gained."""
        return self.score.points - self.before


@dataclass
class _Known:
    """Everything the sheets of some scorings are made of, read at once."""

    answers: dict[tuple[int, str], ScoreAnswer] = field(default_factory=dict)
    first: dict[tuple[int, str], ScoreAnswer] = field(default_factory=dict)
    figures: dict[tuple[int, str], Figure] = field(default_factory=dict)
    files: dict[tuple[int, str], list[ScoreFile]] = field(default_factory=lambda: defaultdict(list))
    remarks: dict[tuple[int, str], list[ScoreRemark]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[tuple[int, str], ScoreLine] = field(default_factory=dict)
    best: dict[str, ScoreBest] = field(default_factory=dict)


def edition_of(code: str) -> Index:
    """Return the edition of an index, or raise :class:`InputError`."""
    found = {edition.code: edition for edition in catalogue.indexes()}
    if code not in found:
        raise InputError(
            _("Bộ chỉ số"), found=code, expected=_("một trong %(codes)s") % {"codes": ", ".join(found)}
        )
    return found[code]


def criteria_of(edition: Index) -> dict[str, Criterion]:
    """Return the criteria of an edition by code."""
    return {criterion.code: criterion for group in edition.groups for criterion in group.criteria}


def scorings_visible_to(user: User) -> QuerySet[Scoring]:
    """Return the scorings of the areas a person watches over; firms see none."""
    return Scoring.objects.filter(watched(user, "area__path")).select_related(
        "round__area", "area", "sent_by", "fixed_by"
    )


def score_rounds_visible_to(user: User) -> QuerySet[ScoreRound]:
    """Return the rounds in which a person sees a scoring, with how many are fixed."""
    seen = ScoreRound.objects.filter(
        Q(scorings__in=scorings_visible_to(user).values("pk")) | watched(user, "area__path")
    )
    return (
        ScoreRound.objects.filter(pk__in=seen.values("pk"))
        .select_related("area")
        .annotate(
            units=Count("scorings"),
            sent=Count("scorings", filter=~Q(scorings__state=ScoreState.SELF)),
            final=Count("scorings", filter=Q(scorings__state=ScoreState.FINAL)),
        )
    )


def may_score(user: User, scoring: Scoring) -> bool:
    """Tell whether the person answers for the unit."""
    return holds_for_area(user, Permission.ENTER_FIGURES, scoring.area.path)


def may_judge(user: User, scoring: Scoring) -> bool:
    """Tell whether the person comments and fixes: they approve where the round was called and never sent it."""
    if not can(user, Permission.APPROVE_FIGURES, scoring.round.area) or scoring.sent_by_id == user.pk:
        return False
    return not scoring.steps.filter(by=user, before__in=ENTERING).exists()


def may_open_file(user: User, scoring: Scoring) -> bool:
    """Tell whether the person opens evidence: the unit's own people, the office, those who see what is restricted."""
    return (
        may_score(user, scoring)
        or can(user, Permission.APPROVE_FIGURES, scoring.round.area)
        or can(user, Permission.VIEW_RESTRICTED, scoring.area)
    )


def sheet_of_scoring(scoring: Scoring) -> ScoreSheet:
    """Return the sheet of one scoring; its rank is not told."""
    return _sheets([scoring], scoring.round)[0]


def ranked(round_: ScoreRound) -> list[ScoreSheet]:
    """Return the sheets of a round, most points first; equals share their rank."""
    scorings = list(round_.scorings.select_related("round__area", "area", "sent_by", "fixed_by"))
    sheets = sorted(
        _sheets(scorings, round_), key=lambda sheet: (-round(sheet.points, 6), sheet.scoring.area.name_order)
    )
    found: list[ScoreSheet] = []
    for place, sheet in enumerate(sheets, start=1):
        same = found and round(found[-1].points, 6) == round(sheet.points, 6)
        rank = found[-1].rank if same else place
        found.append(ScoreSheet(sheet.scoring, sheet.edition, sheet.groups, sheet.notes, rank))
    return found


def best_of_groups(sheets: Sequence[ScoreSheet]) -> list[tuple[CriterionGroup, float, list[str]]]:
    """Return, for every group, the most points any unit has and who has them; a group nobody has points in is left out."""
    if not sheets:
        return []
    found = []
    for number, group in enumerate(sheets[0].edition.groups):
        most = max(sheet.groups[number].points for sheet in sheets)
        if most > 0:
            who = [sheet.scoring.area.name for sheet in sheets if sheet.groups[number].points == most]
            found.append((group, most, who))
    return found


def try_changes(sheet: ScoreSheet, changes: Mapping[str, float]) -> Trial:
    """Return what changed answers would bring, largest gain first; nothing is stored."""
    criteria = criteria_of(sheet.edition)
    after, gains = what_if(sheet.edition, sheet.answers, changes)
    before = score(sheet.edition, sheet.answers).points
    room = [
        (criteria[line.code], line.maximum - (line.points or 0.0))
        for line in after.lines
        if line.maximum > (line.points or 0.0)
    ]
    return Trial(
        after,
        before,
        tuple((criteria[code], gain) for code, gain in gains),
        tuple(sorted(room, key=lambda item: -item[1])),
    )


def best_in_round(sheets: Sequence[ScoreSheet], code: str) -> float | None:
    """Return the highest value any unit of a round has for a criterion."""
    values = [
        value
        for sheet in sheets
        if (line := sheet.line(code)) and (value := line.answer.value) is not None
    ]  # fmt: skip
    return max(values, default=None)


def scorings_to_do(user: User, on: date) -> WorkGroup | None:
    """Return what the person's units have to score or to explain, and what waits for the office."""
    if not can(user, Permission.ENTER_FIGURES):
        return None
    seen = scorings_visible_to(user)
    judging = areas_filter(user, Permission.APPROVE_FIGURES, column="round__area__path")
    waiting = seen.filter(judging, state__in=[ScoreState.COMMENT, ScoreState.DECIDE]).exclude(sent_by=user)
    entering = seen.filter(state__in=ENTERING)
    if can(user, Permission.APPROVE_FIGURES):
        entering = entering.filter(Q(round__due_on__lt=on) | Q(area__in=_own_areas(user)))
    rows = [
        *(each for each in entering.order_by("round__due_on", "pk")[:200] if may_score(user, each)),
        *waiting.order_by("sent_at")[:200],
    ]
    items = [
        WorkItem(
            str(each),
            reverse("indicators:scoring", args=[each.pk]),
            str(each.get_state_display()),
            each.round.due_on,
        )
        for each in rows[:_SHOWN]
    ]
    return WorkGroup(_("Chấm điểm chỉ số"), items, len(rows), reverse("indicators:score_rounds"))


def figures_for(
    areas: Iterable[int], indicators: Iterable[str], period: str
) -> dict[tuple[int, str], Figure]:
    """Return the figure of each area and indicator for a period: that of the period itself, else the newest within it."""
    window = parse_period(period).window("statistical")
    found: dict[tuple[int, str], Figure] = {}
    rows = Figure.objects.filter(run__is_current=True, area__in=list(areas), indicator__in=list(indicators))
    for figure in sorted(rows, key=lambda figure: _rank_of_period(figure.period, period)):
        own = parse_period(figure.period).window("statistical")
        if figure.period == period or (own.start >= window.start and own.end <= window.end):
            found[figure.area_id, figure.indicator] = figure
    return found


def _rank_of_period(own: str, wanted: str) -> tuple[bool, date]:
    return own == wanted, parse_period(own).window("statistical").end


def _own_areas(user: User) -> list[int]:
    return [held.area_id for held in user.memberships_held if held.area_id]


def _sheets(scorings: Sequence[Scoring], round_: ScoreRound) -> list[ScoreSheet]:
    edition = edition_of(round_.edition)
    known = _read(scorings, round_, edition)
    return [_sheet(scoring, edition, known) for scoring in scorings]


def _read(scorings: Sequence[Scoring], round_: ScoreRound, edition: Index) -> _Known:
    known = _Known()
    keys = [scoring.pk for scoring in scorings]
    for answer in ScoreAnswer.objects.filter(scoring__in=keys).order_by("pk"):
        known.answers[answer.scoring_id, answer.criterion] = answer
        if answer.number == 0:
            known.first[answer.scoring_id, answer.criterion] = answer
    for file in ScoreFile.objects.filter(scoring__in=keys, withdrawn_at=None).select_related("by"):
        known.files[file.scoring_id, file.criterion].append(file)
    for remark in ScoreRemark.objects.filter(scoring__in=keys).select_related("by"):
        known.remarks[remark.scoring_id, remark.criterion].append(remark)
    final = [scoring.pk for scoring in scorings if scoring.state == ScoreState.FINAL]
    for line in ScoreLine.objects.filter(scoring__in=final).order_by("number"):
        known.lines[line.scoring_id, line.criterion] = line
    known.best = {best.criterion: best for best in round_.best_values.order_by("pk")}
    wanted = {criterion.indicator for criterion in criteria_of(edition).values() if criterion.indicator}
    live = [scoring.area_id for scoring in scorings if scoring.is_open]
    known.figures = figures_for(live, wanted, round_.period) if live else {}
    return known


def _sheet(scoring: Scoring, edition: Index, known: _Known) -> ScoreSheet:
    answers, words = {}, {}
    for code, criterion in criteria_of(edition).items():
        answers[code], words[code] = _answer(scoring, criterion, known)
    result = score(edition, answers)
    by_code = {line.code: line for line in result.lines}
    first = _first_points(scoring, edition, known)
    groups = []
    for group in edition.groups:
        lines = []
        for criterion in group.criteria:
            key = (scoring.pk, criterion.code)
            given = known.answers.get(key)
            lines.append(
                ScoredLine(
                    criterion,
                    by_code[criterion.code],
                    answers[criterion.code],
                    words[criterion.code],
                    given.explanation if given else "",
                    tuple(known.files.get(key, ())),
                    tuple(known.remarks.get(key, ())),
                    first.get(criterion.code),
                    known.lines.get(key),
                )
            )
        groups.append(GroupPoints(group, tuple(lines)))
    return ScoreSheet(scoring, edition, tuple(groups), result.notes)


def _answer(scoring: Scoring, criterion: Criterion, known: _Known) -> tuple[Answer, str]:
    """What the engine is given for a line, and where it came from in words."""
    key = (scoring.pk, criterion.code)
    given, best = known.answers.get(key), known.best.get(criterion.code)
    evidence = tuple(file.filename for file in known.files.get(key, ()))
    value, basis = (given.value, given.basis) if given else (None, "")
    if criterion.indicator and scoring.is_open:
        value, basis = read_figure_of(criterion, known.figures.get((scoring.area_id, criterion.indicator)))
    if criterion.rule == "best_performer" and best is not None:
        basis = f"{basis}; {best.source}" if basis else best.source
    return Answer(value, best.value if best else None, evidence), basis


def read_figure_of(criterion: Criterion, figure: Figure | None) -> tuple[float | None, str]:
    """Return the value a figure gives a criterion, with its calculation; None with the reason where it gives none."""
    if figure is None or figure.value is None:
        return None, _("Chưa có số liệu đã duyệt của chỉ tiêu %(code)s") % {"code": criterion.indicator}
    words = f"{criterion.indicator} {figure.period}: {format_number(figure.value, 2)}"
    if figure.numerator is not None and figure.denominator is not None:
        words += f" = {format_number(figure.numerator)} / {format_number(figure.denominator)}"
    words += _(" (%(reported)s/%(expected)s đơn vị đã báo cáo)") % {
        "reported": figure.reported,
        "expected": figure.expected,
    }
    if criterion.rule == "rate_times_max" and not 0 <= figure.value <= 100:
        return None, words + _("; tỷ lệ ngoài 0–100 %, hãy xem lại số liệu gốc")
    return figure.value, words


def _first_points(scoring: Scoring, edition: Index, known: _Known) -> dict[str, float | None]:
    """The points of the first round, once it was sent."""
    if scoring.state in {ScoreState.SELF, ScoreState.COMMENT}:
        return {}
    answers = {}
    for code in criteria_of(edition):
        given, best = known.first.get((scoring.pk, code)), known.best.get(code)
        answers[code] = Answer(given.value if given else None, best.value if best else None)
    return {line.code: line.points for line in score(edition, answers).lines}
