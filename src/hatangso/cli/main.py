"""All verbs of the engine in one program; the module of a verb is imported only when that verb runs."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from hatangso.cli.screen import run, words


class Verb(NamedTuple):
    """Where a verb (or a group of verbs, ``app``) stands and how help names it."""

    module: str
    attribute: str
    vietnamese: str
    english: str


# One line per verb. Imported by name so that `hatangso read` does not wait for what `hatangso coverage` needs.
VERBS = {
    "read": Verb("plans", "read", "Đọc một kế hoạch: chỉ tiêu, nhiệm vụ, phân công, chế độ báo cáo, cảnh báo.", "Read a plan."),
    "areas": Verb("areas", "app", "Đơn vị hành chính theo thời gian.", "Administrative areas in time."),
    "catalogue": Verb("catalogue", "app", "Danh mục: biến, chỉ tiêu, mục tiêu quốc gia, ngưỡng, quy tắc.", "The catalogue."),
    "indicators": Verb("indicators", "app", "Chỉ tiêu: tính, so với mục tiêu, chấm điểm.", "Indicators: compute, progress, score."),
    "speed": Verb("speed", "app", "Tốc độ truy nhập: tổng hợp, kết luận, kế hoạch đo, điểm yếu.", "Access speed."),
    "pathloss": Verb("radio", "pathloss", "Suy hao trên một mặt cắt theo ITU-R P.1812.", "Path loss on a profile by ITU-R P.1812."),
    "coverage": Verb("coverage", "coverage", "Vùng phủ sóng của các trạm trên địa hình.", "Coverage of stations over terrain."),
    "coverage-candidates": Verb("coverage_candidates", "coverage_candidates", "Thử vị trí đặt trạm: ba bảng cho lệnh siting.", "Try sites for stations: tables for siting."),
    "coverage-calibrate": Verb("coverage_calibration", "coverage_calibrate", "Hiệu chỉnh dự báo vùng phủ theo mẫu đo.", "Calibrate coverage by measured samples."),
    "siting": Verb("siting", "app", "Chọn vị trí trạm, kèm cận đã chứng minh.", "Choose sites, with a proven bound."),
    "fibre": Verb("fibre", "app", "Tuyến cáp quang rẻ nhất, kèm cận đã chứng minh.", "Cheapest fibre routes, with a proven bound."),
    "access": Verb("access", "app", "Người dân trong tầm của điểm phục vụ; điểm tiếp theo ở đâu.", "People within reach of service points."),
}  # fmt: skip


class LazyVerbs(TyperGroup):
    """A group that lists verbs by their help line and imports a verb's module when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs of the engine, then those added by the site."""
        return [*VERBS, *(name for name in super().list_commands(ctx) if name not in VERBS)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb that only knows its help line; :meth:`resolve_command` brings the real one."""
        if cmd_name not in VERBS:
            return super().get_command(ctx, cmd_name)
        verb = VERBS[cmd_name]
        stub = typer.Typer(add_completion=False)
        stub.command(cmd_name, help=words(verb.vietnamese, verb.english))(lambda: None)
        return get_command(stub)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the verb the person typed."""
        name = args[0] if args else ""
        if name not in VERBS:
            return super().resolve_command(ctx, args)
        return name, load(name), args[1:]


def load(name: str) -> Any:
    """Import the module of a verb and return its command."""
    verb = VERBS[name]
    target = getattr(importlib.import_module(f"hatangso.cli.{verb.module}"), verb.attribute)
    if not isinstance(target, typer.Typer):
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name, help=words(verb.vietnamese, verb.english))(target)
        target = single
    command = get_command(target)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyVerbs,
    help=words(
        "hatangso: đọc kế hoạch phát triển hạ tầng số, đo, tìm khoảng trống, lập phương án.",
        "hatangso: reads digital-infrastructure plans, measures, finds the gap, plans how to close it.",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.callback()(lambda: None)


def main() -> None:
    """Run the engine's verbs and leave with their exit code."""
    sys.exit(run(app))
