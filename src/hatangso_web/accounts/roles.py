"""Who may do what: reviewed constants. A change here is a change of the office's rules; have it read by two people."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class _Worded(StrEnum):
    """Members written as ``KEY = "key", word``; ``label`` is the word."""

    label: str | Promise

    def __new__(cls, value: str, label: str | Promise = "") -> _Worded:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Permission(_Worded):
    """One thing a person may do in an area."""

    VIEW = "view", _("xem số liệu và kế hoạch")
    VIEW_RESTRICTED = "view_restricted", _("xem nội dung hạn chế")
    READ_PLANS = "read_plans", _("nạp và đọc văn bản kế hoạch")
    CONFIRM_PLANS = "confirm_plans", _("xác nhận chỉ tiêu, nhiệm vụ của kế hoạch")
    REPORT_PROGRESS = "report_progress", _("cập nhật tiến độ nhiệm vụ")
    ENTER_FIGURES = "enter_figures", _("nhập và gửi số liệu")
    APPROVE_FIGURES = "approve_figures", _("duyệt số liệu")
    MANAGE_ROUNDS = "manage_rounds", _("mở đợt thu thập số liệu")
    MEASURE_SPEED = "measure_speed", _("lập đợt đo, nhập số đo tốc độ")
    DECLARE_SPEED = "declare_speed", _("khai tốc độ cam kết của doanh nghiệp")
    EXPORT = "export", _("tải số liệu về")
    MANAGE_PEOPLE = "manage_people", _("quản lý người dùng và vai trò")
    MANAGE_ORGANISATIONS = "manage_organisations", _("quản lý danh mục cơ quan")
    VIEW_AUDIT = "view_audit", _("xem nhật ký hệ thống")
    IMPORT_AREAS = "import_areas", _("nạp thôn, khu vực và ranh giới")
    MANAGE_AREAS = "manage_areas", _("ghi thay đổi đơn vị hành chính")


class Role(_Worded):
    """The part a person plays for an organisation over an area."""

    VIEWER = "viewer", _("Người xem")
    COMMUNE_CLERK = "commune_clerk", _("Cán bộ xã")
    PROVINCIAL_SPECIALIST = "provincial_specialist", _("Chuyên viên tỉnh")
    LEADER = "leader", _("Lãnh đạo")
    OPERATOR_CLERK = "operator_clerk", _("Cán bộ doanh nghiệp")
    ADMINISTRATOR = "administrator", _("Quản trị hệ thống")


ROLE_CHOICES = [(role.value, role.label) for role in Role]

PERMISSIONS_OF: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.COMMUNE_CLERK: frozenset(
        {
            Permission.VIEW,
            Permission.EXPORT,
            Permission.READ_PLANS,
            Permission.CONFIRM_PLANS,
            Permission.REPORT_PROGRESS,
            Permission.ENTER_FIGURES,
        }
    ),
    Role.PROVINCIAL_SPECIALIST: frozenset(
        {
            Permission.MEASURE_SPEED,
            Permission.DECLARE_SPEED,
            Permission.VIEW,
            Permission.VIEW_RESTRICTED,
            Permission.EXPORT,
            Permission.READ_PLANS,
            Permission.CONFIRM_PLANS,
            Permission.REPORT_PROGRESS,
            Permission.ENTER_FIGURES,
            Permission.APPROVE_FIGURES,
            Permission.MANAGE_ROUNDS,
            Permission.IMPORT_AREAS,
        }
    ),
    Role.LEADER: frozenset({Permission.VIEW, Permission.VIEW_RESTRICTED, Permission.EXPORT}),
    Role.OPERATOR_CLERK: frozenset(
        {Permission.VIEW, Permission.REPORT_PROGRESS, Permission.DECLARE_SPEED, Permission.ENTER_FIGURES}
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.VIEW,
            Permission.EXPORT,
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_ORGANISATIONS,
            Permission.VIEW_AUDIT,
            Permission.IMPORT_AREAS,
            Permission.MANAGE_AREAS,
        }
    ),
}

# Roles that may be held over the whole system instead of one area.
ROLES_WITHOUT_AREA = frozenset({Role.VIEWER, Role.LEADER, Role.ADMINISTRATOR})


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that hold ``permission``."""
    return [role for role, held in PERMISSIONS_OF.items() if permission in held]
