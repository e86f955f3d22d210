"""Backup and restore: what went in comes back, and nothing is overwritten or half restored by mistake."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from hatangso.errors import InputError
from hatangso_web import archive
from hatangso_web.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    """Return an own home with one uploaded file."""
    if connection.vendor == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("không có pg_dump trên máy này")
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "ke-hoach.docx").write_bytes(b"noi dung")
    return tmp_path


def test_what_went_in_comes_back(home: Path, clerk: User) -> None:
    archive.write(home / "b.tar.gz")
    assert (home / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    User.objects.filter(pk=clerk.pk).update(full_name="Đã bị sửa")
    (home / "files" / "ke-hoach.docx").write_bytes(b"hong")
    (home / "files" / "la.docx").write_bytes(b"moi")
    archive.put_back(home / "b.tar.gz", replace=True)
    assert User.objects.get(username="clerk").full_name == "Người clerk"
    assert [path.read_bytes() for path in (home / "files").iterdir()] == [b"noi dung"]
    assert not list(home.glob(".phuc-hoi-*")) + list(home.glob(".sao-luu-*"))


def test_data_are_not_overwritten_unless_told(home: Path, clerk: User) -> None:
    archive.write(home / "b.tar.gz")
    with pytest.raises(InputError, match="--replace"):
        archive.put_back(home / "b.tar.gz", replace=False)


def test_file_that_is_no_backup_is_refused_before_anything_changes(home: Path, clerk: User) -> None:
    (home / "b.tar.gz").write_bytes(b"khong phai")
    with pytest.raises(InputError, match="không phải bản sao lưu đọc được"):
        archive.put_back(home / "b.tar.gz", replace=True)
    assert User.objects.filter(username="clerk").exists()
    assert (home / "files" / "ke-hoach.docx").exists()


def test_damaged_database_and_file_leading_outside_are_refused(home: Path, clerk: User) -> None:
    note = json.dumps({"version": 1, "database": connection.vendor, "sha256": "0" * 64}).encode()
    _pack(home / "damaged.tar.gz", {"hatangso.json": note, "database": b"x"})
    with pytest.raises(InputError, match="đã bị hỏng"):
        archive.put_back(home / "damaged.tar.gz", replace=True)
    _pack(home / "outside.tar.gz", {"hatangso.json": note, "../outside": b"x"})
    with pytest.raises(InputError, match="không phải bản sao lưu đọc được"):
        archive.put_back(home / "outside.tar.gz", replace=True)
    assert User.objects.filter(username="clerk").exists()


def _pack(file: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(file, "w:gz") as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
