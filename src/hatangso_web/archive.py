"""Backups: one .tar.gz with the database, the files and a note of what is inside.

The database is copied first, files after it, so every file the copy speaks of is in the archive. Keys and
passwords of the installation are not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from hatangso.errors import InputError
from hatangso_web.accounts.models import User

_NOTE = "hatangso.json"
_VERSION = 1


def write(file: Path) -> None:
    """Write the archive beside its final name and move it there when it is whole."""
    file = file.resolve()
    if not file.parent.is_dir():
        raise InputError(f"Thư mục '{file.parent}'", found="không tồn tại", expected="một thư mục có sẵn")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".sao-luu-") as folder:
        database = Path(folder) / "database"
        _copy_database(database)
        note = {
            "version": _VERSION,
            "made_at": timezone.now().isoformat(),
            "database": connection.vendor,
            "sha256": _digest(database),
        }
        (Path(folder) / _NOTE).write_text(json.dumps(note), encoding="utf-8")
        whole = Path(folder) / "archive"
        whole.touch(mode=0o600)
        with tarfile.open(whole, "w:gz", compresslevel=6) as archive:
            archive.add(Path(folder) / _NOTE, _NOTE)
            archive.add(database, "database")
            if settings.MEDIA_ROOT.is_dir():
                archive.add(settings.MEDIA_ROOT, "files")
        whole.replace(file)


def put_back(file: Path, *, replace: bool) -> None:
    """Put database and files back; refuse to overwrite people and files unless ``replace``."""
    if not replace and _holds_data():
        raise InputError(
            "Hệ thống này",
            found="đang có dữ liệu",
            expected="cơ sở dữ liệu trống",
            remedy="Thêm --replace nếu chắc chắn muốn ghi đè toàn bộ, sau khi đã sao lưu",
        )
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix=".phuc-hoi-") as folder:
        note = _unpack(file, Path(folder))
        database = Path(folder) / "database"
        if note["sha256"] != _digest(database):
            raise _unusable(file, "cơ sở dữ liệu trong tệp đã bị hỏng")
        if note["database"] != connection.vendor:
            raise _unusable(file, f"sao lưu từ {note['database']}, hệ thống này dùng {connection.vendor}")
        _replace_database(database)
        _replace_files(Path(folder) / "files")


def _copy_database(target: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    else:
        _run_postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def _replace_database(source: Path) -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(source)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise _unusable(source, "cơ sở dữ liệu không qua được phép kiểm tra toàn vẹn")
            connection.ensure_connection()
            copy.backup(connection.connection)
        connection.close()
    else:
        connection.close()
        _run_postgresql(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source)
        )


def _replace_files(source: Path) -> None:
    """Swap the folder of files; the former one goes only when the new one stands."""
    target: Path = settings.MEDIA_ROOT
    former = target.with_name(target.name + ".truoc-phuc-hoi")
    if former.exists():
        shutil.rmtree(former)
    if target.exists():
        target.rename(former)
    if source.is_dir():
        source.rename(target)
    else:
        target.mkdir(parents=True)
    if former.exists():
        shutil.rmtree(former)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, EOFError, ValueError) as fault:
        raise _unusable(file, f"không phải bản sao lưu đọc được ({fault})") from fault
    if not isinstance(note, dict) or note.get("version") != _VERSION or not (folder / "database").is_file():
        raise _unusable(file, "không phải bản sao lưu của hatangso, hoặc của phiên bản mới hơn")
    return note


def _holds_data() -> bool:
    tables = connection.introspection.table_names()
    return User._meta.db_table in tables and User.objects.exists()


def _run_postgresql(program: str, *arguments: str) -> None:
    described = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": str(described["PASSWORD"])}
    parts = ["--host", described["HOST"], "--port", str(described["PORT"]), "--username", described["USER"]]
    wanted = [
        part for name, part in zip(parts[::2], parts[1::2], strict=True) if part for part in (name, part)
    ]
    try:
        subprocess.run(
            [program, *wanted, "--dbname", str(described["NAME"]), *arguments],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as fault:
        raise InputError(
            f"Chương trình {program}", found="không có trên máy này", expected="gói postgresql-client đã cài"
        ) from fault
    except subprocess.CalledProcessError as fault:
        raise InputError(f"Lệnh {program}", found=fault.stderr.strip()[-500:]) from fault


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unusable(file: Path, found: str) -> InputError:
    return InputError(f"Tệp sao lưu '{file.name}'", found=found, expected="tệp do 'hatangso backup' ghi ra")
