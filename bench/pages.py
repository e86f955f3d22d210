"""Server time of the pages of figures in a database as large as the country's: area, indicator, comparisons, leader's page.

Usage: python bench/pages.py [--communes 3321] [--periods 40] [--requests 15]
The database is that of HATANGSO_HOME or DATABASE_URL; give it an empty one (tools/with_postgresql starts one). The pages
read computed figures, so those are filled: communes + 34 provinces + the country x catalogue x quarters, seeded; values
(needed only to put figures on another map) for one indicator. Times are of Django's client in this process: address,
permissions, queries, template; no network. Beside the median stand the processor time and the number of queries.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import site_ready  # noqa: F401  # isort: skip
import numpy as np
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hatangso import catalogue
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area, write_versions
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Figure, Run, Value
from hatangso_web.plans.models import Finding, Plan, Target, Version

PROVINCES = 34
LAST_YEAR = 2026
COLUMNS = ("run_id", "indicator", "area_id", "period", "numerator", "denominator", "value", "reported", "expected", "assumed", "note")  # fmt: skip


def main() -> int:
    """Fill the database where it is empty, ask for every page, print a table; exit 1 when a page does not answer 200."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--communes", type=int, default=3321)
    parser.add_argument("--periods", type=int, default=40)
    parser.add_argument("--requests", type=int, default=15)
    wanted = parser.parse_args()
    if not Figure.objects.exists():
        began = time.perf_counter()
        fill(wanted.communes, wanted.periods)
        print(f"filled in {time.perf_counter() - began:.0f} s")
    print(f"{connection.vendor}: {Figure.objects.count():,} figures")
    return ask(wanted.requests)


def ask(requests: int) -> int:
    """Print median wall time, processor time and queries of each page."""

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="do-tai"))
    failed = 0
    for name, address in pages().items():
        for _ in range(2):  # compiled templates, the catalogue, the register of areas
            answer = client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked = len(queries)
        wall, busy = [], []
        for _ in range(requests):
            began, worked = time.perf_counter(), time.process_time()
            answer = client.get(address)
            wall.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - worked))
        failed += answer.status_code != 200
        print(
            f"{name:34} {statistics.median(wall):7.1f} ms (processor {statistics.median(busy):6.1f}), slowest {max(wall):7.1f}, "
            f"{asked:2} queries, {len(answer.content) / 1024:5.0f} kB, {answer.status_code}"
        )
    return 1 if failed else 0


def pages() -> dict[str, str]:
    """Return the pages by name: of a commune, a province and the country."""
    last = f"{LAST_YEAR}Q2"
    return {
        "area page, commune": f"/chi-tieu/?dia-ban=C00001&ky={last}",
        "area page, province": f"/chi-tieu/?dia-ban=P01&ky={last}",
        "area page, country": f"/chi-tieu/?dia-ban=VN&ky={last}",
        "indicator page, commune": f"/chi-tieu/MOB-02/?dia-ban=C00001&ky={last}",
        "indicator page, province": f"/chi-tieu/MOB-02/?dia-ban=P01&ky={last}",
        "indicator page, country": f"/chi-tieu/MOB-02/?dia-ban=VN&ky={last}",
        "compare areas, province": f"/so-sanh/dia-ban/?dia-ban=P01&ky={last}",
        "compare periods, province": "/so-sanh/ky/?dia-ban=P01",
        "compare plans, province": "/so-sanh/ke-hoach/?dia-ban=P01",
        "form of family A, province": f"/doi-chieu/?dia-ban=P01&ky={last}&mau=A",
        "leader's page, province": f"/tong-quan/?dia-ban=P01&ky={last}",
        "leader's page, country": f"/tong-quan/?dia-ban=VN&ky={last}",
        "indicator on another map, province": f"/chi-tieu/MOB-02/?dia-ban=P01&ky={last}&ban-do={LAST_YEAR}-06-30",
    }


