"""Disputes on the screen of the office: the list, one dispute with what can be done, its evidence."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import HatangsoError
from hatangso.indicators.checks import known_variable, write_figure
from hatangso.periods import parse_period
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.challenges import answer_challenge, receive_challenge, settle_challenge
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.evidence import hand_out
from hatangso_web.indicators.models import Challenge, ChallengeState
from hatangso_web.indicators.queries.challenges import (
    FILTERS,
    challenges_visible_to,
    counts_of,
    may_answer,
    may_open_evidence,
    narrowed,
)
from hatangso_web.indicators.views.asking import person_of
from hatangso_web.screen.tables import make_listing

_WORDS = {
    "cho-tiep-nhan": gettext_lazy("Chờ tiếp nhận"),
    "dang-xu-ly": gettext_lazy("Đang xử lý"),
    "qua-han": gettext_lazy("Quá hạn trả lời"),
    "da-ket-luan": gettext_lazy("Đã kết luận"),
    "khong-tiep-nhan": gettext_lazy("Không tiếp nhận"),
}
_DONE = gettext_lazy("Đã ghi nhận.")


@require_safe
def challenges(request: HttpRequest) -> HttpResponse:
    """List the disputes a person may see, narrowed to one kind."""
    user, today = person_of(request), timezone.localdate()
    seen = challenges_visible_to(user)
    word = request.GET.get("loc", "")
    listing = make_listing(
        request, narrowed(seen, word, on=today), default="-ngay",
        columns={"ngay": ["at"], "noi": ["area__name_order"], "han": ["answer_by"], "trang-thai": ["state"]},
    )  # fmt: skip
    for each in listing.page:
        each.about = about_words(each)
        each.late = each.state == ChallengeState.OPEN and each.answer_by < today
    counts = counts_of(seen, on=today)
    context = {
        "title": _("Phản ánh số liệu"),
        "listing": listing,
        "filters": [("", _("Tất cả"), seen.count()), *((key, _WORDS[key], counts[key]) for key in FILTERS)],
        "chosen": word if word in FILTERS else "",
        "public": request.build_absolute_uri(reverse("indicators:citizen_start")),
        "may_receive": can(user, Permission.APPROVE_FIGURES),
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (_("Phản ánh"), "")],
    }
    return render(request, "indicators/challenges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def challenge(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a dispute; a POST takes it on, declines, answers or settles it."""
    user = person_of(request)
    found = get_object_or_404(challenges_visible_to(user), pk=pk)
    if request.method == "POST":
        try:
            _do(request, user, found)
        except HatangsoError as fault:
            messages.error(request, str(fault))
        else:
            messages.success(request, str(_DONE))
        return redirect("indicators:challenge", pk=pk)
    settling = can(user, Permission.APPROVE_FIGURES, found.area)
    context = {
        "title": _("Phản ánh %(number)s") % {"number": found.number},
        "challenge": found,
        "about": about_words(found),
        "claimed": claimed_words(found),
        "period_name": parse_period(found.period).name_vi,
        "late": found.state == ChallengeState.OPEN and found.answer_by < timezone.localdate(),
        "receiving": settling and found.state == ChallengeState.PENDING,
        "answering": found.state == ChallengeState.OPEN and may_answer(user, found),
        "settling": settling and found.is_open and found.by_id != user.pk,
        "sees_contact": settling,
        "may_open": bool(found.evidence) and may_open_evidence(user, found),
        "breadcrumbs": [(_("Phản ánh"), reverse("indicators:challenges")), (found.number, "")],
    }
    return render(request, "indicators/challenge.html", context)


@require_safe
def challenge_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the evidence of a dispute to those it concerns."""
    user = person_of(request)
    found = get_object_or_404(challenges_visible_to(user), pk=pk)
    if not found.evidence:
        raise Http404
    if not may_open_evidence(user, found):
        raise PermissionDenied(
            _("Chỉ người phản ánh, đơn vị phải trả lời và nơi kết luận mở được minh chứng.")
        )
    record(Event.EVIDENCE_OPENED, about=found, by=user)
    return hand_out(found.evidence, f"minh-chung-{found.number}.{found.evidence.name.rpartition('.')[2]}")


def about_words(found: Challenge) -> str:
    """Say what is disputed: the variable with its value, or the class of coverage."""
    firm = f" · {found.operator.name}" if found.operator else ""
    if found.value is None:
        return f"{_('Mức phủ sóng')} {found.technology}{firm}: {found.get_declared_display()}"
    variable = known_variable(found.value.variable)
    if variable is None:
        return f"{found.value.variable}{firm}: {found.value.value}"
    return f"{variable.name_vi}{firm}: {write_figure(variable, found.value.value)} {variable.unit}"


def claimed_words(found: Challenge) -> str:
    """Say what is right in the eyes of who disputes; nothing when they do not say."""
    if found.value is None:
        return str(found.get_claimed_class_display())
    variable = known_variable(found.value.variable)
    return write_figure(variable, found.claimed) if variable else ""


def _do(request: HttpRequest, user: User, found: Challenge) -> None:
    text = request.POST.get("noi-dung", "")
    match request.POST.get("viec"):
        case "tiep-nhan" | "khong-tiep-nhan" as deed:
            receive_challenge(challenge=found, accepted=deed == "tiep-nhan", outcome=text, by=user)
        case "tra-loi":
            answer_challenge(challenge=found, answer=text, by=user)
        case "chap-nhan" | "giu-so" as deed:
            settle_challenge(challenge=found, upheld=deed == "chap-nhan", outcome=text, by=user)
        case _:
            raise Http404
