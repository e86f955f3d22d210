"""What is kept of speed measuring: campaigns, files of samples, runs of the engine, figures, declared speeds, own tests."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.names import FoldedField, OrderField

if TYPE_CHECKING:

    class TextChoices(StrEnum):
        """What the type checker, which does not see into Django, must know of choices."""

        label: str
        values: ClassVar[list[str]]
        choices: ClassVar[list[tuple[str, str]]]

        def __new__(cls, value: str, label: Any = "") -> TextChoices: ...

else:
    TextChoices = models.TextChoices

OWN_TOOL = "hatangso"


class Network(TextChoices):
    """What kind of access was measured."""

    MOBILE = "mobile", _("Di động")
    FIXED = "fixed", _("Cố định")


class FileKind(TextChoices):
    """What a file holds: single tests, or averages of tiles that only serve as context."""

    SAMPLES = "samples", _("Từng lần đo")
    TILES = "tiles", _("Bình quân theo ô (chỉ tham khảo)")


class FileState(TextChoices):
    """Where a file stands between hand and campaign."""

    MAPPING = "mapping", _("Chờ ghép cột")
    WAITING = "waiting", _("Chờ kiểm tra")
    CHECKING = "checking", _("Đang kiểm tra")
    CHECKED = "checked", _("Đã kiểm tra, chờ nhập")
    QUEUED = "queued", _("Chờ nhập")
    COMMITTING = "committing", _("Đang nhập")
    COMMITTED = "committed", _("Đã nhập")
    FAILED = "failed", _("Không đọc được")
    WITHDRAWN = "withdrawn", _("Đã rút")


# Somebody still has to see to a file in one of these.
PENDING = [state for state in FileState if state not in {FileState.COMMITTED, FileState.WITHDRAWN, FileState.FAILED}]  # fmt: skip


class Campaign(models.Model):
    """A measuring campaign: where, when, with which one tool and method, and what is asked of the result.

    ``basis`` names the sentence of the plan that sets the floor; ``target_key`` is the key of that target, kept
    as a number because plans stand above this app.
    """

    name = models.CharField(_("tên đợt đo"), max_length=200)
    name_folded = FoldedField("name")
    name_order = OrderField("name", db_index=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="speed_campaigns", verbose_name=_("địa bàn"))
    starts_on = models.DateField(_("đo từ ngày"))
    ends_on = models.DateField(_("đến hết ngày"))
    tool = models.CharField(_("công cụ đo"), max_length=60)
    method = models.CharField(_("phương pháp đo"), max_length=600)
    network = models.CharField(_("loại mạng"), max_length=10, choices=Network, default=Network.MOBILE)
    floor_mbps = models.FloatField(_("tốc độ tải xuống phải đạt (Mb/s)"))
    share = models.FloatField(_("tỷ lệ lần đo phải đạt"))
    confidence = models.FloatField(_("độ tin cậy"), default=0.95)
    minimum_tests = models.PositiveIntegerField(_("số lần đo ít nhất để kết luận"), default=30)
    basis = models.CharField(_("căn cứ"), max_length=500, blank=True)
    target_key = models.PositiveBigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False)  # fmt: skip
    closed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-starts_on", "name_order"]
        verbose_name = _("đợt đo")
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_it_begins",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("Ngày kết thúc đợt đo phải từ ngày bắt đầu trở đi."),
            ),
            models.CheckConstraint(
                name="campaign_share_is_a_share",
                condition=Q(share__gt=0, share__lte=1) & Q(floor_mbps__gt=0),
                violation_error_message=_("Tốc độ phải đạt phải lớn hơn 0; tỷ lệ phải đạt từ trên 0 đến 100 %."),
            ),
            models.CheckConstraint(
                name="campaign_names_its_tool",
                condition=~Q(tool="") & ~Q(method=""),
                violation_error_message=_("Đợt đo phải ghi công cụ đo và phương pháp đo."),
            ),
            models.CheckConstraint(
                name="campaign_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                violation_error_message=_("Đợt đo đã đóng phải ghi đủ người và thời điểm đóng."),
            ),
            models.UniqueConstraint(
                "area", "name", "starts_on",
                name="campaign_once",
                violation_error_message=_("Đã có đợt đo tên này, bắt đầu cùng ngày, ở địa bàn này."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def period(self) -> str:
        """The code of the campaign's period as figures carry it: its first and last day."""
        return f"{self.starts_on:%Y-%m-%d}/{self.ends_on:%Y-%m-%d}"

    @property
    def percent(self) -> float:
        """The share asked for, 0-100."""
        return 100 * self.share


