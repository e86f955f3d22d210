"""Plans as the office keeps them: documents and their versions, what was read, who decided, what holds."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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


class Level(TextChoices):
    """The level of the body that issued a plan."""

    CENTRE = "centre", _("Trung ương")
    PROVINCE = "province", _("Cấp tỉnh")
    DISTRICT = "district", _("Cấp huyện (trước 01/7/2025)")
    COMMUNE = "commune", _("Cấp xã")
    UNKNOWN = "", _("Chưa rõ")


class ReadingState(TextChoices):
    """Where the reading of a file stands."""

    WAITING = "waiting", _("Chờ đọc")
    READING = "reading", _("Đang đọc")
    READ = "read", _("Đã đọc")
    FAILED = "failed", _("Không đọc được")


class Kind(TextChoices):
    """What sort of thing was read from a plan."""

    HEADER = "header", _("Thông tin chung")
    BASIS = "basis", _("Căn cứ")
    TARGET = "target", _("Chỉ tiêu")
    TASK = "task", _("Nhiệm vụ")
    ASSIGNMENT = "assignment", _("Phân công")
    DUTY = "duty", _("Chế độ báo cáo")
    WARNING = "warning", _("Cảnh báo")


class State(TextChoices):
    """What a person decided about a finding."""

    OPEN = "open", _("Chờ xác nhận")
    ACCEPTED = "accepted", _("Đã xác nhận")
    EDITED = "edited", _("Đã sửa và xác nhận")
    REJECTED = "rejected", _("Đã loại")


class Change(TextChoices):
    """How a finding stands to the former version of the plan."""

    NEW = "new", _("Mới")
    SAME = "same", _("Không đổi")
    CHANGED = "changed", _("Thay đổi")
    GONE = "gone", _("Không còn trong văn bản")


class Action(TextChoices):
    """A line of the history of decisions."""

    ACCEPT = "accept", _("Xác nhận")
    EDIT = "edit", _("Sửa và xác nhận")
    REJECT = "reject", _("Loại")
    ADD = "add", _("Thêm")
    UNDO = "undo", _("Hoàn tác")
    CARRY = "carry", _("Giữ từ bản trước")


class Plan(models.Model):
    """A plan as the office speaks of it ("Kế hoạch hạ tầng số 2025-2030"), whatever its versions.

    Its number, title and dates are those read by the machine until a person confirms the header;
    ``header_confirmed_by`` says who did.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="plans", verbose_name=_("Địa bàn"))
    title = models.CharField(_("Tên kế hoạch"), max_length=500)
    title_folded = FoldedField("title")
    title_order = OrderField("title", db_index=True)
    kind = models.CharField(_("Loại văn bản"), max_length=60, blank=True)
    number = models.CharField(_("Số, ký hiệu"), max_length=80, blank=True)
    number_folded = FoldedField("number", db_index=True)
    issuer = models.CharField(_("Cơ quan ban hành"), max_length=200, blank=True)
    issuer_folded = FoldedField("issuer")
    level = models.CharField(_("Cấp"), max_length=20, choices=Level, blank=True, default=Level.UNKNOWN)
    place = models.CharField(_("Nơi ban hành"), max_length=120, blank=True)
    signed_date = models.DateField(_("Ngày ban hành"), null=True, blank=True)
    period_from = models.PositiveSmallIntegerField(_("Từ năm"), null=True, blank=True)
    period_until = models.PositiveSmallIntegerField(_("Đến năm"), null=True, blank=True)
    # A stamp of secrecy covers the whole plan: its very name is kept from those who may not read it.
    restricted = models.BooleanField(default=False)
    header_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    header_confirmed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plan_header_who_and_when",
                condition=Q(header_confirmed_by=None, header_confirmed_at=None)
                | Q(header_confirmed_by__isnull=False, header_confirmed_at__isnull=False),
                violation_error_message=_(
                    "Thông tin chung đã xác nhận phải ghi đủ người và thời điểm xác nhận."
                ),
            ),
            models.CheckConstraint(
                name="plan_period_in_order",
                condition=Q(period_from=None) | Q(period_until=None) | Q(period_from__lte=F("period_until")),
                violation_error_message=_("Năm đầu của giai đoạn phải trước hoặc bằng năm cuối."),
            ),
        ]

    def __str__(self) -> str:
        # This text goes into the audit trail, which people read who may not see what is restricted.
        return str(_("Kế hoạch thuộc phạm vi hạn chế")) if self.restricted else self.title


