"""The invented province, ready to be tried out in a database of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from rich.table import Table

from hatangso.cli.screen import err, out, words
from hatangso_web.commands.serving import listen, work
from hatangso_web.commands.starting import upgrade
from hatangso_web.demo.load import SampleAccount, load_demo
from hatangso_web.gazetteer.jobs import load_national_register


def set_up(*, plan: Path | None, size: int) -> list[SampleAccount]:
    """Create or upgrade the database and load the invented province; a second time adds nothing twice."""
    err.print(
        words(
            "Đang dựng cơ sở dữ liệu và tỉnh hư cấu …", "Setting up the database and the invented province …"
        )
    )
    upgrade()
    load_national_register.enqueue()  # the worker loads it while one looks around
    return load_demo(size=size, plan=plan)


def finish_reading() -> None:
    """Do the background work that waits, then stop."""
    work(until_empty=True)
    out.print(words(f"Đã dựng xong trong {settings.HOME}", f"Set up in {settings.HOME}"), soft_wrap=True)


def run(accounts: list[SampleAccount], *, host: str, port: int) -> None:
    """Run worker and web until stopped by Ctrl-C or SIGTERM; both stop together."""
    chosen = free_port(host, port)
    if chosen != port:
        err.print(
            words(f"Cổng {port} đang bận, dùng cổng {chosen}.", f"Port {port} is taken, using {chosen}.")
        )
    worker = subprocess.Popen(
        [sys.executable, "-m", "hatangso_web", "worker", "--with-parent"],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the worker once
    )
    try:
        _tell(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{chosen}/", accounts)
        listen(host=host, port=chosen, threads=8)  # returns on Ctrl-C and SIGTERM
    finally:
        err.print(words("Đang dừng …", "Stopping …"))
        worker.terminate()
        try:
            worker.wait(timeout=5)  # a job cut off here is taken up again at the next start
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port, or one the system gives when that one is taken."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    return wanted


def _tell(address: str, accounts: list[SampleAccount]) -> None:
    table = Table(title=words("Tài khoản mẫu (dữ liệu hư cấu)", "Sample accounts (invented data)"))
    for column in (
        words("Tên đăng nhập", "Sign-in name"),
        words("Mật khẩu", "Password"),
        words("Vai trò", "Role"),
        "",
    ):
        table.add_column(column)
    for account in accounts:
        table.add_row(account.username, account.password, str(account.role), account.what)
    out.print(table)
    out.print(
        words(f"Địa chỉ: {address}   (Ctrl-C để dừng)", f"Address: {address}   (Ctrl-C stops)"),
        soft_wrap=True,
    )
