"""A written place name → the area it means, ranked with reasons: diacritics or none, old and new names, slips."""

from __future__ import annotations

import csv
import datetime
import functools
import gzip
import importlib.resources
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hatangso.areas.register import Area, Register, national_register
from hatangso.placenames.likeness import likeness, pack_names
from hatangso.placenames.writing import Part, comparable, is_former, readings
from hatangso.vietnamese import fold

_LEVEL_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "Tỉnh": ("province",), "Thành phố": ("province", "district"), "Thị xã": ("district",),
    "Huyện": ("district",), "Quận": ("district",), "Phường": ("commune",), "Xã": ("commune",),
    "Thị trấn": ("commune",), "Đặc khu": ("commune",),
}  # fmt: skip
_LEAST_SCORE = 0.35
_RELATED = 0.96  # a province of before or after the merger counts a little less than that of the day
_SURE_SCORE = 0.9


@dataclass(frozen=True)
class Match:
    """An area that a written name may mean. ``score`` is 0–1; ``why`` are sentences for the reader."""

    area: Area
    score: float
    why: tuple[str, ...]


def find(text: str, *, on: datetime.date | None = None, within: str = "", limit: int = 10) -> list[Match]:
    """Return the areas a written place name may mean, best first.

    Each part between commas is read as kind (also abbreviated) and name; the first is the place, the others
    must stand above it, now or before a merger. Diacritics, letters confused by scanners and misspellings
    lower the score a little, a part that stands nowhere above lowers it much. Twins are all returned.

    Parameters
    ----------
    text : "phường Hương Trà, Huế", "TX. Hương Trà", "xa Tan Hung, huyen Hon Quan, tinh Binh Phuoc (cu)"
    on : areas in force on this day come first; without it, areas in force now come slightly first
    within : code of an area the place is known to lie in (the province of the plan), also a former one
    limit : most matches returned

    Returns
    -------
    matches : list of Match, highest score first; empty when nothing resembles the text
    """
    return national_index().find(text, on=on, within=within, limit=limit)


@functools.cache
def national_index() -> PlaceIndex:
    """Return the index over the shipped register."""
    return PlaceIndex(national_register(), spellings=national_spellings())


@functools.cache
def national_spellings() -> dict[tuple[str, bool], tuple[str, ...]]:
    """Return other official spellings: (code, whether of before 1 July 2025) → names.

    Source: ``law/areas/spellings.csv.gz``.
    """
    packed = importlib.resources.files("hatangso").joinpath("law", "areas", "spellings.csv.gz").read_bytes()
    found: dict[tuple[str, bool], tuple[str, ...]] = {}
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8"))):
        key = row["code"], row["era"] == "before"
        found[key] = (*found.get(key, ()), row["name"])
    return found


