"""The sheet of a submission: its rows and columns, what stands in each cell, the last period, checks, comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from hatangso.periods import parse_period
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below, in_force
from hatangso_web.indicators.models import Cell, CellComment, Owing, Round, Submission, Value

Key = tuple[int, str]
_MOST_OTHERS = 200


@dataclass(frozen=True)
class SheetCell:
    """One cell: which figure, what is written, what it was last period, what is wrong with it."""

    area: Area
    variable: Variable
    value: float | None = None
    written: str = ""
    explanation: str = ""
    previous: float | None = None
    problems: tuple[Problem, ...] = ()
    comments: tuple[CellComment, ...] = ()
    prefilled: bool = False

    @property
    def name(self) -> str:
        """The name of its field in a form."""
        return f"o-{self.area.code}-{self.variable.code}"

    @property
    def previous_words(self) -> str:
        """The figure of the last period as written."""
        return write_figure(self.variable, self.previous)

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
        """How many cells hold a figure."""
        return sum(cell.value is not None for cell in self.cells)


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
    previous = _previous(submission, areas, variables)
    comments: dict[Key, list[CellComment]] = defaultdict(list)
    for comment in submission.comments.select_related("by"):
        comments[comment.area_id, comment.variable].append(comment)
    others = _others(submission, variables)
    rows = []
    for area in areas:
        cells = []
        for variable in variables:
            key = (area.pk, variable.code)
            cell = _cell(area, variable, stored.get(key), (written or {}).get(key))
            cells.append(replace(cell, previous=previous.get(key), comments=tuple(comments.get(key, ()))))
        around = Around(
            {cell.variable.code: cell.previous for cell in cells if cell.previous is not None}, others
        )
        rows.append((area, _checked(cells, around)))
    return Sheet(submission, variables, tuple(rows))


def _cell(
    area: Area, variable: Variable, stored: Cell | None, written: tuple[object, str] | None
) -> SheetCell:
    if written is None:
        value = stored.value if stored else None
        return SheetCell(
            area, variable, value, write_figure(variable, value), stored.explanation if stored else ""
        )
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


def _previous(
    submission: Submission, areas: Iterable[Area], variables: Iterable[Variable]
) -> dict[Key, float]:
    """The latest approved figure of the last period of the same kind."""
    period = parse_period(submission.round.period).previous().code
    found = current_values(period=period).filter(
        area__in=list(areas),
        variable__in=[variable.code for variable in variables],
        operator=submission.organisation,
    )
    return {
        (area, variable): value for area, variable, value in found.values_list("area_id", "variable", "value")
    }


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
