"""Enter once, fill all: which forms a variable fills, and the form of a plan family or index filled from figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hatangso import catalogue
from hatangso.lawentries import Indicator, Variable
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Figure
from hatangso_web.indicators.queries.figures import current_figures
from hatangso_web.indicators.queries.judging import end_of

FILLED, ELSEWHERE, NEAR, EMPTY, UNMATCHED = "filled", "elsewhere", "near", "empty", "unmatched"


@dataclass(frozen=True)
class Form:
    """What can be filled: a family of plans or an edition of an index."""

    code: str
    name: str
    unverified: str


@dataclass(frozen=True)
class VariableUse:
    """A variable, the indicators made from it and the forms that ask for them."""

    variable: Variable
    indicators: tuple[Indicator, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True)
class FormLine:
    """A line of a form.

    ``state`` is FILLED from figures of the asked period, ELSEWHERE from an earlier one, NEAR when only an indicator of
    another definition has a figure (never copied), EMPTY when its variables were not entered, UNMATCHED when the
    catalogue has no indicator for it. ``note`` says so in words, with differences of definition.
    """

    code: str
    name: str
    unit: str
    state: str
    figure: Figure | None
    note: str


def forms() -> list[Form]:
    """Return everything that can be filled: the families, then the indexes."""
    families = [Form(each.code, each.name_vi, each.unverified) for each in catalogue.plan_families()]
    indexes = [Form(each.code, each.name_vi, each.basis.unverified) for each in catalogue.indexes()]
    return families + indexes


def uses_of_variables() -> list[VariableUse]:
    """Return every variable that fills something, those that fill most forms first."""
    made: dict[str, list[Indicator]] = defaultdict(list)
    for indicator in catalogue.indicators():
        for code in dict.fromkeys((indicator.numerator, indicator.denominator)):
            if code:
                made[code].append(indicator)
    asked = _forms_asking()
    uses = []
    for variable in catalogue.variables():
        if own := made.get(variable.code):
            names = dict.fromkeys(form for indicator in own for form in asked.get(indicator.code, ()))
            uses.append(VariableUse(variable, tuple(own), tuple(names)))
    return sorted(uses, key=lambda use: (-len(use.forms), -len(use.indicators)))


def filled_form(form: str, area: Area, period: str) -> list[FormLine]:
    """Return the lines of a form filled from the figures of an area up to a period; two queries at most."""
    known = _newest_figures(area, period)
    family = next((each for each in catalogue.plan_families() if each.code == form), None)
    if family is not None:
        return [_line(catalogue.indicator(code), known, (period, form)) for code in family.indicators]
    index = next(each for each in catalogue.indexes() if each.code == form)
    lines = []
    for group in index.groups:
        for criterion in group.criteria:
            if criterion.indicator is None:
                note = _("Danh mục chưa có chỉ tiêu cho dòng này: nhập thẳng ở trang chấm điểm.")
                lines.append(
                    FormLine(criterion.code, criterion.name_vi, criterion.unit, UNMATCHED, None, note)
                )
                continue
            line = _line(catalogue.indicator(criterion.indicator), known, (period, ""))
            name = f"{criterion.name_vi} ({criterion.indicator})"
            lines.append(FormLine(criterion.code, name, line.unit, line.state, line.figure, line.note))
    return lines


def _line(indicator: Indicator, known: Mapping[str, Figure], asked: tuple[str, str]) -> FormLine:
    period, family = asked
    difference = _difference(indicator, family)
    figure = known.get(indicator.code)
    name, unit = indicator.name_vi, indicator.unit
    if figure is not None and figure.period == period:
        partial = (
            _("mới có %(reported)s/%(expected)s đơn vị báo cáo")
            % {"reported": figure.reported, "expected": figure.expected}
            if figure.reported < figure.expected
            else ""
        )
        return FormLine(indicator.code, name, unit, FILLED, figure, _joined(partial, difference))
    if figure is not None:
        return FormLine(
            indicator.code, name, unit, ELSEWHERE, figure, _joined(_("số của kỳ trước đó"), difference)
        )
    near = _near_figures(indicator, known, family)
    if near:
        return FormLine(indicator.code, name, unit, NEAR, None, _joined(near, difference))
    wanted = [code for code in (indicator.numerator, indicator.denominator) if code]
    names = ", ".join(catalogue.variable(code).name_vi for code in wanted)
    note = _("Cần nhập: %(names)s") % {"names": names}
    return FormLine(indicator.code, name, unit, EMPTY, None, _joined(note, difference))


def _difference(indicator: Indicator, family: str) -> str:
    """Say how the same idea is measured elsewhere where the definitions differ."""
    rows = [
        row
        for row in catalogue.crosswalk()
        if indicator.code in row.indicators.values() and row.relation == "near" and (not family or family in row.indicators)
    ]  # fmt: skip
    return "; ".join(row.note_vi for row in rows if row.note_vi)


def _near_figures(indicator: Indicator, known: Mapping[str, Figure], family: str) -> str:
    others = [
        f"{code} ({_('họ')} {other})"
        for other, (code, relation) in catalogue.counterparts(indicator.code).items()
        if other != family and relation == "near" and code in known
    ]
    if not others:
        return ""
    return _("chỉ có số của chỉ tiêu gần nghĩa %(codes)s, không chép sang") % {"codes": ", ".join(others)}


def _newest_figures(area: Area, period: str) -> dict[str, Figure]:
    """The newest known figure of each indicator at or before the end of a period."""
    if not period:
        return {}
    found: dict[str, Figure] = {}
    rows = current_figures().filter(area=area, value__isnull=False).order_by("run_id")
    for figure in rows:
        if end_of(figure.period) > end_of(period):
            continue
        held = found.get(figure.indicator)
        if held is None or end_of(held.period) <= end_of(figure.period):
            found[figure.indicator] = figure
    return found


def _forms_asking() -> dict[str, list[str]]:
    """Indicator → the names of the families and indexes that ask for it."""
    asked: dict[str, list[str]] = defaultdict(list)
    for family in catalogue.plan_families():
        for code in family.indicators:
            asked[code].append(_("họ %(code)s") % {"code": family.code})
    for index in catalogue.indexes():
        for group in index.groups:
            for criterion in group.criteria:
                if criterion.indicator:
                    asked[criterion.indicator].append(f"{index.code} {criterion.code}")
    return asked


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
