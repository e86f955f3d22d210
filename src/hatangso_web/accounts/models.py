"""People, the organisations they work for, the roles they hold over areas, and what they did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.roles import ROLE_CHOICES, ROLES_WITHOUT_AREA
from hatangso_web.areas.models import Area
from hatangso_web.names import FoldedField, OrderField


class UserManager(BaseUserManager["User"]):
    """Finds people by sign-in name, whatever the case it is typed in."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person with this sign-in name."""
        return self.get(username=(username or "").casefold())

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Write a person; without a password they can only come in by the office's identity service."""
        person = self.model(username=username.casefold(), **fields)
        person.set_password(password)
        person.save()
        return person


class User(AbstractBaseUser):
    """A person who signs in. People are never deleted, only switched off: their deeds keep their name."""

    username = models.CharField(
        _("tên đăng nhập"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9._-]{3,60}$", _("Chỉ dùng chữ thường không dấu, số và . _ - (từ 3 ký tự).")
            )
        ],
        error_messages={"unique": _("Tên đăng nhập này đã có người dùng.")},
    )
    full_name = models.CharField(_("họ và tên"), max_length=120)
    name_folded = FoldedField("full_name")
    name_order = OrderField("full_name", db_index=True)
    position = models.CharField(_("chức vụ"), max_length=120, blank=True)
    email = models.EmailField(_("thư điện tử"), blank=True)
    phone = models.CharField(_("điện thoại"), max_length=20, blank=True)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    must_change_password = models.BooleanField(_("phải đổi mật khẩu"), default=False)
    joined_at = models.DateTimeField(_("ngày tạo"), default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        ordering = ["name_order"]
        verbose_name = _("người dùng")
        constraints = [
            models.UniqueConstraint(
                "email",
                condition=~Q(email=""),
                name="user_email_is_his_own",
                violation_error_message=_("Địa chỉ thư điện tử này đã gắn với người khác."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @cached_property
    def memberships_held(self) -> list[Membership]:
        """The roles of this person, read once per instance (one query)."""
        return list(self.memberships.select_related("area", "organisation"))


class OrganisationKind(models.TextChoices):
    """What an organisation is."""

    PEOPLES_COMMITTEE = "peoples_committee", _("Ủy ban nhân dân")
    DEPARTMENT = "department", _("Sở, ban, ngành")
    DIVISION = "division", _("Phòng, trung tâm")
    PARTY = "party", _("Cơ quan Đảng, đoàn thể")
    POLICE_MILITARY = "police_military", _("Công an, quân đội")
    OPERATOR = "operator", _("Doanh nghiệp viễn thông, bưu chính")
    ENTERPRISE = "enterprise", _("Doanh nghiệp khác")
    OTHER = "other", _("Tổ chức khác")


class Organisation(models.Model):
    """A body that acts. Its present name stands here, all its names with their days in :class:`OrganisationName`."""

    code = models.CharField(
        _("mã"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Za-z._-]+$", _("Chỉ dùng chữ không dấu, số và . _ -"))],
    )
    name = models.CharField(_("tên hiện nay"), max_length=250)
    name_folded = FoldedField("name")
    name_order = OrderField("name", db_index=True)
    kind = models.CharField(_("loại"), max_length=20, choices=OrganisationKind)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("địa bàn")
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("cơ quan kế thừa"),
    )
    valid_from = models.DateField(_("thành lập ngày"), null=True, blank=True)
    valid_until = models.DateField(_("kết thúc hoạt động ngày"), null=True, blank=True)

    class Meta:
        ordering = ["name_order"]
        verbose_name = _("cơ quan")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="organisation_ends_after_it_begins",
                violation_error_message=_("Ngày kết thúc phải sau ngày thành lập."),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(valid_until__isnull=False),
                name="organisation_with_successor_has_ended",
                violation_error_message=_(
                    "Cơ quan đã có cơ quan kế thừa thì phải ghi ngày kết thúc hoạt động."
                ),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="organisation_does_not_succeed_itself",
                violation_error_message=_("Cơ quan không thể kế thừa chính mình."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationName(models.Model):
    """A name an organisation bore from a day until (not including) another."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="names")
    name = models.CharField(_("tên"), max_length=250)
    name_folded = FoldedField("name")
    valid_from = models.DateField(_("từ ngày"), null=True, blank=True)
    valid_until = models.DateField(_("đến trước ngày"), null=True, blank=True)

    class Meta:
        ordering = [F("valid_from").asc(nulls_first=True)]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="organisation_name_ends_after_it_begins",
                violation_error_message=_("Tên mới phải bắt đầu sau tên cũ."),
            ),
            models.UniqueConstraint(
                "organisation",
                condition=Q(valid_until__isnull=True),
                name="organisation_has_one_present_name",
                violation_error_message=_("Mỗi cơ quan chỉ có một tên hiện hành."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person acts for an organisation in a role over an area and all below it; no area means everywhere."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name=_("cơ quan")
    )
    role = models.CharField(_("vai trò"), max_length=30, choices=ROLE_CHOICES)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("địa bàn")
    )

    class Meta:
        ordering = ["organisation__name_order", "role"]
        verbose_name = _("vai trò")
        constraints = [
            models.UniqueConstraint(
                "user", "organisation", "role", "area",
                name="membership_once_per_area",
                violation_error_message=_("Người này đã có vai trò đó ở địa bàn này."),
            ),
            models.UniqueConstraint(
                "user", "organisation", "role",
                condition=Q(area__isnull=True),
                name="membership_once_everywhere",
                violation_error_message=_("Người này đã có vai trò đó trên toàn hệ thống."),
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=False) | Q(role__in=sorted(ROLES_WITHOUT_AREA)),
                name="membership_of_this_role_needs_an_area",
                violation_error_message=_("Vai trò này phải gắn với một địa bàn."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organisation}"


class AuditEvent(models.Model):
    """Something that was done: names and keys only, no foreign keys, so history neither holds nor loses anything.

    Rows are only added; a trigger in the database refuses to change or remove them.
    """

    at = models.DateTimeField(_("lúc"), default=timezone.now, db_index=True)
    event = models.CharField(_("việc"), max_length=60, db_index=True)
    by_key = models.CharField(max_length=40, blank=True)
    by_name = models.CharField(_("người làm"), max_length=180, blank=True)
    by_folded = FoldedField("by_name")
    about_type = models.CharField(max_length=80, blank=True)
    about_key = models.CharField(max_length=40, blank=True)
    about_label = models.CharField(_("đối tượng"), max_length=300, blank=True)
    about_folded = FoldedField("about_label")
    area_path = models.CharField(max_length=200, blank=True, db_index=True)
    details = models.JSONField(_("chi tiết"), default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("nhật ký")
        indexes = [models.Index(fields=["about_type", "about_key"]), models.Index(fields=["by_key"])]

    def __str__(self) -> str:
        return f"{self.event} · {self.about_label}"
