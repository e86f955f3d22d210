"""The evening of the deadline: many units fill, send and some send twice, all at once; none is lost or doubled.

Usage: python bench/collection.py [--units 3321] [--threads 8]
The database is that of HATANGSO_HOME or DATABASE_URL; give it an empty one (tools/with_postgresql starts one).
"""

from __future__ import annotations

import argparse
import datetime
import os
import queue
import sys
import tempfile
import threading
import time
from typing import Any


def main() -> int:
    """Run and print one line of figures; exit 1 when a submission was lost or doubled."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=3321)
    parser.add_argument("--threads", type=int, default=8)
    wanted = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        os.environ.setdefault("HATANGSO_HOME", tempfile.mkdtemp(prefix="hatangso-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    result = evening(units=wanted.units, threads=wanted.threads)
    from django.db import connection

    print(
        f"{connection.vendor}: {result['units']} units, {wanted.threads} threads, {result['seconds']:.1f} s, "
        f"{result['units'] / result['seconds']:.0f} submissions/s; slowest {result['slowest_ms']:.0f} ms; "
        f"sent {result['sent']}, steps {result['steps']}, cells {result['cells']}, second sendings refused {result['refused']}, "
        f"faults {result['faults']}"
    )
    return 0 if result["sent"] == result["steps"] == result["units"] and not result["faults"] else 1


def evening(*, units: int, threads: int) -> dict[str, Any]:
    """Let every unit fill four cells and send, and try to send again; count what the database holds after."""
    from django.db import OperationalError, connection

    from hatangso.errors import HatangsoError
    from hatangso_web.accounts.models import User
    from hatangso_web.indicators.actions.entry import save_cells, submit
    from hatangso_web.indicators.models import Cell, Step, Submission

    round_, clerk_pk = _prepare(units)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for pk in round_.submissions.values_list("pk", flat=True):
        waiting.put(pk)
    times: list[float] = []
    refused: list[int] = []
    faults: list[str] = []

    def work() -> None:
        clerk = User.objects.get(pk=clerk_pk)
        while True:
            try:
                pk = waiting.get_nowait()
            except queue.Empty:
                break
            began = time.perf_counter()
            unit = Submission.objects.select_related("round__area", "area", "organisation").get(pk=pk)
            written = {(unit.area_id, code): ("10", "") for code in round_.variables}
            try:
                save_cells(submission=unit, written=written, by=clerk)
                submit(submission=unit, revision=0, by=clerk)
            except (HatangsoError, OperationalError) as fault:
                faults.append(str(fault))
                continue
            times.append(time.perf_counter() - began)
            try:
                submit(submission=unit, revision=0, by=clerk)
            except HatangsoError:
                refused.append(pk)
        connection.close()

    began = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {
        "units": units,
        "seconds": time.perf_counter() - began,
        "slowest_ms": 1000 * max(times, default=0.0),
        "sent": Submission.objects.filter(round=round_, state="submitted").count(),
        "steps": Step.objects.filter(submission__round=round_, after="submitted").count(),
        "cells": Cell.objects.filter(submission__round=round_).count(),
        "refused": len(refused),
        "faults": len(faults),
    }


def _prepare(units: int) -> tuple[Any, int]:
    from hatangso_web.accounts.models import Membership, Organisation, User
    from hatangso_web.accounts.roles import Role
    from hatangso_web.areas.actions import enter_area
    from hatangso_web.areas.models import Area
    from hatangso_web.indicators.actions.rounds import Call, open_round

    root = enter_area(code="B", name="Nơi đo tải", level="province")
    Area.objects.bulk_create(
        [
            Area(
                code=f"B{number:05d}",
                name=f"Xã {number}",
                level="commune",
                parent=root,
                path=f"/B/B{number:05d}/",
            )
            for number in range(units)
        ],
        batch_size=1000,
    )
    office = Organisation.objects.create(code="B", name="Sở", kind="department", area=root)
    user = User.objects.create_user("do-tai", full_name="Người đo tải")
    Membership.objects.create(user=user, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=root)
    day = datetime.date(2026, 9, 15)
    call = Call(
        name="Đợt", area=root, period="2026Q3", variables=("villages", "villages_with_4g", "people", "households"),
        opens_on=day, due_on=day + datetime.timedelta(days=10),
    )  # fmt: skip
    return open_round(call=call, by=user), user.pk


if __name__ == "__main__":
    sys.exit(main())
