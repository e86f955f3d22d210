"""Settings fail loudly: a wrong variable stops the start with the mend."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from hatangso.errors import InputError
from hatangso_web import environment


def test_boolean_refuses_a_word_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "maybe")
    with pytest.raises(InputError, match=r"Biến môi trường X: 'maybe'; cần 1 hoặc 0"):
        environment.boolean("X")


@pytest.mark.parametrize(("written", "value"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_boolean_reads_yes_and_no(monkeypatch: pytest.MonkeyPatch, written: str, value: bool) -> None:
    monkeypatch.setenv("X", written)
    assert environment.boolean("X") is value


@pytest.mark.parametrize("written", ["0", "101", "ba", "-1", "1.5"])
def test_integer_refuses_what_lies_outside_its_bounds(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("X", written)
    with pytest.raises(InputError, match="từ 1 đến 100"):
        environment.integer("X", 5, lowest=1, highest=100)


def test_text_from_a_file_that_must_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("bí mật\n", encoding="utf-8")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert environment.text("X") == "bí mật"
    monkeypatch.setenv("X_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="bỏ biến X_FILE"):
        environment.text("X")


def test_database_is_sqlite_with_wal_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    described = environment.database(tmp_path)
    assert described["ENGINE"].endswith("sqlite3")
    assert described["NAME"] == str(tmp_path / "hatangso.sqlite3")
    assert "journal_mode=WAL" in described["OPTIONS"]["init_command"]


def test_database_url_names_a_postgresql_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://an:m%40t@db:5433/so?sslmode=require")
    described = environment.database(tmp_path)
    assert (described["USER"], described["PASSWORD"], described["HOST"], described["PORT"], described["NAME"]) == (
        "an", "m@t", "db", "5433", "so",
    )  # fmt: skip
    assert described["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("address", ["mysql://x/y", "postgresql://host", "chỉ là chữ"])
def test_database_url_of_another_kind_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(InputError, match="DATABASE_URL"):
        environment.database(tmp_path)


def test_secret_key_is_made_once_and_readable_by_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HATANGSO_SECRET_KEY", raising=False)
    made = environment.secret_key(tmp_path / "new")
    assert len(made) >= 50
    assert environment.secret_key(tmp_path / "new") == made
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_short_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HATANGSO_SECRET_KEY", "ngắn")
    with pytest.raises(InputError, match="ít nhất 32 ký tự"):
        environment.secret_key(tmp_path)


def test_every_variable_is_described_for_those_who_run_the_site() -> None:
    package = Path(environment.__file__).parent
    sources = "".join(
        (package / name).read_text(encoding="utf-8") for name in ("settings.py", "environment.py")
    )
    variables = set(re.findall(r'"(HATANGSO_[A-Z_]+|DATABASE_URL)"', sources))
    manual = (package.parents[1] / "docs" / "operate.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([A-Z_]+)`", manual, re.M))
    assert described == variables


def test_no_test_reaches_beyond_this_machine() -> None:
    with pytest.raises((SocketConnectBlockedError, UserWarning)):  # its warning is an error here
        socket.create_connection(("192.0.2.1", 80), timeout=1)
