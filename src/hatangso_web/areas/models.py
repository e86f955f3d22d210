"""Administrative areas as rows: what keeps its code, the stretches of time of each, their changes and borders."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hatangso_web.names import FoldedField, OrderField


class Level(models.TextChoices):
    """How high an area stands; the order of the list is from the top down."""

    COUNTRY = "country", _("Cả nước")
    PROVINCE = "province", _("Tỉnh, thành phố")
    DISTRICT = "district", _("Quận, huyện (trước 01/7/2025)")
    COMMUNE = "commune", _("Xã, phường, đặc khu")
    VILLAGE = "village", _("Thôn, tổ dân phố")
    OTHER = "other", _("Khu vực khác")


class ChangeKind(models.TextChoices):
    """What happens to areas on a day."""

    RENAME = "rename", _("Đổi tên")
    MERGE = "merge", _("Sáp nhập")
    SPLIT = "split", _("Chia tách")
    PART_TRANSFER = "part_transfer", _("Chuyển một phần")
    LEVEL_CHANGE = "level_change", _("Đổi loại hoặc cấp")
    PARENT_CHANGE = "parent_change", _("Đổi đơn vị cấp trên")
    DISSOLVE = "dissolve", _("Kết thúc")


class Area(models.Model):
    """An area as that which keeps its code; roles, offices and plans hang on it through all its changes.

    Name, level, parent and ``path`` are those of the present (of the last day of an area that has ended) and
    follow :class:`AreaVersion` by ``areas.present``. ``path`` holds the codes from the top down to this area,
    each followed by a stroke ("/67/24611/"); every area below begins with it. ``valid_from`` and
    ``valid_until`` are the whole life of the code. A code is never given to another area, but a grown unit may
    keep its code: that is a further version, not another area.
    """

    code = models.CharField(
        _("mã"), max_length=20, unique=True, validators=[RegexValidator(r"^[0-9A-Za-z.-]+$")]
    )
    name = models.CharField(_("tên"), max_length=200)
    name_folded = FoldedField("name")
    name_order = OrderField("name", db_index=True)
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("thuộc")
    )
    path = models.CharField(max_length=200, unique=True, editable=False)
    valid_from = models.DateField(_("có hiệu lực từ"), null=True, blank=True)
    valid_until = models.DateField(_("hết hiệu lực từ"), null=True, blank=True)

    class Meta:
        ordering = ["name_order"]
        verbose_name = _("địa bàn")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="area_ends_after_it_begins",
                violation_error_message=_("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
            ),
            models.CheckConstraint(
                condition=Q(path__endswith="/") & Q(path__startswith="/"),
                name="area_path_is_closed",
                violation_error_message=_("Đường dẫn địa bàn phải bắt đầu và kết thúc bằng dấu /."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """How many areas stand above this one."""
        return self.path.count("/") - 2


class AreaVersion(models.Model):
    """An area while its name, kind, parent and border stayed the same; ``valid_until`` is exclusive.

    ``kind`` and ``name`` are written apart ("Phường", "Hương Trà") where the source does so. ``path`` is the tree
    of that time. ``opened_by`` and ``closed_by`` hold the key of a change entered here, so that one which is
    not yet in force can be withdrawn; they are empty for what came with the program.
    """

    area = models.ForeignKey(Area, models.CASCADE, related_name="versions")
    kind = models.CharField(_("loại"), max_length=40, blank=True)
    name = models.CharField(_("tên"), max_length=200)
    name_folded = FoldedField("full_name")
    name_order = OrderField("name")
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    parent = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="child_versions")
    path = models.CharField(max_length=200, editable=False)
    valid_from = models.DateField(_("từ ngày"), null=True, blank=True)
    valid_until = models.DateField(_("đến trước ngày"), null=True, blank=True)
    opened_by = models.UUIDField(null=True, editable=False)
    closed_by = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["name_order"]
        indexes = [
            models.Index(fields=["level", "name_order"], name="area_version_by_level"),
            models.Index(fields=["path"], name="area_version_by_path"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="area_version_ends_after_it_begins",
                violation_error_message=_("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
            ),
            models.UniqueConstraint(
                "area", "valid_from",
                name="area_version_begins_once",
                violation_error_message=_("Địa bàn này đã có một giai đoạn bắt đầu đúng ngày đó."),
            ),
            models.UniqueConstraint(
                "area",
                condition=Q(valid_from__isnull=True),
                name="area_has_one_first_version",
                violation_error_message=_("Địa bàn này đã có giai đoạn đầu tiên."),
            ),
            models.UniqueConstraint(
                "area",
                condition=Q(valid_until__isnull=True),
                name="area_has_one_open_version",
                violation_error_message=_("Địa bàn này còn một giai đoạn chưa kết thúc."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Kind and name: "Phường Hương Trà"."""
        return f"{self.kind} {self.name}".strip()


class Change(models.Model):
    """What became of an area, or of a part of it, on a day.

    ``share`` is the part of everything that went along, empty where a unit was cut and nobody said how;
    ``population_share`` the same for its people. ``to_area`` is empty where nobody took it over.
    """

    kind = models.CharField(_("thay đổi"), max_length=15, choices=ChangeKind)
    from_area = models.ForeignKey(Area, models.PROTECT, related_name="changes_from")
    to_area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="changes_to")
    on = models.DateField(_("từ ngày"), db_index=True)
    share = models.FloatField(_("phần"), null=True)
    population_share = models.FloatField(null=True)
    legal_act = models.CharField(_("văn bản"), max_length=200)
    entered_as = models.UUIDField(null=True, editable=False, db_index=True)

    class Meta:
        ordering = ["on", "from_area__code", "to_area__code"]
        constraints = [
            models.UniqueConstraint(
                "from_area", "to_area", "on",
                name="area_change_once",
                violation_error_message=_("Thay đổi này đã được ghi."),
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=1),
                name="area_change_share_is_a_share",
                violation_error_message=_("Tỷ lệ của phần chuyển phải từ 0 đến 100 %."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.from_area_id} → {self.to_area_id} ({self.on})"


class Boundary(models.Model):
    """The border of an area during one version: once in full, once simplified for maps (WKB, degrees WGS 84)."""

    version = models.OneToOneField(AreaVersion, models.CASCADE, related_name="boundary")
    full = models.BinaryField()
    simple = models.BinaryField()
    source = models.CharField(_("nguồn"), max_length=300)

    def __str__(self) -> str:
        return f"ranh giới {self.version_id}"


class Particulars(models.Model):
    """What a list says of a village or another area besides its name: people, households, where it lies."""

    area = models.OneToOneField(Area, models.CASCADE, related_name="particulars")
    population = models.PositiveIntegerField(_("dân số"), null=True)
    households = models.PositiveIntegerField(_("số hộ"), null=True)
    longitude = models.FloatField(_("kinh độ"), null=True)
    latitude = models.FloatField(_("vĩ độ"), null=True)
    as_of = models.DateField(_("theo danh sách ngày"))

    def __str__(self) -> str:
        return f"{self.area_id} ({self.as_of})"
