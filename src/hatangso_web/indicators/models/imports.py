"""Tables that came in: the file, how its columns were read, the figures it gave, what became of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices
from hatangso_web.indicators.models.rounds import Submission
from hatangso_web.indicators.models.values import Confidence, Kind

_USER = settings.AUTH_USER_MODEL


class ImportState(TextChoices):
    """Where a table stands; each step is taken by a conditional update."""

    MAPPING = "mapping", _("Chờ ghép cột")
    CHECKED = "checked", _("Đã đọc thử, chờ xác nhận")
    WAITING = "waiting", _("Chờ duyệt")
    DONE = "done", _("Đã ghi")
    REFUSED = "refused", _("Không duyệt")
    WITHDRAWN = "withdrawn", _("Đã rút")
    DISCARDED = "discarded", _("Đã bỏ")


class TableImport(models.Model):
    """A table somebody sent: of which kind, for which area and period, whose figures, who confirmed and approved.

    ``organisation`` remembers how its columns are read; ``operator`` owns the figures (none: the areas' own).
    Nothing counts before ``DONE``; the file is kept as it came.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="table_imports", verbose_name=_("Địa bàn"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    table_kind = models.CharField(_("Loại bảng"), max_length=40)
    period = models.CharField(_("Kỳ"), max_length=7)
    value_kind = models.CharField(_("Loại số liệu"), max_length=10, choices=Kind, default=Kind.DECLARED)
    confidence = models.CharField(max_length=10, choices=Confidence, blank=True)
    confidence_reason = models.CharField(max_length=300, blank=True)
    explanation = models.CharField(max_length=500, blank=True)
    file = models.FileField(upload_to="tables/%Y/", max_length=200)
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.MAPPING)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="table_import_once",
                fields=["sha256", "table_kind", "period", "area"],
                condition=Q(operator=None) & ~Q(state__in=["discarded", "refused", "withdrawn"]),
                violation_error_message=_("Tệp này đã được nạp cho kỳ và địa bàn ấy."),
            ),
            models.UniqueConstraint(
                name="table_import_of_operator_once",
                fields=["sha256", "table_kind", "period", "area", "operator"],
                condition=Q(operator__isnull=False) & ~Q(state__in=["discarded", "refused", "withdrawn"]),
                violation_error_message=_("Tệp này đã được nạp cho kỳ và địa bàn ấy."),
            ),
            models.CheckConstraint(
                name="table_import_confirmed_says_who_and_when",
                condition=Q(state__in=["mapping", "checked", "discarded"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                violation_error_message=_("Bảng đã xác nhận phải ghi người và thời điểm."),
            ),
            models.CheckConstraint(
                name="table_import_not_approved_by_its_sender",
                condition=Q(decided_by=None) | ~Q(decided_by=F("confirmed_by")),
                violation_error_message=_("Người nạp không tự duyệt bảng của mình."),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_open(self) -> bool:
        """Whether its columns may still be chosen."""
        return self.state in {ImportState.MAPPING, ImportState.CHECKED}


class ImportedFigure(models.Model):
    """One figure of a confirmed table, with the rows it came from; ``submission``: the draft it went into."""

    table_import = models.ForeignKey(TableImport, models.CASCADE, related_name="figures")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    variable = models.CharField(max_length=80)
    value = models.FloatField()
    confidence = models.CharField(max_length=10, choices=Confidence)
    explanation = models.CharField(max_length=500, blank=True)
    rows = models.JSONField(default=list)
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["area__name_order", "variable"]
        constraints = [
            models.UniqueConstraint(
                name="imported_figure_once",
                fields=["table_import", "area", "variable"],
                condition=Q(operator=None),
            ),
            models.UniqueConstraint(
                name="imported_figure_of_operator_once",
                fields=["table_import", "area", "variable", "operator"],
                condition=Q(operator__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} · {self.variable}"


class ColumnMemory(models.Model):
    """How an organisation reads one kind of table with one set of headers: remembered so that it is asked once."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    table_kind = models.CharField(max_length=40)
    header_set = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    changed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "table_kind", "header_set"], name="column_memory_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} · {self.table_kind}"
