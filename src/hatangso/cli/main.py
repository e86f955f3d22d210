"""All verbs of the engine in one program."""

from __future__ import annotations

import sys

from hatangso.cli import areas, catalogue, coverage, plans, radio, speed
from hatangso.cli.screen import new_app, run

app = new_app(
    "hatangso: đọc kế hoạch phát triển hạ tầng số, đo, tìm khoảng trống, lập phương án.",
    "hatangso: reads digital-infrastructure plans, measures, finds the gap, plans how to close it.",
)

app.callback()(lambda: None)  # a group even when it holds one verb
app.command()(plans.read)
app.command()(radio.pathloss)
app.command()(coverage.coverage)
app.add_typer(areas.app, name="areas")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(indicators.app, name="indicators")
app.add_typer(speed.app, name="speed")


def main() -> None:
    """Run the engine's verbs and leave with their exit code."""
    sys.exit(run(app))
