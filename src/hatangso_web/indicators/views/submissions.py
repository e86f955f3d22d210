"""The sheet of a unit: entered and saved piece by piece, sent, approved or returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hatangso.errors import HatangsoError
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.queries import audit_about
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.review import approve, lock, return_back, undo
from hatangso_web.indicators.models import State, Submission
from hatangso_web.indicators.queries.rounds import WORKFLOW_KEY
from hatangso_web.indicators.queries.sheets import Key, Sheet, SheetCell, rows_of, sheet_of, variables_of
from hatangso_web.indicators.queries.visible import may_approve, may_enter
from hatangso_web.indicators.views.asking import person_of, submission_of

AUTOSAVE_HEADER = "X-Tu-Luu"


@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sheet; a POST saves what was written, all of it or (autosave) the changed cells."""
    user = person_of(request)
    found = submission_of(user, pk)
    sheet = None
    if request.method == "POST":
        written = written_in(request, found)
        automatic = AUTOSAVE_HEADER in request.headers
        try:
            saved = save_cells(submission=found, written=written, by=user)
        except HatangsoError as fault:
            if automatic:
                return JsonResponse({"fault": str(fault)}, status=409)
            messages.error(request, str(fault))
            return redirect("indicators:submission", pk=pk)
        sheet = saved.sheet
        if automatic:
            return JsonResponse(_autosaved(sheet, written))
        if not any(problem.rule == "type" for cell in sheet.errors for problem in cell.problems):
            messages.success(request, _("Đã lưu %(count)s ô thay đổi.") % {"count": saved.changed})
            if "gui" in request.POST:
                return _take(request, found, lambda: submit(
                    submission=found, revision=int(request.POST.get("revision", "-1")), by=user), _("Đã gửi báo cáo; chờ duyệt."))  # fmt: skip
            return redirect("indicators:submission", pk=pk)
        messages.error(request, _("Có ô chưa đọc được nên chưa lưu ô đó; hãy sửa rồi lưu lại."))
    return render(request, "indicators/submission.html", _context(user, found, sheet or sheet_of(found)))


@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Send, approve, return, lock or take back."""
    user = person_of(request)
    found = submission_of(user, pk)
    revision = int(request.POST.get("revision", "-1")) if request.POST.get("revision", "").isdecimal() else -1
    note = request.POST.get("y-kien", "").strip()[:1000]
    deeds: dict[str, tuple[Callable[[], None], str]] = {
        "gui": (
            lambda: submit(submission=found, revision=revision, by=user),
            _("Đã gửi báo cáo; chờ duyệt."),
        ),
        "duyet": (
            lambda: approve(submission=found, revision=revision, by=user, note=note),
            _("Đã duyệt; số liệu được đưa vào tính chỉ tiêu."),
        ),
        "tra-lai": (
            lambda: return_back(
                submission=found, revision=revision, by=user, note=note, comments=_comments(request, found)
            ),
            _("Đã trả lại để sửa."),
        ),
        "khoa": (lambda: lock(submission=found, revision=revision, by=user), _("Đã khóa báo cáo.")),
        "hoan-tac": (lambda: undo(submission=found, revision=revision, by=user), _("Đã hoàn tác bước cuối.")),
    }
    chosen = deeds.get(request.POST.get("buoc", ""))
    if chosen is None:
        messages.error(request, _("Chưa chọn việc cần làm."))
        return redirect("indicators:submission", pk=pk)
    return _take(request, found, *chosen)


def written_in(request: HttpRequest, found: Submission) -> dict[Key, tuple[object, str]]:
    """Return the cells that stand in a form: figure and explanation; a lone figure keeps its explanation."""
    former = {(cell.area_id, cell.variable): cell.explanation for cell in found.cells.all()}
    figures = {(cell.area_id, cell.variable): cell.value for cell in found.cells.all()}
    written: dict[Key, tuple[object, str]] = {}
    for area in rows_of(found):
        for variable in variables_of(found.round):
            name = f"{area.code}-{variable.code}"
            figure, word = request.POST.get(f"o-{name}"), request.POST.get(f"g-{name}")
            if figure is None and word is None:
                continue
            key = (area.pk, variable.code)
            value: object = figures.get(key) if figure is None else figure
            written[key] = (value, former.get(key, "") if word is None else word.strip()[:500])
    return written


def _comments(request: HttpRequest, found: Submission) -> dict[Key, str]:
    return {
        (area.pk, variable.code): text
        for area in rows_of(found)
        for variable in variables_of(found.round)
        if (text := request.POST.get(f"y-{area.code}-{variable.code}", ""))
    }


def _take(request: HttpRequest, found: Submission, deed: Callable[[], None], done: str) -> HttpResponse:
    try:
        deed()
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, done)
    return redirect("indicators:submission", pk=found.pk)


def _autosaved(sheet: Sheet, written: dict[Key, tuple[object, str]]) -> dict[str, Any]:
    """What the page is told after an autosave: every cell's faults, and which were stored."""
    return {
        "saved_at": f"{timezone.localtime():%H:%M:%S}",
        "saved": [
            cell.name
            for cell in sheet.cells
            if (cell.area.pk, cell.variable.code) in written and not _unread(cell)
        ],
        "problems": {
            cell.name: [[problem.severity, problem.sentence] for problem in cell.problems]
            for cell in sheet.cells
        },
        "filled": sheet.filled,
    }


def _unread(cell: SheetCell) -> bool:
    return any(problem.rule == "type" for problem in cell.problems)


def _context(user: User, found: Submission, sheet: Sheet) -> dict[str, Any]:
    round_ = found.round
    entering = found.is_open and may_enter(user, found)
    last = found.steps.select_related("by").order_by("-number")
    steps = list(last)
    approving = may_approve(user, found)
    undoable = bool(steps) and not steps[0].undo and steps[0].after != State.LOCKED
    return {
        "title": found.unit_name,
        "submission": found,
        "round": round_,
        "period": parse_period(round_.period).name_vi,
        "sheet": sheet,
        "single": len(sheet.rows) == 1,
        "entering": entering,
        "reviewing": found.state == State.SUBMITTED and approving and found.submitted_by_id != user.pk,
        "may_lock": found.state == State.APPROVED and approving,
        "may_undo": undoable
        and (steps[0].by_id == user.pk if steps[0].after == State.SUBMITTED else approving),
        "steps": steps,
        "key": WORKFLOW_KEY[State(found.state)],
        "values": {
            (value.area_id, value.variable): value.pk for value in found.values.filter(value__isnull=False)
        },
        "events": audit_about("indicators.submission", found.pk)[:10] if approving else [],
        "page_class": "page--wide",
        "breadcrumbs": [
            (_("Thu thập số liệu"), reverse("indicators:rounds")),
            (round_.name, reverse("indicators:round", args=[round_.pk])),
            (found.unit_name, ""),
        ],
    }
