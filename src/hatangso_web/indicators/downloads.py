"""Pages of figures as tables: the same rows with day, filters, source and definition, as XLSX or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso import catalogue
from hatangso.indicators.checks import known_variable
from hatangso.indicators.progress import VERDICT_WORDS
from hatangso.lawentries import Basis, Indicator
from hatangso.periods import parse_period
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.indicators.queries.figures import Line
from hatangso_web.indicators.queries.judging import Judged
from hatangso_web.screen.workbooks import Sheet, printed_on


def about_lines(area: Area, period: str, *, run: Run | None = None, more: Sequence[str] = ()) -> list[str]:
    """Return the lines that go with every table: where, which period, from which computing, when it was made."""
    lines = [_("Địa bàn: %(name)s (mã %(code)s)") % {"name": area.name, "code": area.code}]
    if period:
        lines.append(_("Kỳ: %(period)s") % {"period": parse_period(period).name_vi})
    lines.append(_("Nguồn: %(source)s") % {"source": source_line(run)})
    return [*lines, *more, printed_on(timezone.now())]


def source_line(run: Run | None) -> str:
    """Return where figures come from: approved values, computed when and by which version."""
    if run is None:
        return _("số liệu đã duyệt trong hệ thống")
    return _("số liệu đã duyệt trong hệ thống, tính lúc %(when)s bằng hatangso %(version)s") % {
        "when": timezone.localtime(run.at).strftime("%H:%M %d/%m/%Y"), "version": run.engine_version,
    }  # fmt: skip


def definition_lines(indicator: Indicator) -> list[str]:
    """Return what an indicator is: how it is computed, how areas combine, where it stands."""
    formula = catalogue.formulas()[indicator.formula]
    lines = [
        _("Chỉ tiêu %(code)s: %(name)s (%(unit)s)")
        % {"code": indicator.code, "name": indicator.name_vi, "unit": indicator.unit},
        _("Tử số: %(name)s") % {"name": variable_name(indicator.numerator)},
    ]
    if indicator.denominator:
        lines.append(_("Mẫu số: %(name)s") % {"name": variable_name(indicator.denominator)})
    lines.append(
        _("Cách tính: %(expression)s. %(rule)s") % {"expression": formula.expression, "rule": formula.rule_vi}
    )
    lines.append(
        _("Căn cứ: %(basis)s") % {"basis": "; ".join(basis_words(basis) for basis in indicator.basis)}
    )
    return [*lines, *([indicator.note_vi] if indicator.note_vi else [])]


def basis_words(basis: Basis) -> str:
    """Return a basis with its article, and why it is not certain."""
    words = ", ".join(part for part in (basis.document, basis.article) if part)
    return f"{words} ({_('chưa kiểm chứng')}: {basis.unverified})" if basis.unverified else words


def variable_name(code: str) -> str:
    """Return the name of a variable, its code where the catalogue has none."""
    found = known_variable(code)
    return found.name_vi if found else code


def figure_cells(figure: Figure | None, unit: str) -> list[Any]:
    """Return the cells of a figure under its heads; empty where nothing is known."""
    if figure is None:
        return [None, unit, None, None, None, None, None, _("chưa có số liệu")]
    note = figure.note or (_("chưa rõ") if figure.value is None else "")
    return [
        figure.value, unit, figure.numerator, figure.denominator, figure.reported, figure.expected,
        figure.assumed or None, note,
    ]  # fmt: skip


def area_sheet(title: str, lines: Sequence[Line], about: Sequence[str]) -> Sheet:
    """Return the page of an area as a sheet: every indicator, one row per target."""
    rows: list[list[Any]] = []
    for line in lines:
        start = [
            line.indicator.code,
            line.indicator.name_vi,
            *figure_cells(line.figure, line.indicator.unit),
            line.change,
        ]
        for judged in line.judged or (None,):
            rows.append([*start, *_judged_cells(judged)])
    columns = [(_("Mã"), 10), (_("Chỉ tiêu"), 44), *_figure_columns(), (_("So với kỳ trước"), 12), (_("Mục tiêu"), 22), (_("Kế hoạch"), 40), (_("Kết luận"), 18), (_("Phép tính"), 60)]  # fmt: skip
    return Sheet(title, columns, rows, about)


def indicator_sheets(
    indicator: Indicator,
    own: Iterable[Figure],
    children: Sequence[Figure],
    judged: Sequence[Judged],
    about: Sequence[str],
) -> list[Sheet]:
    """Return the page of an indicator as sheets: over time, by area, targets."""
    about = [*definition_lines(indicator), *about]
    over_time = Sheet(
        _("Diễn biến"), [(_("Kỳ"), 18), *_figure_columns()],
        [[parse_period(each.period).name_vi, *figure_cells(each, indicator.unit)] for each in own], about,
    )  # fmt: skip
    by_area = Sheet(
        _("Theo địa bàn"), [(_("Mã địa bàn"), 12), (_("Địa bàn"), 30), *_figure_columns()],
        [[each.area.code, each.area.name, *figure_cells(each, indicator.unit)] for each in children], about,
    )  # fmt: skip
    targets = Sheet(
        _("Mục tiêu"), [(_("Mục tiêu"), 24), (_("Kế hoạch"), 44), (_("Kết luận"), 18), (_("Phép tính"), 80)],
        [_judged_cells(each) for each in judged], about,
    )  # fmt: skip
    return [over_time, *([by_area] if children else []), *([targets] if judged else [])]


def _judged_cells(judged: Judged | None) -> list[Any]:
    if judged is None:
        return [None, None, None, None]
    held, progress = judged
    return [held.words, held.source, VERDICT_WORDS[progress.verdict], progress.words]


def _figure_columns() -> list[tuple[str, float]]:
    """Return the heads over :func:`figure_cells` with their widths."""
    return [
        (_("Giá trị"), 12), (_("Đơn vị tính"), 12), (_("Tử số"), 12), (_("Mẫu số"), 12), (_("Đã báo cáo"), 11),
        (_("Phải báo cáo"), 11), (_("Phần dựa trên giả định"), 14), (_("Ghi chú"), 36),
    ]  # fmt: skip