class SampleFile(models.Model):
    """A file handed in for a campaign. Nothing counts before ``COMMITTED``; withdrawn, it stays and counts no more.

    Work is claimed by ``token`` and tells its ``progress`` (percent); a claim not heard of for the length of the
    lease is taken up again. The samples kept and rejected and their summary are files named after the row, written
    whole or not at all, so doing it twice gives one result.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind, default=FileKind.SAMPLES)
    file = models.FileField(upload_to="speed/%Y/", max_length=200)
    filename = models.CharField(_("tên tệp"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    unit = models.CharField(_("đơn vị tốc độ"), max_length=20, blank=True)
    state = models.CharField(max_length=12, choices=FileState, default=FileState.MAPPING)
    token = models.UUIDField(null=True)
    taken_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)
    report = models.JSONField(default=dict)
    stored_as = models.CharField(max_length=32, blank=True)
    engine_version = models.CharField(max_length=40, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("tệp số đo")
        constraints = [
            models.UniqueConstraint(
                "campaign", "sha256",
                name="sample_file_once_per_campaign",
                violation_error_message=_("Tệp này đã có trong đợt đo."),
            ),
            models.CheckConstraint(
                name="sample_file_committed_is_complete",
                condition=~Q(state="committed") | Q(committed_at__isnull=False, committed_by__isnull=False),
                violation_error_message=_("Tệp đã nhập phải ghi đủ người và thời điểm nhập."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.filename

    @property
    def area(self) -> Area:
        """The area of its campaign; the audit trail asks for it."""
        return self.campaign.area


class ColumnMapping(models.Model):
    """How an organisation reads files with one set of headers: remembered so that it is asked once."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    header_set = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    unit = models.CharField(max_length=20, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "header_set"], name="column_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} · {self.header_set[:8]}"


class CampaignRun(models.Model):
    """A run of the engine over all committed files of a campaign; figures name it as their source."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    inputs = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=40)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_run_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.number}"


class MeasurementFigure(models.Model):
    """One figure of an area: a value, or numerator and denominator; never changed, a later run writes new ones."""

    run = models.ForeignKey(CampaignRun, models.PROTECT, related_name="figures")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    indicator = models.CharField(_("chỉ số"), max_length=20)
    part = models.CharField(max_length=20, blank=True)
    period = models.CharField(_("kỳ"), max_length=21)
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)

    class Meta:
        ordering = ["indicator", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "area", "indicator", "part"], name="measurement_figure_once"
            ),
            models.CheckConstraint(
                name="measurement_figure_says_something",
                condition=Q(value__isnull=False) | Q(numerator__isnull=False, denominator__gt=0),
                violation_error_message=_("Số liệu phải có giá trị, hoặc có tử số và mẫu số."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.area_id} · {self.period}"

    @property
    def part_words(self) -> str:
        """What the part of an indicator with several is called; nothing for a whole."""
        return {"latency": str(_("độ trễ")), "jitter": str(_("biến động trễ"))}.get(self.part, "")

    @property
    def share(self) -> float | None:
        """The numerator over the denominator; nothing for a plain value."""
        return self.numerator / self.denominator if self.denominator and self.numerator is not None else None


class DeclaredSpeed(models.Model):
    """What an operator declares for a service: minimum, typical download and upload; a later day supersedes."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="declared_speeds", verbose_name=_("doanh nghiệp")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("địa bàn"))
    operator = models.CharField(_("tên nhà mạng trong số đo"), max_length=120)
    technology = models.CharField(_("công nghệ"), max_length=20)
    package = models.CharField(_("gói dịch vụ"), max_length=120, blank=True)
    vdmin_mbps = models.FloatField(_("Vdmin: tải xuống tối thiểu (Mb/s)"))
    vd_mbps = models.FloatField(_("Vd: tải xuống trung bình (Mb/s)"))
    vu_mbps = models.FloatField(_("Vu: tải lên trung bình (Mb/s)"))
    valid_from = models.DateField(_("áp dụng từ ngày"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["operator", "technology", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                "organisation", "area", "operator", "technology", "package", "valid_from",
                name="declared_speed_once",
                violation_error_message=_("Đã khai tốc độ của gói này từ ngày đó."),
            ),
            models.CheckConstraint(
                name="declared_speed_in_order",
                condition=Q(vdmin_mbps__gt=0, vd_mbps__gte=F("vdmin_mbps"), vu_mbps__gt=0),
                violation_error_message=_("Vdmin phải lớn hơn 0 và không lớn hơn Vd; Vu phải lớn hơn 0."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.operator} · {self.technology}"


class SpeedTest(models.Model):
    """A test made with the page of this site: no name, no address, no device; the place as coarse as it may be.

    ``lon`` and ``lat`` are cut to three decimals (about 100 m). ``key`` is the secret of the page of the result.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField(db_index=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    operator = models.CharField(_("nhà mạng"), max_length=60)
    technology = models.CharField(_("công nghệ"), max_length=20)
    connection = models.CharField(max_length=10)
    download_mbps = models.FloatField()
    upload_mbps = models.FloatField()
    latency_ms = models.FloatField()
    jitter_ms = models.FloatField()
    protocol = models.CharField(max_length=20)
    sample_file = models.ForeignKey(
        SampleFile, models.SET_NULL, null=True, editable=False, related_name="own_tests"
    )

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                name="speed_test_is_possible",
                condition=Q(download_mbps__gt=0, download_mbps__lte=10000)
                & Q(upload_mbps__gt=0, upload_mbps__lte=10000)
                & Q(latency_ms__gt=0, latency_ms__lte=60000, jitter_ms__gte=0),
                violation_error_message=_("Kết quả đo nằm ngoài khoảng có thể có."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator} · {self.technology} · {self.made_at:%Y-%m-%d}"


class StartedTest(models.Model):
    """That some address began a test: a keyed hash and the moment, thrown away after a day; only for the limit."""

    address_hash = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField(db_index=True)
    used = models.BooleanField(default=False)
    ticket = models.UUIDField(default=uuid.uuid4, unique=True)

    def __str__(self) -> str:
        return str(self.ticket)
