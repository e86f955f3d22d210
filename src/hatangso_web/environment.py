"""Typed reading of environment variables; a wrong value stops the start with a sentence that says the mend."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hatangso.errors import InputError

_YES = {"1", "true", "yes", "on", "co", "có"}
_NO = {"0", "false", "no", "off", "khong", "không", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable ``name``; when ``name_FILE`` is set the text is read from that file, which must exist."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name is None:
        return os.environ.get(name, default)
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise InputError(
            f"Biến môi trường {name}_FILE",
            found=f"tệp '{file_name}' không đọc được ({fault.strerror})",
            expected="đường dẫn tới một tệp đọc được",
            remedy=f"Sửa đường dẫn hoặc bỏ biến {name}_FILE",
        ) from fault


def boolean(name: str, default: bool = False) -> bool:
    """Return the variable as yes or no."""
    written = os.environ.get(name)
    if written is None:
        return default
    if written.strip().casefold() in _YES:
        return True
    if written.strip().casefold() in _NO:
        return False
    raise InputError(f"Biến môi trường {name}", found=f"'{written}'", expected="1 hoặc 0")


def integer(name: str, default: int, *, lowest: int, highest: int) -> int:
    """Return the variable as a whole number within the given bounds."""
    written = os.environ.get(name)
    if written is None:
        return default
    if not written.strip().isdecimal() or not lowest <= int(written) <= highest:
        raise InputError(
            f"Biến môi trường {name}",
            found=f"'{written}'",
            expected=f"một số nguyên từ {lowest} đến {highest}",
        )
    return int(written)


def listing(name: str, default: str = "") -> list[str]:
    """Return the comma-separated parts of the variable."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def home() -> Path:
    """Return the folder of database, files and keys: HATANGSO_HOME, or ``var`` in the working folder."""
    return Path(os.environ.get("HATANGSO_HOME") or "var").resolve()


def secret_key(folder: Path) -> str:
    """Return HATANGSO_SECRET_KEY, or a key made once and kept in ``folder`` readable by its owner alone."""
    given = text("HATANGSO_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise InputError(
                "Biến môi trường HATANGSO_SECRET_KEY",
                found=f"{len(given)} ký tự",
                expected="ít nhất 32 ký tự ngẫu nhiên",
            )
        return given
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii")
    except OSError as fault:
        raise InputError(
            f"Khóa bí mật {path}",
            found=str(fault.strerror),
            expected="thư mục HATANGSO_HOME ghi được, hoặc biến HATANGSO_SECRET_KEY",
            remedy="Đặt HATANGSO_HOME tới một thư mục ghi được, hoặc đặt HATANGSO_SECRET_KEY",
        ) from fault


def database(folder: Path) -> dict[str, Any]:
    """Return Django's description of the database: DATABASE_URL, or SQLite (WAL) in ``folder``."""
    address = text("DATABASE_URL") or f"sqlite:///{folder / 'hatangso.sqlite3'}"
    parts = urlsplit(address)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise InputError(
        "Biến môi trường DATABASE_URL",
        found=f"kiểu '{parts.scheme or '?'}'",
        expected="postgresql://người:mật-khẩu@máy:5432/tên hoặc sqlite:////đường/dẫn.sqlite3",
    )
