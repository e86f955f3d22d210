"""Enter once, fill all: the form of a plan family or index filled from the figures of an area, to read or take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hatangso.periods import parse_period
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.downloads import about_lines
from hatangso_web.indicators.queries.crosswalk import (
    ELSEWHERE,
    EMPTY,
    FILLED,
    NEAR,
    UNMATCHED,
    Form,
    FormLine,
    filled_form,
    forms,
    uses_of_variables,
)
from hatangso_web.indicators.queries.figures import periods_of
from hatangso_web.indicators.queries.runs import run_of
from hatangso_web.indicators.views.asking import (
    asked_area,
    asked_download,
    asked_period,
    figure_address,
    person_of,
    require_view,
    table_answer,
)
from hatangso_web.screen.workbooks import Sheet

# state of a line → its word, tone and drawing
_STATES = {
    FILLED: (gettext_lazy("Đã điền"), "good", "success"),
    ELSEWHERE: (gettext_lazy("Điền từ kỳ trước"), "fair", "back"),
    NEAR: (gettext_lazy("Khác định nghĩa"), "late", "warning"),
    EMPTY: (gettext_lazy("Chưa có số liệu"), "unknown", "question"),
    UNMATCHED: (gettext_lazy("Không có chỉ tiêu"), "plain", "dash"),
}


@require_safe
def crosswalk(request: HttpRequest) -> HttpResponse:
    """Show a form filled from what was entered once, what could not be filled and why; which variable fills what."""
    user = person_of(request)
    require_view(user)
    area = asked_area(request, user)
    periods = periods_of(area)
    period = asked_period(request, periods)
    offered = forms()
    form = _asked_form(request, offered)
    lines = filled_form(form.code, area, period)
    about = about_lines(area, period, run=run_of(area, period), more=_warning(form))
    if kind := asked_download(request, user, area):
        return table_answer([_sheet(form, lines, about)], kind, f"mau-{form.code}-{area.code}-{period}")
    counts = Counter(line.state for line in lines)
    context = {
        "title": _("Nhập một lần, điền mọi mẫu"),
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "periods": [(code, parse_period(code).name_vi) for code in periods],
        "forms": offered,
        "form": form,
        "lines": [(line, *_STATES[line.state]) for line in lines],
        "counts": [(*_STATES[state], counts[state]) for state in _STATES if counts[state]],
        "uses": uses_of_variables(),
        "about": about,
        "query": request.GET.urlencode(),
        "may_export": can(user, Permission.EXPORT, area),
        "breadcrumbs": [(_("Chỉ tiêu"), figure_address("figures", area, period)), (_("Đối chiếu"), "")],
    }
    return render(request, "indicators/crosswalk.html", context)


def _asked_form(request: HttpRequest, offered: Sequence[Form]) -> Form:
    asked = request.GET.get("mau") or offered[0].code
    found = next((each for each in offered if each.code == asked), None)
    if found is None:
        raise Http404
    return found


def _warning(form: Form) -> list[str]:
    return [_("Lưu ý: %(words)s") % {"words": form.unverified}] if form.unverified else []


def _sheet(form: Form, lines: Sequence[FormLine], about: Sequence[str]) -> Sheet:
    columns = [
        (_("Mã"), 14), (_("Nội dung"), 50), (_("Đơn vị tính"), 12), (_("Giá trị"), 12), (_("Tử số"), 12), (_("Mẫu số"), 12),
        (_("Kỳ"), 12), (_("Tình trạng"), 18), (_("Ghi chú"), 60),
    ]  # fmt: skip
    rows = [
        [
            line.code, line.name, line.unit,
            *([line.figure.value, line.figure.numerator, line.figure.denominator, line.figure.period] if line.figure else [None] * 4),
            str(_STATES[line.state][0]), line.note,
        ]
        for line in lines
    ]  # fmt: skip
    return Sheet(form.name, columns, rows, about)