class PlaceIndex:
    """All names of a register, ready to be searched."""

    def __init__(
        self, register: Register, *, spellings: Mapping[tuple[str, bool], Sequence[str]] | None = None
    ) -> None:
        spellings = spellings or {}
        self.register = register
        entries = [(area, area.name) for area in register.areas if area.level != "other"]
        entries += [
            (area, name)
            for area, _ in list(entries)
            for name in spellings.get((area.code, area.valid_from is None), ())
            if name != area.name
        ]
        self._areas = [area for area, _ in entries]
        names = sorted({comparable(name) for _, name in entries})
        self._name_number = {name: number for number, name in enumerate(names)}
        self._names, self._packed = names, pack_names(names)
        self._name_of = np.array([self._name_number[comparable(name)] for _, name in entries])
        self._kinds = np.array([area.kind for area in self._areas])
        self._levels = np.array([area.level for area in self._areas])
        self._by_folded: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._by_folded.setdefault(fold(name), []).append(number)
        above = _names_above(register, self._areas)
        self._above_start = np.concatenate([[0], np.cumsum([len(codes) for codes in above])])
        flat = [pair for pairs in above for pair in pairs]
        self._above_own = np.array([own for _, _, own in flat], dtype=bool)
        self._above_name = np.array(
            [self._name_number[comparable(name)] for name, _, _ in flat], dtype=np.int64
        )
        self._above_code = np.array([code for _, code, _ in flat])
        self._high_names = np.unique(self._above_name)
        self._from = np.array([_day_number(area.valid_from, low=True) for area in self._areas])
        self._until = np.array([_day_number(area.valid_until, low=False) for area in self._areas])

    def find(
        self, text: str, *, on: datetime.date | None = None, within: str = "", limit: int = 10
    ) -> list[Match]:
        """Return the areas a written place name may mean, best first; see :func:`find`."""
        if within and within not in self.register:
            self.register.versions(within)
        former = is_former(text)
        best: dict[int, tuple[float, tuple[Part, ...], int]] = {}
        for parts in readings(text, self._by_folded):
            for target in range(len(parts)):
                rows, scores = self._score(parts, target, _Wish(on, within, former))
                scores = scores - 0.3 * target
                for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
                    if score >= _LEAST_SCORE and score > best.get(row, (0.0,))[0]:
                        best[row] = (score, parts, target)
                if best and max(score for score, _, _ in best.values()) >= _SURE_SCORE - 0.3 * target:
                    break
        ranked = sorted(
            best.items(),
            key=lambda item: (-round(item[1][0], 6), self._areas[item[0]].code, -self._from[item[0]]),
        )
        wish = _Wish(on, within, former)
        return [
            Match(
                self._areas[row],
                round(min(1.0, score), 4),
                self._reasons(row, parts, target=target, wish=wish),
            )
            for row, (score, parts, target) in self._newest_first(ranked)[:limit]
        ]

    def _score(self, parts: Sequence[Part], target: int, wish: _Wish) -> tuple[np.ndarray, np.ndarray]:
        """Return candidate rows and their scores when ``parts[target]`` is the place and later parts lie above."""
        part, above = parts[target], parts[target + 1 :]
        exact = self._by_folded.get(fold(part.name), [])
        context = [likeness(other.name, self._packed, among=self._high_names) for other in above]
        if exact:
            alike = likeness(part.name, self._packed, among=np.array(exact))
            rows = np.flatnonzero(np.isin(self._name_of, exact))
            scores = self._total(rows, alike[self._name_of[rows]], (part, context), wish)
            if scores.size and scores.max() >= _SURE_SCORE:
                return rows, scores
        alike = likeness(part.name, self._packed)
        rows = np.flatnonzero(alike[self._name_of] >= 0.6)
        return rows, self._total(rows, alike[self._name_of[rows]], (part, context), wish)

    def _total(
        self, rows: np.ndarray, alike: np.ndarray, asked: tuple[Part, list[np.ndarray]], wish: _Wish
    ) -> np.ndarray:
        part, context = asked
        scores = alike - 0.012
        levels = _LEVEL_OF_KIND.get(part.kind, ())
        if part.kind:
            same_level = np.isin(self._levels[rows], levels)
            scores = (
                scores
                - np.where(self._kinds[rows] == part.kind, 0.0, np.where(same_level, 0.06, 0.2))
                + 0.012
            )
        else:
            scores = scores - np.select(
                [self._levels[rows] == "province", self._levels[rows] == "district"], [0.0, 0.01], 0.02
            )
        for named in context:
            near = self._best_above(rows, named)
            scores = scores - 0.3 * (1.0 - np.where(near >= 0.6, near, 0.0))
        if wish.within:
            scores = scores - np.where(self._lies_in(rows, wish.within), 0.0, 0.3)
        day = _day_number(wish.on, low=False)
        holds = (
            (self._from[rows] <= day) & (day < self._until[rows]) if wish.on else self._until[rows] == _NEVER
        )
        weight = 0.04 if wish.on else 0.004
        return scores - np.where(holds != wish.former, 0.0, 0.06 if wish.former else weight)

    def _best_above(self, rows: np.ndarray, alike: np.ndarray) -> np.ndarray:
        likely = alike[self._above_name]
        values = np.append(np.where(self._above_own, likely, likely * _RELATED), 0.0)
        starts, ends = self._above_start[rows], self._above_start[rows + 1]
        bounds = np.column_stack([starts, ends]).ravel()
        best = np.maximum.reduceat(values, bounds)[::2] if rows.size else np.zeros(0)
        return np.where(ends > starts, best, 0.0)

    def _lies_in(self, rows: np.ndarray, code: str) -> np.ndarray:
        return np.array(
            [
                self._areas[row].code == code
                or code in self._above_code[self._above_start[row] : self._above_start[row + 1]]
                for row in rows.tolist()
            ],
            dtype=bool,
        )

    def _newest_first(self, ranked: list[tuple[int, tuple]]) -> list[tuple[int, tuple]]:
        """Keep one row for each code and name: the best, so that twins are other places and not other years."""
        seen, kept = set(), []
        for row, found in ranked:
            area = self._areas[row]
            if (area.code, area.kind, area.name) not in seen:
                seen.add((area.code, area.kind, area.name))
                kept.append((row, found))
        return kept

    def _reasons(self, row: int, parts: tuple[Part, ...], *, target: int, wish: _Wish) -> tuple[str, ...]:
        area, part = self._areas[row], parts[target]
        reasons = [_name_reason(part.name, self._names[self._name_of[row]], area)]
        if part.kind and part.kind != area.kind:
            reasons.append(f"văn bản ghi '{part.kind.lower()}', danh mục ghi '{area.kind.lower()}'")
        pairs = slice(self._above_start[row], self._above_start[row + 1])
        for other in parts[target + 1 :]:
            alike = likeness(other.name, self._packed, among=self._high_names)[self._above_name[pairs]]
            if alike.size and alike.max() >= 0.6:
                upper = self.register.versions(str(self._above_code[pairs][int(alike.argmax())]))[-1]
                ended = (
                    " (trước sáp nhập)"
                    if upper.valid_until
                    and upper.code not in {above.code for above in _chain(self.register, area)}
                    else ""
                )
                reasons.append(f"thuộc {upper.full_name}{ended}")
            else:
                reasons.append(f"không thuộc '{other.written}'")
        if area.valid_until:
            reasons.append(
                f"hết hiệu lực từ {area.valid_until:%d/%m/%Y}" + _successor_words(self.register, area)
            )
        elif wish.on and area.valid_from and wish.on < area.valid_from:
            reasons.append(f"chỉ có từ {area.valid_from:%d/%m/%Y}")
        return tuple(reasons)


