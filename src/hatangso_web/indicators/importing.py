"""The dry run of a table that came in: its figures, where each would go, every problem; nothing is stored here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.utils.translation import gettext as _

from hatangso.indicators.checks import (
    ERROR,
    WARNING,
    Around,
    check_figures,
    check_rules,
    known_variable,
    write_figure,
)
from hatangso.indicators.intake import Finders, Intake, RowProblem, TakenFigure, take_figures
from hatangso.indicators.placing import PlaceFinder
from hatangso.indicators.table_kinds import TableKind, table_kind
from hatangso.indicators.value_kinds import (
    confidence_of_declared,
    confidence_of_measured,
    confidence_of_modelled,
)
from hatangso.lawentries import Variable
from hatangso.periods import parse_period
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.areas.models import Area
from hatangso_web.areas.registers import current_register, place_index
from hatangso_web.indicators.models import Cell, Kind, Origin, State, Submission, TableImport
from hatangso_web.indicators.queries.imports import (
    Drafts,
    drafts_for,
    enters_for_areas,
    firm_named,
    firms_of_entry,
)
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.indicators.sent_tables import Sent, read_sent
from hatangso_web.measurements.importing import boundaries_below

Slot = tuple[int, int | None, str]  # area, firm (None: the area's own), variable


@dataclass(frozen=True)
class TriedFigure:
    """One figure of the dry run: what it is, what stands now, where it would go."""

    area: Area
    operator: Organisation | None
    variable: Variable
    value: float
    rows: tuple[int, ...]
    confidence: str
    standing: float | None = None
    draft: Submission | None = None
    drafted: float | None = None
    warned: bool = False

    @property
    def slot(self) -> Slot:
        """Area, firm and variable."""
        return (self.area.pk, self.operator.pk if self.operator else None, self.variable.code)

    @property
    def written(self) -> str:
        """The figure as the office writes it."""
        return write_figure(self.variable, self.value)

    @property
    def standing_words(self) -> str:
        """What stands now, as written: in the draft where it would go there, else approved."""
        return write_figure(self.variable, self.drafted if self.draft else self.standing)

    @property
    def clashes(self) -> bool:
        """Whether the draft holds another figure already."""
        return self.draft is not None and self.drafted is not None and self.drafted != self.value

    @property
    def changes(self) -> bool:
        """Whether recording it would change anything."""
        return self.value != (self.drafted if self.draft else self.standing)


@dataclass(frozen=True)
class Tried:
    """The dry run of a table: the file as read, its figures, problems by row, counts."""

    sent: Sent
    figures: tuple[TriedFigure, ...]
    problems: tuple[RowProblem, ...]
    read: int
    left_out: int

    @property
    def errors(self) -> int:
        """How many problems stand in the way."""
        return sum(problem.severity == ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many problems want a word."""
        return sum(problem.severity == WARNING for problem in self.problems)


def try_table(table: TableImport, *, by: User) -> Tried:
    """Read a table with its mapping and say what recording it would do.

    Raises
    ------
    InputError
        when the file cannot be read or a needed column is not chosen.
    """
    kind = table_kind(table.table_kind)
    with table.file.open("rb") as stream:
        sent = read_sent(stream.read(), table.filename, kind)
    firms = list(firms_of_entry(by))
    intake = take_figures(
        sent.table, kind, mapping=table.mapping, finders=Finders(place_finder(table).find, _firm_finder(table, kind, firms, by))
    )  # fmt: skip
    mapped = set(table.mapping)
    faults = [fault for fault in sent.faults if fault.header in mapped]
    figures, found = _checked(table, _tried(table, intake, {firm.pk: firm for firm in firms}, by))
    problems = sorted([*faults, *intake.problems, *found], key=lambda each: (each.row, each.severity))
    return Tried(sent, tuple(figures), tuple(problems), intake.read, intake.left_out)


def place_finder(table: TableImport) -> PlaceFinder:
    """Return the finder of communes in the area of a table, on the last day of its period."""
    on = parse_period(table.period).window("statistical").end
    return PlaceFinder(current_register(), place_index(), on, table.area.code, _at(table.area))


def _at(area: Area) -> Callable[[float, float], str] | None:
    borders = boundaries_below(area)
    if borders is None:
        return None

    def code(lon: float, lat: float) -> str:
        number = int(borders.assign(np.array([lon]), np.array([lat]))[0])
        return str(borders.codes[number]) if number >= 0 else ""

    return code


def _firm_finder(
    table: TableImport, kind: TableKind, firms: Sequence[Organisation], by: User
) -> Callable[[str], str | None]:
    """What a written firm means: the areas' own figures name none; a firm's clerk brings only the firm's."""
    if kind.per == "area":
        return lambda _written: ""
    chosen = str(table.operator_id) if table.operator_id else None
    own = not enters_for_areas(by)

    def find(written: str) -> str | None:
        if not written:
            return chosen
        named = firm_named(written, firms)
        key = str(named.pk) if named else None
        return key if not own or key == chosen else None

    return find


