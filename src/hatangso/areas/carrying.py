"""Carry figures from the map of one day to the map of another, and say how much rests on an assumption."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from hatangso.areas.register import LEVEL_WORDS, Change, Register, national_register
from hatangso.areas.spreading import Spreading
from hatangso.errors import InputError
from hatangso.vietnamese import format_number

_COLUMNS_AT_ONCE = 512


@dataclass(frozen=True)
class CarriedRow:
    """The figure of one area on the target map.

    ``value`` is None when a part is missing; then ``known`` is the sum of the parts that could be carried.
    ``assumed`` is the amount inside ``known`` that rests on an assumption.
    """

    area_code: str
    value: float | None
    known: float
    assumed: float
    note: str


@dataclass(frozen=True)
class NotCarried:
    """A figure (or the part of it) that has no place on the target map, and why."""

    area_code: str
    amount: float
    reason: str


@dataclass(frozen=True)
class Carried:
    """All figures on the target map, in order of code, and what could not be carried."""

    rows: tuple[CarriedRow, ...]
    not_carried: tuple[NotCarried, ...]
    assumption: str

    def value(self, area_code: str) -> float | None:
        """Return the figure of an area; None when unknown. Raises KeyError when no figure reached it."""
        return next(row.value for row in self.rows if row.area_code == area_code)


@dataclass(frozen=True)
class CarriedArray:
    """Figures of many variables and periods at once.

    ``values`` (areas, columns) has NaN where a part is missing; ``known`` and ``assumed`` as in
    :class:`CarriedRow`; ``lost`` (old areas, columns) is the amount that could not be carried.
    """

    codes: tuple[str, ...]
    values: np.ndarray
    known: np.ndarray
    assumed: np.ndarray
    lost: np.ndarray


class Carrier:
    """The way from the map of ``since`` to the map of ``to``, computed once and used for many figures.

    Parameters
    ----------
    register : areas and changes
    since, to : days; the map of figures and the map they go to. ``to`` may be earlier
    spreading : what may be assumed about the inside of areas; nothing by default
    """

    def __init__(
        self,
        register: Register,
        *,
        since: datetime.date,
        to: datetime.date,
        spreading: Spreading | None = None,
    ) -> None:
        self.register, self.since, self.to = register, since, to
        self.spreading = spreading or Spreading()
        self.codes_since = tuple(sorted({area.code for area in register.in_force(since)}))
        self._row = {code: row for row, code in enumerate(self.codes_since)}
        codes, share, fact, unknown = _chain(self)
        self.codes_to = codes
        self.share, self.fact, self.unknown = share, fact, unknown

    def carry_array(self, codes: Sequence[str], values: np.ndarray) -> CarriedArray:
        """Carry many columns at once.

        Parameters
        ----------
        codes : n area codes in force on ``since``, none twice
        values : (n,) or (n, columns); NaN is unknown

        Returns
        -------
        CarriedArray over the areas of the target map that received something, in order of code
        """
        values = np.asarray(values, dtype=float)
        values = values[:, None] if values.ndim == 1 else values
        rows = self._rows_of(codes)
        share, fact, unknown = (matrix[:, rows] for matrix in (self.share, self.fact, self.unknown))
        touched = share + unknown
        reached = np.flatnonzero(touched.getnnz(axis=1))
        absent = _received_from_absent(self.share + self.unknown, rows)[reached]
        share, fact, unknown = share[reached], fact[reached], unknown[reached]
        known = np.empty((reached.size, values.shape[1]))
        missing = np.empty(known.shape, dtype=bool)
        assumed = np.empty(known.shape)
        touching = (touched[reached] > 0).astype(float)
        for start in range(0, values.shape[1], _COLUMNS_AT_ONCE):
            block = slice(start, start + _COLUMNS_AT_ONCE)
            gap = np.isnan(values[:, block])
            filled = np.where(gap, 0.0, values[:, block])
            known[:, block] = share @ filled
            assumed[:, block] = (share - fact) @ np.abs(filled)
            missing[:, block] = (unknown @ (filled != 0.0) + touching @ gap) > 0
        missing |= absent[:, None]
        carried = np.asarray(share.sum(axis=0)).ravel()
        lost = np.where(np.isnan(values), 0.0, values) * np.clip(1.0 - carried, 0.0, 1.0)[:, None]
        lost[np.abs(lost) < 1e-12] = 0.0
        return CarriedArray(
            tuple(self.codes_to[row] for row in reached),
            np.where(missing, np.nan, known),
            known,
            assumed,
            lost,
        )

    def carry(self, values: Mapping[str, float | None]) -> Carried:
        """Carry one figure per area; see :func:`carry`."""
        codes = sorted(values)
        given = [values[code] for code in codes]
        column = np.array([math.nan if value is None else value for value in given], dtype=float)
        result = self.carry_array(codes, column)
        rows = tuple(
            CarriedRow(
                code,
                None if np.isnan(result.values[row, 0]) else float(result.values[row, 0]),
                float(result.known[row, 0]),
                float(result.assumed[row, 0]),
                self._note(code, values, float(result.assumed[row, 0])),
            )
            for row, code in enumerate(result.codes)
        )
        lost = tuple(
            NotCarried(code, float(result.lost[row, 0]), self._why_lost(code))
            for row, code in enumerate(codes)
            if result.lost[row, 0] != 0.0
        )
        return Carried(rows, lost, self.spreading.words())

    def sources(self, code: str) -> list[tuple[str, float | None]]:
        """Return (code on the map of ``since``, share carried or None if unknown) for an area of ``to``."""
        row = self.codes_to.index(code)
        share, unknown = self.share[row].tocoo(), self.unknown[row].tocoo()
        found: dict[str, float | None] = {
            self.codes_since[column]: float(part)
            for column, part in zip(share.col, share.data, strict=True)
            if part
        }
        found |= {self.codes_since[column]: None for column in unknown.col[unknown.data != 0]}
        return sorted(found.items())

    def _rows_of(self, codes: Sequence[str]) -> np.ndarray:
        if len(set(codes)) != len(codes):
            twice = sorted({code for code in codes if list(codes).count(code) > 1})
            raise InputError(
                f"Mã đơn vị hành chính {', '.join(twice[:5])}",
                found="có hai dòng số liệu",
                expected="mỗi đơn vị một dòng",
            )
        for code in codes:
            if code not in self._row:
                self.register.area(code, on=self.since)
        return np.array([self._row[code] for code in codes], dtype=np.int64)

    def _note(self, code: str, values: Mapping[str, float | None], assumed: float) -> str:
        parts = self.sources(code)
        notes = []
        for source, share in parts:
            name = f"{self.register.area(source, on=self.since).full_name} ({source})"
            if source not in values:
                notes.append(f"thiếu số liệu của {name}")
            elif values[source] is None:
                notes.append(f"số liệu của {name} để trống")
            elif share is None and values[source] != 0:
                notes.append(f"thiếu phần của {name}: không biết tỷ lệ chia")
        if assumed:
            notes.append(f"{format_number(assumed)} dựa trên giả định {self.spreading.words()}")
        return "; ".join(notes)

    def _why_lost(self, code: str) -> str:
        column = self._row[code]
        area = self.register.area(code, on=self.since)
        targets = [self.codes_to[row] for row in np.flatnonzero(self.unknown[:, column].toarray().ravel())]
        if targets:
            return f"{area.full_name} bị chia, không biết tỷ lệ vào " + ", ".join(
                f"{self.register.area(target, on=self.to).full_name} ({target})" for target in targets
            )
        return (
            f"{area.full_name} ({LEVEL_WORDS.get(area.level, area.level)}) không có đơn vị kế tục trên bản đồ "
            f"ngày {self.to:%d/%m/%Y}; dùng số liệu cấp xã hoặc cộng lên cấp tỉnh trước"
        )


def carry(
    values: Mapping[str, float | None],
    *,
    since: datetime.date,
    to: datetime.date,
    spreading: Spreading | None = None,
) -> Carried:
    """Carry additive figures from the map of one day to the map of another.

    Whole units are added exactly. A unit that was cut is divided only by shares that are known or that
    ``spreading`` gives; else its figure is reported as not carried and the areas it touches have no value.

    Parameters
    ----------
    values : area code → figure (None is unknown), codes as of ``since``
    since, to : the day of the figures' map and of the wanted map, which may be earlier
    spreading : the assumption allowed, none by default

    Returns
    -------
    Carried, whose known parts and not-carried amounts add up to the sum of ``values``

    Raises
    ------
    InputError
        for a code that is not in force on ``since``.
    """
    return Carrier(national_register(), since=since, to=to, spreading=spreading).carry(values)


def carry_ratio(
    numerators: Mapping[str, float | None],
    denominators: Mapping[str, float | None],
    *,
    carrier: Carrier,
) -> dict[str, tuple[float | None, str]]:
    """Carry a ratio by its parts: both are carried, then divided. Never averages ratios.

    Returns
    -------
    area code → (ratio or None, note); a zero denominator gives None
    """
    above, below = carrier.carry(numerators), carrier.carry(denominators)
    under = {row.area_code: row for row in below.rows}
    result: dict[str, tuple[float | None, str]] = {}
    for row in above.rows:
        other = under.get(row.area_code)
        if row.value is None or other is None or not other.value:
            note = row.note or (other.note if other else "") or "mẫu số bằng 0 hoặc không có"
            result[row.area_code] = (None, note)
        else:
            notes = dict.fromkeys(note for note in (row.note, other.note) if note)
            result[row.area_code] = (row.value / other.value, "; ".join(notes))
    return result


def carry_rate(rates: Mapping[str, float | None], *, carrier: Carrier) -> dict[str, tuple[float | None, str]]:
    """Carry rates whose parts are not known: only to areas that are one old area and nothing else.

    Every other area gets None and "không so sánh được", for the mean of two rates is nobody's rate.
    """
    result: dict[str, tuple[float | None, str]] = {}
    for row in carrier.carry(rates).rows:
        sources = carrier.sources(row.area_code)
        whole = len(sources) == 1 and sources[0][1] == 1.0 and _keeps_all(carrier, sources[0][0])
        if whole:
            result[row.area_code] = (row.value, row.note)
        else:
            names = ", ".join(code for code, _ in sources)
            result[row.area_code] = (
                None,
                f"không so sánh được: gộp hoặc chia từ {names}, cần tử số và mẫu số",
            )
    return result


def roll_up(
    values: Mapping[str, float | None], *, on: datetime.date, level: str, register: Register | None = None
) -> dict[str, tuple[float | None, str]]:
    """Add figures up to a higher level on one day.

    Returns
    -------
    code of the higher area → (sum, ""), or (None, which areas below are missing)
    """
    register = register or national_register()
    sums: dict[str, float] = {}
    given: dict[str, set[str]] = {}
    levels = {register.area(code, on=on).level for code in values}
    if len(levels) != 1:
        raise InputError("Số liệu cần cộng lên", found=f"{len(levels)} cấp lẫn nhau", expected="một cấp")
    for code, value in values.items():
        upper = next((area for area in register.ancestors(code, on=on) if area.level == level), None)
        if upper is not None and value is not None:
            sums[upper.code] = sums.get(upper.code, 0.0) + value
            given.setdefault(upper.code, set()).add(code)
    result: dict[str, tuple[float | None, str]] = {}
    for code, total in sorted(sums.items()):
        expected = {area.code for area in register.descendants(code, on=on, level=levels.copy().pop())}
        missing = sorted(expected - given[code])
        note = f"thiếu {len(missing)} đơn vị: {', '.join(missing[:10])}" if missing else ""
        result[code] = (None if missing else total, note)
    return result


def infer_map_date(codes: Iterable[str], *, register: Register, latest: datetime.date) -> datetime.date:
    """Return the day of the map a table of codes belongs to, when only one map fits.

    Raises
    ------
    InputError
        when no map has all the codes, or several maps differ in what these codes mean.
    """
    codes = list(codes)
    days = [day - datetime.timedelta(days=1) for day in register.change_dates] + [latest]
    fitting: dict[tuple[object, ...], datetime.date] = {}
    for day in days:
        if day <= latest and all(_holds(register, code, day) for code in codes):
            fitting[tuple(register.area(code, on=day) for code in codes)] = day
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    raise InputError(
        "Bản đồ của số liệu",
        found="không ngày nào có đủ các mã này"
        if not fitting
        else f"{len(fitting)} bản đồ cùng có các mã này",
        expected="ngày của bản đồ mà số liệu dùng",
        remedy="Ghi thêm --from, ví dụ --from 2025-06-30 cho xã trước sáp nhập, --from 2025-07-01 cho xã mới",
    )


def _holds(register: Register, code: str, day: datetime.date) -> bool:
    return code in register and any(area.is_in_force(day) for area in register.versions(code))


def _keeps_all(carrier: Carrier, code: str) -> bool:
    column = carrier._row[code]
    return bool(abs(carrier.fact[:, column].sum() - 1.0) < 1e-12 and carrier.fact[:, column].getnnz() == 1)


def _received_from_absent(touched: sparse.csr_matrix, rows: np.ndarray) -> np.ndarray:
    """Say for each target area whether it also took from areas the table does not list."""
    listed = np.zeros(touched.shape[1])
    listed[rows] = 1.0
    everything = (touched > 0).astype(float)
    return np.asarray(everything @ (1.0 - listed)).ravel() > 0


# ------------------------------------------------------------------------------------- the way between maps
def _chain(
    carrier: Carrier,
) -> tuple[tuple[str, ...], sparse.csr_matrix, sparse.csr_matrix, sparse.csr_matrix]:
    """Return target codes and the matrices share, fact and unknown, (target areas, areas of since)."""
    register, since, to = carrier.register, carrier.since, carrier.to
    forward = to >= since
    dates = [day for day in register.change_dates if min(since, to) < day <= max(since, to)]
    codes = carrier.codes_since
    share = fact = sparse.identity(len(codes), format="csr")
    unknown = sparse.csr_matrix(share.shape)
    for day in dates if forward else reversed(dates):
        before = day - datetime.timedelta(days=1)
        codes_next = tuple(sorted({area.code for area in register.in_force(day if forward else before)}))
        step_share, step_fact, step_unknown = _step(carrier, day, (codes, codes_next))
        unknown = _pattern(step_unknown @ (share + unknown) + step_share @ unknown)
        share, fact, codes = step_share @ share, step_fact @ fact, codes_next
    return codes, share.tocsr(), fact.tocsr(), unknown.tocsr()


def _step(
    carrier: Carrier, day: datetime.date, codes: tuple[Sequence[str], Sequence[str]]
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, sparse.csr_matrix]:
    register, forward = carrier.register, carrier.to >= carrier.since
    before, after = codes
    row = {code: number for number, code in enumerate(after)}
    entries: list[tuple[int, int, float, float, float]] = []
    for column, code in enumerate(before):
        found = register.changes_from(code) if forward else register.changes_to(code)
        changes = [change for change in found if change.on == day]
        if not changes:
            if code in row:
                entries.append((row[code], column, 1.0, 1.0, 0.0))
            continue
        entries += _entries(carrier.spreading, changes, (row, column), forward)
    table = np.array(entries, dtype=float).reshape(-1, 5)
    where = (table[:, 0].astype(int), table[:, 1].astype(int))
    shape = (len(after), len(before))
    share, fact, unknown = (sparse.csr_matrix((table[:, place], where), shape=shape) for place in (2, 3, 4))
    for matrix in (share, fact, unknown):
        matrix.eliminate_zeros()
    return share, fact, unknown


def _entries(
    spreading: Spreading, changes: list[Change], place: tuple[Mapping[str, int], int], forward: bool
) -> list[tuple[int, int, float, float, float]]:
    rows, column = place
    pieces = [change for change in changes if change.to_code]
    parts = spreading.divide(pieces, whole="old" if forward else "new")
    entries = []
    for change, part in zip(pieces, parts, strict=True):
        code = change.to_code if forward else change.from_code
        if code not in rows:
            continue
        carried, certain = part if part is not None else (0.0, 0.0)
        entries.append((rows[code or ""], column, carried, certain, float(part is None)))
    return entries


def _pattern(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    pattern = matrix.tocsr().copy()
    pattern.data = (pattern.data != 0).astype(float)
    return pattern
