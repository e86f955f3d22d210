"""A scoring and a few disputes of the invented province, so that a visitor sees each at a different step."""

from __future__ import annotations

import datetime

from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.challenges import CitizensWord, raise_challenge, send_citizens_word
from hatangso_web.indicators.actions.scores import (
    ScoreCall,
    give_back,
    open_score_round,
    send,
    set_best,
    write_line,
)
from hatangso_web.indicators.models import ScoreRound, Signal, Value, VillageCoverage

EDITION = "DII-885"
_LINES = {
    "PLAN-1": (1, "Kế hoạch phát triển hạ tầng số của xã (hư cấu)"),
    "PLAN-3": (3, "Biên bản làm việc với doanh nghiệp quý I, II, III (hư cấu)"),
    "TECHNOLOGY-3": (1, "Cảm biến mực nước ở hai ngầm tràn (hư cấu)"),
}


def load_scores_and_disputes(root: Area) -> None:
    """Open a scoring of every commune, one of them commented; a citizen's dispute and one of a commune; once."""
    if ScoreRound.objects.filter(area=root).exists():
        return
    specialist, clerk = (User.objects.get(username=name) for name in ("chuyenvien", "canboxa"))
    commune = next(held.area for held in clerk.memberships_held if held.area)
    name = "Tự chấm hạ tầng số các xã năm 2026"
    call = ScoreCall(name, root, EDITION, "2026", datetime.date(2026, 12, 15), of_communes=True)
    opened = open_score_round(call=call, by=specialist)
    set_best(round_=opened, code="USE-2", value=45, source="Giá trị hư cấu để xem thử", by=specialist)
    scoring = opened.scorings.select_related("round__area", "area").get(area=commune)
    for code, (value, why) in _LINES.items():
        write_line(scoring=scoring, code=code, value=value, explanation=why, by=clerk)
    send(scoring=scoring, revision=0, by=clerk)
    remarks = {"PLAN-3": "Còn thiếu biên bản quý III"}
    give_back(scoring=scoring, revision=1, by=specialist, note="Đề nghị bổ sung minh chứng", remarks=remarks)
    value = Value.objects.filter(
        area=commune, variable="villages_with_4g", superseded_by=None, value__gt=1
    ).last()
    if value is not None and value.value is not None:
        why = "Một thôn mất sóng từ khi trạm gặp sự cố (hư cấu)"
        raise_challenge(value=value, reason=why, claimed=value.value - 1, by=clerk)
    published = VillageCoverage.objects.filter(record__confirmed_at__isnull=False, signal=Signal.FULL)
    coverage = published.select_related("record__village", "operator").order_by("pk").first()
    if coverage is not None:
        send_citizens_word(
            CitizensWord(coverage, Signal.PARTIAL, "Chỉ đầu thôn có sóng, cuối thôn không gọi được (hư cấu)")
        )
