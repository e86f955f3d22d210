"""What can happen to areas, as the audit trail names it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """Events about areas."""

    REGISTER_LOADED = "gazetteer.register_loaded", _("Nạp danh mục đơn vị hành chính")
    FILE_CHECKED = "gazetteer.file_checked", _("Kiểm tra tệp địa bàn")
    FILE_STORED = "gazetteer.file_stored", _("Ghi tệp địa bàn vào hệ thống")
    CHANGE_ENTERED = "gazetteer.change_entered", _("Nhập thay đổi đơn vị hành chính")
    CHANGE_CONFIRMED = "gazetteer.change_confirmed", _("Xác nhận thay đổi đơn vị hành chính")
    CHANGE_WITHDRAWN = "gazetteer.change_withdrawn", _("Rút thay đổi đơn vị hành chính")
