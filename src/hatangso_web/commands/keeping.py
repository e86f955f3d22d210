"""Keeping the site: database upgrades, the first administrator, backup and restore."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils import timezone

from hatangso.cli.screen import out, words
from hatangso.errors import InputError
from hatangso.vietnamese import format_number
from hatangso_web import archive
from hatangso_web.accounts.actions import add_first_administrator
from hatangso_web.areas.loading import load_register
from hatangso_web.areas.present import bring_present
from hatangso_web.commands.starting import upgrade


def migrate() -> None:
    """Bring the database up to date."""
    upgrade()
    out.print(words("Cơ sở dữ liệu đã đúng phiên bản.", "The database is up to date."))


def load_areas() -> None:
    """Load the national register and bring every area in step with the day."""
    today = timezone.localdate()
    loaded = load_register(on=today)
    bring_present(on=today)
    versions, changes = format_number(loaded.versions), format_number(loaded.changes)
    out.print(
        words(
            f"Danh mục đơn vị hành chính: thêm {versions} giai đoạn, {changes} thay đổi.",
            f"Register of areas: {versions} versions and {changes} changes added.",
        )
    )


def add_administrator(*, username: str, full_name: str, organisation: str) -> None:
    """Add an administrator of the whole system and print the temporary password."""
    try:
        password = add_first_administrator(
            username=username, full_name=full_name, organisation_name=organisation
        )
    except ValidationError as fault:
        raise InputError("Tài khoản quản trị", found=" ".join(fault.messages)) from fault
    out.print(
        words(
            f"Đã thêm {username}. Mật khẩu tạm: {password}",
            f"Added {username}. Temporary password: {password}",
        )
    )


def backup(file: Path) -> None:
    """Write a copy of database and files."""
    archive.write(file)
    out.print(words(f"Đã sao lưu vào {file}", f"Backed up into {file}"), soft_wrap=True)


def restore(file: Path, *, replace: bool) -> None:
    """Put a backup back."""
    archive.put_back(file, replace=replace)
    out.print(
        words(
            "Đã phục hồi. Chạy 'hatangso migrate' rồi khởi động lại trang và việc nền.",
            "Restored. Run 'hatangso migrate', then restart web and worker.",
        )
    )
