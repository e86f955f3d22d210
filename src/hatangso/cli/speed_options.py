"""Options that the verbs of speed share, and how their words are read."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer

from hatangso.cli.screen import words
from hatangso.errors import InputError

ToolOption = Annotated[
    str, typer.Option("--tool", help=words("công cụ đo (i-Speed, NDT7, drive-test …)", "measuring tool"))
]
FloorOption = Annotated[
    float, typer.Option("--floor", help=words("ngưỡng tốc độ, Mb/s", "speed floor, Mb/s"))
]


def _percent(value: float) -> float:
    """Refuse 0.8 written for 80 %: as a percent almost every area would meet it."""
    if value <= 1:
        raise InputError(
            f"--share {value:g}", expected="phần trăm trên 1 đến 100", remedy="Muốn 80 % thì viết --share 80"
        )
    return value


ShareOption = Annotated[
    float,
    typer.Option(
        "--share",
        help=words("tỷ lệ lần đo phải đạt ngưỡng, %", "percent of tests that must reach it"),
        callback=_percent,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]
FactorOption = Annotated[float | None, typer.Option("--factor", hidden=True)]


def day_of(text: str | None) -> datetime.date:
    """Return the day written as yyyy-mm-dd, today where none is."""
    if text is None:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise InputError(f"--as-of '{text}'", expected="ngày yyyy-mm-dd") from fault


def refuse_factor(factor: float | None) -> None:
    """Refuse a factor between two tools, whatever it is."""
    if factor is not None:
        raise InputError(
            "Không nhận hệ số quy đổi giữa các công cụ đo",
            remedy="Sai khác giữa hai công cụ đổi theo nơi và lúc; hãy để mỗi công cụ một dãy số riêng",
        )
