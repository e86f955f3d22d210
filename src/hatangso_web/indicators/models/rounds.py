"""Rounds, and what units hand in: submissions, cells, comments, steps, returned workbooks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices

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


class Origin(TextChoices):
    """How a figure came into a cell; one that was prefilled counts only when somebody has looked at it."""

    TYPED = "typed", _("Nhập tay")
    PREFILLED = "prefilled", _("Điền sẵn, chưa xác nhận")
    IMPORTED = "imported", _("Từ bảng đã nạp")
    VILLAGES = "villages", _("Từ danh sách thôn")


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
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.TYPED)
    table_import = models.ForeignKey(
        "indicators.TableImport", models.SET_NULL, null=True, related_name="cells"
    )
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
