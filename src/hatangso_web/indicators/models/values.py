"""Approved values, and what was computed from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices
from hatangso_web.indicators.models.rounds import Submission
from hatangso_web.measurements.models import CampaignRun

_USER = settings.AUTH_USER_MODEL


class Kind(TextChoices):
    """How a value came about."""

    DECLARED = "declared", _("Kê khai")
    MODELLED = "modelled", _("Mô phỏng")
    MEASURED = "measured", _("Đo đạc")


class Confidence(TextChoices):
    """How far a value may be relied on."""

    HIGH = "high", _("Cao")
    MEDIUM = "medium", _("Trung bình")
    LOW = "low", _("Thấp")


class Value(models.Model):
    """An approved figure: area × variable × period (× firm). Only added: a correction supersedes, an undone approval
    supersedes with nothing. The current one is that which nothing supersedes."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    variable = models.CharField(max_length=80)
    period = models.CharField(max_length=7)
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    value = models.FloatField(null=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DECLARED)
    confidence = models.CharField(max_length=10, choices=Confidence, default=Confidence.MEDIUM)
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="values")
    source = models.CharField(max_length=200, blank=True)
    table_import = models.ForeignKey(
        "indicators.TableImport", models.PROTECT, null=True, related_name="values"
    )
    speed_run = models.ForeignKey(CampaignRun, models.PROTECT, null=True, related_name="values")
    explanation = models.CharField(max_length=500, blank=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="value_has_one_beginning",
                fields=["area", "variable", "period", "kind"],
                condition=Q(supersedes=None, operator=None),
                violation_error_message=_("Số liệu này đã có; giá trị mới phải thay cho giá trị đang có."),
            ),
            models.UniqueConstraint(
                name="value_of_operator_has_one_beginning",
                fields=["area", "variable", "period", "kind", "operator"],
                condition=Q(supersedes=None, operator__isnull=False),
                violation_error_message=_("Số liệu này đã có; giá trị mới phải thay cho giá trị đang có."),
            ),
            models.CheckConstraint(
                name="value_says_its_source",
                condition=Q(submission__isnull=False) | ~Q(source=""),
                violation_error_message=_("Giá trị phải ghi nguồn: báo cáo, tệp nạp hoặc lần tính."),
            ),
        ]
        indexes = [
            models.Index(fields=["period", "variable", "area"], name="value_by_period"),
            models.Index(fields=["area", "variable", "period"], name="value_by_area"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} · {self.variable} · {self.period}"


class Run(models.Model):
    """One computing of all indicators of an area's tree for a period, from the values up to ``last_value``."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="runs")
    period = models.CharField(max_length=7)
    last_value = models.PositiveBigIntegerField(default=0)
    engine_version = models.CharField(max_length=40)
    is_current = models.BooleanField(default=True)
    by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="run_one_current",
                fields=["area", "period"],
                condition=Q(is_current=True),
                violation_error_message=_("Mỗi địa bàn và kỳ chỉ có một lần tính hiện hành."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} · {self.period}"


class Figure(models.Model):
    """A computed indicator of an area; ``value`` empty = unknown; ``reported`` of ``expected`` units stand behind it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="figures")
    indicator = models.CharField(max_length=10)
    area = models.ForeignKey(Area, models.PROTECT, related_name="figures")
    period = models.CharField(max_length=7)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    value = models.FloatField(null=True)
    reported = models.PositiveIntegerField()
    expected = models.PositiveIntegerField()
    assumed = models.FloatField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="figure_once_per_run", fields=["run", "indicator", "area", "period"])
        ]
        indexes = [
            models.Index(fields=["indicator", "period", "area"], name="figure_by_indicator"),
            models.Index(fields=["area", "period"], name="figure_by_area"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.area_id} · {self.period}"

    @property
    def decimals(self) -> int:
        """How many decimals it is shown with: none for a whole count, else one."""
        return (
            0
            if self.denominator is None and self.value is not None and self.value == round(self.value)
            else 1
        )
