"""The evening of the deadline over HTTP: every unit opens its sheet, autosaves, saves and sends, and sends again.

Usage: python bench/collection.py [--units 3321] [--at-once 32] [--rounds 34] [--pace PER_SECOND]
The site is started as an office starts it (`hatangso serve`, one process, 8 threads) on the database of HATANGSO_HOME
or DATABASE_URL; give it an empty one (tools/with_postgresql starts one). ``--at-once`` browsers ask without a pause,
which is far harder than two hours: 3,321 in two hours are 0.46 a second. With ``--pace`` a unit comes at even
intervals instead, and waiting in line counts. Signing in is left out: sessions are written beforehand.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import queue
import re
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

import site_ready  # noqa: F401  # isort: skip
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import Role
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Cell, Step, Submission

VARIABLES = ("villages", "villages_with_4g", "people", "households")
_REVISION = re.compile(r'name="revision" value="(\d+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Told:
    """What the browsers saw: seconds of each kind of request, answers that were not as expected."""

    opened: list[float] = field(default_factory=list)
    autosaved: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Run and print the figures; exit 1 when a submission was lost or doubled."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=3321)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=34)
    parser.add_argument("--pace", type=float, default=0.0)
    wanted = parser.parse_args()
    units = _prepare(wanted.units, wanted.rounds)
    connection.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "hatangso_web", "serve", "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        began = time.perf_counter()
        told = evening(units, port=port, at_once=wanted.at_once, pace=wanted.pace)
        seconds = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(timeout=30)
    held = _held()
    processor = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{connection.vendor}: {len(units)} units in {wanted.rounds} rounds, {wanted.at_once} at once, {seconds:.1f} s, "
        f"{len(units) / seconds:.1f} submissions/s; server processor time {processor.ru_utime + processor.ru_stime:.1f} s"
    )
    for name, times in (("open", told.opened), ("autosave", told.autosaved), ("save and send", told.sent)):
        print(f"  {name:14} {_spread(times)}")
    print(
        f"  sent {held['sent']}, steps {held['steps']}, cells {held['cells']}, second sendings that changed anything "
        f"{held['steps'] - held['sent']}, faults {len(told.faults)}"
    )
    for fault in told.faults[:5]:
        print("  fault:", fault)
    whole = held["sent"] == held["steps"] == len(units) and held["cells"] == len(units) * len(VARIABLES)
    return 0 if whole and not told.faults else 1


def evening(units: list[tuple[int, str, str]], *, port: int, at_once: int, pace: float) -> Told:
    """Let every unit (submission, area code, session) go through its four requests; return what was seen."""
    told = Told()
    waiting: queue.SimpleQueue[tuple[float, tuple[int, str, str]]] = queue.SimpleQueue()
    start = time.perf_counter()
    for number, unit in enumerate(units):
        waiting.put((start + number / pace if pace else 0.0, unit))

    def work() -> None:
        browser = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            try:
                due, unit = waiting.get_nowait()
            except queue.Empty:
                break
            if due > time.perf_counter():
                time.sleep(due - time.perf_counter())
            try:
                _one(browser, unit, told, due)
            except (OSError, http.client.HTTPException, AssertionError) as fault:
                told.faults.append(f"{unit[1]}: {fault!r}")
                browser.close()
        browser.close()

    workers = [threading.Thread(target=work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return told


def _one(browser: http.client.HTTPConnection, unit: tuple[int, str, str], told: Told, due: float) -> None:
    pk, code, session = unit
    address, cookie = f"/so-lieu/bao-cao/{pk}/", f"phien={session}"
    began = due or time.perf_counter()
    status, page, fresh = _ask(browser, "GET", address, cookie)
    assert status == 200, f"open {status}"
    told.opened.append(time.perf_counter() - began)
    token, revision = _TOKEN.search(page), _REVISION.search(page)
    assert token is not None and revision is not None, "no form"
    cookie += f"; csrftoken={fresh}"
    names = {f"o-{code}-{variable}": "10" for variable in VARIABLES}
    form = {"csrfmiddlewaretoken": token[1], "revision": revision[1]}
    first = dict(list(names.items())[:2])
    began = time.perf_counter()
    status, _page, _fresh = _ask(browser, "POST", address, cookie, form | first, {"X-Tu-Luu": "1"})
    assert status == 200, f"autosave {status}"
    told.autosaved.append(time.perf_counter() - began)
    began = time.perf_counter()
    status, _page, _fresh = _ask(browser, "POST", address, cookie, form | names | {"gui": "1"})
    assert status == 302, f"send {status}"
    told.sent.append(time.perf_counter() - began)
    status, _page, _fresh = _ask(
        browser, "POST", address, cookie, form | names | {"gui": "1"}
    )  # pressed twice
    assert status == 302, f"second {status}"


def _ask(
    browser: http.client.HTTPConnection,
    method: str,
    address: str,
    cookie: str,
    form: dict[str, str] | None = None,
    more: dict[str, str] | None = None,
) -> tuple[int, str, str]:
    body = urllib.parse.urlencode(form) if form else None
    headers = {"Cookie": cookie, **(more or {})}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    browser.request(method, address, body, headers)
    answer = browser.getresponse()
    text = answer.read().decode()
    fresh = re.search(r"csrftoken=([^;]+)", answer.headers.get("Set-Cookie", ""))
    return answer.status, text, fresh[1] if fresh else ""


def _spread(times: list[float]) -> str:
    if len(times) < 2:
        return "–"
    cuts = statistics.quantiles(times, n=100)
    shown = " ".join(f"p{part} {1000 * cuts[part - 1]:.0f}" for part in (50, 90, 95, 99))
    return f"{shown} max {1000 * max(times):.0f} ms"


def _wait(port: int) -> None:
    for _number in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the site did not start")


def _held() -> dict[str, int]:
    return {
        "sent": Submission.objects.filter(state="submitted").count(),
        "steps": Step.objects.filter(after="submitted").count(),
        "cells": Cell.objects.count(),
    }


def _prepare(count: int, rounds: int) -> list[tuple[int, str, str]]:
    """Make provinces with a round each, a clerk with a session for every commune."""
    day = datetime.date(2026, 9, 15)
    office = Organisation.objects.create(code="B", name="Sở", kind="department")
    specialist = User.objects.create_user("do-tai", full_name="Người đo tải")
    for number in range(rounds):
        root = _province(number, range(number, count, rounds))
        Membership.objects.create(
            user=specialist, organisation=office, role=Role.PROVINCIAL_SPECIALIST, area=root
        )
        call = Call("Đợt", root, "2026Q3", VARIABLES, day, day + datetime.timedelta(days=10))
        open_round(call=call, by=User.objects.get(pk=specialist.pk))
    units = list(Submission.objects.select_related("area").order_by("area__code"))
    sessions = _sessions(_clerks(units, office))
    return [(unit.pk, unit.area.code, session) for unit, session in zip(units, sessions, strict=True)]


def _province(number: int, communes: range) -> Area:
    root = enter_area(code=f"B{number:02d}", name=f"Tỉnh đo tải {number}", level="province")
    rows = [
        Area(
            code=f"B{each:05d}", name=f"Xã {each}", level="commune", parent=root, path=f"{root.path}B{each:05d}/"
        )
        for each in communes
    ]  # fmt: skip
    Area.objects.bulk_create(rows, batch_size=1000)
    return root


def _clerks(units: list[Submission], office: Organisation) -> list[User]:
    rows = [
        User(username=f"xa-{unit.area.code}", full_name=f"Cán bộ {unit.area.name}", password="!") for unit in units
    ]  # fmt: skip
    clerks = User.objects.bulk_create(rows, batch_size=1000)
    Membership.objects.bulk_create(
        [
            Membership(user=clerk, organisation=office, role=Role.COMMUNE_CLERK, area=unit.area)
            for clerk, unit in zip(clerks, units, strict=True)
        ],
        batch_size=1000,
    )
    return clerks


def _sessions(people: list[User]) -> list[str]:
    """Write a session for each person; return their keys."""
    store, ends = SessionStore(), timezone.now() + datetime.timedelta(days=1)
    written = [
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        for person in people
    ]
    sessions = [
        Session(session_key=f"bench{number:027d}", session_data=store.encode(each), expire_date=ends)
        for number, each in enumerate(written)
    ]
    Session.objects.bulk_create(sessions, batch_size=1000)
    return [session.session_key for session in sessions]


if __name__ == "__main__":
    sys.exit(main())
