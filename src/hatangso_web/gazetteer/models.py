"""Files of areas on their way into the system, and changes of areas an administrator enters."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hatangso_web.areas.models import ChangeKind


class FileKind(models.TextChoices):
    """What a file holds."""

    VILLAGES = "villages", _("Danh sách thôn, tổ dân phố")
    OTHER = "other", _("Khu công nghiệp, khu du lịch, hành lang đường bộ, khu đô thị")
    BOUNDARIES = "boundaries", _("Ranh giới")


class FileState(models.TextChoices):
    """How far a file has come; nothing is written before STORING."""

    WAITING = "waiting", _("Chờ kiểm tra")
    CHECKED = "checked", _("Đã kiểm tra, chưa ghi")
    REFUSED = "refused", _("Không dùng được")
    STORING = "storing", _("Đang ghi")
    STORED = "stored", _("Đã ghi")


class AreaFile(models.Model):
    """A file of villages, other areas or boundaries: first checked, then, when a person says so, written.

    ``report`` holds the sentences of the check, ``counts`` how many areas are new, changed and the same.
    """

    kind = models.CharField(_("loại"), max_length=12, choices=FileKind)
    level = models.CharField(_("cấp"), max_length=10, blank=True)
    on = models.DateField(_("ngày lập"))
    file = models.FileField(upload_to="areas/%Y/%m/")
    filename = models.CharField(_("tên tệp"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    state = models.CharField(_("tình trạng"), max_length=10, choices=FileState, default=FileState.WAITING)
    report = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    stored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "sha256", "kind", "on", "level",
                name="area_file_once",
                violation_error_message=_("Tệp này đã được nạp trước đây."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.filename

    @property
    def busy(self) -> bool:
        """Whether background work on it is to come or under way."""
        return self.state in {FileState.WAITING, FileState.STORING}


class RevisionState(models.TextChoices):
    """How far a change has come."""

    DRAFT = "draft", _("Bản nháp, chưa có tác dụng")
    CONFIRMED = "confirmed", _("Đã xác nhận")
    WITHDRAWN = "withdrawn", _("Đã rút")


class Revision(models.Model):
    """A change of areas as entered from a resolution; its rows in ``areas`` carry its ``key`` once confirmed.

    ``flows`` is a list of ``{before, after, share, kind, name, parent}``: codes, share 0–1 or null.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("thay đổi"), max_length=15, choices=ChangeKind)
    on = models.DateField(_("có hiệu lực từ ngày"))
    legal_act = models.CharField(_("văn bản"), max_length=200)
    flows = models.JSONField(default=list)
    effect = models.JSONField(default=list)
    state = models.CharField(
        _("tình trạng"), max_length=10, choices=RevisionState, default=RevisionState.DRAFT
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RevisionState.DRAFT)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="revision_decided_by_somebody",
                violation_error_message=_("Thay đổi đã xác nhận hoặc đã rút phải ghi người và thời điểm."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.legal_act}"