class Version(models.Model):
    """One file of a plan. An amended plan is a further version; exactly one version counts as current.

    A reading is claimed by setting ``reading_token``; a claim older than the lease is taken up again, so a
    worker that is killed loses nothing.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    # Kept beside plan.area so that the database itself refuses the same file twice in one area.
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("Bản số"))
    file = models.FileField(_("Tệp"), upload_to="plans/%Y/", max_length=200)
    filename = models.CharField(_("Tên tệp"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    is_current = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ReadingState, default=ReadingState.WAITING)
    reading_token = models.UUIDField(null=True)
    reading_since = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)
    engine_version = models.CharField(max_length=40, blank=True)
    source = models.TextField(blank=True)
    # [start, end, kind, level, row] of each block of the source, as the page lays it out.
    layout = models.JSONField(default=list)
    restricted_spans = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="version_number_once",
                fields=["plan", "number"],
                violation_error_message=_(
                    "Kế hoạch này đã có bản mang số ấy; hãy tải lại trang rồi thử lại."
                ),
            ),
            models.UniqueConstraint(
                name="version_one_current",
                fields=["plan"],
                condition=Q(is_current=True),
                violation_error_message=_("Mỗi kế hoạch chỉ có một bản hiện hành."),
            ),
            models.UniqueConstraint(
                name="version_file_once_per_area",
                fields=["area", "sha256"],
                violation_error_message=_("Tệp này đã được tải lên cho địa bàn này; hãy mở bản đã có."),
            ),
            models.CheckConstraint(
                name="version_read_is_complete",
                condition=~Q(state="read") | Q(read_at__isnull=False),
                violation_error_message=_("Bản đã đọc phải ghi thời điểm đọc xong."),
            ),
            models.CheckConstraint(
                name="version_failure_has_sentence",
                condition=~Q(state="failed") | ~Q(failure=""),
                violation_error_message=_("Bản không đọc được phải nêu lý do."),
            ),
            models.CheckConstraint(
                name="version_current_is_read",
                condition=Q(is_current=False) | Q(state="read"),
                violation_error_message=_("Chỉ bản đã đọc xong mới là bản hiện hành."),
            ),
        ]
        indexes = [models.Index(name="version_unread", fields=["state", "reading_since"])]

    def __str__(self) -> str:
        return f"{self.plan}, bản {self.number}"


class Finding(models.Model):
    """One thing read from (or added to) a version, and what people decided about it.

    ``read_value`` is what the machine read, never changed; ``value`` is what holds. ``lineage`` is the same
    for the same thing through all versions of a plan. ``revision`` grows with every decision: a decision
    taken on an older revision is refused, so that two reviewers cannot overwrite each other in silence.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=12, choices=Kind)
    position = models.PositiveIntegerField()
    lineage = models.UUIDField(default=uuid.uuid4)
    clause = models.CharField(max_length=120, blank=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    text = models.TextField(blank=True)
    read_value = models.JSONField(null=True)
    value = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    change = models.CharField(max_length=10, choices=Change, default=Change.NEW)
    former = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    restricted = models.BooleanField(default=False)
    warned = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="finding_lineage_once",
                fields=["version", "lineage"],
                violation_error_message=_("Một nội dung chỉ được ghi một lần trong mỗi bản."),
            ),
            models.CheckConstraint(
                name="finding_decision_who_and_when",
                condition=Q(state="open", decided_by=None, decided_at=None)
                | (~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                violation_error_message=_("Nội dung đã quyết định phải ghi đủ người và thời điểm."),
            ),
            models.CheckConstraint(
                name="finding_span_in_order",
                condition=Q(start=None, end=None) | Q(start__lte=F("end")),
                violation_error_message=_("Vị trí câu trong văn bản không hợp lệ."),
            ),
        ]
        indexes = [models.Index(name="finding_of_version", fields=["version", "kind", "state"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position}"


class Decision(models.Model):
    """A line of the history of one finding; lines are added, never changed (the database refuses it)."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="decisions")
    action = models.CharField(max_length=10, choices=Action)
    revision = models.PositiveIntegerField()
    state_before = models.CharField(max_length=10, choices=State)
    state_after = models.CharField(max_length=10, choices=State)
    value_before = models.JSONField(null=True)
    value_after = models.JSONField()
    note = models.CharField(_("Lý do"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="decision_once_per_revision",
                fields=["finding", "revision"],
                violation_error_message=_(
                    "Người khác vừa quyết định nội dung này; hãy xem lại rồi quyết định."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.at:%d/%m/%Y %H:%M}"


class Target(models.Model):
    """A confirmed target: a figure the plan wants reached (or kept) by a day. In force while not ended."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="targets")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    lineage = models.UUIDField()
    restricted = models.BooleanField(default=False)
    text = models.TextField(_("Câu trong văn bản"), blank=True)
    clause = models.CharField(max_length=120, blank=True)
    indicator = models.CharField(_("Chỉ số"), max_length=20, blank=True, db_index=True)
    comparator = models.CharField(max_length=2, blank=True)
    value = models.FloatField(_("Giá trị"), null=True)
    unit = models.CharField(_("Đơn vị"), max_length=60, blank=True)
    statistic = models.CharField(max_length=20, blank=True)
    year = models.PositiveSmallIntegerField(_("Năm"), null=True)
    due_date = models.DateField(_("Hạn"), null=True, db_index=True)
    conditions = models.JSONField(default=list)
    baseline = models.JSONField(null=True)
    maintain = models.BooleanField(default=False)
    qualitative = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="target_once_per_plan",
                fields=["plan", "lineage"],
                violation_error_message=_("Chỉ tiêu này đã được ghi cho kế hoạch."),
            ),
            models.CheckConstraint(
                name="target_end_who_and_when",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                violation_error_message=_("Chỉ tiêu đã bỏ phải ghi đủ người và thời điểm."),
            ),
            models.CheckConstraint(
                name="target_value_or_qualitative",
                condition=Q(value__isnull=False) | Q(qualitative=True),
                violation_error_message=_("Chỉ tiêu phải có giá trị, hoặc được ghi là chỉ tiêu định tính."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80] or self.indicator


class Task(models.Model):
    """A confirmed task of the annex: what is done, who leads, who takes part, by when."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tasks")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    lineage = models.UUIDField()
    restricted = models.BooleanField(default=False)
    clause = models.CharField(max_length=120, blank=True)
    number = models.CharField(_("STT"), max_length=20, blank=True)
    group = models.CharField(_("Nhóm"), max_length=300, blank=True)
    name = models.TextField(_("Nhiệm vụ"))
    items = models.JSONField(_("Nội dung"), default=list)
    from_year = models.PositiveSmallIntegerField(_("Từ năm"), null=True)
    due_date = models.DateField(_("Hạn"), null=True, db_index=True)
    when = models.CharField(_("Thời gian ghi trong văn bản"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="task_once_per_plan",
                fields=["plan", "lineage"],
                violation_error_message=_("Nhiệm vụ này đã được ghi cho kế hoạch."),
            ),
            models.CheckConstraint(
                name="task_end_who_and_when",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                violation_error_message=_("Nhiệm vụ đã bỏ phải ghi đủ người và thời điểm."),
            ),
            models.CheckConstraint(
                name="task_has_name",
                condition=~Q(name=""),
                violation_error_message=_("Nhiệm vụ phải có tên."),
            ),
        ]

    def __str__(self) -> str:
        return self.name[:80]


class TaskOffice(models.Model):
    """An office that leads a task or takes part in it, as the plan names it."""

    class Role(TextChoices):
        LEAD = "lead", _("Chủ trì")
        PARTNER = "partner", _("Phối hợp")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="offices")
    role = models.CharField(max_length=8, choices=Role)
    position = models.PositiveSmallIntegerField()
    office = models.CharField(max_length=300)
    office_folded = FoldedField("office")

    class Meta:
        ordering = ["role", "position"]

    def __str__(self) -> str:
        return self.office


class Assignment(models.Model):
    """What the section "Tổ chức thực hiện" asks of one office."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="assignments")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    lineage = models.UUIDField()
    restricted = models.BooleanField(default=False)
    clause = models.CharField(max_length=120, blank=True)
    office = models.CharField(_("Cơ quan, đơn vị"), max_length=300)
    office_folded = FoldedField("office")
    items = models.JSONField(_("Việc được giao"), default=list)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assignment_once_per_plan",
                fields=["plan", "lineage"],
                violation_error_message=_("Phân công này đã được ghi cho kế hoạch."),
            ),
            models.CheckConstraint(
                name="assignment_end_who_and_when",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                violation_error_message=_("Phân công đã bỏ phải ghi đủ người và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return self.office


class Duty(models.Model):
    """A confirmed duty to report: who, to whom, by which day, how often.

    ``year`` empty and month and day given: the same day every year. ``every`` keeps the rhythm the plan
    states (year, half-year, quarter, month), or nothing.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="duties")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    lineage = models.UUIDField()
    restricted = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    clause = models.CharField(max_length=120, blank=True)
    who = models.CharField(_("Ai báo cáo"), max_length=500, blank=True)
    who_folded = FoldedField("who")
    to = models.CharField(_("Báo cáo ai"), max_length=500, blank=True)
    day = models.PositiveSmallIntegerField(_("Ngày"), null=True)
    month = models.PositiveSmallIntegerField(_("Tháng"), null=True)
    year = models.PositiveSmallIntegerField(_("Năm"), null=True)
    every = models.CharField(_("Định kỳ"), max_length=40, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="duty_once_per_plan",
                fields=["plan", "lineage"],
                violation_error_message=_("Chế độ báo cáo này đã được ghi cho kế hoạch."),
            ),
            models.CheckConstraint(
                name="duty_end_who_and_when",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                violation_error_message=_("Chế độ báo cáo đã bỏ phải ghi đủ người và thời điểm."),
            ),
            models.CheckConstraint(
                name="duty_day_exists",
                condition=(Q(day=None) | Q(day__range=(1, 31))) & (Q(month=None) | Q(month__range=(1, 12))),
                violation_error_message=_("Ngày phải từ 1 đến 31, tháng phải từ 1 đến 12."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who} → {self.to}"


class LegalBasis(models.Model):
    """A document the plan rests on; ``is_parent`` marks the plan of the level above."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="bases")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    lineage = models.UUIDField()
    restricted = models.BooleanField(default=False)
    number = models.CharField(_("Số, ký hiệu"), max_length=80, blank=True)
    number_folded = FoldedField("number", db_index=True)
    signed_date = models.DateField(_("Ngày"), null=True)
    issuer = models.CharField(_("Cơ quan ban hành"), max_length=200, blank=True)
    text = models.TextField(_("Trích dẫn"), blank=True)
    is_parent = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="basis_once_per_plan",
                fields=["plan", "lineage"],
                violation_error_message=_("Căn cứ này đã được ghi cho kế hoạch."),
            ),
            models.CheckConstraint(
                name="basis_end_who_and_when",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                violation_error_message=_("Căn cứ đã bỏ phải ghi đủ người và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.text[:80]
