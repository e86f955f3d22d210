"""Tables that came in, what they gave, where a cell came from, which import or run a value rests on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_is_append_only"),
        ("areas", "0004_particulars"),
        ("indicators", "0006_scores_are_append_only"),
        ("measurements", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cell",
            name="origin",
            field=models.CharField(
                choices=[
                    ("typed", "Nhập tay"),
                    ("prefilled", "Điền sẵn, chưa xác nhận"),
                    ("imported", "Từ bảng đã nạp"),
                    ("villages", "Từ danh sách thôn"),
                ],
                default="typed",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="value",
            name="speed_run",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="values",
                to="measurements.campaignrun",
            ),
        ),
        migrations.CreateModel(
            name="TableImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_kind", models.CharField(max_length=40, verbose_name="Loại bảng")),
                ("period", models.CharField(max_length=7, verbose_name="Kỳ")),
                (
                    "value_kind",
                    models.CharField(
                        choices=[("declared", "Kê khai"), ("modelled", "Mô phỏng"), ("measured", "Đo đạc")],
                        default="declared",
                        max_length=10,
                        verbose_name="Loại số liệu",
                    ),
                ),
                (
                    "confidence",
                    models.CharField(
                        blank=True,
                        choices=[("high", "Cao"), ("medium", "Trung bình"), ("low", "Thấp")],
                        max_length=10,
                    ),
                ),
                ("confidence_reason", models.CharField(blank=True, max_length=300)),
                ("explanation", models.CharField(blank=True, max_length=500)),
                ("file", models.FileField(max_length=200, upload_to="tables/%Y/")),
                ("filename", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("headers", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "Chờ ghép cột"),
                            ("checked", "Đã đọc thử, chờ xác nhận"),
                            ("waiting", "Chờ duyệt"),
                            ("done", "Đã ghi"),
                            ("refused", "Không duyệt"),
                            ("withdrawn", "Đã rút"),
                            ("discarded", "Đã bỏ"),
                        ],
                        default="mapping",
                        max_length=10,
                    ),
                ),
                ("report", models.JSONField(default=dict)),
                ("uploaded_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="table_imports",
                        to="areas.area",
                        verbose_name="Địa bàn",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
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
                        condition=models.Q(
                            ("operator", None),
                            models.Q(("state__in", ["discarded", "refused", "withdrawn"]), _negated=True),
                        ),
                        fields=("sha256", "table_kind", "period", "area"),
                        name="table_import_once",
                        violation_error_message="Tệp này đã được nạp cho kỳ và địa bàn ấy.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("operator__isnull", False),
                            models.Q(("state__in", ["discarded", "refused", "withdrawn"]), _negated=True),
                        ),
                        fields=("sha256", "table_kind", "period", "area", "operator"),
                        name="table_import_of_operator_once",
                        violation_error_message="Tệp này đã được nạp cho kỳ và địa bàn ấy.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["mapping", "checked", "discarded"]),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="table_import_confirmed_says_who_and_when",
                        violation_error_message="Bảng đã xác nhận phải ghi người và thời điểm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("confirmed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="table_import_not_approved_by_its_sender",
                        violation_error_message="Người nạp không tự duyệt bảng của mình.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("variable", models.CharField(max_length=80)),
                ("value", models.FloatField()),
                (
                    "confidence",
                    models.CharField(
                        choices=[("high", "Cao"), ("medium", "Trung bình"), ("low", "Thấp")], max_length=10
                    ),
                ),
                ("explanation", models.CharField(blank=True, max_length=500)),
                ("rows", models.JSONField(default=list)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="areas.area"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="indicators.submission",
                    ),
                ),
                (
                    "table_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="indicators.tableimport",
                    ),
                ),
            ],
            options={
                "ordering": ["area__name_order", "variable"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("operator", None)),
                        fields=("table_import", "area", "variable"),
                        name="imported_figure_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("operator__isnull", False)),
                        fields=("table_import", "area", "variable", "operator"),
                        name="imported_figure_of_operator_once",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="cell",
            name="table_import",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="cells",
                to="indicators.tableimport",
            ),
        ),
        migrations.AddField(
            model_name="value",
            name="table_import",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="values",
                to="indicators.tableimport",
            ),
        ),
        migrations.CreateModel(
            name="ColumnMemory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_kind", models.CharField(max_length=40)),
                ("header_set", models.CharField(max_length=64)),
                ("mapping", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "table_kind", "header_set"), name="column_memory_once"
                    )
                ],
            },
        ),
    ]
