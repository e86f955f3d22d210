"""What is asked of areas on a day: lists, search, and all that stands on the page of one area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hatangso.areas import lineage
from hatangso.areas.register import Area as Unit
from hatangso.areas.register import Register
from hatangso.vietnamese import format_number
from hatangso_web.accounts.models import Organisation
from hatangso_web.areas.models import Area, AreaVersion, Change, Level
from hatangso_web.areas.present import version_of_day
from hatangso_web.areas.queries import ancestor_paths, in_force
from hatangso_web.areas.registers import current_register, place_index
from hatangso_web.names import matching

_MOST_FOUND = 20
_MOST_VILLAGES = 30


@dataclass(frozen=True)
class Found:
    """An area that a written name may mean, and why."""

    code: str
    name: str
    level: str
    valid_from: date | None
    valid_until: date | None
    above: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """One side of a change: which area, under which name, since or until when."""

    code: str
    name: str
    until: date | None


@dataclass(frozen=True)
class Step:
    """A change with both sides as they stood the day before and on the day."""

    on: date
    before: Side
    after: Side | None
    kind: str
    part: str
    legal_act: str


def versions_on(on: date, *, level: str = "", parent: Area | None = None) -> QuerySet[AreaVersion]:
    """Return the versions in force on a day, of a level or below a parent, each with ``below`` (its children)."""
    rows = in_force(AreaVersion.objects.select_related("area", "parent"), on=on)
    if level:
        rows = rows.filter(level=level)
    if parent is not None:
        rows = rows.filter(parent=parent)
    children = (
        in_force(AreaVersion.objects.filter(parent=OuterRef("area")), on=on)
        .order_by()
        .values("parent")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return rows.annotate(below=Coalesce(Subquery(children, output_field=IntegerField()), 0))


def level_counts(on: date) -> dict[str, int]:
    """Return how many areas of each level were in force on a day."""
    rows = in_force(AreaVersion.objects.order_by(), on=on).values("level").annotate(number=Count("pk"))
    return {row["level"]: row["number"] for row in rows}


def search_areas(words: str, *, on: date) -> list[Found]:
    """Return the areas a written name may mean on a day, old and new names, best first, each with reasons."""
    index = place_index()
    found = [
        Found(
            match.area.code, match.area.full_name.strip(), match.area.level, match.area.valid_from,
            match.area.valid_until, _above_words(index.register, match.area), match.why,
        )
        for match in index.find(words, on=on, limit=_MOST_FOUND)
    ]  # fmt: skip
    local = AreaVersion.objects.filter(
        matching(words, "name_folded"), level__in=[Level.VILLAGE, Level.OTHER]
    ).select_related("area", "parent")
    by_code = AreaVersion.objects.filter(area__code=words.strip()).select_related("area", "parent")
    rows = [*by_code, *in_force(local, on=on).order_by("name_order", "pk")[:_MOST_VILLAGES]]
    return [_found(row, words) for row in rows[: _MOST_FOUND + _MOST_VILLAGES]] + found


def _above_words(register: Register, unit: Unit) -> str:
    """Return where a unit lay on the last day its row held: "Huyện Hớn Quản, Tỉnh Bình Phước"."""
    names = []
    upper = register.parent(unit)
    while upper is not None:
        names.append(upper.full_name.strip())
        upper = register.parent(upper, on=unit.valid_until - timedelta(days=1) if unit.valid_until else None)
    return ", ".join(names)


def _found(row: AreaVersion, words: str) -> Found:
    why = _("đúng mã") if row.area.code == words.strip() else _("tên có các từ cần tìm")
    return Found(
        row.area.code, row.full_name, row.level, row.valid_from, row.valid_until,
        str(row.parent or ""), (why,),
    )  # fmt: skip


def chain_above(version: AreaVersion, *, on: date) -> list[AreaVersion]:
    """Return the versions above on a day, from the top down; one query."""
    paths = ancestor_paths(version.path)[:-1]
    codes = [path.rstrip("/").rsplit("/", 1)[-1] for path in paths]
    rows = AreaVersion.objects.filter(area__code__in=codes).select_related("area")
    versions: dict[str, list[AreaVersion]] = {}
    for row in rows:
        versions.setdefault(row.area.code, []).append(row)
    return [version_of_day(versions[code], on=on) for code in codes if code in versions]


def steps_of(area: Area) -> list[Step]:
    """Return every change that left or entered an area, oldest first; three queries however many."""
    changes = list(
        Change.objects.filter(Q(from_area=area) | Q(to_area=area))
        .select_related("from_area", "to_area")
        .order_by("on", "from_area__code", "to_area__code")
    )
    keys = {key for change in changes for key in (change.from_area_id, change.to_area_id) if key}
    versions: dict[int, list[AreaVersion]] = {}
    for row in AreaVersion.objects.filter(area__in=keys):
        versions.setdefault(row.area_id, []).append(row)
    return [_step(change, versions) for change in changes]


def _step(change: Change, versions: dict[int, list[AreaVersion]]) -> Step:
    eve = change.on - timedelta(days=1)
    before = version_of_day(versions[change.from_area_id], on=eve)
    after = None
    if change.to_area is not None:
        row = version_of_day(versions[change.to_area.pk], on=change.on)
        after = Side(change.to_area.code, row.full_name, row.valid_until)
    return Step(
        change.on,
        Side(change.from_area.code, before.full_name, before.valid_until),
        after,
        change.get_kind_display(),
        part_words(change.share, change.population_share) if after else "",
        change.legal_act,
    )


def part_words(share: float | None, population_share: float | None) -> str:
    """Say how much of an area goes along in a change."""
    if share == 1:
        return _("toàn bộ")
    if share is not None:
        return f"{format_number(round(100 * share, 2))} %"
    if population_share == 1:
        return _("một phần diện tích, toàn bộ dân số")
    if population_share == 0:
        return _("một phần diện tích, không có dân")
    return _("một phần, chưa rõ tỷ lệ")


def holders_today(area: Area, *, on: date) -> Sequence[lineage.Relative]:
    """Return who holds the land of an area that has ended, also of a district without successor of its own."""
    if area.valid_until is None or area.valid_until > on or area.level in {Level.VILLAGE, Level.OTHER}:
        return ()
    since = area.valid_until - timedelta(days=1)
    return lineage.successors(current_register(), area.code, since=since, to=on)


def organisations_at(area: Area, *, on: date) -> QuerySet[Organisation]:
    """Return the organisations of an area itself that exist on a day."""
    return in_force(Organisation.objects.filter(area=area), on=on).order_by("name_order")
