"""Disputes over declared values: of a person with an account, or of a citizen, who is heard once the province takes it on."""

from __future__ import annotations

import secrets
import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models.choices import TextChoices
from hatangso_web.indicators.models.values import Value
from hatangso_web.indicators.models.villages import Signal, Technology

_USER = settings.AUTH_USER_MODEL
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is read as another


class ChallengeState(TextChoices):
    """Where a dispute stands."""

    PENDING = "pending", _("Chờ tiếp nhận")
    DECLINED = "declined", _("Không tiếp nhận")
    OPEN = "open", _("Chờ trả lời")
    ANSWERED = "answered", _("Đã trả lời")
    UPHELD = "upheld", _("Chấp nhận")
    REJECTED = "rejected", _("Giữ số đã kê khai")


def new_receipt() -> str:
    """Return a code of ten letters that nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _number in range(10))


def _evidence_name(challenge: Challenge, filename: str) -> str:
    return f"challenges/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()}"


class Challenge(models.Model):
    """Somebody disputes a declared value with evidence; the declarer answers by a date; the outcome is kept.

    What is disputed is a ``value``, or the class of coverage of a village: then ``area`` is the village and
    ``declared`` what was shown, ``claimed_class`` what is said instead. Without ``by`` it came from a citizen.
    """

    receipt = models.CharField(max_length=10, unique=True, default=new_receipt)
    area = models.ForeignKey(Area, models.PROTECT, related_name="challenges")
    value = models.ForeignKey(Value, models.PROTECT, null=True, related_name="challenges")
    period = models.CharField(max_length=7)
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    technology = models.CharField(max_length=2, choices=Technology, blank=True)
    declared = models.CharField(max_length=8, choices=Signal, blank=True)
    claimed_class = models.CharField(max_length=8, choices=Signal, blank=True)
    reason = models.TextField(_("Vì sao chưa đúng"), max_length=2000)
    claimed = models.FloatField(_("Giá trị đề nghị"), null=True, blank=True)
    evidence = models.FileField(_("Minh chứng"), upload_to=_evidence_name, max_length=200, blank=True)
    contact = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    answer_by = models.DateField(_("Hạn trả lời"), null=True)
    state = models.CharField(max_length=10, choices=ChallengeState, default=ChallengeState.OPEN)
    received_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)
    answer = models.TextField(_("Trả lời"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    outcome = models.TextField(_("Kết luận"), max_length=2000, blank=True)
    settled_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    corrected = models.OneToOneField(Value, models.PROTECT, null=True, related_name="corrects")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                name="challenge_one_open_per_value",
                fields=["value"],
                condition=Q(state__in=["open", "answered"]),
                violation_error_message=_("Giá trị này đang có phản ánh chưa kết luận."),
            ),
            models.UniqueConstraint(
                name="challenge_one_open_per_village_class",
                fields=["area", "period", "technology"],
                condition=Q(state__in=["open", "answered"], value=None, operator=None),
                violation_error_message=_("Mức phủ sóng này đang có phản ánh chưa kết luận."),
            ),
            models.UniqueConstraint(
                name="challenge_one_open_per_firm_class",
                fields=["area", "period", "technology", "operator"],
                condition=Q(state__in=["open", "answered"], value=None, operator__isnull=False),
                violation_error_message=_("Mức phủ sóng này đang có phản ánh chưa kết luận."),
            ),
            models.CheckConstraint(
                name="challenge_is_about_one_thing",
                condition=Q(value__isnull=False, technology="") | (Q(value=None) & ~Q(technology="") & ~Q(declared="")),
                violation_error_message=_("Phản ánh phải nói về một giá trị hoặc một mức phủ sóng của thôn."),
            ),
            models.CheckConstraint(
                name="challenge_settled_says_who_and_why",
                condition=~Q(state__in=["upheld", "rejected", "declined"])
                | (Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(outcome="")),
                violation_error_message=_("Kết luận phản ánh phải ghi người, thời điểm và lý do."),
            ),
            models.CheckConstraint(
                name="challenge_answered_says_who_and_what",
                condition=~Q(state="answered")
                | (Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")),
                violation_error_message=_("Trả lời phản ánh phải ghi người và nội dung."),
            ),
            models.CheckConstraint(
                name="challenge_taken_on_has_a_date",
                condition=Q(state__in=["pending", "declined"]) | Q(answer_by__isnull=False),
                violation_error_message=_("Phản ánh đã tiếp nhận phải có hạn trả lời."),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "answer_by"], name="challenge_by_state")]

    def __str__(self) -> str:
        return f"{self.number} · {self.area.name}"

    @property
    def number(self) -> str:
        """The receipt as it is read aloud: ABCD-EFGH-JK."""
        return f"{self.receipt[:4]}-{self.receipt[4:8]}-{self.receipt[8:]}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer or an outcome."""
        return self.state in {ChallengeState.OPEN, ChallengeState.ANSWERED}


class PublicAttempt(models.Model):
    """A dispute sent in without an account, for the limit by address; only a keyed hash, forgotten after a day."""

    address_hash = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address_hash", "at"], name="public_attempt_by_address")]

    def __str__(self) -> str:
        return f"{self.at}"
