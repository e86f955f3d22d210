"""The shape of "việc của tôi": what waits for a person, as the apps report it to the home page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class WorkItem:
    """One thing to do: what, where to do it, by when; ``status`` is a key of ``screen.statuses`` or empty."""

    title: str
    address: str
    note: str = ""
    due: date | None = None
    status: str = ""


@dataclass(frozen=True)
class WorkGroup:
    """Things of one kind; a group with ``total`` 0 is not shown unless it has words for that."""

    title: str
    items: Sequence[WorkItem] = field(default_factory=tuple)
    total: int = 0
    address: str = ""
    nothing: str = ""
