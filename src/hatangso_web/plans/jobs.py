"""Background work on plans: reading a file, and looking later whether it was read."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from hatangso.errors import HatangsoError
from hatangso.plans.document import Document
from hatangso.plans.reading import plan_to_json, read_plan
from hatangso.plans.secrecy import restricted_clauses
from hatangso_web.plans.models import ReadingState, Version
from hatangso_web.plans.source import Span, layout_of
from hatangso_web.plans.storing import Reading, fail_reading, store_reading, take_up

# A reading takes seconds; one that is not done after this time has lost its worker and is taken up again.
LEASE = timedelta(minutes=2)


@task()
def read_version(version_id: int) -> None:
    """Read the file of a version; running it twice, or in two workers at once, gives one result."""
    version = take_up(version_id, now=timezone.now(), lease=LEASE)
    if version is None:
        return
    try:
        reading = _read(version)
    except HatangsoError as fault:
        fail_reading(version, sentence=_sentence(fault, version))
    except OSError:
        fail_reading(version, sentence=_("Không mở được tệp đã lưu trên máy chủ. Hãy báo quản trị hệ thống."))
    else:
        store_reading(version, reading, now=timezone.now())


@task()
def watch_reading(version_id: int) -> None:
    """Look whether a version has been read; if its worker was killed, queue the reading again."""
    unread = Version.objects.filter(pk=version_id, state__in=[ReadingState.WAITING, ReadingState.READING])
    version = unread.first()
    if version is None:
        return
    stale = version.reading_since is None or version.reading_since < timezone.now() - LEASE
    if stale:
        read_version.enqueue(version_id)
    watch_reading.using(run_after=timezone.now() + LEASE).enqueue(version_id)


def _read(version: Version) -> Reading:
    plan = read_plan(Path(version.file.path))
    document = plan.document
    return Reading(
        findings=_storable(plan_to_json(plan)),
        source=_storable(document.source),
        layout=layout_of(document),
        restricted_spans=_restricted_spans(document),
        all_restricted=_is_all_restricted(document),
        engine_version=version_of("hatangso"),
    )


def _restricted_spans(document: Document) -> list[Span]:
    """Return where the clauses stand that secrecy rules keep from the public."""
    clauses = [document.clause(each) for each in restricted_clauses(document)]
    spans = {(clause.start, clause.end) for clause in clauses}
    spans |= {(piece.start, piece.end) for clause in clauses for piece in clause.pieces}
    return sorted(span for span in spans if span[1] > span[0])


def _is_all_restricted(document: Document) -> bool:
    """Tell whether a stamp of secrecy covers the whole plan."""
    return bool(document.clauses) and len(restricted_clauses(document)) == len(document.clauses)


def _sentence(fault: HatangsoError, version: Version) -> str:
    """Return the engine's sentence with the name the person knows instead of the stored one."""
    stored = Path(version.file.path)
    return str(fault).replace(str(stored), version.filename).replace(stored.name, version.filename)


def _storable(value: Any) -> Any:
    """Return the value without what a database cannot hold (NUL, half surrogates); lengths stay as they are."""
    if isinstance(value, str):
        return "".join(
            " " if letter == "\x00" or "\ud800" <= letter <= "\udfff" else letter for letter in value
        )
    if isinstance(value, dict):
        return {name: _storable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(part) for part in value]
    return value
