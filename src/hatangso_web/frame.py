"""What the frame of every page shows: the main entries a person may open, the role they hold, the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.trail import event_words


@dataclass(frozen=True)
class Entry:
    """A main entry: its word, the name of its address, the permission that shows it."""

    word: str | Promise
    url_name: str
    permission: Permission | None = None


@dataclass(frozen=True)
class ShownEntry:
    """An entry as drawn: ``here`` when the page lies under it, ``exact`` when it is the page."""

    word: str
    address: str
    here: bool
    exact: bool


@dataclass(frozen=True)
class Frame:
    """Everything the frame of a page shows."""

    navigation: list[ShownEntry]
    role_line: str
    now: datetime

    @property
    def event_words(self) -> dict[str, str]:
        """The word of every event of the audit trail."""
        return event_words()


# An app of its own adds its line here; the order is the order on the screen.
NAVIGATION = [
    Entry(_("Việc của tôi"), "home"),
    Entry(_("Tổng quan"), "leader", Permission.VIEW),
    Entry(_("Kế hoạch"), "plans:list", Permission.VIEW),
    Entry(_("Đến hạn"), "plans:due", Permission.VIEW),
    Entry(_("Chỉ tiêu"), "indicators:figures", Permission.VIEW),
    Entry(_("Số liệu"), "indicators:rounds", Permission.VIEW),
    Entry(_("Phản ánh"), "indicators:challenges", Permission.VIEW),
    Entry(_("Chấm điểm"), "indicators:score_rounds", Permission.VIEW),
    Entry(_("Địa bàn"), "gazetteer:areas", Permission.VIEW),
    Entry(_("Danh mục"), "catalogue:indicators", Permission.VIEW),
    Entry(_("Đo tốc độ"), "measurements:list", Permission.VIEW),
    Entry(_("Cơ quan"), "accounts:organisations", Permission.VIEW),
    Entry(_("Người dùng"), "accounts:people", Permission.MANAGE_PEOPLE),
    Entry(_("Nhật ký"), "trail", Permission.VIEW_AUDIT),
]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give every template ``frame`` and ``person``; computed only where a template asks."""
    person = getattr(request, "user", None)
    return {
        "person": person,
        "frame": SimpleLazyObject(lambda: _frame_of(request, person)),
        "LANGUAGE_CODE": getattr(request, "LANGUAGE_CODE", "vi"),
    }


def _frame_of(request: HttpRequest, person: Any) -> Frame:
    if not isinstance(person, User):
        return Frame([], "", timezone.now())
    return Frame(_entries(request.path, person), _role_line(person), timezone.now())


def _entries(path: str, person: User) -> list[ShownEntry]:
    shown = []
    for entry in NAVIGATION:
        if entry.permission is not None and not can(person, entry.permission):
            continue
        address = reverse(entry.url_name)
        exact = path == address
        shown.append(
            ShownEntry(
                str(entry.word), address, exact or (address != "/" and path.startswith(address)), exact
            )
        )
    return shown


def _role_line(person: User) -> str:
    held = person.memberships_held
    if not held:
        return str(_("Chưa được giao vai trò"))
    first = held[0]
    where = first.area.name if first.area else _("toàn hệ thống")
    more = f" (+{len(held) - 1})" if len(held) > 1 else ""
    return f"{first.get_role_display()} · {where}{more}"
