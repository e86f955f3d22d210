"""Confirming what was read: the text on one side, the findings on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import HatangsoError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.actions.restricting import mark_restricted
from hatangso_web.plans.actions.review import (
    Addition,
    StaleDecisionError,
    Verdict,
    accept_plain,
    add_finding,
    decide,
    undo_last,
)
from hatangso_web.plans.forms import ADDABLE, FORM_OF, QuotationForm, ValueForm
from hatangso_web.plans.models import Action, Change, Decision, Finding, Kind, ReadingState, State, Version
from hatangso_web.plans.queries.review import counts_of, findings_of, histories_of, last_undoable, text_of
from hatangso_web.plans.queries.visible import (
    findings_visible_to,
    may_confirm,
    sees_restricted,
    versions_visible_to,
)
from hatangso_web.plans.source import overlaps
from hatangso_web.plans.views.uploads import person_of
from hatangso_web.plans.wording import clause_words, summary_of, value_lines

# A card carries its buttons and forms, so a long plan is confirmed a page of cards at a time.
_CARDS = 50
_MOST_MARKS = 1000
_MOST_WARNINGS = 5


@dataclass(frozen=True)
class ShownFindings:
    """One page of the findings of a kind: which of how many, and the first of the pages before and after."""

    findings: list[Finding]
    first: int
    last: int
    total: int
    before: int | None
    after: int | None

    @property
    def is_part(self) -> bool:
        """Whether there is more than this page."""
        return self.before is not None or self.after is not None


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the text beside the findings of one kind."""
    user = person_of(request)
    version = get_object_or_404(versions_visible_to(user), pk=pk)
    if version.state != ReadingState.READ:
        return redirect("plans:version", pk=version.pk)
    chosen = _number(request.GET.get("chon"))
    editing = bool(request.GET.get("sua")) and may_confirm(user, version)
    return _page(request, user, version, kind=request.GET.get("loai", ""), chosen=chosen, editing=editing)


