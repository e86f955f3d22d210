"""What can happen to plans, as the audit trail names it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hatangso_web.plans.models import TextChoices


class Event(TextChoices):
    """Events about plans. Their details never carry text of a plan: the trail is read by people who may not see it."""

    PLAN_UPLOADED = "plans.uploaded", _("Nạp kế hoạch")
    VERSION_UPLOADED = "plans.version_uploaded", _("Nạp bản sửa đổi của kế hoạch")
    READ_AGAIN = "plans.read_again", _("Cho đọc lại tệp kế hoạch")
    FINDING_DECIDED = "plans.finding_decided", _("Quyết định một nội dung của kế hoạch")
    FINDING_ADDED = "plans.finding_added", _("Thêm một nội dung của kế hoạch")
    FINDINGS_ACCEPTED = "plans.findings_accepted", _("Xác nhận hàng loạt nội dung của kế hoạch")
    DECISION_UNDONE = "plans.decision_undone", _("Hoàn tác một quyết định về kế hoạch")
    FINDING_RESTRICTED = "plans.finding_restricted", _("Đánh dấu nội dung hạn chế")
    DOWNLOADED = "plans.downloaded", _("Tải số liệu kế hoạch về")
