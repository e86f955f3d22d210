"""The public pages on which a citizen disputes the coverage of a village: one question a page, no account, a receipt."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import HatangsoError
from hatangso.periods import parse_period
from hatangso_web.indicators.actions.challenges import CitizensWord, send_citizens_word
from hatangso_web.indicators.actions.citizens import use_allowance
from hatangso_web.indicators.evidence import MOST_PUBLIC_BYTES, PICTURES, check_evidence
from hatangso_web.indicators.models import Challenge, ChallengeState, Signal, VillageCoverage
from hatangso_web.indicators.models.challenges import new_receipt
from hatangso_web.indicators.queries.challenges import published_classes, villages_with_classes
from hatangso_web.indicators.views.challenges import about_words, claimed_words
from hatangso_web.measurements.allowance import address_hash
from hatangso_web.names import matching

STEPS = ("muc", "mo-ta", "lien-he", "gui")
LEAST_SECONDS = 4  # nobody answers four pages faster
_SALT = "hatangso.indicators.citizen"
_LIFE = timedelta(hours=2)
_SHOWN = 30


@never_cache
@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Ask which village, by name."""
    _must_be_open()
    words = request.GET.get("tim", "").strip()[:80]
    found = (
        villages_with_classes()
        .filter(matching(words, "name_folded") | matching(words, "parent__name_folded"))
        .select_related("parent")
        .order_by("parent__name_order", "name_order")[:_SHOWN]
        if len(words) >= 2
        else []
    )
    context = {"title": _("Phản ánh sóng di động nơi bạn ở"), "words": words, "villages": found}
    return render(request, "indicators/citizen_start.html", context)


@never_cache
@login_not_required
@require_safe
def village(request: HttpRequest, code: str) -> HttpResponse:
    """Ask which of the published classes is wrong."""
    _must_be_open()
    found = get_object_or_404(villages_with_classes().select_related("parent"), code=code)
    rows = published_classes(found)
    context = {
        "title": _("Mức phủ sóng đã công bố: %(village)s") % {"village": found.name},
        "village": found,
        "rows": rows,
        "period_name": parse_period(rows[0].record.period).name_vi if rows else "",
    }
    return render(request, "indicators/citizen_village.html", context)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask one thing after another: what one sees, since when and where, a contact if wanted, a picture and consent."""
    _must_be_open()
    coverage = get_object_or_404(
        VillageCoverage.objects.select_related("record__village__parent", "operator"),
        pk=pk, record__confirmed_at__isnull=False,
    )  # fmt: skip
    said = _said(request, coverage) if request.method == "POST" else None
    if said is None:
        return _ask(request, coverage, STEPS[0], _begin(coverage))
    step = said.pop("step")
    fault = _take(request, step, said)
    if fault:
        return _ask(request, coverage, step, said, fault=fault)
    if step != STEPS[-1]:
        return _ask(request, coverage, STEPS[STEPS.index(step) + 1], said)
    return _send(request, coverage, said)


@never_cache
@login_not_required
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a dispute stands to whoever holds its code; no name, no contact, no picture."""
    found = get_object_or_404(
        Challenge.objects.select_related("area__parent", "operator", "value"), receipt=_plain(code)
    )
    heard = found.state not in {ChallengeState.PENDING, ChallengeState.DECLINED}
    context = {
        "title": _("Phản ánh %(number)s") % {"number": found.number},
        "challenge": found,
        "about": about_words(found) if found.by_id is None else "",
        "claimed": claimed_words(found) if found.by_id is None else "",
        "heard": heard,
    }
    if found.by_id is not None:  # raised with an account: its page is inside
        raise Http404
    return render(request, "indicators/citizen_receipt.html", context)


@never_cache
@login_not_required
@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """Lead from a code that was typed to its page."""
    code = _plain(request.GET.get("ma", ""))
    if Challenge.objects.filter(receipt=code, by=None).exists():
        return redirect("indicators:citizen_receipt", code=code)
    context = {"title": _("Tra cứu phản ánh"), "asked": request.GET.get("ma", "")}
    return render(request, "indicators/citizen_look_up.html", context)