@require_safe
def sentence(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead from a target, task or duty to its sentence in the text."""
    finding = _finding(person_of(request), pk)
    return _back(finding.version, finding.kind, finding.pk)


@require_POST
def decide_finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, edit or reject one finding, then show the next that waits."""
    user = person_of(request)
    finding = _finding(user, pk)
    word = request.POST.get("viec", "")
    if word not in {Action.ACCEPT, Action.EDIT, Action.REJECT}:
        messages.error(request, _("Không rõ quyết định; hãy bấm lại một trong các nút bên cạnh nội dung."))
        return _back(finding.version, finding.kind, finding.pk)
    form = _bound_form(request, finding) if word == Action.EDIT else None
    if form is not None and not form.is_valid():
        return _page(
            request, user, finding.version, kind=finding.kind, chosen=finding.pk, editing=True, form=form
        )
    verdict = Verdict(
        Action(word),
        _number(request.POST.get("lan")) or 0,
        value=form.value_of(finding.value) if form else None,
        note=request.POST.get("ly_do", "").strip()[:300],
    )
    try:
        decide(finding=finding, verdict=verdict, by=user)
    except StaleDecisionError as fault:
        messages.error(request, str(fault))
        if form is not None:  # keep what was typed, beside what the other person decided
            fresh = _finding(user, pk)
            return _page(request, user, fresh.version, kind=fresh.kind, chosen=pk, editing=True, form=form)
        return _back(finding.version, finding.kind, finding.pk)
    except HatangsoError as fault:
        messages.error(request, str(fault))
        return _back(finding.version, finding.kind, finding.pk)
    return _back(finding.version, finding.kind, _next_open(user, finding))


@require_POST
def accept_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept every finding of a kind that has no warning."""
    user = person_of(request)
    version = get_object_or_404(versions_visible_to(user), pk=pk)
    kind = request.POST.get("loai", "")
    if kind not in Kind.values:
        return _back(version, "", None)
    try:
        number = accept_plain(version=version, kind=Kind(kind), by=user)
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(
            request, _("Đã xác nhận %(number)s nội dung không có cảnh báo.") % {"number": number}
        )
    return _back(version, kind, None)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's last decision."""
    user = person_of(request)
    version = get_object_or_404(versions_visible_to(user), pk=pk)
    try:
        decision = undo_last(version=version, by=user)
    except HatangsoError as fault:
        messages.error(request, str(fault))
        return _back(version, request.POST.get("loai", ""), None)
    messages.success(request, _("Đã hoàn tác."))
    return _back(version, decision.finding.kind, decision.finding_id)


@require_POST
def restrict_finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a finding and its sentence from those who may not read what is restricted."""
    user = person_of(request)
    finding = _finding(user, pk)
    try:
        mark_restricted(finding=finding, by=user)
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("Đã đánh dấu thuộc phạm vi hạn chế."))
    return _back(finding.version, finding.kind, finding.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add by hand what the machine did not read."""
    user = person_of(request)
    version = get_object_or_404(versions_visible_to(user), pk=pk)
    require(user, Permission.CONFIRM_PLANS, area=version.plan.area)
    kind = request.POST.get("loai") or request.GET.get("loai") or Kind.TARGET
    kind = Kind(kind) if kind in {str(each) for each in ADDABLE} else Kind.TARGET
    posted = request.POST if request.method == "POST" else None
    form = FORM_OF[kind](posted)
    quotation = QuotationForm(
        posted,
        initial={"quotation": request.GET.get("cau", "")},
        may_restrict=sees_restricted(user, version.plan),
    )
    if posted is not None and form.is_valid() and quotation.is_valid():
        addition = Addition(
            kind,
            form.value_of(),
            quotation.cleaned_data["quotation"],
            restricted=quotation.cleaned_data.get("restricted", False),
        )
        try:
            finding = add_finding(version=version, addition=addition, by=user)
        except HatangsoError as fault:
            quotation.add_error("quotation", str(fault))
        else:
            messages.success(request, _("Đã thêm và xác nhận."))
            return _back(version, kind, finding.pk)
    context = {
        "title": _("Thêm nội dung máy chưa đọc được"),
        "version": version,
        "kind": kind,
        "kinds": ADDABLE,
        "form": form,
        "quotation": quotation,
        "breadcrumbs": _crumbs(version, _("Thêm")),
    }
    return render(request, "plans/add.html", context)


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how a version stands to the former one: changed, new, gone, and how many did not change."""
    user = person_of(request)
    version = get_object_or_404(versions_visible_to(user), pk=pk)
    groups: dict[str, list[dict[str, Any]]] = {Change.CHANGED: [], Change.NEW: [], Change.GONE: []}
    same = 0
    if version.number > 1:
        for finding in findings_of(user, version).exclude(kind=Kind.WARNING):
            if finding.change == Change.SAME:
                same += 1
            else:
                groups[finding.change].append(_card(finding, []))
    context = {
        "title": _("So với bản trước"),
        "version": version,
        "plan": version.plan,
        "groups": [(Change(change), cards) for change, cards in groups.items()],
        "same": same,
        "breadcrumbs": _crumbs(version, _("So với bản trước")),
    }
    return render(request, "plans/compare.html", context)


def _page(
    request: HttpRequest,
    user: User,
    version: Version,
    *,
    kind: str,
    chosen: int | None,
    editing: bool,
    form: ValueForm | None = None,
) -> HttpResponse:
    counts = counts_of(user, version)
    findings = list(findings_of(user, version))
    picked = next((finding for finding in findings if finding.pk == chosen), None)
    if picked is not None:
        kind = picked.kind
    if kind not in {str(count.kind) for count in counts}:
        kind = next(
            (str(count.kind) for count in counts if count.left), str(counts[0].kind) if counts else ""
        )
    of_kind = [finding for finding in findings if finding.kind == kind]
    if picked is None and of_kind:
        picked = next((finding for finding in of_kind if finding.state == State.OPEN), of_kind[0])
    warnings = [finding for finding in findings if finding.kind == Kind.WARNING and kind != Kind.WARNING]
    editable = may_confirm(user, version)
    if editing and picked is not None and form is None and picked.kind in FORM_OF:
        form_class = FORM_OF[picked.kind]
        form = form_class(initial=form_class.initial_of(picked.value))
    shown = _page_around(picked, of_kind)
    histories = histories_of(user, version, shown.findings)
    left = sum(count.left for count in counts)
    context = {
        "title": version.plan.title,
        "version": version,
        "plan": version.plan,
        "counts": counts,
        "kind": kind,
        "count": next((count for count in counts if count.kind == kind), None),
        "cards": [_card(finding, histories.get(finding.lineage, []), warnings) for finding in shown.findings],
        "shown": shown,
        "chosen": picked,
        "form": form if editing else None,
        "rows": text_of(
            user,
            version,
            findings if len(findings) <= _MOST_MARKS else shown.findings,
            picked.pk if picked else None,
        ),
        "may_confirm": editable,
        "may_restrict": editable and sees_restricted(user, version.plan),
        "may_undo": editable and last_undoable(user, version) is not None,
        "left": left,
        "done": sum(count.done for count in counts),
        "total": sum(count.total for count in counts),
        "addable": kind in {str(each) for each in ADDABLE},
        "breadcrumbs": _crumbs(version, _("Xác nhận") if editable else _("Văn bản và nội dung đã đọc")),
    }
    return render(request, "plans/review.html", context)


def _page_around(picked: Finding | None, of_kind: Sequence[Finding]) -> ShownFindings:
    at = of_kind.index(picked) if picked is not None else 0
    first = at - at % _CARDS
    following = of_kind[first + _CARDS] if first + _CARDS < len(of_kind) else None
    return ShownFindings(
        list(of_kind[first : first + _CARDS]),
        first=first + 1,
        last=min(first + _CARDS, len(of_kind)),
        total=len(of_kind),
        before=of_kind[first - _CARDS].pk if first else None,
        after=following.pk if following is not None else None,
    )


def _card(finding: Finding, history: list[Decision], warnings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return what a card shows: the value that holds, beside it what was read and what was decided before."""
    holds = value_lines(finding.kind, finding.value)
    read = value_lines(finding.kind, finding.read_value) if finding.read_value is not None else []
    former = value_lines(finding.kind, finding.former.value) if finding.former is not None else []
    title, lesser = summary_of(finding.kind, finding.value)
    pointing = (warning for warning in warnings if finding.warned and _same_place(finding, warning))
    return {
        "finding": finding,
        "warnings": list(islice(pointing, _MOST_WARNINGS)),
        "title": title,
        "lesser": lesser,
        "lines": [] if finding.kind == Kind.WARNING else holds,
        "where": clause_words(finding.clause),
        "read_differs": [line for line in read if line not in holds] if read != holds else [],
        "former_lines": [(label, text, (label, text) not in holds) for label, text in former],
        "changed_lines": [line for line in holds if line not in former] if former else [],
        "by_hand": finding.read_value is None,
        "history": history,
    }


def _same_place(finding: Finding, warning: Finding) -> bool:
    """Tell whether a warning points at the sentence of a finding."""
    if None in {finding.start, finding.end, warning.start, warning.end}:
        return False
    return overlaps((finding.start or 0, finding.end or 0), [(warning.start or 0, warning.end or 0)])


def _bound_form(request: HttpRequest, finding: Finding) -> ValueForm | None:
    form_class = FORM_OF.get(finding.kind)
    return form_class(request.POST, initial=form_class.initial_of(finding.value)) if form_class else None


def _finding(user: User, pk: int) -> Finding:
    found = findings_visible_to(user).select_related("version__plan__area", "former", "decided_by")
    return get_object_or_404(found, pk=pk)


def _next_open(user: User, finding: Finding) -> int:
    waiting = findings_visible_to(user).filter(version=finding.version, kind=finding.kind, state=State.OPEN)
    later = (
        waiting.filter(position__gt=finding.position)
        .order_by("position")
        .values_list("pk", flat=True)
        .first()
    )
    return later or waiting.order_by("position").values_list("pk", flat=True).first() or finding.pk


def _back(version: Version, kind: str, chosen: int | None) -> HttpResponse:
    query = f"?chon={chosen}" if chosen else (f"?loai={kind}" if kind else "")
    return redirect(reverse("plans:review", args=[version.pk]) + query + ("#cau" if chosen else ""))


def _crumbs(version: Version, last: str) -> list[tuple[str, str]]:
    return [
        (_("Kế hoạch"), reverse("plans:list")),
        (Truncator(version.plan.title).chars(48), reverse("plans:plan", args=[version.plan_id])),
        (last, ""),
    ]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
