"""The built-in test: a public page, the few addresses it talks to, and the page of a result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from hatangso.vietnamese import fold
from hatangso_web.accounts.models import Organisation, OrganisationKind
from hatangso_web.areas.models import Area, Level
from hatangso_web.measurements import allowance
from hatangso_web.measurements.forms import OwnTestForm
from hatangso_web.measurements.models import OWN_TOOL, SpeedTest
from hatangso_web.names import matching

PROTOCOL = "hatangso-1"
BLOCK_BYTES = 256 * 1024
MOST_CHUNK_BYTES = 32 * 1024 * 1024
_SUGGESTED = 12


@never_cache
@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the test: what it does, what it sends and keeps, consent and place."""
    _must_be_open()
    context = {
        "title": _("Đo tốc độ Internet"),
        "limit_mb": settings.SPEED_TEST_LIMIT_BYTES // 1024 // 1024,
        "per_hour": settings.SPEED_TESTS_PER_HOUR,
        "operators": Organisation.objects.filter(kind=OrganisationKind.OPERATOR, valid_until=None).order_by("name_order"),
        "protocol": PROTOCOL,
    }  # fmt: skip
    return render(request, "measurements/test.html", context)


@never_cache
@login_not_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Give a ticket for one test to those who agreed, until their address has had its share of this hour."""
    _must_be_open()
    if request.POST.get("consent") != "1":
        return JsonResponse({"error": _("Cần đồng ý trước khi đo.")}, status=400)
    begun = allowance.begin(request)
    if begun is None:
        sentence = _("Địa chỉ mạng này đã đo đủ %(number)s lần trong một giờ. Hãy thử lại sau.")
        return JsonResponse({"error": sentence % {"number": settings.SPEED_TESTS_PER_HOUR}}, status=429)
    return JsonResponse({"ticket": str(begun.ticket)})


@never_cache
@login_not_required
@require_safe
def ping(request: HttpRequest) -> HttpResponse:
    """Answer with nothing, as fast as may be."""
    _must_be_open()
    return HttpResponse(b"", content_type="application/octet-stream")


@never_cache
@login_not_required
@require_safe
def down(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send ``byte`` random bytes (at most 32 MB), which no proxy on the way can make smaller."""
    _must_be_open()
    asked = request.GET.get("byte", "")
    if not asked.isdecimal() or not 1 <= int(asked) <= MOST_CHUNK_BYTES:
        return HttpResponse(status=400)
    if not allowance.spend(request.GET.get("phieu", ""), int(asked)):
        return HttpResponse(status=429)
    # "identity" keeps the site's own compression away: these bytes do not shrink, trying would cost the measure.
    headers = {
        "Content-Length": asked,
        "Content-Encoding": "identity",
        "Cache-Control": "no-store, no-transform",
    }
    return StreamingHttpResponse(_bytes(int(asked)), content_type="application/octet-stream", headers=headers)


@never_cache
@csrf_exempt  # changes nothing; the ticket stands for the page that holds it
@login_not_required
@require_POST
def up(request: HttpRequest) -> HttpResponse:
    """Take bytes and forget them."""
    _must_be_open()
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if not 1 <= length <= MOST_CHUNK_BYTES:
        return HttpResponse(status=400)
    if not allowance.spend(request.GET.get("phieu", ""), length):
        return HttpResponse(status=429)
    received = 0
    while part := request.read(BLOCK_BYTES):
        received += len(part)
    return HttpResponse(str(received), content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def places_named(request: HttpRequest) -> HttpResponse:
    """Name the communes and villages that match what was typed."""
    _must_be_open()
    words = request.GET.get("tim", "").strip()
    if len(words) < 2:
        return JsonResponse({"places": []})
    found = (
        Area.objects.filter(matching(words, "name_folded"), level__in=[Level.COMMUNE, Level.VILLAGE], valid_until=None)
        .select_related("parent")
        .order_by("level", "name_order")[:_SUGGESTED]
    )  # fmt: skip
    return JsonResponse(
        {
            "places": [
                {"code": area.code, "name": f"{area.name}, {area.parent.name}" if area.parent else area.name}
                for area in found
            ]
        }
    )


@never_cache
@login_not_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the result of a test, once per ticket, and say where its page is."""
    _must_be_open()
    form = OwnTestForm(request.POST)
    if not form.is_valid():
        return JsonResponse(
            {"error": _("Kết quả gửi lên không đủ hoặc nằm ngoài khoảng có thể có.")}, status=400
        )
    given = form.cleaned_data
    area = Area.objects.filter(code=given["area"], level__in=[Level.COMMUNE, Level.VILLAGE]).first()
    if area is None:
        return JsonResponse({"error": _("Hãy chọn xã hoặc thôn trong danh sách.")}, status=400)
    if not allowance.use_up(str(given["ticket"])):
        return JsonResponse({"error": _("Lượt đo đã hết hạn hoặc đã lưu. Hãy đo lại.")}, status=409)
    values = {name: given[name] for name in ("operator", "technology", "connection", "download_mbps", "upload_mbps", "latency_ms", "jitter_ms")}  # fmt: skip
    place = {name: None if given[name] is None else round(given[name], 3) for name in ("lon", "lat")}
    values["operator"] = _as_registered(values["operator"])
    try:
        kept = SpeedTest.objects.create(
            made_at=timezone.now(), area=area, protocol=PROTOCOL, **values, **place
        )
    except IntegrityError:
        return JsonResponse(
            {"error": _("Kết quả gửi lên không đủ hoặc nằm ngoài khoảng có thể có.")}, status=400
        )
    return JsonResponse({"address": reverse("measurements:test_result", args=[kept.key])})


@login_not_required
@require_safe
def result(request: HttpRequest, key: str) -> HttpResponse:
    """Show one result to whoever has its link."""
    found = get_object_or_404(SpeedTest.objects.select_related("area__parent"), key=key)
    context = {"title": _("Kết quả đo tốc độ"), "test": found, "tool": OWN_TOOL, "protocol": PROTOCOL}
    return render(request, "measurements/test_result.html", context)


def _as_registered(name: str) -> str:
    """Return the name of an operator as the site knows it, however it was typed: one operator is one line of results."""
    known = Organisation.objects.filter(
        kind=OrganisationKind.OPERATOR, valid_until=None, name_folded=fold(name)
    )
    return known.values_list("name", flat=True).first() or name


def _must_be_open() -> None:
    if not settings.SPEED_TEST_OPEN:
        raise Http404


@cache
def _block() -> bytes:
    return os.urandom(BLOCK_BYTES)


def _bytes(amount: int) -> Iterator[bytes]:
    block = _block()
    for _number in range(amount // BLOCK_BYTES):
        yield block
    if amount % BLOCK_BYTES:
        yield block[: amount % BLOCK_BYTES]
