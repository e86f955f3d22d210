"""Disputes over declared values."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.indicators.models.choices import TextChoices
from hatangso_web.indicators.models.values import Value

_USER = settings.AUTH_USER_MODEL


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
