"""The sheet of a submission: its rows and columns, what stands in each cell, the last period, checks, comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Mod

from hatangso.errors import InputError
from hatangso.indicators.checks import (
    ERROR,
    WARNING,
    Around,
    Problem,
    check_figures,
    known_variable,
    read_figure,
    write_figure,
)
from hatangso.lawentries import Variable
from hatangso.periods import Kind as PeriodKind
from hatangso.periods import parse_period
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below, in_force
from hatangso_web.indicators.models import (
    Cell,
    CellComment,
    Kind,
    Origin,
    Owing,
    Round,
    Submission,
    Value,
)

Key = tuple[int, str]
_MOST_OTHERS = 200


@dataclass(frozen=True)
class LastAnswer:
    """The last approved figure before the period: how much, of which period, who sent it."""

    value: float
    period: str
    by: str

    @property
    def period_words(self) -> str:
        """The period in words."""
        return parse_period(self.period).name_vi


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed a cell after this person had opened it: what stands now, who wrote it and when."""

    written: str
    word: str
    by: str
    at: datetime


@dataclass(frozen=True)
class SheetCell:
    """One cell: which figure, what is written, what it was last period, what is wrong with it."""

    area: Area
    variable: Variable
    value: float | None = None
    written: str = ""
    explanation: str = ""
    previous: float | None = None
    last: LastAnswer | None = None
    problems: tuple[Problem, ...] = ()
    comments: tuple[CellComment, ...] = ()
    prefilled: bool = False
    origin: str = ""
    conflict: Conflict | None = None

    @property
    def name(self) -> str:
        """The name of its field in a form."""
        return f"o-{self.area.code}-{self.variable.code}"

    @property
    def previous_words(self) -> str:
        """The last known figure as written."""
        return write_figure(self.variable, self.last.value if self.last else self.previous)

    @property
    def key(self) -> Key:
        """Area and variable."""
        return (self.area.pk, self.variable.code)

    @property
    def is_imported(self) -> bool:
        """Whether a table or the village list brought it."""
        return self.origin in {Origin.IMPORTED, Origin.VILLAGES}

    @property
    def is_wrong(self) -> bool:
        """Whether a check stops it."""
        return any(problem.severity == ERROR for problem in self.problems)

    @property
    def wants_explanation(self) -> bool:
        """Whether a check asks for a word that has not been given."""
        return not self.explanation and any(problem.severity == WARNING for problem in self.problems)

    @property
    def is_warned(self) -> bool:
        """Whether a check asks for a word, given or not."""
        return any(problem.severity == WARNING for problem in self.problems)


