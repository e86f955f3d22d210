"""What the command line shows: help in the person's language, progress bars, JSON, exit codes."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from hatangso.cli.usage import usage_fault
from hatangso.errors import HatangsoError

_ClickFault: Any = typer.BadParameter.__mro__[2]  # click's ClickException, which newer typers carry inside


class _Screen(Console):
    """A console that tells of a reader gone away (``| head``) as the stream itself would: that is no fault."""

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BrokenPipeError


out = _Screen(highlight=False)
err = _Screen(stderr=True, highlight=False)


def words(vietnamese: str, english: str) -> str:
    """Return the sentence in the language of the person's locale: English for ``en*``, Vietnamese otherwise."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return english if chosen.lower().startswith("en") else vietnamese


def new_app(vietnamese: str, english: str) -> typer.Typer:
    """Return a group of verbs with its help line."""
    return typer.Typer(
        help=words(vietnamese, english),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )


def print_json(value: Any) -> None:
    """Print JSON on standard output: UTF-8, Vietnamese letters as they are, nothing else around it."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n")


@contextmanager
def progress_bar(title: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on standard error; yields ``advance(step)``. Silent when not on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        task = progress.add_task(title, total=total)

        def advance(step: float = 1) -> None:
            progress.advance(task, step)

        yield advance


def run(app: typer.Typer, arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 2 bad input (a sentence, no traceback), 1 our fault."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        result = app(args=arguments, standalone_mode=False)
    except typer.Abort:
        err.print(words("Đã dừng theo yêu cầu.", "Stopped as asked."))
        return 130
    except _ClickFault as fault:
        _tell_usage(fault)
        return 2
    except HatangsoError as fault:
        err.print(words("Lỗi: ", "Error: ") + str(fault), markup=False, soft_wrap=True)
        return fault.exit_code
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001  the outermost door: anything else is our fault and says so
        traceback.print_exc()
        err.print(
            words(
                "Lỗi của chương trình, không phải của dữ liệu. Xin gửi các dòng trên cho nhóm phát triển.",
                "A fault of the program, not of your data. Please report the lines above.",
            )
        )
        return 1
    return result if isinstance(result, int) else 0


def _tell_usage(fault: Any) -> None:
    """Print what is wrong with the command line; help asked for by giving no verb is shown as it is."""
    if words("vi", "en") == "en" or type(fault).__name__ == "NoArgsIsHelpError":
        fault.show()
    else:
        err.print("Lỗi: " + usage_fault(fault), markup=False, soft_wrap=True)


def _plain(value: Any) -> Any:
    for method in ("item", "tolist", "isoformat"):
        if hasattr(value, method):
            return getattr(value, method)()
    return str(value)
