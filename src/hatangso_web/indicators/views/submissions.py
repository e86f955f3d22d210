"""The sheet of a unit: entered and saved piece by piece, sent, approved or returned."""

from __future__ import annotations

import json
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
from hatangso_web.indicators.actions.entry import Saved, prefill, save_cells, submit
from hatangso_web.indicators.actions.merging import Entry
from hatangso_web.indicators.actions.review import approve, lock, return_back, undo
from hatangso_web.indicators.models import State, Submission
from hatangso_web.indicators.queries.definitions import definition_of
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
        automatic = AUTOSAVE_HEADER in request.headers
        try:
            entry = entry_of(request, found)
            written = written_in(request, found, entry)
            saved = save_cells(submission=found, written=written, by=user, entry=entry)
        except HatangsoError as fault:
            if automatic:
                return JsonResponse({"fault": str(fault)}, status=409)
            messages.error(request, str(fault))
            return redirect("indicators:submission", pk=pk)
        sheet = saved.sheet
        if automatic:
            return JsonResponse(_autosaved(sheet, written))
        if (answer := _after_saving(request, found, saved)) is not None:
            return answer
    return render(request, "indicators/submission.html", _context(user, found, sheet))


def _after_saving(request: HttpRequest, found: Submission, saved: Saved) -> HttpResponse | None:
    """Go on after a full save: fill in, send, or show the page again; None when cells still need the person."""
    sheet, user = saved.sheet, person_of(request)
    if sheet.conflicts:
        messages.error(request, _("Có ô người khác vừa sửa; xem cả hai số ở từng ô rồi chọn."))
        return None
    if any(_unread(cell) for cell in sheet.errors):
        messages.error(request, _("Có ô chưa đọc được nên chưa lưu ô đó; hãy sửa rồi lưu lại."))
        return None
    messages.success(request, _("Đã lưu %(count)s ô thay đổi.") % {"count": saved.changed})
    if "dien-san" in request.POST:
        count = prefill(submission=found, by=user)
        messages.info(
            request, _("Đã điền sẵn %(count)s ô theo lần trước; hãy xem từng ô.") % {"count": count}
        )
    if "gui" in request.POST:
        return _take(request, found, lambda: submit(
            submission=found, revision=_revision(request), by=user), _("Đã gửi báo cáo; chờ duyệt."))  # fmt: skip
    return redirect("indicators:submission", pk=found.pk)


@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Send, approve, return, lock or take back."""
    user = person_of(request)
    found = submission_of(user, pk)
    revision = _revision(request)
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


def entry_of(request: HttpRequest, found: Submission) -> Entry:
    """Return what the page showed in the cells, and which cells were looked at or are kept as they stand."""
    marks: dict[str, set[Key]] = {"x": set(), "k": set()}
    every = "x-tat-ca" in request.POST
    seen: dict[Key, tuple[str, str]] = {}
    shown = _shown_in(request)
    for area in rows_of(found):
        for variable in variables_of(found.round):
            name, key = f"{area.code}-{variable.code}", (area.pk, variable.code)
            for mark, keys in marks.items():
                if f"{mark}-{name}" in request.POST or (mark == "x" and every):
                    keys.add(key)
            if shown is not None:
                seen[key] = (str(shown.get(f"o-{name}", "")), str(shown.get(f"g-{name}", "")))
    looked_at = marks["x"]
    if every:
        looked_at &= {cell.key for cell in sheet_of(found).prefilled}
    return Entry(
        seen=seen if shown is not None else None, looked_at=frozenset(looked_at), keep=frozenset(marks["k"])
    )


def written_in(request: HttpRequest, found: Submission, entry: Entry) -> dict[Key, tuple[object, str]]:
    """Return the cells that stand in a form: figure and explanation; a lone figure keeps its explanation."""
    former = {(cell.area_id, cell.variable): cell for cell in found.cells.all()}
    written: dict[Key, tuple[object, str]] = {}
    for area in rows_of(found):
        for variable in variables_of(found.round):
            name = f"{area.code}-{variable.code}"
            figure, word = request.POST.get(f"o-{name}"), request.POST.get(f"g-{name}")
            if figure is None and word is None:
                continue
            key = (area.pk, variable.code)
            stands = former.get(key)
            left: tuple[object, str] = (stands.value, stands.explanation) if stands else (None, "")
            if entry.seen is not None:
                left = entry.seen[key]
            written[key] = (
                left[0] if figure is None else figure,
                left[1] if word is None else word.strip()[:500],
            )
    return written


def _shown_in(request: HttpRequest) -> dict[str, Any] | None:
    """What the page says it showed, by field; None when it does not say."""
    try:
        shown = json.loads(request.POST.get("thay", "null"))
    except ValueError:
        return None
    return shown if isinstance(shown, dict) else None


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else -1


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
            if cell.key in written and not _unread(cell) and cell.conflict is None
        ],
        "conflicts": {
            cell.name: {
                "figure": cell.conflict.written,
                "word": cell.conflict.word,
                "by": cell.conflict.by,
                "at": f"{timezone.localtime(cell.conflict.at):%H:%M}",
            }
            for cell in sheet.conflicts
            if cell.conflict
        },
        "problems": {
            cell.name: [[problem.severity, problem.sentence] for problem in cell.problems]
            for cell in sheet.cells
        },
        "filled": sheet.filled,
        "prefilled": len(sheet.prefilled),
    }


def _unread(cell: SheetCell) -> bool:
    return any(problem.rule == "type" for problem in cell.problems)


def _seen(sheet: Sheet) -> str:
    """What the page shows in its cells, as the form says it again when it is sent."""
    shown = {cell.name: cell.written for cell in sheet.cells if cell.written}
    words = {f"g-{cell.name[2:]}": cell.explanation for cell in sheet.cells if cell.explanation}
    return json.dumps({**shown, **words}, ensure_ascii=False)


def _context(user: User, found: Submission, saved: Sheet | None) -> dict[str, Any]:
    round_ = found.round
    stands = sheet_of(found)
    sheet = saved or stands
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
        "seen": _seen(stands) if found.is_open else "",
        "definitions": {variable.code: definition_of(variable.code) for variable in sheet.variables},
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
