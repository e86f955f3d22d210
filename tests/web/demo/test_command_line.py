"""The command line tells of the invented province what the site tells."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from hatangso.cli.main import app
from hatangso.cli.screen import run
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.demo.figures import LAST_PERIOD
from hatangso_web.demo.load import load_demo
from hatangso_web.indicators.models import Figure
from hatangso_web.indicators.queries.figures import lines_of
from hatangso_web.indicators.queries.sheets import current_values
from hatangso_web.plans.models import Target
from hatangso_web.plans.queries.targets import targets_held


@pytest.mark.django_db
def test_the_command_line_computes_and_judges_as_the_site_does(tmp_path: Path, client: Client) -> None:
    load_demo(size=5)
    root = Area.objects.get(code="VD")
    rows = current_values(period=LAST_PERIOD).values_list("area__code", "variable", "period", "value")
    pl.DataFrame(list(rows), schema=["area_code", "variable", "period", "value"], orient="row").write_csv(
        tmp_path / "values.csv"
    )
    tree = Area.objects.filter(level__in=["province", "commune"]).values_list("code", "parent__code")
    pl.DataFrame(list(tree), schema=["area_code", "parent_code"], orient="row").write_csv(
        tmp_path / "tree.csv"
    )
    told = [
        "compute",
        tmp_path / "values.csv",
        "--tree",
        tmp_path / "tree.csv",
        "--out",
        tmp_path / "out.csv",
    ]
    assert run(app, ["indicators", *map(str, told)]) == 0
    columns = ("indicator", "area_code", "numerator", "denominator", "value", "reported", "expected")
    computed = set(pl.read_csv(tmp_path / "out.csv").select(columns).iter_rows())
    names = [name.replace("area_code", "area__code") for name in columns]
    assert computed == set(Figure.objects.filter(period=LAST_PERIOD).values_list(*names))
    assert len(computed) >= 8 * 6

    _write_targets(tmp_path, root)
    told = ["progress", tmp_path / "targets.csv", tmp_path / "seen.csv", "--as-of", "2026-09-16", "--out", tmp_path / "told.csv"]  # fmt: skip
    assert run(app, ["indicators", *map(str, told)]) == 0
    by_command = sorted(
        pl.read_csv(tmp_path / "told.csv").select("indicator", "verdict", "words").iter_rows()
    )
    targets = targets_held(User.objects.get(username="chuyenvien"), root)
    lines = lines_of(root, LAST_PERIOD, targets=targets, as_of=datetime.date(2026, 9, 16))
    by_site = sorted(
        (line.indicator.code, progress.verdict, progress.words)
        for line in lines
        for _held, progress in line.judged
    )
    assert by_command == by_site
    assert {verdict for _code, verdict, _words in by_site} >= {"late", "cannot_tell"}

    client.force_login(User.objects.get(username="chuyenvien"))
    page = client.get("/chi-tieu/MOB-02/").content.decode()
    assert page.count("<svg") >= 2 and "mục tiêu 95 %" in page  # the chart with its target, and the map
    assert all(area.name.split(" ", 1)[1] in page for area in Area.objects.filter(parent=root))


def _write_targets(folder: Path, root: Area) -> None:
    """Write the targets of the province's plan and the figures of the province as plain files."""
    rows = [
        (str(row.pk), row.indicator, "VD", row.comparator, row.value, f"{row.due_date:%d/%m/%Y}", row.unit, row.baseline, f"{row.plan.signed_date:%d/%m/%Y}" if row.baseline else None, "số gốc ghi trong kế hoạch" if row.baseline else None)
        for row in Target.objects.filter(plan__area=root)
    ]  # fmt: skip
    heads = ["target_id", "indicator", "area_code", "comparator", "value", "due", "unit", "baseline", "baseline_day", "baseline_source"]  # fmt: skip
    pl.DataFrame(rows, schema=heads, orient="row", infer_schema_length=None).write_csv(folder / "targets.csv")
    seen = Figure.objects.filter(area=root).values_list("indicator", "area__code", "period", "value")
    pl.DataFrame(list(seen), schema=["indicator", "area_code", "period", "value"], orient="row").write_csv(
        folder / "seen.csv"
    )