def _tried(
    table: TableImport, intake: Intake, firms: Mapping[int, Organisation], by: User
) -> list[TriedFigure]:
    areas = {
        area.code: area for area in Area.objects.filter(code__in={each.area_code for each in intake.figures})
    }
    kind = table.value_kind
    standing = {
        (value.area_id, value.operator_id, value.variable): value.value
        for value in current_values(period=table.period).filter(
            kind=kind, area__in=areas.values(), variable__in={each.variable for each in intake.figures}
        )
    }
    drafts = drafts_for(table, by) if kind == Kind.DECLARED else Drafts({}, {})
    cells = _cells_of(drafts)
    tried = []
    for each in intake.figures:
        variable, area = known_variable(each.variable), areas[each.area_code]
        assert variable is not None  # the engine has refused unknown ones
        firm = firms.get(int(each.operator)) if each.operator else None
        draft = drafts.asking(area, firm.pk if firm else None, each.variable)
        tried.append(
            TriedFigure(
                area, firm, variable, each.value, each.rows, table.confidence or _confidence(kind, each),
                standing.get((area.pk, firm.pk if firm else None, each.variable)), draft,
                cells.get((draft.pk, area.pk, each.variable)) if draft else None,
            )
        )  # fmt: skip
    return sorted(
        tried, key=lambda each: (each.area.name_order, str(each.operator or ""), each.variable.name_vi)
    )


def _cells_of(drafts: Drafts) -> dict[tuple[int, int, str], float | None]:
    keys = {each.pk for each in drafts.of_areas.values()}
    keys |= {each.pk for asking in drafts.of_firms.values() for each in asking}
    rows = Cell.objects.filter(submission__in=keys).exclude(origin=Origin.PREFILLED)
    return {row[:3]: row[3] for row in rows.values_list("submission_id", "area_id", "variable", "value")}


def _confidence(kind: str, figure: TakenFigure) -> str:
    if kind == Kind.MEASURED:
        return confidence_of_measured(figure.evidence.get("tests", 0))
    if kind == Kind.MODELLED:
        return confidence_of_modelled(figure.value, figure.evidence.get("low"), figure.evidence.get("high"))
    return confidence_of_declared(figure.value)


def _checked(
    table: TableImport, figures: Sequence[TriedFigure]
) -> tuple[list[TriedFigure], list[RowProblem]]:
    """Hold the figures against each other, other figures of their areas, the last period and the other areas."""
    previous = _values(table, figures, period=parse_period(table.period).previous().code)
    around = _context(table, figures)
    others: dict[str, list[float]] = defaultdict(list)
    by_unit: dict[tuple[int, int | None], list[TriedFigure]] = defaultdict(list)
    for each in figures:
        by_unit[each.slot[:2]].append(each)
        others[each.variable.code].append(each.value)
    for values in others.values():
        values.sort()
    found: list[RowProblem] = []
    checked: list[TriedFigure] = []
    for unit, own in by_unit.items():
        mine = {each.variable.code: each for each in own}
        known = {**around.get(unit[0], {}), **{code: each.value for code, each in mine.items()}}
        before = {code: previous[(*unit, code)] for code in mine if (*unit, code) in previous}
        warned = set()
        for problem in check_figures(known, around=Around(before, others)):
            if (blamed := mine.get(problem.variable)) is not None:
                sentence = f"{blamed.area.name}: {problem.sentence}"
                found.append(RowProblem(blamed.rows[0], "", problem.severity, sentence))
                warned.add(problem.variable)
        checked += [replace(each, warned=each.variable.code in warned) for each in own]
    found += [
        RowProblem(each.rows[0], "", WARNING, _sent_already(each))
        for each in checked
        if each.draft is not None and each.draft.state == State.SUBMITTED and each.changes
    ]
    return [_graded(table, each) for each in checked], found


def _sent_already(figure: TriedFigure) -> str:
    return _(
        "%(area)s: %(variable)s đã gửi trong “%(round)s” và đang chờ duyệt nên giữ nguyên; muốn thay thì rút báo cáo lại rồi nạp."
    ) % {
        "area": figure.area.name,
        "variable": figure.variable.name_vi,
        "round": figure.draft.round.name if figure.draft else "",
    }


def _graded(table: TableImport, figure: TriedFigure) -> TriedFigure:
    if table.confidence or table.value_kind != Kind.DECLARED or not figure.warned:
        return figure
    return replace(figure, confidence=confidence_of_declared(figure.value, warned=True))


def _values(
    table: TableImport, figures: Sequence[TriedFigure], *, period: str
) -> dict[tuple[int, int | None, str], float]:
    rows = current_values(period=period).filter(
        kind=table.value_kind,
        area__in={each.area.pk for each in figures},
        variable__in={each.variable.code for each in figures},
    )
    return {
        (area, firm, variable): value
        for area, firm, variable, value in rows.values_list("area_id", "operator_id", "variable", "value")
    }


def _context(table: TableImport, figures: Sequence[TriedFigure]) -> dict[int, dict[str, float]]:
    """What stands of the areas themselves: the limits that rules of checking hold figures against."""
    limits = {rule.limit for rule in check_rules() if rule.limit}
    rows = current_values(period=table.period).filter(
        kind=Kind.DECLARED, operator=None, area__in={each.area.pk for each in figures}, variable__in=limits
    )
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for area, variable, value in rows.values_list("area_id", "variable", "value"):
        found[area][variable] = value
    return found
