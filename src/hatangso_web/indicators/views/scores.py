"""Index scores on the screen: rounds and ranking, the sheet of a unit, a line with its evidence, what-if."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import HatangsoError, InputError
from hatangso.periods import parse_period
from hatangso.vietnamese import parse_number
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.queries import audit_about
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.scores import (
    ScoreCall,
    add_file,
    fix,
    give_back,
    open_score_round,
    remark,
    reopen,
    send,
    set_best,
    withdraw_file,
    write_line,
)
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.evidence import KINDS, MOST_BYTES, hand_out
from hatangso_web.indicators.forms import ScoreRoundForm
from hatangso_web.indicators.models import ScoreFile, ScoreRound, ScoreState, Scoring
from hatangso_web.indicators.queries.scores import (
    ScoreSheet,
    best_in_round,
    best_of_groups,
    criteria_of,
    edition_of,
    may_judge,
    may_open_file,
    may_score,
    ranked,
    score_rounds_visible_to,
    scorings_visible_to,
    sheet_of_scoring,
    try_changes,
)
from hatangso_web.indicators.scorebooks import round_book, scoring_book
from hatangso_web.indicators.views.asking import person_of, workbook_answer
from hatangso_web.screen.tables import make_listing


@require_safe
def score_rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds of scoring."""
    user = person_of(request)
    columns = {"han": ["due_on"], "ten": ["name"]}
    context = {
        "title": _("Chấm điểm chỉ số"),
        "listing": make_listing(request, score_rounds_visible_to(user), columns=columns, default="-han"),
        "may_open": can(user, Permission.MANAGE_ROUNDS),
        "breadcrumbs": [(_("Chấm điểm"), "")],
    }
    return render(request, "indicators/score_rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_score_round(request: HttpRequest) -> HttpResponse:
    """Open a round of scoring."""
    user = person_of(request)
    require(user, Permission.MANAGE_ROUNDS)
    form = ScoreRoundForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_score_round(call=ScoreCall(**form.cleaned_data), by=user)
        except HatangsoError as fault:
            form.add_error(None, str(fault))
        else:
            return redirect("indicators:score_round", pk=opened.pk)
    crumbs = [(_("Chấm điểm"), reverse("indicators:score_rounds")), (_("Mở đợt chấm điểm"), "")]
    context = {"title": _("Mở đợt chấm điểm"), "form": form, "breadcrumbs": crumbs}
    return render(request, "indicators/new_score_round.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def score_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ranking of a round, the best of each group; the office writes the country's best values here."""
    user = person_of(request)
    found = _round(user, pk)
    if request.method == "POST":
        _say(request, lambda: _write_best(request, found, user), _("Đã ghi giá trị cao nhất."))
        return redirect("indicators:score_round", pk=pk)
    sheets = ranked(found)
    whole = can(user, Permission.VIEW, found.area)
    seen = set(scorings_visible_to(user).filter(round=found).values_list("pk", flat=True))
    edition = edition_of(found.edition)
    held = {best.criterion: best for best in found.best_values.order_by("pk")}
    asked = [item for item in criteria_of(edition).values() if item.rule == "best_performer"]
    shown = [sheet for sheet in sheets if sheet.scoring.pk in seen]
    context = {
        "title": found.name,
        "round": found,
        "edition": edition,
        "period_name": parse_period(found.period).name_vi,
        "sheets": shown,
        "units": len(sheets),
        "final": sum(sheet.scoring.state == ScoreState.FINAL for sheet in sheets),
        "best_groups": best_of_groups(sheets) if whole and len(sheets) > 1 else [],
        "best_values": [(item, held.get(item.code), best_in_round(shown, item.code)) for item in asked],
        "may_set_best": can(user, Permission.APPROVE_FIGURES, found.area),
        "may_export": can(user, Permission.EXPORT, found.area),
        "breadcrumbs": [(_("Chấm điểm"), reverse("indicators:score_rounds")), (found.name, "")],
    }
    return render(request, "indicators/score_round.html", context)


@require_safe
def score_round_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the ranking and every line of a round."""
    user = person_of(request)
    found = _round(user, pk)
    require(user, Permission.EXPORT, area=found.area)
    record(Event.DOWNLOADED, about=found, by=user)
    return workbook_answer(round_book(found, ranked(found)), f"cham-diem-dot-{pk}.xlsx")


@require_safe
def scoring(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sheet of a unit: points of every line with its calculation, and the step that comes next."""
    user = person_of(request)
    found = _scoring(user, pk)
    sheet = sheet_of_scoring(found)
    judging = may_judge(user, found)
    entering = found.is_open and may_score(user, found)
    context = _about(found, sheet) | {
        "title": found.area.name,
        "entering": entering,
        "commenting": judging and found.state == ScoreState.COMMENT,
        "fixing": judging and found.state == ScoreState.DECIDE,
        "may_reopen": judging and found.state == ScoreState.FINAL,
        "may_export": can(user, Permission.EXPORT, found.area),
        "steps": list(found.steps.select_related("by").order_by("-number")),
        "events": audit_about("indicators.scoring", found.pk)[:10] if judging or entering else [],
        "breadcrumbs": _crumbs(found, (found.area.name, "")),
    }
    return render(request, "indicators/scoring.html", context)


@require_safe
def scoring_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the sheet of a unit."""
    user = person_of(request)
    found = _scoring(user, pk)
    require(user, Permission.EXPORT, area=found.area)
    record(Event.DOWNLOADED, about=found, by=user)
    return workbook_answer(scoring_book(sheet_of_scoring(found)), f"cham-diem-{pk}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def score_line(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show a line: what the unit says and proves, what the office says; a POST writes it or adds a file."""
    user = person_of(request)
    found = _scoring(user, pk)
    line = sheet_of_scoring(found).line(code)
    if line is None:
        raise Http404
    if request.method == "POST":
        _say(request, lambda: _write(request, found, code, user), _("Đã ghi."))
        return redirect("indicators:score_line", pk=pk, code=code)
    edition = edition_of(found.round.edition)
    codes = list(criteria_of(edition))
    place = codes.index(code)
    context = {
        "title": line.criterion.name_vi,
        "scoring": found,
        "line": line,
        "yes_no": line.criterion.unit == "có/không",
        "entering": found.is_open and may_score(user, found),
        "remarking": may_judge(user, found) and found.state in {ScoreState.COMMENT, ScoreState.DECIDE},
        "may_open_file": may_open_file(user, found),
        "answers": found.answers.filter(criterion=code).select_related("by").order_by("-pk"),
        "kinds": ", ".join(KINDS),
        "most_mb": MOST_BYTES // 1024 // 1024,
        "before": codes[place - 1] if place else "",
        "after": codes[place + 1] if place + 1 < len(codes) else "",
        "breadcrumbs": _crumbs(found, (found.area.name, reverse("indicators:scoring", args=[pk])), (code, "")),
    }  # fmt: skip
    return render(request, "indicators/score_line.html", context)


@require_POST
def score_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Send, comment, fix or reopen."""
    user = person_of(request)
    found = _scoring(user, pk)
    written = request.POST.get("revision", "")
    revision = int(written) if written.isdecimal() else -1
    note = request.POST.get("y-kien", "")
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "gui": (
            lambda: send(scoring=found, revision=revision, by=user, note=note),
            _("Đã gửi bảng tự chấm."),
        ),
        "gop-y": (lambda: _comment(request, found, revision, user), _("Đã gửi góp ý cho đơn vị.")),
        "chot": (
            lambda: fix(scoring=found, revision=revision, by=user, given=_given(request, found), note=note),
            _("Đã chốt kết quả."),
        ),
        "tra-lai": (
            lambda: give_back(scoring=found, revision=revision, by=user, note=note),
            _("Đã trả lại để giải trình thêm."),
        ),
        "mo-lai": (
            lambda: reopen(scoring=found, revision=revision, by=user, note=note),
            _("Đã mở lại kết quả."),
        ),
    }
    if chosen := deeds.get(request.POST.get("buoc", "")):
        _say(request, *chosen)
    return redirect("indicators:scoring", pk=pk)


@require_safe
def score_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what changed answers would bring; nothing is stored, the changes stand in the address."""
    user = person_of(request)
    found = _scoring(user, pk)
    sheet = sheet_of_scoring(found)
    changes, written, faults = {}, {}, []
    for line in sheet.lines:
        text = request.GET.get(f"v-{line.criterion.code}", "").strip()
        written[line.criterion.code] = text
        if text:
            try:
                changes[line.criterion.code] = _tried(text, line.criterion)
            except InputError as fault:
                faults.append(str(fault))
    trial = try_changes(sheet, changes)
    context = _about(found, sheet) | {
        "title": _("Thử thay đổi: %(area)s") % {"area": found.area.name},
        "trial": trial,
        "changed": bool(changes),
        "faults": faults,
        "rows": [(group, [(line, written[line.criterion.code]) for line in group.lines]) for group in sheet.groups],
        "breadcrumbs": _crumbs(found, (found.area.name, reverse("indicators:scoring", args=[pk])), (_("Thử thay đổi"), "")),
    }  # fmt: skip
    return render(request, "indicators/score_trial.html", context)


@require_safe
def score_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out a file of evidence to those who may open it."""
    user = person_of(request)
    found = get_object_or_404(
        ScoreFile.objects.filter(scoring__in=scorings_visible_to(user), withdrawn_at=None).select_related(
            "scoring__round__area", "scoring__area"
        ),
        pk=pk,
    )
    if not may_open_file(user, found.scoring):
        raise PermissionDenied(_("Chỉ đơn vị và nơi chấm điểm được mở tệp minh chứng."))
    record(Event.EVIDENCE_OPENED, about=found.scoring, by=user, details={found.criterion: found.filename})
    return hand_out(found.file, found.filename)


@require_POST
def withdraw_score_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file of evidence back."""
    user = person_of(request)
    found = get_object_or_404(
        ScoreFile.objects.filter(scoring__in=scorings_visible_to(user)).select_related(
            "scoring__round__area", "scoring__area"
        ),
        pk=pk,
    )
    _say(request, lambda: withdraw_file(file=found, by=user), _("Đã rút tệp."))
    return redirect("indicators:score_line", pk=found.scoring_id, code=found.criterion)


def _round(user: User, pk: int) -> ScoreRound:
    return get_object_or_404(score_rounds_visible_to(user), pk=pk)


def _scoring(user: User, pk: int) -> Scoring:
    return get_object_or_404(scorings_visible_to(user), pk=pk)


def _about(found: Scoring, sheet: ScoreSheet) -> dict[str, Any]:
    return {
        "scoring": found,
        "round": found.round,
        "sheet": sheet,
        "edition": sheet.edition,
        "period_name": parse_period(found.round.period).name_vi,
    }


def _crumbs(found: Scoring, *rest: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Chấm điểm"), reverse("indicators:score_rounds")),
        (found.round.name, reverse("indicators:score_round", args=[found.round_id])),
        *rest,
    ]


def _say(request: HttpRequest, deed: Callable[[], object], done: str) -> None:
    try:
        deed()
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, done)


def _number(text: str) -> float | None:
    return parse_number(text) if text.strip() else None


def _tried(text: str, criterion: Any) -> float:
    value = parse_number(text)
    if value < 0 or (criterion.rule == "rate_times_max" and value > 100):
        raise InputError(
            criterion.name_vi,
            found=text,
            expected=_("từ 0 đến 100 %") if criterion.rule == "rate_times_max" else _("số không âm"),
        )
    return value


def _write(request: HttpRequest, found: Scoring, code: str, user: User) -> None:
    if "gop-y" in request.POST:
        remark(scoring=found, code=code, text=request.POST.get("gop-y", ""), by=user)
        return
    write_line(
        scoring=found, code=code, value=_number(request.POST.get("ket-qua", "")),
        explanation=request.POST.get("giai-trinh", ""), by=user,
    )  # fmt: skip
    for file in request.FILES.getlist("minh-chung"):
        add_file(scoring=found, code=code, file=file, by=user)


def _comment(request: HttpRequest, found: Scoring, revision: int, user: User) -> None:
    said = {code: request.POST.get(f"y-{code}", "") for code in criteria_of(edition_of(found.round.edition))}
    give_back(scoring=found, revision=revision, by=user, note=request.POST.get("y-kien", ""), remarks=said)


def _given(request: HttpRequest, found: Scoring) -> dict[str, tuple[float | None, str]]:
    """The points the office wrote otherwise than the rule gives them."""
    given = {}
    for line in sheet_of_scoring(found).lines:
        code = line.criterion.code
        written = request.POST.get(f"d-{code}")
        if written is None:
            continue
        points, reason = _number(written), request.POST.get(f"l-{code}", "")
        rounded = None if line.line.points is None else round(line.line.points, 2)
        if points != rounded:
            given[code] = (points, reason)
    return given


def _write_best(request: HttpRequest, found: ScoreRound, user: User) -> None:
    value = _number(request.POST.get("gia-tri", ""))
    if value is None:
        raise InputError(_("Giá trị cao nhất"), found=_("chưa ghi giá trị"))
    set_best(round_=found, code=request.POST.get("tieu-chi", ""), value=value, source=request.POST.get("nguon", ""), by=user)  # fmt: skip