def fill(communes: int, periods: int) -> None:
    """Write areas, a person, a round nobody answered, a plan of thirty targets, runs, figures and some values."""

    with transaction.atomic():
        areas = _areas(communes)
        user = _person(areas["VN"])
        quarters = [f"{LAST_YEAR - number // 4}Q{4 - number % 4}" for number in range(2, periods + 2)]
        _round(areas["VN"], user)
        for code in ("VN", "P01"):
            _plan(areas[code], user)
        _values(areas, quarters, user)
        _figures(areas, quarters)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _areas(communes: int) -> dict[str, Any]:

    country = enter_area(code="VN", name="Cả nước", level="country")
    provinces = [
        enter_area(code=f"P{number:02}", name=f"Tỉnh {number}", level="province", parent=country)
        for number in range(1, PROVINCES + 1)
    ]
    rows = [
        Area(
            code=f"C{number:05}", name=f"Xã {number}", level="commune", parent=provinces[number % PROVINCES - 1],
            path=f"{provinces[number % PROVINCES - 1].path}C{number:05}/",
        )
        for number in range(1, communes + 1)
    ]  # fmt: skip
    write_versions(Area.objects.bulk_create(rows, batch_size=500))
    return {area.code: area for area in Area.objects.all()}


def _person(country: Any) -> Any:

    office = Organisation.objects.create(code="B", name="Bộ", kind="department", area=country)
    user = User.objects.create_user("do-tai", full_name="Người đo tải")
    Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=country)
    return user


def _round(country: Any, user: Any) -> None:

    day = datetime.date(LAST_YEAR, 9, 15)
    open_round(
        call=Call(
            name="Đợt quý III", area=country, period=f"{LAST_YEAR}Q3", variables=("villages", "villages_with_4g"),
            opens_on=day, due_on=day + datetime.timedelta(days=10),
        ),
        by=user,
    )  # fmt: skip


def _plan(area: Any, user: Any) -> None:

    now = timezone.now()
    plan = Plan.objects.create(
        area=area, title=f"Kế hoạch {area.name}", signed_date=datetime.date(LAST_YEAR - 5, 1, 5), created_by=user, created_at=now,
        header_confirmed_by=user, header_confirmed_at=now,
    )  # fmt: skip
    version = Version.objects.create(
        plan=plan, area=area, number=1, file="khong-co.txt", filename="khong-co.txt", sha256=area.code, size_bytes=1,
        uploaded_by=user, uploaded_at=now, is_current=True, state="read", read_at=now, engine_version="bench",
    )  # fmt: skip
    shares = [each for each in catalogue.indicators() if each.formula == "share"]
    for number, indicator in enumerate(shares[:30]):
        finding = Finding.objects.create(version=version, kind="target", position=number, value={})
        Target.objects.create(
            plan=plan, finding=finding, lineage=finding.lineage, indicator=indicator.code, comparator=">=", value=60 + number,
            unit="%", due_date=datetime.date(LAST_YEAR + number % 5, 12, 31), baseline=10, confirmed_by=user, confirmed_at=now,
        )  # fmt: skip


def _values(areas: dict[str, Any], quarters: list[str], user: Any) -> None:

    now = timezone.now()
    communes = [area for area in areas.values() if area.level == "commune"]
    for quarter in quarters[:8]:
        Value.objects.bulk_create(
            [
                Value(
                    area=area, variable=variable, period=quarter, value=number, source="số đo tải", by=user, at=now
                )
                for area in communes
                for variable, number in (("villages", 10), ("villages_with_4g", 8))
            ],
            batch_size=2000,
        )  # fmt: skip


def _figures(areas: dict[str, Any], quarters: list[str]) -> None:

    table = Figure._meta.db_table
    for quarter in quarters:
        run = Run.objects.create(
            area=areas["VN"], period=quarter, engine_version="bench", at=timezone.now(), last_value=1
        )
        rows = _rows(run.pk, areas, quarter)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(COLUMNS))
                cursor.executemany(f"INSERT INTO {table} ({', '.join(COLUMNS)}) VALUES ({marks})", rows)


def _rows(run: int, areas: dict[str, Any], quarter: str) -> Iterator[tuple[Any, ...]]:

    codes = [(each.code, each.denominator is None) for each in catalogue.indicators()]
    drawn = np.random.default_rng([2026, int(quarter[:4]), int(quarter[-1])]).random((len(areas), len(codes)))
    for line, area in zip(drawn.tolist(), areas.values(), strict=True):
        for (code, counts), part in zip(codes, line, strict=True):
            top = round(100 * part)
            below = None if counts else 100.0
            yield (run, code, area.pk, quarter, float(top), below, float(top), 1, 1, 0.0, "")


if __name__ == "__main__":
    sys.exit(main())
