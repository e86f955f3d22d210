"""Index scores: a campaign by an edition, what each unit answers, proves, is told, and the result that is fixed."""

from __future__ import annotations

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices

_USER = settings.AUTH_USER_MODEL


class ScoreState(TextChoices):
    """Where a scoring stands: the unit scores itself, the office comments, the unit answers, the office fixes."""

    SELF = "self", _("Đơn vị tự chấm (vòng 1)")
    COMMENT = "comment", _("Chờ góp ý")
    ANSWER = "answer", _("Đơn vị giải trình (vòng 2)")
    DECIDE = "decide", _("Chờ chốt")
    FINAL = "final", _("Đã chốt")


ENTERING = (ScoreState.SELF, ScoreState.ANSWER)


class ScoreRound(models.Model):
    """A call to score: which edition of an index, for which period, by when; ``area`` is whose office comments."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="score_rounds", verbose_name=_("Địa bàn"))
    name = models.CharField(_("Tên đợt"), max_length=200)
    edition = models.CharField(_("Bộ chỉ số"), max_length=20)
    period = models.CharField(_("Kỳ"), max_length=7)
    due_on = models.DateField(_("Hạn tự chấm"))
    opened_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="score_round_once",
                fields=["area", "edition", "period", "name"],
                violation_error_message=_("Đợt chấm điểm này đã có; hãy mở đợt đã có hoặc đổi tên."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Scoring(models.Model):
    """The scoring of one area; ``revision`` grows with every step, so that of two who decide at once only one does."""

    round = models.ForeignKey(ScoreRound, models.CASCADE, related_name="scorings")
    area = models.ForeignKey(Area, models.PROTECT, related_name="scorings")
    state = models.CharField(max_length=10, choices=ScoreState, default=ScoreState.SELF)
    revision = models.PositiveIntegerField(default=0)
    sent_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    fixed_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    fixed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["area__name_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="scoring_once_per_area",
                fields=["round", "area"],
                violation_error_message=_("Địa bàn này đã có trong đợt chấm điểm."),
            ),
            models.CheckConstraint(
                name="scoring_fixed_says_who_and_when",
                condition=~Q(state="final") | Q(fixed_by__isnull=False, fixed_at__isnull=False),
                violation_error_message=_("Kết quả đã chốt phải ghi người và thời điểm."),
            ),
            models.CheckConstraint(
                name="scoring_is_not_fixed_by_its_sender",
                condition=~Q(state="final") | ~Q(fixed_by=F("sent_by")),
                violation_error_message=_("Người gửi bảng tự chấm không tự chốt kết quả."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.name} · {self.area.name}"

    @property
    def is_open(self) -> bool:
        """Whether the unit may still write."""
        return self.state in ENTERING


class ScoreAnswer(models.Model):
    """What the unit says of a criterion; only added, the newest counts. ``number`` is the revision it was written in.

    Of a criterion that is computed it is what the figures gave when the unit sent; ``basis`` holds the calculation.
    """

    scoring = models.ForeignKey(Scoring, models.CASCADE, related_name="answers")
    criterion = models.CharField(max_length=30)
    number = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    explanation = models.CharField(_("Giải trình"), max_length=1000, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["scoring", "criterion"], name="score_answer_of_line")]

    def __str__(self) -> str:
        return f"{self.scoring_id} · {self.criterion}"


class ScoreRemark(models.Model):
    """What the scoring office says of a criterion; only added."""

    scoring = models.ForeignKey(Scoring, models.CASCADE, related_name="remarks")
    criterion = models.CharField(max_length=30)
    text = models.CharField(_("Góp ý"), max_length=1000)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="score_remark_says_something",
                condition=~Q(text=""),
                violation_error_message=_("Góp ý không được để trống."),
            )
        ]

    def __str__(self) -> str:
        return self.text


def _evidence_name(scoring_file: ScoreFile, filename: str) -> str:
    """A name that says nothing and is never guessed; the true one stands in the row."""
    return f"scores/{scoring_file.scoring_id}/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()}"


class ScoreFile(models.Model):
    """Evidence of a criterion; a file that is withdrawn is no longer shown but stays on record."""

    scoring = models.ForeignKey(Scoring, models.CASCADE, related_name="files")
    criterion = models.CharField(max_length=30)
    file = models.FileField(upload_to=_evidence_name, max_length=200)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="score_file_once_per_line",
                fields=["scoring", "criterion", "sha256"],
                condition=Q(withdrawn_at=None),
                violation_error_message=_("Tệp này đã có ở tiêu chí này."),
            )
        ]

    def __str__(self) -> str:
        return self.filename


class ScoreBest(models.Model):
    """The best value of the country for a criterion that is measured against it, with its source; only added."""

    round = models.ForeignKey(ScoreRound, models.CASCADE, related_name="best_values")
    criterion = models.CharField(max_length=30)
    value = models.FloatField()
    source = models.CharField(_("Nguồn"), max_length=200)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="score_best_is_positive_with_source",
                condition=Q(value__gt=0) & ~Q(source=""),
                violation_error_message=_("Giá trị cao nhất phải lớn hơn 0 và có nguồn."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"


class ScoreLine(models.Model):
    """A line of a fixed result: points by the rule and points given; where they differ ``reason`` says why.

    Only added; ``number`` is the revision in which it was fixed, the newest counts.
    """

    scoring = models.ForeignKey(Scoring, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    criterion = models.CharField(max_length=30)
    maximum = models.FloatField()
    by_rule = models.FloatField(null=True)
    points = models.FloatField(null=True)
    words = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="score_line_once",
                fields=["scoring", "number", "criterion"],
                violation_error_message=_("Dòng điểm này đã chốt."),
            ),
            models.CheckConstraint(
                name="score_line_within_maximum",
                condition=Q(points=None) | Q(points__gte=0, points__lte=F("maximum")),
                violation_error_message=_("Điểm phải từ 0 đến điểm tối đa."),
            ),
            models.CheckConstraint(
                name="score_line_says_why_it_differs",
                condition=Q(points=F("by_rule")) | Q(points=None, by_rule=None) | ~Q(reason=""),
                violation_error_message=_("Điểm chốt khác điểm tính theo quy tắc thì phải ghi lý do."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring_id} · {self.criterion}"


class ScoreStep(models.Model):
    """A step of a scoring from one state to another; only added. ``number`` is the revision it made."""

    scoring = models.ForeignKey(Scoring, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    before = models.CharField(max_length=10, choices=ScoreState)
    after = models.CharField(max_length=10, choices=ScoreState)
    points = models.FloatField()
    note = models.CharField(_("Ý kiến"), max_length=1000, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="score_step_number_once",
                fields=["scoring", "number"],
                violation_error_message=_("Người khác vừa xử lý bảng điểm này; hãy tải lại trang."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
