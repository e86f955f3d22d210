"""The program as a person runs it: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


def _environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HATANGSO", "DJANGO", "DATABASE"))
    }
    return {**kept, "HATANGSO_HOME": str(home), "LANG": "vi_VN.UTF-8", "PYTHONPATH": "src"}


def _run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatangso_web", *arguments],
        env=_environment(home),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_verbs_of_the_engine_do_not_load_django() -> None:
    code = "import sys, hatangso_web.cli; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_site_refuses_a_database_that_is_behind_then_starts_after_migrate(tmp_path: Path) -> None:
    refused = _run(tmp_path, "serve")
    assert refused.returncode == 2
    assert "chạy 'hatangso migrate'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert _run(tmp_path, "migrate").returncode == 0
    added = _run(tmp_path, "createadmin", "--username", "qt", "--full-name", "Lê Ánh", "--organisation", "Sở")
    assert added.returncode == 2, "a sign-in name has at least 3 signs"
    added = _run(
        tmp_path, "createadmin", "--username", "quantri", "--full-name", "Lê Ánh", "--organisation", "Sở"
    )
    assert added.returncode == 0
    assert "Mật khẩu tạm: " in added.stdout
    assert _run(tmp_path, "backup", str(tmp_path / "b.tar.gz")).returncode == 0
    assert _run(tmp_path / "other", "restore", str(tmp_path / "b.tar.gz")).returncode == 0


def test_wrong_setting_is_told_without_traceback(tmp_path: Path) -> None:
    environment = {**_environment(tmp_path), "DATABASE_URL": "mysql://x/y"}
    done = subprocess.run(
        [sys.executable, "-m", "hatangso_web", "migrate"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_runs_twice_in_a_row_on_a_taken_port_and_stops_both_processes(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        for _time in range(2):
            process = subprocess.Popen(
                [sys.executable, "-m", "hatangso_web", "demo", "--size", "3", "--port", str(wanted)],
                env=_environment(tmp_path),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            try:
                address = _address_of(process)
                assert not address.endswith(f":{wanted}/")
                assert _wait_for(f"{address}healthz") == {"status": "ok", "reason": ""}
                page = urllib.request.urlopen(f"{address}vao/dang-nhap/", timeout=20).read().decode()
                sheet = next(
                    part.split('"')[0] for part in page.split('href="') if part.startswith("/static/site.")
                )
                answer = urllib.request.urlopen(address.rstrip("/") + sheet, timeout=20)
                assert "immutable" in answer.headers["Cache-Control"]
                process.send_signal(signal.SIGINT)
                _out, errors = process.communicate(timeout=40)
                assert "Traceback" not in errors
                assert "Đang dừng" in errors
            finally:
                if process.poll() is None:
                    process.kill()
                    process.communicate(timeout=60)
            with pytest.raises(urllib.error.URLError):
                urllib.request.urlopen(f"{address}healthz", timeout=5)


def test_worker_of_the_demo_ends_when_the_demo_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hatangso_web", "demo", "--size", "3"],
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _address_of(process)
    finally:
        process.kill()
    rest, _nothing = process.communicate(timeout=60)  # ends only when the worker has closed the pipe too
    assert process.returncode == -signal.SIGKILL
    assert "Traceback" not in rest


def _address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return "http://" + line.split("http://")[1].split()[0]
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def _wait_for(address: str) -> object:
    deadline = time.monotonic() + 60
    while True:
        try:
            return json.load(urllib.request.urlopen(address, timeout=20))
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
