"""What can happen to measurements, as the audit trail names it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """Events about measuring campaigns and declared speeds."""

    CAMPAIGN_ADDED = "measurements.campaign_added", _("Lập đợt đo tốc độ")
    CAMPAIGN_CLOSED = "measurements.campaign_closed", _("Đóng đợt đo tốc độ")
    CAMPAIGN_REOPENED = "measurements.campaign_reopened", _("Mở lại đợt đo tốc độ")
    RUN_MADE_AGAIN = "measurements.run_made_again", _("Tính lại đợt đo theo năm gốc")
    FILE_RECEIVED = "measurements.file_received", _("Nhận tệp số đo tốc độ")
    FILE_COMMITTED = "measurements.file_committed", _("Nhập số đo vào đợt đo")
    FILE_DISCARDED = "measurements.file_discarded", _("Bỏ tệp số đo chưa nhập")
    FILE_WITHDRAWN = "measurements.file_withdrawn", _("Rút tệp số đo khỏi đợt đo")
    TESTS_GATHERED = "measurements.tests_gathered", _("Lấy phép đo của hệ thống vào đợt đo")
    SPEED_DECLARED = "measurements.speed_declared", _("Khai tốc độ cam kết")
    DOWNLOADED = "measurements.downloaded", _("Tải số liệu đo tốc độ về")