@dataclass(frozen=True)
class _Wish:
    on: datetime.date | None
    within: str
    former: bool


def _names_above(register: Register, areas: Sequence[Area]) -> list[list[tuple[str, str, bool]]]:
    """Return for each area what stands above it: (name, code, whether it does itself rather than a relative).

    Relatives are the areas it was formed from and the provinces its own province became or was formed from,
    so that "Tân Hưng, Bình Phước" finds the commune now in Đồng Nai.
    """
    own = {id(area): _chain(register, area) for area in areas}
    of_code: dict[tuple[str, bool], list[Area]] = {}
    for area in areas:
        of_code.setdefault((area.code, area.valid_from is None), []).extend(own[id(area)])
    result = []
    for area in areas:
        if area.valid_from is None:
            changes = [*register.changes_from(area.code), *register.changes_from(area.parent_code)]
            codes = {change.to_code for change in changes if change.to_code}
            related = [above for code in codes for above in of_code.get((code, False), ())]
            related += [register.area(code) for code in codes if register.area(code).level == "province"]
        else:
            codes = {change.from_code for change in register.changes_to(area.code)}
            related = [above for code in codes for above in of_code.get((code, True), ())]
        pairs = {(above.name, above.code): True for above in own[id(area)]}
        for above in (*related, *own[id(area)]):
            versions = register.versions(above.code) if above.level == "province" else (above,)
            for version in versions:
                pairs.setdefault((version.name, above.code), False)
        result.append([(name, code, direct) for (name, code), direct in pairs.items() if code != area.code])
    return result


def _chain(register: Register, area: Area) -> list[Area]:
    above, current = [], register.parent(area)
    while current is not None:
        above.append(current)
        current = register.parent(current)
    return above


def _name_reason(written: str, known: str, area: Area) -> str:
    if written == known:
        return f"đúng tên {area.full_name}"
    if fold(written) == fold(known):
        return f"đúng tên {area.full_name} khi bỏ dấu"
    return f"gần giống tên {area.full_name}"


def _successor_words(register: Register, area: Area) -> str:
    after = [
        change
        for change in register.changes_from(area.code)
        if change.on == area.valid_until and change.to_code
    ]
    names = [register.area(change.to_code or "", on=change.on).full_name for change in after]
    if not names or (len(names) == 1 and after[0].to_code == area.code and area.full_name == names[0]):
        return ""
    return ", nay là " + ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


_NEVER = 10**7


def _day_number(day: datetime.date | None, *, low: bool) -> int:
    if day is None:
        return 0 if low else _NEVER
    return day.toordinal()
