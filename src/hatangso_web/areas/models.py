"""Administrative areas as rows: province, commune, village, each valid for a time, in a tree of paths."""

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
    COMMUNE = "commune", _("Xã, phường, đặc khu")
    VILLAGE = "village", _("Thôn, tổ dân phố")


class Area(models.Model):
    """An administrative area in force from a day until (not including) another.

    ``path`` holds the codes from the top down to this area, each followed by a stroke ("/67/24611/"); every
    area below begins with it. It is written by ``areas.actions``. A code is never given to another area.
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
