"""The program `hatangso`: the engine's verbs and those of the site.

Django is loaded only when a verb of the site runs (``_site``), so that the engine's verbs start fast: this is
the one place where a module is imported by its name.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hatangso.cli.main import app
from hatangso.cli.screen import run, words
from hatangso_web import environment


def _site(module: str, **variables: str) -> Any:
    """Get Django ready with these variables of the environment, then return the module of the verb."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso_web.settings")
    os.environ.update(variables)
    importlib.import_module("hatangso_web.commands.starting").start()
    return importlib.import_module(f"hatangso_web.commands.{module}")


def _option(vietnamese: str, english: str, *names: str, **settings: Any) -> Any:
    return typer.Option(*names, help=words(vietnamese, english), **settings)


Host = Annotated[str, _option("Địa chỉ lắng nghe.", "Address to listen on.", "--host")]
Port = Annotated[int, _option("Cổng.", "Port.", "--port", min=1, max=65535)]


@app.command(help=words("Chạy trang web.", "Run the web site."))
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    threads: Annotated[int, _option("Số luồng.", "Threads.", min=1, max=128)] = 8,
) -> None:
    """Run the web site until stopped; refuses a database that is not up to date."""
    _site("serving", HATANGSO_STATIC_BUILT="1").serve(host=host, port=port, threads=threads)


@app.command(
    help=words("Chạy việc nền (đọc kế hoạch, tính toán).", "Run background work (reading plans, computing).")
)
def worker(
    until_empty: Annotated[
        bool, _option("Dừng khi hết việc.", "Stop when nothing is left to do.", "--until-empty")
    ] = False,
    with_parent: Annotated[
        bool,
        _option(
            "Dừng khi đầu vào chuẩn đóng lại (tiến trình mẹ đã dừng).",
            "Stop when the standard input ends (the parent process is gone).",
            "--with-parent",
            hidden=True,
        ),
    ] = False,
) -> None:
    """Run background work until stopped."""
    _site("serving").work(until_empty=until_empty, with_parent=with_parent)


@app.command(
    help=words(
        "Dựng tỉnh hư cấu để dùng thử, chạy trang và việc nền.",
        "Set up an invented province and run the site.",
    )
)
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    plan: Annotated[
        Path | None,
        _option(
            "Kế hoạch của bạn để đọc thay kế hoạch hư cấu.",
            "A plan of your own to read.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    size: Annotated[
        int, _option("Số xã của tỉnh hư cấu.", "Communes of the invented province.", min=2, max=4000)
    ] = 24,
    no_serve: Annotated[
        bool, _option("Chỉ dựng dữ liệu, không chạy trang.", "Only set up the data.", "--no-serve")
    ] = False,
) -> None:
    """Set up the invented province in a database of its own, then run web and worker."""
    variables = {
        "HATANGSO_HOME": str(environment.home() / "demo"),
        "HATANGSO_STATIC_BUILT": "1",
        "HATANGSO_HOSTS": "*" if host == "0.0.0.0" else host,
        "DATABASE_URL": "",
    }
    module = _site("demo", **variables)
    accounts = module.set_up(plan=plan, size=size)
    if no_serve:
        module.finish_reading()
    else:
        module.run(accounts, host=host, port=port)


@app.command(help=words("Tạo hoặc nâng cấp cơ sở dữ liệu.", "Create or upgrade the database."))
def migrate() -> None:
    """Bring the database up to date."""
    _site("keeping").migrate()


@app.command(
    name="load-areas",
    help=words("Nạp danh mục đơn vị hành chính toàn quốc.", "Load the national register of areas."),
)
def load_areas() -> None:
    """Load all provinces, districts and communes with their changes; a second time changes nothing."""
    _site("keeping").load_areas()


@app.command(help=words("Thêm quản trị hệ thống đầu tiên.", "Add the first administrator."))
def createadmin(
    username: Annotated[
        str, _option("Tên đăng nhập.", "Sign-in name.", prompt=words("Tên đăng nhập", "Sign-in name"))
    ],
    full_name: Annotated[str, _option("Họ và tên.", "Full name.", prompt=words("Họ và tên", "Full name"))],
    organisation: Annotated[
        str, _option("Tên cơ quan.", "Name of the organisation.", prompt=words("Cơ quan", "Organisation"))
    ],
) -> None:
    """Add an administrator of the whole system and print a temporary password."""
    _site("keeping").add_administrator(username=username, full_name=full_name, organisation=organisation)


@app.command(
    help=words("Sao lưu cơ sở dữ liệu và tệp vào một tệp.", "Back up database and files into one file.")
)
def backup(
    file: Annotated[Path, typer.Argument(help=words("Tệp .tar.gz sẽ ghi.", "The .tar.gz to write."))],
) -> None:
    """Write a copy of everything while the site runs."""
    _site("keeping").backup(file)


@app.command(help=words("Phục hồi từ bản sao lưu.", "Restore from a backup."))
def restore(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help=words("Tệp sao lưu.", "The backup."))
    ],
    replace: Annotated[
        bool, _option("Ghi đè dữ liệu đang có.", "Overwrite what is there.", "--replace")
    ] = False,
) -> None:
    """Put a backup back; refuses to overwrite data unless told to."""
    _site("keeping").restore(file, replace=replace)


def main() -> None:
    """Run the program and leave with its exit code."""
    sys.exit(run(app))
