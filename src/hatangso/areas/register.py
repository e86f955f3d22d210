"""The register of administrative areas: which units exist on a day, under which name and parent."""

from __future__ import annotations

import bisect
import csv
import datetime
import functools
import gzip
import importlib.resources
import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hatangso.errors import InputError

Level = Literal["province", "district", "commune", "village", "other"]
LEVEL_WORDS: Mapping[str, str] = {
    "province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã",
    "village": "thôn, tổ dân phố", "other": "khu vực khác",
}  # fmt: skip
CHANGE_WORDS: Mapping[str, str] = {
    "rename": "đổi tên", "merge": "nhập", "split": "chia", "part_transfer": "chuyển một phần",
    "level_change": "đổi loại hoặc cấp", "dissolve": "kết thúc", "parent_change": "đổi đơn vị cấp trên",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """An area during a stretch of time in which its name, kind, parent and border stayed the same.

    One code may have several such rows: a new commune often keeps the code of an old one whose border it
    outgrew. ``valid_from`` None: since before our records. ``valid_until`` is exclusive; None: in force.
    ``parent_code`` is "" for a province.
    """

    code: str
    level: str
    kind: str
    name: str
    parent_code: str
    valid_from: datetime.date | None
    valid_until: datetime.date | None

    @property
    def full_name(self) -> str:
        """Return kind and name: "Phường Hương Trà"."""
        return f"{self.kind} {self.name}"

    def is_in_force(self, on: datetime.date) -> bool:
        """Say whether this row holds on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an area, or of a part of it, on a day.

    ``share`` is the part of everything that went along: 1 for a whole unit, None where a unit was cut and
    nobody said how. ``population_share`` is the same for its people where the official table says it (0 or 1).
    ``to_code`` None: nobody took it over (a dissolved district).
    """

    kind: str
    from_code: str
    to_code: str | None
    on: datetime.date
    share: float | None
    population_share: float | None
    legal_act: str


class Register:
    """All areas and changes, indexed for questions about a day. Never changes; :meth:`extended` makes another."""

    def __init__(self, areas: Iterable[Area], changes: Iterable[Change] = ()) -> None:
        self.areas: tuple[Area, ...] = tuple(areas)
        self.changes: tuple[Change, ...] = tuple(changes)
        self._versions: dict[str, list[Area]] = {}
        self._children: dict[str, list[Area]] = {}
        self._changes_from: dict[str, list[Change]] = {}
        self._changes_to: dict[str, list[Change]] = {}
        for area in self.areas:
            self._versions.setdefault(area.code, []).append(area)
            self._children.setdefault(area.parent_code, []).append(area)
        for versions in self._versions.values():
            versions.sort(key=lambda area: area.valid_from or datetime.date.min)
        for change in self.changes:
            self._changes_from.setdefault(change.from_code, []).append(change)
            if change.to_code:
                self._changes_to.setdefault(change.to_code, []).append(change)
        _check_versions(self._versions)
        self.change_dates: tuple[datetime.date, ...] = tuple(sorted({change.on for change in self.changes}))

    def __contains__(self, code: object) -> bool:
        return code in self._versions

    def versions(self, code: str) -> Sequence[Area]:
        """Return all rows of a code, oldest first. Raises InputError for a code that never was."""
        if code not in self._versions:
            raise InputError(
                f"Mã đơn vị hành chính '{code}'",
                found="không có trong danh mục",
                expected="mã 2 số (tỉnh), 3 số (huyện cũ) hoặc 5 số (xã)",
                remedy="Nếu bảng tính đã bỏ số 0 ở đầu thì viết lại cho đủ số",
            )
        return self._versions[code]

    def area(self, code: str, *, on: datetime.date | None = None) -> Area:
        """Return the row of a code in force on a day; without a day, its last row.

        Raises
        ------
        InputError
            when the code never was, or was not in force on that day (the sentence says when it was).
        """
        versions = self.versions(code)
        if on is None:
            return versions[-1]
        for area in versions:
            if area.is_in_force(on):
                return area
        last = versions[-1]
        raise InputError(
            f"{last.full_name} (mã {code})",
            found=f"không còn hoặc chưa có vào ngày {on:%d/%m/%Y}",
            expected=f"một ngày {_stretch_words(versions)}",
            remedy=f"Xem đơn vị kế tục bằng 'hatangso areas show {code}'",
        )

    def in_force(self, on: datetime.date, *, level: str | None = None) -> list[Area]:
        """Return the areas in force on a day in order of code, of one level or all."""
        return [
            area for area in self.areas if (level is None or area.level == level) and area.is_in_force(on)
        ]

    def parent(self, area: Area, *, on: datetime.date | None = None) -> Area | None:
        """Return the area above; None for a province. ``on`` defaults to the last day the row held."""
        if not area.parent_code:
            return None
        return self.area(area.parent_code, on=on or _a_day_of(area))

    def ancestors(self, code: str, *, on: datetime.date | None = None) -> list[Area]:
        """Return the areas above on a day, nearest first."""
        area: Area | None = self.area(code, on=on)
        above = []
        while area is not None:
            area = self.parent(area, on=on)
            if area is not None:
                above.append(area)
        return above

    def children(self, code: str, *, on: datetime.date) -> list[Area]:
        """Return the areas directly below on a day."""
        return [area for area in self._children.get(code, []) if area.is_in_force(on)]

    def descendants(self, code: str, *, on: datetime.date, level: str | None = None) -> list[Area]:
        """Return all areas below on a day, parents before children, of one level or all."""
        found: list[Area] = []
        waiting = self.children(code, on=on)
        while waiting:
            found.extend(waiting)
            waiting = [child for area in waiting for child in self.children(area.code, on=on)]
        return [area for area in found if level is None or area.level == level]

    def changes_from(self, code: str) -> Sequence[Change]:
        """Return what became of a code, in order of the rows."""
        return self._changes_from.get(code, ())

    def changes_to(self, code: str) -> Sequence[Change]:
        """Return what a code was formed from."""
        return self._changes_to.get(code, ())

    def changes_between(self, after: datetime.date, until: datetime.date) -> list[Change]:
        """Return changes with ``after < on <= until``, oldest first."""
        dates = self.change_dates
        wanted = set(dates[bisect.bisect_right(dates, after) : bisect.bisect_right(dates, until)])
        return sorted(
            (change for change in self.changes if change.on in wanted), key=lambda change: change.on
        )

    def extended(self, areas: Iterable[Area] = (), changes: Iterable[Change] = ()) -> Register:
        """Return a register that also holds these rows (villages, other areas, a change not yet in force).

        A row with the code and ``valid_from`` of an existing one replaces it, so that a new change can close it.
        """
        merged = {(area.code, area.valid_from): area for area in self.areas}
        merged |= {(area.code, area.valid_from): area for area in areas}
        return Register(merged.values(), (*self.changes, *changes))


@functools.cache
def national_register() -> Register:
    """Return the register shipped with the program: all units since before 1 July 2025.

    Source: ``law/areas`` (see ``docs/areas-disagreements.md``), built by ``tools/build_areas``.
    """
    dates: dict[str, datetime.date | None] = {"": None}

    def day(text: str) -> datetime.date | None:
        if text not in dates:
            dates[text] = datetime.date.fromisoformat(text)
        return dates[text]

    areas = [
        Area(code, level, kind, name, parent, day(since), day(until))
        for code, level, kind, name, parent, since, until in _rows("units.csv.gz")
    ]
    changes = [
        Change(kind, before, after or None, day(on), _share(share), _share(people), act)  # type: ignore[arg-type]
        for kind, before, after, on, share, people, act in _rows("changes.csv.gz")
    ]
    return Register(areas, changes)


def in_force(on: datetime.date, *, level: str | None = None) -> list[Area]:
    """Return the shipped areas in force on a day; see :meth:`Register.in_force`."""
    return national_register().in_force(on, level=level)


def _rows(name: str) -> Iterable[list[str]]:
    packed = importlib.resources.files("hatangso").joinpath("law", "areas", name).read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    next(rows)
    return rows


def _share(text: str) -> float | None:
    return float(text) if text else None


def _check_versions(versions: Mapping[str, Sequence[Area]]) -> None:
    for code, rows in versions.items():
        for earlier, later in itertools.pairwise(rows):
            if (
                earlier.valid_until is None
                or later.valid_from is None
                or earlier.valid_until > later.valid_from
            ):
                raise InputError(
                    f"Mã đơn vị hành chính '{code}'",
                    found="có hai dòng cùng hiệu lực trong một thời gian",
                    expected="các thời gian hiệu lực không chồng nhau",
                )


def _a_day_of(area: Area) -> datetime.date:
    """Return the last day a row held, or a day far ahead while it is in force."""
    if area.valid_until is not None:
        return area.valid_until - datetime.timedelta(days=1)
    return datetime.date.max


def _stretch_words(versions: Sequence[Area]) -> str:
    first, last = versions[0].valid_from, versions[-1].valid_until
    words = []
    if first:
        words.append(f"từ {first:%d/%m/%Y}")
    if last:
        words.append(f"trước {last:%d/%m/%Y}")
    return " ".join(words) or "bất kỳ"
