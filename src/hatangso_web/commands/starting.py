"""Getting Django ready for a verb, with a sentence where the database cannot be used."""

from __future__ import annotations

import django
from django.core.management import call_command
from django.db import OperationalError, connection

from hatangso.errors import InputError
from hatangso_web.screen.health import pending_migrations


def start() -> None:
    """Load the settings and the apps, and reach the database."""
    django.setup()
    try:
        connection.ensure_connection()
    except OperationalError as fault:
        raise InputError(
            "Cơ sở dữ liệu",
            found=f"không kết nối được ({str(fault).strip()})",
            expected="máy chủ đang chạy và DATABASE_URL đúng, hoặc thư mục HATANGSO_HOME ghi được",
        ) from fault


def refuse_pending() -> None:
    """Stop when the database is behind the program."""
    pending = pending_migrations()
    if pending:
        raise InputError(
            "Cơ sở dữ liệu",
            found=f"còn {len(pending)} bước nâng cấp chưa chạy ({', '.join(pending[:3])}…)",
            expected="cơ sở dữ liệu đúng phiên bản của chương trình",
            remedy="Sao lưu bằng 'hatangso backup TỆP' nếu đã có dữ liệu, rồi chạy 'hatangso migrate'",
        )


def upgrade() -> None:
    """Run the pending migrations."""
    call_command("migrate", verbosity=0, interactive=False)
