"""Targets held against the figures known on a day, and how far each still is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hatangso.indicators.progress import CANNOT_TELL, Observation, Progress, Target, judge
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area


@dataclass(frozen=True)
class HeldTarget:
    """A target of a plan as the plans tell it: what must hold, where it stands."""

    target: Target
    words: str
    source: str
    address: str


# Asked of the plans, which stand above: the targets of an area by indicator, as far as the person may see them.
TargetsOf = Callable[[User, Area], Mapping[str, Sequence[HeldTarget]]]
Judged = tuple[HeldTarget, Progress]
# The order of urgency on a leader's page: what is lost or late before what is on its way.
URGENCY = ("not_met", "late", "cannot_tell", "on_course", "met", "not_applicable")


def judged_targets(
    targets: Sequence[HeldTarget],
    figures: Iterable[tuple[str, float | None]],
    *,
    indicator: Indicator,
    as_of: date,
) -> tuple[Judged, ...]:
    """Hold targets against figures (period, value); one in another unit than the indicator's cannot be told."""
    observations = [Observation(end_of(period), value) for period, value in figures if value is not None]
    return tuple((held, _judge(held.target, observations, indicator, as_of)) for held in targets)


def _judge(target: Target, observations: list[Observation], indicator: Indicator, as_of: date) -> Progress:
    if not same_unit(target.unit, indicator.unit):
        words = _(
            "Mục tiêu tính bằng “%(target)s” còn chỉ tiêu tính bằng “%(unit)s” nên không so được; hãy sửa đơn vị ở trang kế hoạch."
        ) % {"target": target.unit, "unit": indicator.unit}
        return Progress(CANNOT_TELL, words)
    return judge(target, observations, as_of=as_of)


def same_unit(first: str, second: str) -> bool:
    """Tell whether two ways of writing a unit mean the same; an unwritten one does not contradict."""
    return not first or not second or _plain(first) == _plain(second)


def gap_of(held: HeldTarget, progress: Progress) -> float | None:
    """Return how much is missing to the target, never negative; None where nothing is known."""
    if progress.latest is None:
        return None
    missing = held.target.value - progress.latest.value
    return max(0.0, missing if held.target.rising else -missing)


@functools.lru_cache(maxsize=1024)
def end_of(period: str) -> date:
    """Return the last day of a period: the day its figures stand for, and that of their map."""
    return parse_period(period).window("statistical").end


@functools.lru_cache(maxsize=256)
def _plain(unit: str) -> str:
    plain = unit.replace("\u00a0", " ").replace(" ", "").casefold()
    return {"mbps": "mb/s", "mbit/s": "mb/s", "gbps": "gb/s", "gbit/s": "gb/s", "phầntrăm": "%"}.get(
        plain, plain
    )