@dataclass(frozen=True)
class Sheet:
    """All cells of a submission, row by row: an area per row, its variables in the order of the round."""

    submission: Submission
    variables: tuple[Variable, ...]
    rows: tuple[tuple[Area, tuple[SheetCell, ...]], ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def cells(self) -> list[SheetCell]:
        """Every cell."""
        return [cell for _, cells in self.rows for cell in cells]

    @property
    def errors(self) -> list[SheetCell]:
        """The cells a check stops."""
        return [cell for cell in self.cells if cell.is_wrong]

    @property
    def unexplained(self) -> list[SheetCell]:
        """The cells that still want a word."""
        return [cell for cell in self.cells if cell.wants_explanation]

    @property
    def filled(self) -> int:
        """How many cells hold a figure that somebody stands for."""
        return sum(cell.value is not None and not cell.prefilled for cell in self.cells)

    @property
    def prefilled(self) -> list[SheetCell]:
        """The cells that were prefilled and that nobody has looked at."""
        return [cell for cell in self.cells if cell.prefilled]

    @property
    def conflicts(self) -> list[SheetCell]:
        """The cells that somebody else changed meanwhile."""
        return [cell for cell in self.cells if cell.conflict]


def variables_of(round_: Round) -> tuple[Variable, ...]:
    """Return the variables of a round that the catalogue knows, in its order."""
    return tuple(found for code in round_.variables if (found := known_variable(code)))


def rows_of(submission: Submission) -> list[Area]:
    """Return the areas a unit reports on: itself, or for a firm every commune of the round in force when it opened."""
    if submission.round.owing == Owing.AREAS:
        return [submission.area]
    return communes_of(submission.round.area, submission.round)


def communes_of(area: Area, round_: Round) -> list[Area]:
    """Return the communes below an area that were in force when the round opened."""
    if area.level == Level.COMMUNE:
        return [area]
    communes = Area.objects.filter(below(area.path), level=Level.COMMUNE)
    return list(in_force(communes, on=round_.opens_on).order_by("name_order", "pk"))


def current_values(*, period: str) -> QuerySet[Value]:
    """Return the values of a period that nothing supersedes and that say something."""
    return Value.objects.filter(period=period, superseded_by=None, value__isnull=False)


def sheet_of(submission: Submission, *, written: Mapping[Key, tuple[object, str]] | None = None) -> Sheet:
    """Return the sheet of a submission with all checks.

    Parameters
    ----------
    written : what somebody has just written in some cells, value and explanation, instead of what is stored
    """
    round_ = submission.round
    variables, areas = variables_of(round_), rows_of(submission)
    stored = {(cell.area_id, cell.variable): cell for cell in Cell.objects.filter(submission=submission)}
    last = _last_answers(submission, areas, variables)
    comments: dict[Key, list[CellComment]] = defaultdict(list)
    for comment in submission.comments.select_related("by"):
        comments[comment.area_id, comment.variable].append(comment)
    others = _others(submission, variables)
    before = parse_period(round_.period).previous().code
    rows = []
    for area in areas:
        cells = []
        for variable in variables:
            key = (area.pk, variable.code)
            answer = last.get(key)
            cell = _cell(area, variable, stored.get(key), (written or {}).get(key))
            if key not in stored and key not in (written or {}) and submission.is_open and answer is not None:
                cell = _prefilled(cell, answer, round_.period)
            previous = answer.value if answer is not None and answer.period == before else None
            cells.append(replace(cell, previous=previous, last=answer, comments=tuple(comments.get(key, ()))))
        around = Around(
            {cell.variable.code: cell.previous for cell in cells if cell.previous is not None}, others
        )
        rows.append((area, _checked(cells, around)))
    return Sheet(submission, variables, tuple(rows))


def is_structural(variable: Variable, period: str) -> bool:
    """Say whether a figure seldom changes within a year, so that a shorter period starts from the last one."""
    return (
        variable.frequency == "year"
        and variable.over_time == "last"
        and parse_period(period).kind != PeriodKind.YEAR
    )


def _prefilled(cell: SheetCell, last: LastAnswer, period: str) -> SheetCell:
    if not is_structural(cell.variable, period):
        return cell
    return replace(cell, value=last.value, written=write_figure(cell.variable, last.value), prefilled=True)


def _cell(
    area: Area, variable: Variable, stored: Cell | None, written: tuple[object, str] | None
) -> SheetCell:
    if written is None:
        value = stored.value if stored else None
        return SheetCell(
            area, variable, value, write_figure(variable, value), stored.explanation if stored else "",
            prefilled=stored is not None and stored.origin == Origin.PREFILLED,
            origin=stored.origin if stored else "",
        )  # fmt: skip
    text, explanation = written
    try:
        value = read_figure(variable, text)
    except InputError as fault:
        problem = Problem(variable.code, ERROR, "type", str(fault))
        return SheetCell(area, variable, None, str(text), explanation, problems=(problem,))
    return SheetCell(area, variable, value, write_figure(variable, value), explanation)


def _checked(cells: Sequence[SheetCell], around: Around) -> tuple[SheetCell, ...]:
    found: dict[str, list[Problem]] = defaultdict(list)
    for problem in check_figures({cell.variable.code: cell.value for cell in cells}, around=around):
        found[problem.variable].append(problem)
    return tuple(
        replace(cell, problems=(*cell.problems, *found.get(cell.variable.code, ()))) for cell in cells
    )


def _last_answers(
    submission: Submission, areas: Iterable[Area], variables: Iterable[Variable]
) -> dict[Key, LastAnswer]:
    """The latest approved figure before the period: of the last five of its kind, or of the last two years."""
    period = parse_period(submission.round.period)
    earlier = [period]
    for _number in range(5):
        earlier.append(earlier[-1].previous())
    codes = {each.code for each in earlier[1:]} | {str(period.year - back) for back in (1, 2)}
    ends = {code: parse_period(code).window("statistical").end for code in codes}
    found: dict[Key, LastAnswer] = {}
    rows = Value.objects.filter(
        period__in=codes, superseded_by=None, value__isnull=False, kind=Kind.DECLARED,
        area__in=list(areas), variable__in=[variable.code for variable in variables],
        operator=submission.organisation,
    ).values_list("area_id", "variable", "value", "period", "submission__submitted_by__full_name", "by__full_name")  # fmt: skip
    for area, variable, value, code, sent_by, by in rows:
        known = found.get((area, variable))
        if known is None or (ends[code], code) > (ends[known.period], known.period):
            found[area, variable] = LastAnswer(value, code, sent_by or by)
    return found


def _others(submission: Submission, variables: Iterable[Variable]) -> dict[str, list[float]]:
    """What other units wrote in this round, for outliers; of a round with thousands every k-th unit stands for all."""
    codes = [variable.code for variable in variables if variable.kind in {"count", "measure"}]
    if not codes:
        return {}
    units = Submission.objects.filter(round=submission.round_id)
    thinning = max(1, units.count() // _MOST_OTHERS)
    kept = units.annotate(rest=Mod("pk", thinning)).filter(rest=0) if thinning > 1 else units
    cells = Cell.objects.filter(submission__in=kept, variable__in=codes, value__isnull=False)
    other = cells.filter(~Q(submission=submission)) if submission.organisation_id is None else cells
    found: dict[str, list[float]] = defaultdict(list)
    for code, value in other.values_list("variable", "value")[:20_000]:
        found[code].append(value)
    return found
