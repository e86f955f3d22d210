"""Figures as the office keeps them: rounds, what units hand in, what was approved, what was computed from it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area

if TYPE_CHECKING:

    class TextChoices(StrEnum):
        """What the type checker, which does not see into Django, must know of choices."""

        label: str
        values: ClassVar[list[str]]
        choices: ClassVar[list[tuple[str, str]]]

        def __new__(cls, value: str, label: Any = "") -> TextChoices: ...

else:
    TextChoices = models.TextChoices

_USER = settings.AUTH_USER_MODEL


class State(TextChoices):
    """Where a submission stands; each step is taken by a conditional update."""

    DRAFT = "draft", _("Đang nhập")
    SUBMITTED = "submitted", _("Chờ duyệt")
    RETURNED = "returned", _("Trả lại")
    APPROVED = "approved", _("Đã duyệt")
    LOCKED = "locked", _("Đã khóa")


class Owing(TextChoices):
    """Who owes the figures of a round."""

    AREAS = "areas", _("Các xã, phường")
    ORGANISATIONS = "organisations", _("Các doanh nghiệp")


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


class Round(models.Model):
    """A call for figures: which variables, from whom, for which period, until when.

    ``area`` is where it is called and who approves; ``calendar`` says which days the period covers.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="rounds", verbose_name=_("Địa bàn"))
    name = models.CharField(_("Tên đợt"), max_length=200)
    period = models.CharField(_("Kỳ"), max_length=7)
    calendar = models.CharField(_("Lịch báo cáo"), max_length=20, default="administrative")
    owing = models.CharField(_("Ai gửi"), max_length=15, choices=Owing, default=Owing.AREAS)
    variables = models.JSONField(_("Chỉ tiêu thu thập"), default=list)
    opens_on = models.DateField(_("Ngày mở"))
    due_on = models.DateField(_("Hạn gửi"))
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="copies")
    created_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="round_is_due_after_it_opens",
                condition=Q(due_on__gte=F("opens_on")),
                violation_error_message=_("Hạn gửi phải từ ngày mở trở đi."),
            ),
            models.UniqueConstraint(
                name="round_once",
                fields=["area", "period", "owing", "name"],
                violation_error_message=_("Đợt thu thập này đã có cho kỳ ấy; hãy mở đợt đã có hoặc đổi tên."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """What one unit owes in a round: a commune for itself, a firm for all communes.

    ``area`` is the unit's own; for a firm that of the round. ``revision`` grows with every step, so that of two
    people who decide at once only one does.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="submissions")
    area = models.ForeignKey(Area, models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="submissions")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["area__name_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="submission_once_per_area",
                fields=["round", "area"],
                condition=Q(organisation=None),
                violation_error_message=_("Địa bàn này đã có trong đợt thu thập."),
            ),
            models.UniqueConstraint(
                name="submission_once_per_organisation",
                fields=["round", "organisation"],
                violation_error_message=_("Đơn vị này đã có trong đợt thu thập."),
            ),
            models.CheckConstraint(
                name="submission_state_is_known",
                condition=Q(state__in=[state.value for state in State]),
                violation_error_message=_("Trạng thái không hợp lệ."),
            ),
            models.CheckConstraint(
                name="submission_sent_says_who_and_when",
                condition=Q(state="draft") | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                violation_error_message=_("Báo cáo đã gửi phải ghi người gửi và thời điểm gửi."),
            ),
            models.CheckConstraint(
                name="submission_decided_says_who_and_when",
                condition=~Q(state__in=["returned", "approved", "locked"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                violation_error_message=_("Báo cáo đã duyệt hoặc trả lại phải ghi người và thời điểm."),
            ),
            models.CheckConstraint(
                name="submission_is_not_approved_by_its_sender",
                condition=~Q(state__in=["approved", "locked"]) | ~Q(decided_by=F("submitted_by")),
                violation_error_message=_("Người gửi không tự duyệt báo cáo của mình."),
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="submission_by_state")]

    def __str__(self) -> str:
        return f"{self.round.name} · {self.unit_name}"

    @property
    def unit_name(self) -> str:
        """The name of the unit that owes."""
        return self.organisation.name if self.organisation else self.area.name

    @property
    def is_open(self) -> bool:
        """Whether its cells may still be changed."""
        return self.state in {State.DRAFT, State.RETURNED}


class Cell(models.Model):
    """One figure a unit works on; it counts only once approved. ``value`` empty = not known, never zero."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="cells")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    variable = models.CharField(max_length=80)
    value = models.FloatField(null=True)
    explanation = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cell_once",
                fields=["submission", "area", "variable"],
                violation_error_message=_("Ô số liệu này đã có; hãy tải lại trang."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} · {self.variable}"


class CellComment(models.Model):
    """What a reviewer says about one cell when returning it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="comments")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    variable = models.CharField(max_length=80)
    text = models.CharField(_("Ý kiến"), max_length=500)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="cell_comment_says_something",
                condition=~Q(text=""),
                violation_error_message=_("Ý kiến không được để trống."),
            )
        ]

    def __str__(self) -> str:
        return self.text


class Step(models.Model):
    """A step of a submission from one state to another; only added. ``number`` is the revision it made."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    before = models.CharField(max_length=10, choices=State)
    after = models.CharField(max_length=10, choices=State)
    undo = models.BooleanField(default=False)
    note = models.CharField(_("Ý kiến"), max_length=1000, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="step_number_once",
                fields=["submission", "number"],
                violation_error_message=_("Người khác vừa xử lý báo cáo này; hãy tải lại trang."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


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


class ChallengeState(TextChoices):
    """Where a dispute stands."""

    OPEN = "open", _("Chờ trả lời")
    ANSWERED = "answered", _("Đã trả lời")
    UPHELD = "upheld", _("Chấp nhận")
    REJECTED = "rejected", _("Giữ số đã kê khai")


class Challenge(models.Model):
    """Somebody disputes a declared value with evidence; the declarer answers by a date; the outcome is kept."""

    value = models.ForeignKey(Value, models.PROTECT, related_name="challenges")
    reason = models.TextField(_("Vì sao chưa đúng"), max_length=2000)
    claimed = models.FloatField(_("Giá trị đề nghị"), null=True, blank=True)
    evidence = models.FileField(_("Minh chứng"), upload_to="challenges/%Y/", max_length=200, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer_by = models.DateField(_("Hạn trả lời"))
    state = models.CharField(max_length=10, choices=ChallengeState, default=ChallengeState.OPEN)
    answer = models.TextField(_("Trả lời"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    outcome = models.TextField(_("Kết luận"), max_length=2000, blank=True)
    settled_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                name="challenge_one_open_per_value",
                fields=["value"],
                condition=Q(state__in=["open", "answered"]),
                violation_error_message=_("Giá trị này đang có phản ánh chưa kết luận."),
            ),
            models.CheckConstraint(
                name="challenge_settled_says_who_and_why",
                condition=~Q(state__in=["upheld", "rejected"])
                | (Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(outcome="")),
                violation_error_message=_("Kết luận phản ánh phải ghi người, thời điểm và lý do."),
            ),
            models.CheckConstraint(
                name="challenge_answered_says_who_and_what",
                condition=~Q(state="answered")
                | (Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")),
                violation_error_message=_("Trả lời phản ánh phải ghi người và nội dung."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value}"


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


class WorkbookReturn(models.Model):
    """A returned workbook that was taken in; the same file again changes nothing."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="workbooks")
    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=255)
    changed = models.PositiveIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.filename
