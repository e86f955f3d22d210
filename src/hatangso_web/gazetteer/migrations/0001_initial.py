import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("villages", "Danh sách thôn, tổ dân phố"),
                            ("other", "Khu công nghiệp, khu du lịch, hành lang đường bộ, khu đô thị"),
                            ("boundaries", "Ranh giới"),
                        ],
                        max_length=12,
                        verbose_name="loại",
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=10, verbose_name="cấp")),
                ("on", models.DateField(verbose_name="ngày lập")),
                ("file", models.FileField(upload_to="areas/%Y/%m/")),
                ("filename", models.CharField(max_length=255, verbose_name="tên tệp")),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="nguồn")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Chờ kiểm tra"),
                            ("checked", "Đã kiểm tra, chưa ghi"),
                            ("refused", "Không dùng được"),
                            ("storing", "Đang ghi"),
                            ("stored", "Đã ghi"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="tình trạng",
                    ),
                ),
                ("report", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("failure", models.TextField(blank=True)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("stored_at", models.DateTimeField(null=True)),
                (
                    "stored_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-uploaded_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("sha256"),
                        models.F("kind"),
                        models.F("on"),
                        models.F("level"),
                        name="area_file_once",
                        violation_error_message="Tệp này đã được nạp trước đây.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rename", "Đổi tên"),
                            ("merge", "Sáp nhập"),
                            ("split", "Chia tách"),
                            ("part_transfer", "Chuyển một phần"),
                            ("level_change", "Đổi loại hoặc cấp"),
                            ("parent_change", "Đổi đơn vị cấp trên"),
                            ("dissolve", "Kết thúc"),
                        ],
                        max_length=15,
                        verbose_name="thay đổi",
                    ),
                ),
                ("on", models.DateField(verbose_name="có hiệu lực từ ngày")),
                ("legal_act", models.CharField(max_length=200, verbose_name="văn bản")),
                ("flows", models.JSONField(default=list)),
                ("effect", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Bản nháp, chưa có tác dụng"),
                            ("confirmed", "Đã xác nhận"),
                            ("withdrawn", "Đã rút"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="tình trạng",
                    ),
                ),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="revision_decided_by_somebody",
                        violation_error_message="Thay đổi đã xác nhận hoặc đã rút phải ghi người và thời điểm.",
                    )
                ],
            },
        ),
    ]
