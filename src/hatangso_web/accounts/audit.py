"""The audit trail: one function writes it, in the same transaction as the deed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.areas.models import Area


class Event(TextChoices):
    """What can happen to people and organisations; every app has such a list of its own."""

    SIGNED_IN = "accounts.signed_in", _("Đăng nhập")
    SIGNED_OUT = "accounts.signed_out", _("Đăng xuất")
    PASSWORD_CHANGED = "accounts.password_changed", _("Đổi mật khẩu")
    SECOND_FACTOR_ON = "accounts.second_factor_on", _("Bật xác thực hai lớp")
    SECOND_FACTOR_OFF = "accounts.second_factor_off", _("Tắt xác thực hai lớp")
    PERSON_ADDED = "accounts.person_added", _("Thêm người dùng")
    PERSON_CHANGED = "accounts.person_changed", _("Sửa người dùng")
    PERSON_SWITCHED_OFF = "accounts.person_switched_off", _("Khóa tài khoản")
    PERSON_SWITCHED_ON = "accounts.person_switched_on", _("Mở khóa tài khoản")
    PASSWORD_RESET = "accounts.password_reset", _("Đặt lại mật khẩu")
    ROLE_GIVEN = "accounts.role_given", _("Giao vai trò")
    ROLE_TAKEN = "accounts.role_taken", _("Thu vai trò")
    ORGANISATION_ADDED = "accounts.organisation_added", _("Thêm cơ quan")
    ORGANISATION_CHANGED = "accounts.organisation_changed", _("Sửa cơ quan")
    ORGANISATION_RENAMED = "accounts.organisation_renamed", _("Đổi tên cơ quan")
    ORGANISATION_ENDED = "accounts.organisation_ended", _("Kết thúc hoạt động cơ quan")


def record(
    event: StrEnum | TextChoices,
    *,
    about: Model | None,
    by: User | None,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add a row to the audit trail.

    Parameters
    ----------
    event : the key of what happened, from the list of the app
    about : the row it happened to; its type, key, text and (when it has one) area are noted, no reference is kept
    by : the person, or ``None`` for the system itself
    details : what changed, as JSON
    """
    area = about if isinstance(about, Area) else getattr(about, "area", None)
    return AuditEvent.objects.create(
        event=str(event),
        by_key=str(by.pk) if by else "",
        by_name=f"{by.full_name} ({by.username})"[:180] if by else "",
        about_type=about._meta.label_lower if about is not None else "",
        about_key=str(about.pk) if about is not None else "",
        about_label=str(about)[:300] if about is not None else "",
        area_path=area.path if isinstance(area, Area) else "",
        details=details or {},
    )
