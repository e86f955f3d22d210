"""What can happen to figures, as the audit trail names it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """Events about rounds, submissions, values, villages and disputes."""

    ROUND_OPENED = "indicators.round_opened", _("Mở đợt thu thập số liệu")
    CELLS_SAVED = "indicators.cells_saved", _("Nhập số liệu")
    CELLS_PREFILLED = "indicators.cells_prefilled", _("Điền sẵn theo số liệu lần trước")
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
    CHALLENGE_RECEIVED = "indicators.challenge_received", _("Tiếp nhận phản ánh của người dân")
    CHALLENGE_ANSWERED = "indicators.challenge_answered", _("Trả lời phản ánh số liệu")
    CHALLENGE_SETTLED = "indicators.challenge_settled", _("Kết luận phản ánh số liệu")
    SCORE_OPENED = "indicators.score_opened", _("Mở đợt chấm điểm chỉ số")
    SCORE_SENT = "indicators.score_sent", _("Gửi bảng tự chấm điểm")
    SCORE_RETURNED = "indicators.score_returned", _("Gửi góp ý bảng tự chấm điểm")
    SCORE_FIXED = "indicators.score_fixed", _("Chốt kết quả chấm điểm")
    SCORE_REOPENED = "indicators.score_reopened", _("Mở lại bảng điểm")
    SCORE_WRITTEN = "indicators.score_written", _("Ghi tiêu chí tự chấm điểm")
    EVIDENCE_ADDED = "indicators.evidence_added", _("Nộp minh chứng chấm điểm")
    EVIDENCE_WITHDRAWN = "indicators.evidence_withdrawn", _("Rút minh chứng chấm điểm")
    EVIDENCE_OPENED = "indicators.evidence_opened", _("Mở tệp minh chứng")
    TABLE_RECEIVED = "indicators.table_received", _("Nhận bảng số liệu")
    TABLE_CONFIRMED = "indicators.table_confirmed", _("Xác nhận bảng số liệu")
    TABLE_APPROVED = "indicators.table_approved", _("Duyệt bảng số liệu")
    TABLE_REFUSED = "indicators.table_refused", _("Không duyệt bảng số liệu")
    TABLE_WITHDRAWN = "indicators.table_withdrawn", _("Rút số liệu của bảng đã duyệt")
    TABLE_DISCARDED = "indicators.table_discarded", _("Bỏ bảng số liệu chưa xác nhận")
    SPEED_RECORDED = "indicators.speed_recorded", _("Ghi số đo tốc độ thành số liệu")
    DOWNLOADED = "indicators.downloaded", _("Tải số liệu về")
