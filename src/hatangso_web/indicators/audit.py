"""What can happen to figures, as the audit trail names it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """Events about rounds, submissions, values, villages and disputes."""

    ROUND_OPENED = "indicators.round_opened", _("Mở đợt thu thập số liệu")
    CELLS_SAVED = "indicators.cells_saved", _("Nhập số liệu")
    WORKBOOK_TAKEN_IN = "indicators.workbook_taken_in", _("Nạp sổ Excel số liệu")
    SUBMITTED = "indicators.submitted", _("Gửi báo cáo số liệu")
    RETURNED = "indicators.returned", _("Trả lại báo cáo số liệu")
    APPROVED = "indicators.approved", _("Duyệt báo cáo số liệu")
    LOCKED = "indicators.locked", _("Khóa báo cáo số liệu")
    UNDONE = "indicators.undone", _("Hoàn tác một bước của báo cáo số liệu")
    COMPUTED = "indicators.computed", _("Tính chỉ tiêu")
    VILLAGE_SAVED = "indicators.village_saved", _("Ghi số liệu thôn")
    VILLAGE_CONFIRMED = "indicators.village_confirmed", _("Xác nhận số liệu thôn")
    CHALLENGED = "indicators.challenged", _("Phản ánh một số liệu")
    CHALLENGE_ANSWERED = "indicators.challenge_answered", _("Trả lời phản ánh số liệu")
    CHALLENGE_SETTLED = "indicators.challenge_settled", _("Kết luận phản ánh số liệu")
    DOWNLOADED = "indicators.downloaded", _("Tải số liệu về")
