"""The status words of the office: word, drawing and tone of each; never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Tone = Literal["good", "fair", "late", "bad", "unknown", "plain", "busy"]


@dataclass(frozen=True)
class Status:
    """One status as it is shown: the word, the drawing before it, the tone of its colours."""

    word: str | Promise
    icon: str
    tone: Tone


VERDICTS: dict[str, Status] = {
    "met": Status(_("Đạt"), "success", "good"),
    "on_course": Status(_("Có khả năng đạt"), "rising", "fair"),
    "late": Status(_("Chậm"), "clock", "late"),
    "not_met": Status(_("Không đạt"), "cross", "bad"),
    "cannot_tell": Status(_("Chưa đủ dữ liệu"), "question", "unknown"),
    "not_applicable": Status(_("Không áp dụng"), "dash", "plain"),
}

WORKFLOW: dict[str, Status] = {
    "not_reported": Status(_("Chưa báo cáo"), "circle", "unknown"),
    "entering": Status(_("Đang nhập"), "pencil", "busy"),
    "waiting": Status(_("Chờ duyệt"), "clock", "late"),
    "returned": Status(_("Trả lại"), "back", "bad"),
    "approved": Status(_("Đã duyệt"), "success", "good"),
    "locked": Status(_("Đã khóa"), "lock", "plain"),
}

STATUSES: dict[str, Status] = {**VERDICTS, **WORKFLOW}
