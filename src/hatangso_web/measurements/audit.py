"""What can happen to measurements, as the audit trail names it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """Events about measuring campaigns and declared speeds."""

    CAMPAIGN_ADDED = "measurements.campaign_added", _("Lập đợt đo tốc độ")
    FILE_RECEIVED = "measurements.file_received", _("Nhận tệp số đo tốc độ")
    FILE_COMMITTED = "measurements.file_committed", _("Nhập số đo vào đợt đo")
    FILE_DISCARDED = "measurements.file_discarded", _("Bỏ tệp số đo chưa nhập")
    TESTS_GATHERED = "measurements.tests_gathered", _("Lấy phép đo của hệ thống vào đợt đo")
    SPEED_DECLARED = "measurements.speed_declared", _("Khai tốc độ cam kết")
    DOWNLOADED = "measurements.downloaded", _("Tải số liệu đo tốc độ về")
