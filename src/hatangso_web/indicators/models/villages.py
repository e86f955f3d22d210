"""The village list: what is known of one village in a period."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices

_USER = settings.AUTH_USER_MODEL


class Signal(TextChoices):
    """The three classes of coverage of a village."""

    FULL = "full", _("Đủ")
    PARTIAL = "partial", _("Lõm")
    NONE = "none", _("Trắng")


class Technology(TextChoices):
    """Mobile technologies of the village list."""

    G2 = "2G", "2G"
    G3 = "3G", "3G"
    G4 = "4G", "4G"
    G5 = "5G", "5G"


class VillageRecord(models.Model):
    """What is known of one village in a period; once confirmed it is closed, a correction takes it up again."""

    village = models.ForeignKey(Area, models.PROTECT, related_name="village_records")
    period = models.CharField(max_length=7)
    households = models.PositiveIntegerField(_("Số hộ"), null=True, blank=True)
    people = models.PositiveIntegerField(_("Số người"), null=True, blank=True)
    has_power = models.BooleanField(_("Có điện lưới"), null=True, blank=True)
    specially_difficult = models.BooleanField(_("Đặc biệt khó khăn"), null=True, blank=True)
    has_fibre = models.BooleanField(_("Có bán cáp quang"), null=True, blank=True)
    measured_place = models.CharField(_("Nơi đo"), max_length=200, blank=True)
    measured_lon = models.FloatField(_("Kinh độ nơi đo"), null=True, blank=True)
    measured_lat = models.FloatField(_("Vĩ độ nơi đo"), null=True, blank=True)
    measured_on = models.DateField(_("Ngày đo"), null=True, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    changed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="village_record_once",
                fields=["village", "period"],
                violation_error_message=_("Thôn này đã có số liệu của kỳ."),
            ),
            models.CheckConstraint(
                name="village_record_place_is_on_earth",
                condition=Q(measured_lon=None, measured_lat=None)
                | Q(
                    measured_lon__isnull=False,
                    measured_lat__isnull=False,
                    measured_lon__gte=-180,
                    measured_lon__lte=180,
                    measured_lat__gte=-90,
                    measured_lat__lte=90,
                ),
                violation_error_message=_("Tọa độ nơi đo phải có đủ kinh độ và vĩ độ hợp lệ."),
            ),
            models.CheckConstraint(
                name="village_record_confirmed_by_whom_and_when",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                violation_error_message=_("Số liệu thôn đã xác nhận phải ghi người và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village.name} · {self.period}"

    @property
    def area(self) -> Area:
        """The village, for the audit trail."""
        return self.village


class VillageCoverage(models.Model):
    """The coverage class of a village by technology, of one firm or (without one) of any."""

    record = models.ForeignKey(VillageRecord, models.CASCADE, related_name="coverage")
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    technology = models.CharField(max_length=2, choices=Technology)
    signal = models.CharField(max_length=8, choices=Signal)
    signal_dbm = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="village_coverage_once_per_operator",
                fields=["record", "operator", "technology"],
                condition=Q(operator__isnull=False),
            ),
            models.UniqueConstraint(
                name="village_coverage_once_for_all",
                fields=["record", "technology"],
                condition=Q(operator=None),
            ),
            models.CheckConstraint(
                name="village_coverage_signal_is_plausible",
                condition=Q(signal_dbm=None) | Q(signal_dbm__gte=-150, signal_dbm__lte=-20),
                violation_error_message=_("Mức tín hiệu phải từ -150 đến -20 dBm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} · {self.technology}"