def _must_be_open() -> None:
    if not settings.CHALLENGES_OPEN:
        raise Http404


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())[:10]


def _begin(coverage: VillageCoverage) -> dict[str, Any]:
    return {"about": coverage.pk, "receipt": new_receipt(), "began": int(time.time())}


def _said(request: HttpRequest, coverage: VillageCoverage) -> dict[str, Any] | None:
    """What was said on the pages before, signed by us; nothing when it is none of ours or too old."""
    try:
        said = signing.loads(request.POST.get("da-noi", ""), salt=_SALT, max_age=_LIFE)
    except signing.BadSignature:
        return None
    return said if said.get("about") == coverage.pk and said.get("step") in STEPS else None


def _take(request: HttpRequest, step: str, said: dict[str, Any]) -> str:
    """Add the answer of this page to what was said; returns what is wrong with it."""
    given = request.POST.get("tra-loi", "").strip()
    if step == "muc":
        said["claimed"] = given
        return "" if given in Signal.values else _("Hãy chọn một mức.")
    if step == "mo-ta":
        said["reason"] = given[:2000]
        return "" if len(given) >= 10 else _("Hãy viết một câu: ở chỗ nào trong thôn, từ bao giờ.")
    if step == "lien-he":
        said["contact"] = given[:120]
        return ""
    return "" if request.POST.get("dong-y") == "1" else _("Cần đồng ý trước khi gửi.")


def _ask(
    request: HttpRequest, coverage: VillageCoverage, step: str, said: dict[str, Any], *, fault: str = ""
) -> HttpResponse:
    kept = {key: value for key, value in said.items() if key != "step"}
    context = {
        "title": _("Phản ánh mức phủ sóng của %(village)s") % {"village": coverage.record.village.name},
        "coverage": coverage,
        "step": step,
        "number": STEPS.index(step) + 1,
        "steps": len(STEPS),
        "said": signing.dumps({**kept, "step": step}, salt=_SALT),
        "kept": kept,
        "claimed_label": Signal(kept["claimed"]).label if kept.get("claimed") in Signal.values else "",
        "fault": fault,
        "choices": [choice for choice in Signal.choices if choice[0] != coverage.signal],
        "kinds": ",".join(PICTURES),
        "most_mb": MOST_PUBLIC_BYTES // 1024 // 1024,
    }
    return render(request, "indicators/citizen_word.html", context, status=400 if fault else 200)


def _send(request: HttpRequest, coverage: VillageCoverage, said: dict[str, Any]) -> HttpResponse:
    """Keep what was said, unless a machine said it or the address had its share."""
    if request.POST.get("website"):  # a field no person sees: answered like anything else, and forgotten
        return redirect("indicators:citizen_look_up")
    if time.time() - said["began"] < LEAST_SECONDS:
        return _ask(request, coverage, STEPS[-1], said, fault=_("Hãy đọc lại những gì đã ghi rồi gửi."))
    picture = request.FILES.get("anh")
    try:
        if picture:
            check_evidence(picture, kinds=PICTURES, most=MOST_PUBLIC_BYTES)
        if not Challenge.objects.filter(receipt=said["receipt"]).exists():
            refusal = use_allowance(address_hash(request))
            if refusal:
                context = {"title": _("Chưa nhận được"), "refusal": refusal}
                return render(request, "indicators/citizen_word.html", context, status=429)
        kept = send_citizens_word(
            CitizensWord(
                coverage,
                Signal(said["claimed"]),
                said["reason"],
                said.get("contact", ""),
                picture,
                said["receipt"],
            )
        )
    except HatangsoError as fault:
        return _ask(request, coverage, STEPS[-1], said, fault=str(fault))
    return redirect("indicators:citizen_receipt", code=kept.receipt)
